"""The README and the pages of docs/ say what the program does now, and lead where they say."""

from __future__ import annotations

import doctest
import importlib.util
import os
import posixpath
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import hedgekit
from hedgekit import persistence
from hedgekit.errors import ModelError

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in DOCS.rglob("*.md"))
LINKED = ["README.md", *PAGES]
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_NO_DOCTESTS = ("docs/scaling.md",)


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(path: str, language: str) -> list[str]:
    """The fenced blocks of a language in a page, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", _text(path), re.DOTALL | re.MULTILINE)


@cache
def _hooks() -> ModuleType:
    """What MkDocs does beside turning pages into a site; it is no part of a package."""
    spec = importlib.util.spec_from_file_location("hedgekit_docs_hooks", DOCS / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Examples


def _needed(code: str) -> set[str]:
    """The shipped models that some code loads."""
    return set(re.findall(r"""load\("(\w+)"\)""", code)) & set(persistence.shipped())


def _refused(names: set[str]) -> set[str]:
    """Those of some models that wait for their refit after ``general``."""
    refused = set()
    for name in names - {"general"}:
        try:
            hedgekit.load(name)
        except ModelError:
            refused.add(name)
    return refused


@pytest.mark.parametrize("path", [path for path in LINKED if blocks(path, "python") and path not in _NO_DOCTESTS])
def test_python_examples(path: str) -> None:
    code = blocks(path, "python")
    assert [block for block in code if not block.startswith(">>> ")] == []
    refused = _refused(_needed("".join(code)))
    runnable = [block for block in code if not _needed(block) & refused]
    test = doctest.DocTestParser().get_doctest("\n".join(runnable), {}, path, path, 0)
    assert test.examples
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False).run(test, out=report.append)
    assert report == []
    if refused:
        pytest.skip(f"all passed but those of models that wait for their refit: {', '.join(sorted(refused))}")


def test_examples_are_many() -> None:
    parser = doctest.DocTestParser()
    counts = {path: len(parser.get_examples("\n".join(blocks(path, "python")))) for path in LINKED}
    assert counts["README.md"] >= 20
    assert counts["docs/labelled-data.md"] > 15
    assert sum(counts.values()) > 120


@pytest.mark.parametrize("path", _NO_DOCTESTS)
def test_fragments_are_python(path: str) -> None:
    # They need a cluster: benchmarks/clusters.py runs what they show.
    assert blocks(path, "python")
    for block in blocks(path, "python"):
        compile(block, path, "exec")


# Examples in tables

_ROW = re.compile(r"^\| (?!example |---)(.+?) \| (.*?) ?\|$", re.MULTILINE)


def _sections(path: str, level: str) -> dict[str, str]:
    """The sections of a page by their headings."""
    parts = re.split(rf"^{level} (.+)$", _text(path), flags=re.MULTILINE)[1:]
    return {heading: re.split(r"^#", body, flags=re.MULTILINE)[0] for heading, body in zip(parts[::2], parts[1::2], strict=True)}


def _told(example: str) -> tuple[str, list[str]]:
    """The sentence of an example, and what stands in italics."""
    return example.replace("*", ""), re.findall(r"\*(.+?)\*", example)


@pytest.mark.parametrize("name", [str(name) for name in hedgekit.CueType])
def test_cues_of_the_page_are_found(name: str) -> None:
    rows = _ROW.findall(_sections("docs/cue-types.md", "##")[name.capitalize()])
    assert len(rows) >= 4
    for example, _ in rows:
        text, marked = _told(example)
        assert marked, example
        [sentence] = hedgekit.annotate([text])
        assert [cue.text for cue in sentence.cues if cue.type == name] == marked, example


@pytest.mark.parametrize("name", [str(name) for name in hedgekit.CueType])
def test_look_alikes_of_the_page_are_no_cues(name: str) -> None:
    paragraph = _sections("docs/cue-types.md", "##")[name.capitalize()].split("\nNo cue: ")[1]
    sentences = re.findall(r'"(.+?)"', paragraph.replace("\n", " "))
    assert sentences
    assert [(sentence.text, sentence.cues) for sentence in hedgekit.annotate(sentences) if sentence.cues] == []


@pytest.mark.parametrize("name", [str(name) for name in hedgekit.AttributionKind])
def test_sources_of_the_page_are_found(name: str) -> None:
    rows = _ROW.findall(_sections("docs/attributions.md", "###")[name.capitalize()])
    assert len(rows) >= 3
    for example, _ in rows:
        text, marked = _told(example)
        [sentence] = hedgekit.annotate([text])
        found = [item.source.text if item.source is not None else "" for item in sentence.attributions if item.kind == name]
        assert found == (marked or [""]), example


def test_every_error_has_a_row() -> None:
    from hedgekit import errors

    text = _text("docs/errors.md")
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.HedgekitError) and kind is not errors.HedgekitError:
            base = next((other.__name__ for other in kind.__mro__ if other.__module__ == "builtins"), "")
            shown = "" if base == "Exception" else f"`{base}` "
            assert f"| `{name}` | {shown}|" in text
        elif isinstance(kind, type) and issubclass(kind, Warning):
            assert f"`{name}`" in text


def test_every_public_name_is_in_the_reference() -> None:
    described = {name for path in PAGES for name in re.findall(r"^::: hedgekit\.(\w+)$", _text(path), re.MULTILINE)}
    # The two stand on the page of all errors.
    assert described - {"errors"} == set(hedgekit.__all__) - {"HedgekitError", "SkippedWarning", "WorkerError"}


# Links


def _links(path: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", _FENCED.sub("", _text(path)))


def _anchors(path: str) -> set[str]:
    """The anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", _text(path)), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize("path", LINKED)
def test_links_lead_somewhere(path: str) -> None:
    for link in _links(path):
        assert not re.match(r"[a-z]+:", link), f"{link}: only links inside the repository"
        target, _, anchor = link.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
        assert (ROOT / file).is_file(), link
        if anchor:
            assert anchor in _anchors(file), link


def test_there_are_links_to_check() -> None:
    assert len(_links("README.md")) >= 3
    assert sum(len(_links(path)) for path in PAGES) >= 40


# The site


def _value(line: str) -> str:
    return line.rpartition(": ")[2].strip()


def _nav() -> list[str]:
    """The pages that mkdocs.yml names in its nav, which stands last. (PyYAML is no requirement of the tests.)"""
    _, _, nav = _text("mkdocs.yml").partition("\nnav:\n")
    return [_value(line) for line in nav.splitlines() if line.endswith(".md")]


def test_every_page_is_in_the_nav_once() -> None:
    pages = [path.removeprefix("docs/") for path in PAGES]
    assert sorted(_nav()) == sorted([*pages, *_hooks().SHARED])


def test_what_the_site_shares_exists() -> None:
    hooks = _hooks()
    assert [path for path in hooks.SHARED.values() if not (ROOT / path).is_file()] == []
    assert set(hooks.MODELS) == set(persistence.shipped())
    assert {f"notebooks/{name}.ipynb" for name in hooks.NOTEBOOKS} == {f"notebooks/{path.name}" for path in ROOT.glob("notebooks/*.ipynb")}


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("models.md", "[card](../models/general/README.md)", "[card](cards/general.md)"),
        ("cards/general.md", "[seeds](../../seeds/README.md#how)", "[seeds](../seeds.md#how)"),
        ("article.md", "[a](numbers.md#limits) and [b](#see-it)", "[a](numbers.md#limits) and [b](#see-it)"),
        ("contributing.md", "[a](docs/scaling.md)", "[a](scaling.md)"),
        ("seeds.md", "[a](../LICENSE) and [b](missing.md)", "[a](repository/LICENSE.txt) and [b](missing.md)"),
        ("notebooks/tour.md", "[a](../README.md)", "[a](../index.md)"),
        ("index.md", "![a](images/article.png)", "![a](images/article.png)"),
    ],
)
def test_links_are_changed_for_the_site(page: str, text: str, expected: str) -> None:
    assert _hooks().relinked(page, text) == expected


def test_mkdocs_yml_parses() -> None:
    yaml = pytest.importorskip("yaml")
    settings: dict[str, Any] = yaml.safe_load(_text("mkdocs.yml"))
    assert settings["theme"]["font"] is False
    assert not {"extra_javascript", "repo_url", "site_url"} & set(settings)
    found: list[str] = []

    def walk(part: object) -> None:
        if isinstance(part, str):
            found.append(part)
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            walk(inner)

    walk(settings["nav"])
    assert found == _nav()


@pytest.mark.parametrize("path", [*PAGES, "mkdocs.yml", "docs/site.css"])
def test_nothing_is_loaded_from_elsewhere(path: str) -> None:
    assert re.findall(r"https?://(?!127\.0\.0\.1)[^\s\"'`)]+|<script |@import", _text(path)) == []


def test_nothing_of_the_flow_picture_is_loaded_from_elsewhere() -> None:
    text = _text("docs/images/flow.svg").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?:|<script|<image|href", text) == []


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    for name in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(name, reason='the site needs pip install -e ".[docs]"')
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]*)\"|<link\b[^>]*\bhref=\"([^\"]*)\"", text)
        assert [link for links in loaded for link in links if re.match(r"(https?:)?//", link)] == [], page.name
    assert "cue span F1" in (tmp_path / "cards" / "general.html").read_text(encoding="utf-8")
