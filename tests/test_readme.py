"""The README says what the program does now: what is pasted in, and its tables; its examples and links are for test_docs.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import refresh_readme

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
_STALE = "stale; run python tests/refresh_readme.py"


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_the_first_two_commands() -> None:
    assert blocks("sh")[:2] == ["pip install . && hedgekit analyze seeds/article.txt\n", 'pip install -e ".[test]" && python -m pytest\n']


@pytest.mark.parametrize("name", ["seeds/article.txt", "seeds/README.md", "notebooks/tour.ipynb", "models/general/README.md", "LICENSE"])
def test_files_that_are_named_exist(name: str) -> None:
    assert name in README
    assert (ROOT / name).is_file()


def scored(output: str) -> Iterator[tuple[float, str]]:
    """Certainty and words of each sentence, without marks."""
    for number, words in re.findall(r"^(\d\.\d\d) \w+ +(.*)$", output, re.MULTILINE):
        yield float(number), re.sub(r"[\[\]]", "", words)


def test_the_pasted_output_is_that_of_the_command() -> None:
    shown = list(scored(refresh_readme.pasted("README.md", "analyze")))
    real = list(scored(refresh_readme.analyze()))
    assert len(shown) >= 5
    assert [words for _, words in shown] == [words for _, words in real]
    for (old, words), (new, _) in zip(shown, real, strict=True):
        assert abs(old - new) <= 0.1, (_STALE, words)


def test_the_figures_are_those_of_the_shipped_model() -> None:
    assert refresh_readme.pasted("README.md", "metrics") == refresh_readme.metrics(), _STALE


def test_the_agreement_is_that_of_the_passes() -> None:
    assert refresh_readme.pasted("seeds/README.md", "agreement") == refresh_readme.agreement(), _STALE


def test_throughput_is_that_of_the_last_run() -> None:
    found = refresh_readme.pasted("docs/scaling.md", "scale")
    assert found == refresh_readme.results("scale"), _STALE
    assert "### A billion sentences" in found


@pytest.mark.parametrize("table", ["Cue types", "Kinds of attribution"])
def test_every_example_in_the_tables_shows_what_it_is_an_example_of(table: str) -> None:
    import hedgekit

    section = README.split(f"### {table}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| (\w+) \| .* \| (.*) \|$", section, re.MULTILINE)[1:]
    assert len(rows) == len(hedgekit.CueType if table == "Cue types" else hedgekit.AttributionKind)
    for name, example in rows:
        [sentence] = hedgekit.annotate([example.replace("*", "")])
        marked = re.findall(r"\*(.+?)\*", example)
        if table == "Cue types":
            assert [cue.text for cue in sentence.cues if cue.type == name] == marked, example
        else:
            found = [item.source.text if item.source is not None else None for item in sentence.attributions if item.kind == name]
            assert found == (marked or [None]), example
