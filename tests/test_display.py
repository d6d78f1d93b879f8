"""What results look like: nothing of the text is lost, nothing of it is taken for a command."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgekit.display import document_html, document_page, document_text, sentence_html, visible
from hedgekit.labels import CUE_TYPES, KINDS, AttributionKind, CueType
from hedgekit.results import Columns, Document

Marks = list[tuple[int, int, CueType]]
Render = Callable[[Document], str]
Sources = list[tuple[int, int, AttributionKind]]
HOSTILE = '</div></main><script>alert("x")</script><img src=x onerror=\'alert(1)\'>&amp;" onmouseover="go()'


def document(text: str, *rows: tuple[int, int, float, Marks, Sources]) -> Document:
    """A document whose sentences are given as start, end, certainty, cues and sources."""
    cues = [cue for row in rows for cue in row[3]]
    sources = [source for row in rows for source in row[4]]
    certainty = np.array([row[2] for row in rows], float)
    return Document(
        Columns(
            texts=(text,),
            shared=True,
            start=np.array([row[0] for row in rows], int),
            end=np.array([row[1] for row in rows], int),
            certainty=certainty,
            hedged_probability=1 - np.nan_to_num(certainty),
            hedged=certainty < 0.7,
            voice=np.full(len(rows), -1),
            cue_bounds=np.cumsum([0, *(len(row[3]) for row in rows)]),
            cue_start=np.array([cue[0] for cue in cues], int),
            cue_end=np.array([cue[1] for cue in cues], int),
            cue_type=np.array([CUE_TYPES.index(cue[2]) for cue in cues], int),
            cue_probability=np.full(len(cues), 0.875),
            cue_scope=np.full((len(cues), 2), -1),
            attribution_bounds=np.cumsum([0, *(len(row[4]) for row in rows)]),
            attribution_spans=np.array([[[a, b], *[[-1, -1]] * 3] for a, b, _ in sources], int).reshape(-1, 4, 2),
            attribution_kind=np.array([KINDS.index(kind) for _, _, kind in sources], int),
            attribution_certainty=np.full(len(sources), np.nan),
        )
    )


TEXT = "  The baker says the oven may fail.\n\nWhy? It will certainly rain.\n"


@pytest.fixture
def baker() -> Document:
    return document(
        TEXT,
        (2, 35, 0.42, [(12, 16, CueType.REPORTATIVE), (26, 29, CueType.MODAL)], [(2, 11, AttributionKind.NAMED)]),
        (37, 41, np.nan, [], []),
        (42, 65, 0.97, [(50, 59, CueType.BOOSTER)], []),
    )


class Reader(HTMLParser):
    """Collects the text inside the element with class hk-text, and all tags and attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append((tag, ("class", "hk-text") in attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(inside for _, inside in self.open):
            self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader


@pytest.mark.parametrize("render", [document_html, document_page])
def test_the_text_copies_as_it_was(render: Render, baker: Document) -> None:
    assert read(render(baker)).text == TEXT


@pytest.mark.parametrize("render", [document_html, document_page])
def test_cues_and_sources_are_marked_with_what_they_are(render: Render, baker: Document) -> None:
    page = render(baker)
    assert '<u class="hk-modal" title="modal, probability 0.88; read as 40% (30% to 51%)">may</u>' in page
    assert '<b class="hk-src" title="source: named">The baker</b>' in page
    assert 'data-c="0.42" title="certainty 0.42 (low), hedged (probability 0.58)"' in page
    assert 'title="no claim">Why?</span>' in page


def test_the_page_loads_nothing_and_runs_nothing(baker: Document) -> None:
    reader = read(document_page(baker))
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    assert not {"src", "href", "style"} & {name for name, _ in reader.attributes}
    assert "url(" not in document_page(baker)
    assert "@import" not in document_page(baker)


def test_the_legend_names_what_occurs_and_no_more(baker: Document) -> None:
    page = document_html(baker)
    legend = page[page.index('<div class="hk-legend">') :]
    assert all(f">{name}</u>" in legend for name in ("reportative", "modal", "booster"))
    assert ">weasel<" not in legend
    assert "who says it" in legend


def test_every_cue_type_has_a_look_of_its_own(baker: Document) -> None:
    page = document_html(baker)
    looks = [re.search(rf"\.hk-{name}\{{(.*?)\}}", page) for name in CUE_TYPES]
    assert len({look.group(1) for look in looks if look}) == len(CUE_TYPES)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_shades_rise_in_lightness_and_keep_the_text_readable(baker: Document) -> None:
    page = document_html(baker)
    schemes = re.findall(r"\.hedgekit\{(--hk-ink:.*?)\}", page)
    assert len(schemes) == 4
    for scheme in schemes:
        values = dict(re.findall(r"--hk-(\w+):(#\w{6})", scheme))
        shades = [luminance(values[f"c{step}"]) for step in range(11)]
        assert shades == sorted(shades)
        ink = luminance(values["ink"])
        assert all((max(ink, shade) + 0.05) / (min(ink, shade) + 0.05) >= 4.5 for shade in shades)


@pytest.mark.parametrize("render", [document_html, document_page])
def test_hostile_text_stays_text(render: Render) -> None:
    size = len(HOSTILE)
    hostile = document(HOSTILE, (0, size, 0.5, [(0, size, CueType.WEASEL)], [(0, size, AttributionKind.UNNAMED)]))
    harmless = document("x" * size, (0, size, 0.5, [(0, size, CueType.WEASEL)], [(0, size, AttributionKind.UNNAMED)]))
    reader = read(render(hostile))
    assert reader.text == HOSTILE
    assert reader.tags == read(render(harmless)).tags
    assert reader.attributes == read(render(harmless)).attributes


def test_hostile_text_stays_text_in_a_sentence() -> None:
    page = sentence_html(document(HOSTILE, (0, len(HOSTILE), 0.5, [(0, len(HOSTILE), CueType.WEASEL)], []))[0])
    assert "<script" not in page
    assert "<img" not in page
    assert read(page).text == HOSTILE


def test_surrogates_and_control_characters_do_not_break_the_page() -> None:
    text = "a\ud800b\x00c\x1bd\re\x7f\u202ef"
    page = document_page(document(text, (0, len(text), 0.5, [(1, 3, CueType.MODAL)], [])))
    page.encode("utf-8")
    assert not set(page) & {"\x00", "\x1b", "\r", "\x7f"}
    assert ">\ufffdb</u>\ufffdc&#27;d&#13;e&#127;\u202ef</span>" in page


def test_a_cue_across_the_edge_of_a_source_is_marked_in_two_pieces() -> None:
    page = document_html(document("officials reportedly", (0, 20, 0.5, [(4, 20, CueType.WEASEL)], [(0, 9, AttributionKind.UNNAMED)])))
    assert 'named">offi<u class="hk-weasel" title="weasel, probability 0.88">cials</u></b>' in page
    assert read(page).text == "officials reportedly"


def test_a_sentence_alone(baker: Document) -> None:
    page = sentence_html(baker[0])
    assert read(page).text == baker[0].text
    assert "certainty 0.42 (low), hedged (probability 0.58); says (reportative); may (modal)" in page
    assert "no claim" in sentence_html(baker[1])


def test_an_empty_document() -> None:
    empty = document("")
    assert read(document_page(empty)).text == ""
    assert "0 sentences, mean certainty --" in document_page(empty)
    assert document_text(empty, colour=True) == ""


def test_terminal_text_without_colour(baker: Document) -> None:
    assert document_text(baker, colour=False) == (
        "0.42 low        The baker [says] the oven [may] fail.\n"
        "                cues: says (reportative), may (modal) | sources: The baker (named)\n"
        "  --            Why?\n"
        "0.97 absolute   It will [certainly] rain.\n"
        "                cues: certainly (booster)\n"
    )


def test_terminal_text_with_colour_is_the_same_text(baker: Document) -> None:
    coloured = document_text(baker, colour=True)
    assert "\x1b[1;4mmay\x1b[22;24m" in coloured
    plain = document_text(baker, colour=False).replace("[", "").replace("]", "")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_terminal_text_shows_control_characters() -> None:
    text = "a \x1b[31mred\x07\x9b\u202e\ud800\n\tline"
    shown = document_text(document(text, (0, len(text), 0.5, [(2, 9, CueType.MODAL)], [(2, 9, AttributionKind.NAMED)])), colour=False)
    assert shown.startswith("0.50 moderate   a [\\x1b[31mre]d\\x07\\x9b\\u202e\\ud800 line\n")
    assert shown.count("\n") == 2
    shown.encode("utf-8")


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\x00\x1b\r\n\u2028\ud800<&"))))
def test_visible_leaves_nothing_that_commands_a_terminal(text: str) -> None:
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", visible(text))


@given(st.data(), st.text(alphabet="ab <&\n", max_size=30))
def test_any_marks_leave_the_text_whole(data: st.DataObject, text: str) -> None:
    span = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    cues = [(low, high, CueType.MODAL) for low, high in data.draw(st.lists(span, max_size=4))]
    sources = [(low, high, AttributionKind.NAMED) for low, high in data.draw(st.lists(span, max_size=4))]
    low, high = data.draw(span)
    marked = document(text, (low, high, 0.5, sorted(cues), sources))
    assert read(document_html(marked)).text == text
    document_text(marked, colour=False)


def seconds(words: int) -> float:
    text = "may " * words
    marked = document(text, (0, len(text) - 1, 0.5, [(i * 4, i * 4 + 3, CueType.MODAL) for i in range(words)], []))
    start = time.perf_counter()
    document_page(marked)
    document_text(marked, colour=True)
    return time.perf_counter() - start


def test_time_is_linear_in_the_number_of_cues() -> None:
    seconds(1000)
    assert seconds(32_000) < 40 * max(seconds(4000), 0.01)
