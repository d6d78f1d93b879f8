"""Agreement between labelling passes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sklearn.metrics import cohen_kappa_score

from hedgekit.corpora import LabelledSentence
from hedgekit.errors import DataError
from hedgekit.training.agreement import agreement, alpha, kappa, main, read_pass

TEXTS = {"a": "It may rain.", "b": "It rained, Ana said.", "c": "Will it rain?"}
SAID = {"source": "Ana", "cue": "said", "content": "It rained", "kind": "named"}
ROWS: list[dict[str, Any]] = [
    {"id": "a", "certainty": 0.42, "hedged": True, "cues": [{"text": "may", "type": "modal"}], "attributions": []},
    {"id": "b", "certainty": 0.85, "hedged": False, "cues": [{"text": "said", "type": "reportative"}], "attributions": [SAID]},
    {"id": "c", "certainty": None, "hedged": False, "cues": [], "attributions": []},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "sentences.jsonl", [{"text": TEXTS[row["id"]], **row} for row in ROWS])
    write(tmp_path / "passes" / "first.jsonl", ROWS)
    write(tmp_path / "passes" / "second.jsonl", ROWS[::-1])
    return tmp_path


def both(folder: Path) -> list[list[LabelledSentence]]:
    return [read_pass(folder / "passes" / f"{name}.jsonl", folder / "sentences.jsonl") for name in ("first", "second")]


def values(folder: Path) -> dict[str, tuple[float, int]]:
    return {figure.figure: (figure.value, figure.n) for figure in agreement(*both(folder))}


def test_equal_passes_agree_in_everything_whatever_their_order(folder: Path) -> None:
    found = values(folder)
    assert len(found) == 9
    assert [name for name, (value, _) in found.items() if value != pytest.approx(1.0)] == []
    assert found["cue span F1"][1] == 2
    assert found["certainty, Pearson's r"][1] == 2


def test_what_differs_is_counted(folder: Path) -> None:
    rows = json.loads(json.dumps(ROWS))
    rows[0]["cues"][0]["type"] = "epistemic"
    rows[1]["attributions"][0]["source"] = None
    rows[1]["hedged"] = True
    write(folder / "passes" / "second.jsonl", rows)
    found = values(folder)
    assert found["cue span F1"] == (1.0, 2)
    assert found["cue typed F1"] == (0.5, 2)
    assert found["attribution overlap F1"] == (0.0, 1)
    # Agreed on two of three, 4/9 expected by chance.
    assert found["hedged, Cohen's kappa"][0] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))


def test_attributions_need_to_overlap_only(folder: Path) -> None:
    rows = json.loads(json.dumps(ROWS))
    rows[1]["attributions"][0]["cue"] = "Ana said"
    write(folder / "passes" / "second.jsonl", rows)
    assert values(folder)["attribution overlap F1"] == (1.0, 1)


def test_kappa_is_that_of_scikit_learn() -> None:
    first, second = list("aabbccabca"), list("abbbccaacb")
    assert kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))


def test_alpha_with_interval_distance() -> None:
    # Krippendorff's definition by hand: observed and expected mean square difference of pairs.
    first, second = [0.2, 0.4, 0.9, 0.5], [0.3, 0.4, 0.8, 0.6]
    pooled = [*first, *second]
    observed = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) / len(first)
    expected = sum((a - b) ** 2 for a in pooled for b in pooled) / (len(pooled) * (len(pooled) - 1))
    assert alpha(first, second, distance="interval") == pytest.approx(1 - observed / expected)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:2], r"no row for 'c' and 0 others"),
        ([*ROWS, ROWS[0]], r"first\.jsonl:4: id 'a' stands twice"),
        ([{**ROWS[0], "id": "z"}], r"first\.jsonl:1: id 'z' does not stand in"),
        ([{**ROWS[0], "hedged": "yes"}], r"first\.jsonl:1: hedged must be true or false"),
    ],
)
def test_mistakes_are_named(rows: list[dict[str, Any]], message: str, folder: Path) -> None:
    path = write(folder / "passes" / "first.jsonl", rows)
    with pytest.raises(DataError, match=message):
        read_pass(path, folder / "sentences.jsonl")


def test_a_line_that_is_no_json(folder: Path) -> None:
    path = folder / "passes" / "first.jsonl"
    path.write_text("{\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"first\.jsonl:1: not valid JSON"):
        read_pass(path, folder / "sentences.jsonl")


def test_the_command(folder: Path) -> None:
    done = CliRunner().invoke(main, ["--seeds", str(folder)])
    assert done.exit_code == 0
    assert done.output.splitlines()[0].split() == ["cue", "span", "F1", "1.000", "(n", "=", "2)"]


def test_the_command_without_passes(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--seeds", str(tmp_path)])
    assert done.exit_code == 1
    assert "cannot be read" in done.output


def test_the_passes_of_the_project_agree_well(seeds: Path) -> None:
    found = values(seeds)
    sentences = (seeds / "sentences.jsonl").read_text(encoding="utf-8").count("\n")
    assert found["hedged, Cohen's kappa"][1] == sentences
    assert found["cue typed F1"][0] >= 0.8
    assert found["hedged, Krippendorff's alpha"][0] >= 0.8
    assert found["certainty, Krippendorff's alpha (interval)"][0] >= 0.8
