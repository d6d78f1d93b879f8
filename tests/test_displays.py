"""Pictures of documents: what is drawn is what was found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pytest
from test_display import HOSTILE, document

import hedgekit
from hedgekit.displays import CertaintyDisplay, CueProfileDisplay
from hedgekit.errors import InputTypeError, OptionError
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.results import Document

pyplot = pytest.importorskip("matplotlib.pyplot")

MODAL, BOOSTER = CueType.MODAL, CueType.BOOSTER


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    import matplotlib

    before = matplotlib.get_backend()
    matplotlib.use("Agg")
    yield
    pyplot.close("all")
    matplotlib.use(before)


def text_of(*certainties: float, cues: int = 0) -> Document:
    """A document of sentences of four words; below 0.7 they are hedged. The first has so many modal cues."""
    text = "One two three four. " * len(certainties)
    marks = [(0, 3, MODAL), (4, 7, MODAL), (8, 13, MODAL)][:cues]
    rows: list[Any] = [(20 * at, 20 * at + 19, value, marks if at == 0 else [], []) for at, value in enumerate(certainties)]
    return document(text, *rows)


@pytest.fixture
def mixed() -> Document:
    return text_of(0.9, 0.4, np.nan, 0.8, cues=2)


@pytest.fixture
def press() -> list[Document]:
    return [text_of(0.9, 0.95), text_of(0.85), text_of(0.3, 0.5, cues=3), text_of(0.6, np.nan, 0.4, cues=1)]


def points(drawn: Any) -> tuple[list[float], list[float], list[list[float]]]:
    """Places, rows and ends of the intervals of points that were drawn."""
    line, _, bars = drawn.lines
    ends = [[segment[0][0], segment[1][0]] for segment in bars[0].get_segments()]
    return [*map(float, line.get_xdata())], [*map(float, line.get_ydata())], ends


# Along a document ----------------------------------------------------------------------------------------------------


def test_along_a_document(mixed: Document) -> None:
    display = CertaintyDisplay.from_document(mixed)
    bars: list[Any] = display.artists_
    tops = [[(round(bar.get_x() + bar.get_width() / 2), float(bar.get_height())) for bar in drawn] for drawn in bars]
    assert tops == [[(1, 0.9), (4, 0.8)], [(2, 0.4)]]
    assert {bar.get_hatch() for bar in bars[1]} == {"///"}
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("sentence (number in the text)", "certainty (0 to 1)")
    assert display.ax_.get_ylim() == (0, 1)
    [silent] = [line for line in display.ax_.lines if line.get_label() == "no claim"]
    assert np.asarray(silent.get_xdata()).tolist() == [3]
    assert display.figure_ is display.ax_.figure
    [group] = display.groups
    assert group.mean.value == pytest.approx(0.7)
    assert group.share_hedged.value == pytest.approx(1 / 3)


def test_axes_and_style_can_be_given(mixed: Document) -> None:
    figure, (left, right) = pyplot.subplots(1, 2)
    display = CertaintyDisplay.from_document(mixed, ax=right, width=0.5)
    assert display.ax_ is right
    assert display.figure_ is figure
    assert {bar.get_width() for bar in cast(Any, display.artists_[0])} == {0.5}
    assert not left.patches
    assert display.plot(left).ax_ is left
    assert len(pyplot.get_fignums()) == 1


def test_a_document_without_sentences_is_an_empty_picture() -> None:
    display = CertaintyDisplay.from_document(document(""))
    display.figure_.canvas.draw()
    assert np.isnan(display.groups[0].mean.value)


# Documents compared --------------------------------------------------------------------------------------------------


def test_documents_by_their_names(press: list[Document]) -> None:
    display = CertaintyDisplay.from_documents(press, labels=["a", "b", "$c_d$", "_e"])
    values = [points(drawn) for drawn in display.artists_]
    assert [x for x, _, _ in values] == [pytest.approx([mean]) for mean in (0.925, 0.85, 0.4, 0.5)]
    assert [y for _, y, _ in values] == [[0], [1], [2], [3]]
    for (_, _, [[low, high]]), group in zip(values, display.groups, strict=True):
        assert (low, high) == pytest.approx((group.mean.low, group.mean.high))
        assert low <= group.mean.value <= high
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["a\n(2 sentences)", "b\n(1 sentence)", "\\$c_d\\$\n(2 sentences)", " _e\n(3 sentences)"]
    assert display.ax_.get_xlabel() == "certainty (0 to 1)"
    display.figure_.canvas.draw()


@pytest.mark.parametrize("by", [[2024, 2024, 2023, 2023], lambda item: 2024 if item[0].certainty > 0.7 else 2023])
def test_documents_by_their_group(press: list[Document], by: Any) -> None:
    display = CertaintyDisplay.from_documents(iter(press), by=by, kind="hedged")
    assert [(group.name, group.n_documents) for group in display.groups] == [("2023", 2), ("2024", 2)]
    assert [points(drawn)[0] for drawn in display.artists_] == [[100.0], [0.0]]
    assert display.ax_.get_xlabel() == "share of claims that is hedged (%)"
    assert display.ax_.get_yticklabels()[0].get_text() == "2023\n(2 documents, 5 sentences)"
    again = display.plot(kind="certainty")
    assert again is display
    assert [points(drawn)[0][0] for drawn in display.artists_] == pytest.approx([0.45, 0.9])


def test_groups_without_an_order_stay_as_they_came(press: list[Document]) -> None:
    display = CertaintyDisplay.from_documents(press, by=["z", None, "z", 3])
    assert [group.name for group in display.groups] == ["z", "None", "3"]


def test_whole_documents_are_drawn() -> None:
    # Sentences of one document are alike: drawn one by one they would make the interval far too narrow.
    alike = [text_of(*[value] * 50) for value in (0.2, 0.4, 0.6, 0.8)]
    [together] = CertaintyDisplay.from_documents(alike, by=["x"] * 4).groups
    assert together.mean.high - together.mean.low > 0.3
    [alone] = CertaintyDisplay.from_documents([text_of(*[0.2, 0.4, 0.6, 0.8] * 50)]).groups
    assert alone.mean.high - alone.mean.low < 0.1


def test_intervals_are_the_same_every_time_and_widen_with_their_level(press: list[Document]) -> None:
    def ends(**options: Any) -> list[tuple[float, float]]:
        found = CertaintyDisplay.from_documents(press, by=list("xxyy"), n_samples=200, **options).groups
        return [(group.mean.low, group.mean.high) for group in found]

    assert ends() == ends(random_state=0)
    for (low, high), (lower, higher) in zip(ends(level=0.5), ends(level=0.99), strict=True):
        assert lower <= low <= high <= higher


def test_documents_without_a_claim_leave_their_row_empty() -> None:
    display = CertaintyDisplay.from_documents([document(""), text_of(np.nan), text_of(0.9)])
    assert [np.isnan(group.mean.value) for group in display.groups] == [True, True, False]
    display.figure_.canvas.draw()


def test_frames(press: list[Document]) -> None:
    frame = CertaintyDisplay.from_documents(press, by=list("aabb")).to_frame()
    assert frame[["group", "documents", "sentences", "claims"]].to_numpy().tolist() == [["a", 2, 3, 3], ["b", 2, 5, 4]]
    assert frame["certainty"].tolist() == pytest.approx([0.9, 0.45])
    cues = CueProfileDisplay.from_documents(press, by=list("aabb"), types=["modal"]).to_frame()
    assert cues["words"].tolist() == [12, 20]
    assert cues["per_1000_words"].tolist() == pytest.approx([0, 200])


# Profiles of cues ----------------------------------------------------------------------------------------------------


def test_rates_of_cues(mixed: Document) -> None:
    display = CueProfileDisplay.from_documents([mixed, text_of(0.9)], labels=["mixed", "plain"])
    assert display.types == CUE_TYPES
    assert display.groups[0].n_words == 16
    assert display.groups[0].rates[MODAL].value == pytest.approx(1000 * 2 / 16)
    assert display.groups[0].rates[BOOSTER].value == 0
    for drawn, group in zip(display.artists_, display.groups, strict=True):
        x, _, ends = points(drawn)
        assert x == pytest.approx([group.rates[kind].value for kind in CUE_TYPES])
        assert ends == [pytest.approx([rate.low, rate.high]) for rate in group.rates.values()]
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == [str(kind) for kind in CUE_TYPES]
    assert display.ax_.get_xlabel() == "cues per 1,000 words"
    legend = display.ax_.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["mixed", "plain"]
    markers = {drawn.lines[0].get_marker() for drawn in cast(Any, display.artists_)}
    assert len(markers) == 2


def test_many_groups_are_a_table_of_shades(press: list[Document]) -> None:
    display = CueProfileDisplay.from_documents(press * 2, types=[MODAL, "booster"])
    [image] = cast(Any, display.artists_)
    assert np.asarray(image.get_array()) == pytest.approx(np.array([[0, 0], [0, 0], [375, 0], [1000 / 12, 0]] * 2))
    assert [text.get_text() for text in display.ax_.texts][4:8] == ["375.0", "0.0", "83.3", "0.0"]
    bar = display.figure_.axes[-1]
    assert bar.get_ylabel() == "cues per 1,000 words"
    display.figure_.canvas.draw()


def test_words_are_counted_as_people_do() -> None:
    text = "Isn't 1,200.5 well-known – or so?"
    display = CueProfileDisplay.from_documents([document(text, (0, len(text), 0.9, [], []))])
    assert display.groups[0].n_words == 5


def test_hostile_names_are_only_names() -> None:
    name = f"$\\frac{{x}}${HOSTILE}\x1b[31m"
    for display in (
        CertaintyDisplay.from_documents([text_of(0.9)] * 2, labels=[name, ""]),
        CueProfileDisplay.from_documents([text_of(0.9)] * 2, labels=[name, ""]),
    ):
        display.figure_.canvas.draw()


# What cannot be drawn ------------------------------------------------------------------------------------------------


# For calls that a type checker would refuse.
ANY_CERTAINTY: Any = CertaintyDisplay


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda docs: ANY_CERTAINTY.from_documents([]), OptionError, "no documents were given"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs[0]), InputTypeError, "put it in a list"),
        (lambda docs: ANY_CERTAINTY.from_documents(["text"]), InputTypeError, "a Document; got str"),
        (lambda docs: ANY_CERTAINTY.from_document("text"), InputTypeError, "a Document; got str"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs, labels=["a"]), OptionError, "labels must have one value for each of the 4"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs, by="abcd"), OptionError, "by must have one value for each of the 4"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs, labels="abcd", by="abcd"), OptionError, "give one of the two"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs, kind="median"), OptionError, "kind must be one of 'certainty', 'hedged'"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs, n_samples=0), OptionError, "n_samples must be at least 1"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs, level=95), OptionError, "level must lie between 0 and 1"),
        (lambda docs: ANY_CERTAINTY.from_documents(docs).plot(kind="sentences"), OptionError, "this display has 4"),
        (lambda docs: CueProfileDisplay.from_documents(docs, types=["verb"]), OptionError, "types must be of reportative"),
        (lambda docs: CueProfileDisplay.from_documents(docs, types=[]), OptionError, "at least one type"),
    ],
)
def test_what_cannot_be_drawn_is_refused(press: list[Document], draw: Callable[[Any], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw(press)


@pytest.mark.parametrize("draw", [CertaintyDisplay.from_document, lambda item: CueProfileDisplay.from_documents([item])])
def test_without_matplotlib(mixed: Document, draw: Callable[[Document], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"hedgekit\[plots\]"):
        draw(mixed)


def test_displays_are_light_to_import() -> None:
    assert hedgekit.CertaintyDisplay is CertaintyDisplay
    assert hedgekit.CueProfileDisplay is CueProfileDisplay
    code = "import sys, hedgekit; hedgekit.CertaintyDisplay; print([x for x in ('matplotlib', 'pandas', 'sklearn') if x in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
