"""What results look like: nothing of the text is lost, nothing of it is taken for a command."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

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


def document(text: str, *rows: tuple[int, int, float, Marks, Sources], scopes: list[tuple[int, int]] | None = None) -> Document:
    """A document whose sentences are given as start, end, certainty, cues and sources; scopes are those of all cues."""
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
            cue_scope=np.full((len(cues), 2), -1) if scopes is None else np.array(scopes, int).reshape(-1, 2),
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


# All that a page may hold, and all that its tags may carry. Nothing of it runs, nothing of it leads elsewhere.
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "div", "span", "u", "b", "i", "a", "svg", "path", "label"),
    *("input", "table", "tr", "th", "td"),
}
ATTRIBUTES = {
    *(
        "class",
        "title",
        "data-c",
        "data-w",
        "id",
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "href",
        "dir",
        "type",
        "checked",
        "scope",
    ),
    *("viewbox", "preserveaspectratio", "width", "role", "aria-label", "aria-hidden", "d", "tabindex", "data-w"),
}


class Reader(HTMLParser):
    """Collects the text inside the element with class hk-text, and all tags and attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "input"):
            self.open.append((tag, ("class", "hk-text") in attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(inside for _, inside in self.open):
            self.text += data

    def handle_charref(self, name: str) -> None:
        # As a browser does it: html.unescape would leave out control characters.
        self.handle_data(chr(int(name[1:], 16) if name[0] == "x" else int(name)))

    def handle_entityref(self, name: str) -> None:
        self.handle_data(html.unescape(f"&{name};"))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    assert set(reader.tags) <= TAGS
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    return reader


def shown(text: str) -> str:
    """The text as a page can hold it: a parser drops NUL, and a lone surrogate cannot be written."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


@pytest.mark.parametrize("render", [document_html, document_page])
def test_the_text_copies_as_it_was(render: Render, baker: Document) -> None:
    assert read(render(baker)).text == TEXT


@pytest.mark.parametrize("render", [document_html, document_page])
def test_cues_and_sources_are_marked_with_what_they_are(render: Render, baker: Document) -> None:
    page = render(baker)
    assert (
        '<u class="hk-modal hk-k1" title="modal, probability 0.88; read as 40% (30% to 51%)">may</u><i class="hk-t hk-modal"></i>' in page
    )
    assert '<b class="hk-src hk-k-named" title="source: named">The baker</b>' in page
    assert 'data-c="0.42" title="certainty 0.42 (low), hedged (probability 0.58)"' in page
    assert 'title="no claim">Why?</span>' in page


def test_the_page_loads_nothing_and_runs_nothing(baker: Document) -> None:
    reader = read(document_page(baker))
    assert all(value and re.fullmatch(r"#s\d+", value) for name, value in reader.attributes if name == "href")
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


def with_own(given: Document, labels: list[int], classes: tuple[str, ...], aspects: list[list[int]] | None = None) -> Document:
    """The same with classes of a user's own, of which each has the probability 0.9 where it is told, and aspects of findings."""
    label = np.array(labels, np.int16)
    probabilities = np.where(np.arange(len(classes)) == label[:, None], 0.9, 0.1)
    columns = replace(given._columns, label=label, label_probabilities=probabilities, classes=classes)
    return Document(columns if aspects is None else replace(columns, aspects=np.array(aspects, np.int8)))


# Of six aspects: certain, uncertain, not present.
ASPECT_ROWS = [[0, 2, 1, 2, 2, 2], [2] * 6, [2, 2, 0, 2, 2, 2]]


@pytest.mark.parametrize("render", [document_html, document_page])
def test_own_classes_and_aspects_stand_behind_their_sentence(render: Render, baker: Document) -> None:
    page = render(with_own(baker, [1, 1, -1], ("plain", "a <rumour>"), ASPECT_ROWS))
    chip = '<i class="hk-own hk-class" data-w="a &lt;rumour&gt;"></i>'
    aspects = "".join(f'<i class="hk-own hk-aspect" data-w="{words}"></i>' for words in ("number certain", "probability uncertain"))
    assert read(page).text == TEXT
    assert f".{chip}{aspects}</span>" in page
    assert f">Why?{chip}</span>" in page
    assert "class a &lt;rumour&gt; (probability 0.90); aspects: number certain, probability uncertain" in page
    assert 'title="no claim; class a &lt;rumour&gt; (probability 0.90)"' in page
    legend = page[page.index('<div class="hk-legend">') :]
    assert f"{chip} 2 sentences</span></div></div>" in legend
    assert 'data-w="plain"' not in page
    assert 'data-w="probability certain"></i> 1 sentence</span>' in legend
    switches = set(re.findall(r'<input type="checkbox" class="hk-w-(\w+)" checked>', page))
    assert switches == {"certainty", "cues", "sources", "classes", "aspects"}
    assert all(f".hedgekit:has(.hk-w-{name}:not(:checked))" in page for name in switches)


def test_own_classes_and_aspects_of_a_sentence_alone(baker: Document) -> None:
    shown = sentence_html(with_own(baker, [1, 1, -1], ("plain", "rumour"), ASPECT_ROWS)[0])
    assert "class rumour (probability 0.90); aspects: number certain, probability uncertain; says (reportative)" in shown


@pytest.mark.parametrize("colour", [False, True])
def test_own_classes_and_aspects_in_a_terminal(colour: bool, baker: Document) -> None:
    lines = document_text(with_own(baker, [1, 1, -1], ("plain", "ru\x1b[31mmour"), ASPECT_ROWS), colour=colour).splitlines()
    told = r"class: ru\x1b[31mmour (probability 0.90)"
    assert f"sources: The baker (named) | {told} | aspects: number certain, probability uncertain" in lines[1]
    assert told in lines[3]
    assert lines[-1].endswith("cues: certainly (booster) | aspects: probability certain" + "\x1b[0m" * colour)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def schemes(page: str) -> list[dict[str, str]]:
    """The colours of each theme."""
    found = re.findall(r"\.hedgekit\{(--hk-ink:.*?)\}", page)
    return [dict(re.findall(r"--hk-(\w+):(#\w+)", scheme.replace("#fff;", "#ffffff;"))) for scheme in found]


def test_shades_rise_in_lightness_and_keep_all_words_readable(baker: Document) -> None:
    themes = schemes(document_html(baker))
    assert len(themes) == 4
    for values in themes:
        shades = [values[f"c{step}"] for step in range(11)]
        assert [luminance(shade) for shade in shades] == sorted(map(luminance, shades))
        for ink in ("ink", "sure", "whence"):
            assert min(contrast(values[ink], shade) for shade in (*shades, values["paper"])) >= 4.5
        assert contrast(values["faint"], values["paper"]) >= 4.5
        assert contrast(values["line"], values["paper"]) >= 3


def test_themes_of_notebooks_win_over_the_browser(baker: Document) -> None:
    page = document_html(baker)
    dark = [values["paper"] for values in schemes(page)]
    assert dark == ["#ffffff", "#15171a", "#ffffff", "#15171a"]
    for name in ('[data-jp-theme-light="false"]', ".vscode-dark"):
        assert page.index(name) > page.index("prefers-color-scheme:dark")
    # On paper it stays light.
    assert page.count("@media screen") == 2


def test_every_type_has_an_abbreviation_of_its_own_that_is_read_out_in_full(baker: Document) -> None:
    page = document_html(baker)
    short = {name: re.search(rf'\.hk-t\.hk-{name}::before\{{content:"(\w+)";content:"\1" / " \({name}\)"\}}', page) for name in CUE_TYPES}
    assert len({match.group(1) for match in short.values() if match}) == len(CUE_TYPES)


def test_brackets_stand_at_the_edges_of_scopes_outside_of_cues_and_sources() -> None:
    text = "Ada may say so."
    marked = document(
        text,
        (0, 15, 0.5, [(4, 7, CueType.MODAL), (8, 11, CueType.REPORTATIVE)], [(0, 3, AttributionKind.NAMED)]),
        scopes=[(0, 14), (8, 14)],
    )
    page = document_html(marked)
    body = re.sub(' title="[^"]*"', "", page[page.index('<div class="hk-text">') :])
    assert body.startswith(
        '<div class="hk-text"><span class="hk-s hk-c5" data-c="0.50"><i class="hk-o hk-k0 hk-modal"></i>'
        '<b class="hk-src hk-k-named">Ada</b> <u class="hk-modal hk-k0">may</u><i class="hk-t hk-modal"></i> '
        '<i class="hk-o hk-k1 hk-reportative"></i><u class="hk-reportative hk-k1">say</u><i class="hk-t hk-reportative"></i> so'
        '<i class="hk-e hk-k1 hk-reportative"></i><i class="hk-e hk-k0 hk-modal"></i>.</span></div>'
    )


def test_the_legend_switches_each_kind_of_mark(baker: Document) -> None:
    page = document_html(baker)
    assert set(re.findall(r'<input type="checkbox" class="hk-w-(\w+)" checked>', page)) == {"certainty", "cues", "sources"}
    assert all(f".hedgekit:has(.hk-w-{name}:not(:checked))" in page for name in ("certainty", "cues", "scopes", "sources"))


def test_the_strip_has_a_bar_for_each_sentence_that_tells_it(baker: Document) -> None:
    for page, links in ((document_html(baker), []), (document_page(baker), ["s1", "s2", "s3"])):
        assert re.findall(r'<a href="#(\w+)"', page) == links
        assert re.findall(r'id="(\w+)"', page) == links
        told = re.findall(r'<path class="([\w-]+)" d="M(\d+) 100V(\d+)h8V100z"><title>(.*?)</title>', page)
        assert told == [
            ("hk-c4", "0", "58", "1: 0.42 low. The baker says the oven may fail."),
            ("hk-none", "10", "94", "2: no claim. Why?"),
            ("hk-c10", "20", "3", "3: 0.97 absolute. It will certainly rain."),
        ]


def test_a_long_text_has_several_sentences_in_a_bar() -> None:
    count = 1000
    rows: list[tuple[int, int, float, Marks, Sources]] = [(3 * i, 3 * i + 2, 0.25 if i < 500 else 0.75, [], []) for i in range(count)]
    page = document_page(document("a. " * count, *rows))
    told = re.findall(r"<title>(\d.*?)</title>", page)
    assert told[0] == "1 to 5, mean: 0.25 uncertain. a."
    assert told[-1] == "996 to 1000, mean: 0.75 high. a."
    assert len(told) == 200
    assert len(set(re.findall(r'd="M(\d+) ', page))) == 200


def test_a_page_says_its_language_and_fits_its_screen(baker: Document) -> None:
    page = document_page(baker)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>Certainty of a text</title>" in page
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in page
    assert "@media print" in page


def test_a_page_is_written_whole_or_not_at_all(baker: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    assert baker.to_html(path) == baker.to_html() == path.read_text(encoding="utf-8")
    path.write_text("before")

    def replace(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="No space left"):
        baker.to_html(str(path))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(IsADirectoryError):
        baker.to_html(tmp_path)


def test_a_table_of_sources() -> None:
    text = f"{HOSTILE} said so."
    size = len(HOSTILE)
    sources = document(text, (0, len(text), 0.5, [], [(0, size, AttributionKind.UNNAMED)])).sources()
    page = sources._repr_html_()
    read(page)
    assert html.escape(HOSTILE) in page
    assert '<b class="hk-src hk-k-unnamed">unnamed</b></td><td class="hk-n">1</td><td class="hk-n">1</td><td class="hk-n">--</td>' in page
    assert "no sources" in document("").sources()._repr_html_()


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
    assert '>\ufffdb</u><i class="hk-t hk-modal"></i>\ufffdc&#27;d&#13;e&#127;\u202ef</span>' in page


def test_a_cue_across_the_edge_of_a_source_is_marked_in_two_pieces() -> None:
    page = document_html(document("officials reportedly", (0, 20, 0.5, [(4, 20, CueType.WEASEL)], [(0, 9, AttributionKind.UNNAMED)])))
    cue = '<u class="hk-weasel hk-k0" title="weasel, probability 0.88">'
    assert f'named">offi{cue}cials</u></b>{cue} reportedly</u><i class="hk-t hk-weasel"></i>' in page
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
    assert "<svg" not in document_page(empty)
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


ALPHABET = st.one_of(st.characters(), st.sampled_from("ab <>&\"'/-!\n\r\t\x00\x1b\x80\u202e\u2066\ud800"))


@given(st.data(), st.text(alphabet=ALPHABET, max_size=40))
def test_any_marks_on_any_text_leave_it_whole(data: st.DataObject, text: str) -> None:
    span = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    bounds = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    rows: list[tuple[int, int, float, Marks, Sources]] = []
    scopes: list[tuple[int, int]] = []
    for low, high in zip(bounds[::2], bounds[1::2], strict=False):
        cues = sorted((a, b, data.draw(st.sampled_from(CUE_TYPES))) for a, b in data.draw(st.lists(span, max_size=3)))
        scopes += [(a, b) for a, b in (data.draw(span) for _ in cues)]
        sources = [(a, b, data.draw(st.sampled_from(KINDS))) for a, b in data.draw(st.lists(span, max_size=2))]
        rows.append((low, high, data.draw(st.sampled_from([0.0, 0.5, 1.0, np.nan])), cues, sources))
    marked = document(text, *rows, scopes=scopes)
    assert read(document_html(marked)).text == shown(text)
    assert read(document_page(marked)).text == shown(text)
    assert all(read(sentence_html(sentence)).text == shown(sentence.text) for sentence in marked)
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
    assert seconds(16_000) < 40 * max(seconds(2000), 0.01)


def test_a_page_grows_with_its_text_and_no_faster() -> None:
    def size(count: int) -> int:
        text = "It may rain. " * count
        rows: list[tuple[int, int, float, Marks, Sources]] = [
            (13 * i, 13 * i + 12, 0.4, [(13 * i + 3, 13 * i + 6, CueType.MODAL)], []) for i in range(count)
        ]
        scopes = [(13 * i + 3, 13 * i + 11) for i in range(count)]
        return len(document_page(document(text, *rows, scopes=scopes)))

    small, large = size(500), size(5000)
    assert large < 10 * small
    # So many characters of HTML for a sentence with a cue and its brackets.
    assert (large - small) / 4500 < 400


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_OFFLINE = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
# Selects an element, then the whole page, and leaves what would be copied as JSON in an attribute.
_COPY = """<script>
const range = document.createRange(), selection = window.getSelection();
const copied = [document.querySelector(".hk-text"), document.body].map((element) => {
  range.selectNodeContents(element); selection.removeAllRanges(); selection.addRange(range); return selection.toString();
});
document.documentElement.setAttribute("data-copied", JSON.stringify(copied));
</script>"""


def dumped(page: str, folder: Path) -> str:
    """The page as a browser understood it; fails if the console says anything."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", *_OFFLINE, f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
    command = [str(CHROMIUM), *options, "--dump-dom", (folder / "page.html").as_uri()]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert b"CONSOLE" not in done.stderr, done.stderr
    return done.stdout.decode("utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_copies_the_text_as_it_was(tmp_path: Path) -> None:
    text = f"  The baker says it may  fail.\n\n\tWhy? {HOSTILE} end.\nIt \u202emight\u202c be: \u0643 possible."
    at, behind = text.index("Why?"), text.index("It \u202e")
    marked = document(
        text,
        (2, 31, 0.42, [(12, 16, CueType.REPORTATIVE), (20, 23, CueType.MODAL)], [(2, 11, AttributionKind.NAMED)]),
        (at, at + 4, np.nan, [], []),
        (at + 5, behind - 1, 0.6, [(at + 9, at + 30, CueType.WEASEL)], [(at + 20, at + 44, AttributionKind.UNNAMED)]),
        (behind, len(text), 0.9, [(behind + 3, behind + 9, CueType.MODAL)], []),
        scopes=[(12, 30), (20, 30), (at + 7, at + 50), (behind, len(text) - 1)],
    )
    marked = with_own(marked, [0, 1, 0, 1], ("plain", HOSTILE), [[0] * 6] * 4)
    page = f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{document_html(marked)}{_COPY}</body></html>'
    found = re.search(r'data-copied="(.*?)"', dumped(page, tmp_path))
    assert found is not None
    alone, whole = json.loads(html.unescape(found.group(1)))
    assert alone == text
    # Where all is selected, as in the cell of a notebook, nothing but the text comes along.
    assert whole.strip() == text.strip()


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_has_nothing_to_say_against_a_page(baker: Document, tmp_path: Path) -> None:
    # No error, and nothing that the page's own policy refuses.
    assert re.search("<main.*</main>", dumped(document_page(baker), tmp_path), re.DOTALL)
