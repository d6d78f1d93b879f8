"""Reports as values: plain, frozen, comparable, and shown as text, HTML and pictures."""

from __future__ import annotations

import dataclasses
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser

import numpy as np
import pytest
from invented import OwnClasses, everything, labelled, sentences

import hedgekit
from hedgekit.errors import DataError, NotBuiltError, OptionError
from hedgekit.labels import CueType
from hedgekit.model import CertaintyModel
from hedgekit.report import Comparison, Report

HOSTILE = "It may </td><script>alert(1)</script> \x1b[31m&amp; \u202ereturn\x00."
TABLES = ("figures", "by_class", "by_type", "by_group", "errors")


@pytest.fixture(scope="module")
def report(model: CertaintyModel) -> Report:
    return hedgekit.evaluate(model, everything(), base="biomedical", n_samples=50)


@pytest.fixture(scope="module")
def hostile(model: CertaintyModel) -> Report:
    """A report in which every text that a user may choose is hostile."""
    texts = [HOSTILE, "It rained."]
    name = f"{HOSTILE} guess"
    own = OwnClasses.of(model, {HOSTILE: (name, {name: 1.0}), texts[1]: (name, {name: 1.0})}, name=HOSTILE)
    cues = [((0, 2, CueType.MODAL),), ()]
    data = labelled(texts, labels=["fact", name], classes=("fact", name), cues=cues, groups=[HOSTILE, "a"])
    return hedgekit.evaluate(own, dataclasses.replace(data, places=(HOSTILE, "b")), n_samples=10)


@pytest.fixture
def agg() -> Iterator[None]:
    """Pictures without a screen."""
    import matplotlib
    from matplotlib import pyplot

    before = matplotlib.get_backend()
    matplotlib.use("Agg")
    yield
    pyplot.close("all")
    matplotlib.use(before)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        if tag not in ("meta", "path", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("meta", "path", "circle"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def checked(html: str) -> _Tags:
    """The tags of a piece of HTML, all closed in their order."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_a_report_is_a_value(report: Report) -> None:
    assert pickle.loads(pickle.dumps(report)) == report
    assert hash(report) == hash(pickle.loads(pickle.dumps(report)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.model = "other"  # type: ignore[misc]


def test_plain_values(report: Report) -> None:
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert plain == report.to_dict()
    assert plain["figures"][0]["figure"] == "certainty r"
    assert plain["figures"][0]["value"] == report.main.value
    assert plain["answers"]["labelled"] == ["certain", "uncertain"]


@pytest.mark.parametrize("table", TABLES)
def test_frames(report: Report, table: str) -> None:
    frame = report.to_frame(table)
    rows = getattr(report, table)
    assert len(frame) == len(rows)
    assert list(frame.columns) == [field.name for field in dataclasses.fields(rows[0])]


def test_an_empty_table_keeps_its_columns(model: CertaintyModel) -> None:
    data = labelled(["It rained.", "It may rain."], certainty=[0.9, 0.4])
    frame = hedgekit.evaluate(model, data, base=None, n_samples=5).to_frame("by_group")
    assert (len(frame), list(frame.columns)) == (0, ["group", "value", "error", "n"])


def test_unknown_tables_and_figures(report: Report) -> None:
    with pytest.raises(OptionError, match="table must be one of figures, by_class, by_type, by_group, errors; got 'figure'"):
        report.to_frame("figure")
    with pytest.raises(KeyError, match="no figure is called 'F1'; there are certainty r,"):
        report["F1"]


def test_text(report: Report) -> None:
    lines = str(report).splitlines()
    assert lines[0].startswith("general on 42 sentences of 9 groups: certainty r ")
    assert "biomedical" in lines[0]
    assert lines[2].split("  ")[0] == "figure"
    assert {"By class", "By type of cue"} <= set(lines)
    assert lines[-1].strip().endswith("drawn whole")
    table = lines[2 : lines.index("", 2)]
    assert len({len(line) for line in table}) == 1
    assert len(table) == len(report.figures) + 1
    assert repr(report) == f"Report('general', 42 sentences, certainty r {report.main.value:.3f})"


def test_text_cannot_command_the_terminal(hostile: Report) -> None:
    text = str(hostile)
    assert not [character for character in text if ord(character) < 32 and character != "\n"]
    assert "\u202e" not in text
    assert "\\x1b[31m" in text


@pytest.mark.parametrize("page", [True, False])
def test_html_is_whole_and_hostile_text_is_only_shown(hostile: Report, report: Report, page: bool) -> None:
    for each in (hostile, report):
        html = each.to_html() if page else each._repr_html_()
        parser = checked(html)
        assert "script" not in parser.seen
        assert not {"\x00", "\x1b"} & set(html)
        html.encode()
    shown = "".join(checked(hostile._repr_html_()).words)
    assert "It may </td><script>alert(1)</script>" in shown
    assert hostile.to_html().startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in hostile.to_html()
    assert "prefers-color-scheme:dark" in hostile._repr_html_()


def test_html_of_a_comparison(model: CertaintyModel) -> None:
    texts = [HOSTILE, "It rained."]
    data = labelled(texts, certainty=[0.3, 0.9])
    other = CertaintyModel(model.parameters, {**model.info, "name": HOSTILE})
    comparison = hedgekit.compare(other, "biomedical", data, n_samples=5)
    for html in (comparison.to_html(), comparison._repr_html_()):
        assert "script" not in checked(html).seen
    assert not [character for character in str(comparison) if ord(character) < 32 and character != "\n"]


@pytest.mark.usefixtures("agg")
def test_reliability_is_drawn(report: Report) -> None:
    from matplotlib import pyplot

    ax = report.reliability()
    assert [line.get_label() for line in ax.get_lines()] == ["perfect", "general", "biomedical"]
    assert ax.get_xlabel() == "hedged_probability"
    assert np.asarray(ax.get_lines()[1].get_xdata()).tolist() == [item.predicted for item in report.bins if item.system == "general"]
    _, own = pyplot.subplots()
    assert report.reliability(ax=own) is own
    own.figure.canvas.draw()


@pytest.mark.usefixtures("agg")
def test_reliability_of_certainty(model: CertaintyModel) -> None:
    texts, values, _, _ = sentences()
    report = hedgekit.evaluate(model, labelled(texts, certainty=values), n_samples=5)
    assert report.reliability().get_ylabel() == "certainty labelled"
    assert len(report.bins) == 10


@pytest.mark.usefixtures("agg")
def test_confusion_is_drawn(report: Report, hostile: Report) -> None:
    assert report.answers is not None
    ax = report.confusion()
    assert [text.get_text() for text in ax.texts] == [f"{count:g}" for row in report.answers.counts for count in row]
    assert sum(map(sum, report.answers.counts)) == 40
    hostile.confusion().figure.canvas.draw()


@pytest.mark.usefixtures("agg")
def test_learning_curve_is_drawn(model: CertaintyModel) -> None:
    curve = [{"n": 50, "figure": "cost $ and _", "model": 0.5, "bag of words": 0.4}, {"n": 100, "figure": "cost $ and _", "model": 0.6}]
    grown = CertaintyModel(model.parameters, {**model.info, "name": "mine", "learning_curve": curve})
    data = labelled(["It rained.", "It may rain."], certainty=[0.9, 0.4])
    ax = hedgekit.evaluate(grown, data, n_samples=5).learning_curve()
    assert [np.asarray(line.get_xdata()).tolist() for line in ax.get_lines()] == [[50, 100], [50]]
    ax.figure.canvas.draw()


def test_what_cannot_be_drawn_is_said(model: CertaintyModel, report: Report) -> None:
    bare = hedgekit.evaluate(model, labelled(["It rained."], cues=[()]), n_samples=5)
    with pytest.raises(DataError, match="no reliability to draw"):
        bare.reliability()
    with pytest.raises(DataError, match="no confusion to draw"):
        bare.confusion()
    with pytest.raises(NotBuiltError, match=r"'general' notes no learning curve; models made by hedgekit\.train do"):
        report.learning_curve()


@pytest.mark.parametrize(("module", "call", "extra"), [("pandas", "to_frame", "pandas"), ("matplotlib", "confusion", "plots")])
def test_a_missing_extra_is_named(report: Report, monkeypatch: pytest.MonkeyPatch, module: str, call: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'pip install "hedgekit\[{extra}\]"'):
        getattr(report, call)()


def test_the_types_are_light() -> None:
    code = (
        "import sys, hedgekit.report, hedgekit.report_display, hedgekit.plots\n"
        "print([name for name in ('sklearn', 'scipy', 'nltk', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_public_types() -> None:
    assert (hedgekit.Report, hedgekit.Comparison) == (Report, Comparison)
