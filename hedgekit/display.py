"""Results for the eye: HTML for notebooks and browsers, text for terminals.

Everything here is a view. Nothing is computed but colours, and the work is linear in the length of the text and the
number of cues.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from hedgekit.labels import CUE_TYPES, CueType, Level
from hedgekit.results import Cue, Document, Sentence, Source, Span

_T = TypeVar("_T")
_Piece = tuple[int, int, _T | None]

# Shades of certainty from 0 to 1, after cividis: blue to yellow, with lightness rising all the way, so that they keep
# their order for every kind of colour vision and in grey. Each scheme keeps its text readable on every shade.
_LIGHT_SHADES = ((160, 184, 232), (216, 216, 210), (255, 228, 112))
_DARK_SHADES = ((22, 42, 108), (62, 64, 72), (112, 96, 8))
_STEPS = 10

# Five forms of underline in two colours give ten types a look each: one colour for how sure the claim is, one for
# where it comes from.
_LOOKS: dict[CueType, tuple[str, str]] = {
    CueType.MODAL: ("solid", "sure"),
    CueType.EPISTEMIC: ("wavy", "sure"),
    CueType.CONDITIONAL: ("dashed", "sure"),
    CueType.APPROXIMATOR: ("dotted", "sure"),
    CueType.BOOSTER: ("double", "sure"),
    CueType.REPORTATIVE: ("solid", "whence"),
    CueType.WEASEL: ("wavy", "whence"),
    CueType.INFERENTIAL: ("dashed", "whence"),
    CueType.INVESTIGATIVE: ("dotted", "whence"),
    CueType.DOXASTIC: ("double", "whence"),
}
_LEVELS: tuple[tuple[Level, str, int], ...] = (
    (Level.UNCERTAIN, "&lt; 0.30", 1),
    (Level.LOW, "≥ 0.30", 4),
    (Level.MODERATE, "≥ 0.50", 6),
    (Level.HIGH, "≥ 0.75", 8),
    (Level.ABSOLUTE, "≥ 0.90", 10),
)

_LAYOUT = """
.hedgekit{color:var(--hk-ink);background:var(--hk-paper);font:1rem/1.75 system-ui,sans-serif;padding:.9em 1.1em;border-radius:6px;\
color-scheme:inherit;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.hedgekit .hk-text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;max-width:46em}
.hedgekit .hk-s{padding:.14em .18em;border-radius:3px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.hedgekit .hk-s[data-c]::after{content:attr(data-c);font-size:.66em;vertical-align:.35em;margin-left:.35em;color:var(--hk-ink);\
font-variant-numeric:tabular-nums}
.hedgekit u{text-decoration:underline 2px;text-underline-offset:.22em;text-decoration-skip-ink:none}
.hedgekit b.hk-src{font-weight:650;border-radius:3px;box-shadow:0 0 0 1px var(--hk-line);padding:0 .12em;\
-webkit-box-decoration-break:clone;box-decoration-break:clone}
.hedgekit .hk-legend,.hedgekit .hk-note{color:var(--hk-faint);font-size:.8em;line-height:1.6}
.hedgekit .hk-legend{-webkit-user-select:none;user-select:none;margin-top:1em;display:flex;flex-wrap:wrap;gap:.35em .9em}
.hedgekit .hk-legend span{color:var(--hk-ink)}
.hedgekit .hk-legend div{display:flex;flex-wrap:wrap;gap:.35em .9em;flex-basis:100%;align-items:baseline}
"""
_PAGE_LAYOUT = """
body{margin:0;background:#fff}
@media (prefers-color-scheme:dark){body{background:#15171a}}
main.hedgekit{max-width:46em;margin:0 auto;padding:2.2em 1.2em 3em;border-radius:0}
main h1{font-size:1.25em;margin:0;line-height:1.3}
main h2{font-size:1em;margin:2em 0 .4em}
main .hk-legend{margin:1em 0 1.8em;padding-bottom:1em;border-bottom:1px solid var(--hk-line)}
main .hk-text{font-size:1.08em;line-height:1.95}
main table{border-collapse:collapse;font-size:.9em}
main td,main th{text-align:left;padding:.2em 1.6em .2em 0;border-bottom:1px solid color-mix(in srgb,var(--hk-line) 40%,transparent);
vertical-align:top;overflow-wrap:anywhere}
main th{font-weight:400;color:var(--hk-faint)}
main .hk-n{text-align:right;font-variant-numeric:tabular-nums}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document_html(document: Document) -> str:
    """A document as a fragment of HTML, for notebooks.

    Sentences are shaded by certainty and followed by it, cues underlined by type, sources boxed. What is shown of the
    text is the text: numbers and legend stay out of what is selected and copied.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
        A ``div`` with its style; no script, nothing loaded.
    """
    return f'<div class="hedgekit"><style>{_STYLE}</style>{_body(document)}{_legend(document)}</div>'


def document_page(document: Document) -> str:
    """A document as one self-contained HTML page: no script, no outside resource, light or dark as the reader prefers.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
        To be stored as UTF-8.
    """
    count = len(document)
    summary = f"{count} {'sentence' if count == 1 else 'sentences'}, mean certainty {_figure(document.certainty)}"
    body = f'<div class="hk-note">{summary}</div>\n{_legend(document)}\n{_body(document)}\n{_source_table(document.sources())}'
    return page("Certainty of a text", body)


def page(title: str, body: str, style: str = "") -> str:
    """A whole HTML page in the look of hedgekit: no script, nothing loaded.

    Parameters
    ----------
    title : str
        Plain text: also the heading.
    body : str
        HTML.
    style : str
        Further rules.
    """
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">\n'
        f"<title>{escaped(title)}</title>\n<style>{_STYLE}{_PAGE_LAYOUT}{style}</style></head>\n"
        f'<body><main class="hedgekit"><h1>{escaped(title)}</h1>{body}</main></body></html>\n'
    )


def fragment(body: str, style: str = "") -> str:
    """A piece of HTML in the look of hedgekit, for notebooks: a ``div`` with its style."""
    return f'<div class="hedgekit"><style>{_STYLE}{style}</style>{body}</div>'


def sentence_html(sentence: Sentence) -> str:
    """A sentence as a fragment of HTML, with its certainty in words below it.

    Parameters
    ----------
    sentence : Sentence

    Returns
    -------
    str
        A ``div`` with its style; no script, nothing loaded.
    """
    notes = [_verdict(sentence), *(f"{cue.text} ({cue.type})" for cue in sentence.cues)]
    return (
        f'<div class="hedgekit"><style>{_STYLE}</style><div class="hk-text">{_marked_sentence(sentence)}</div>'
        f'<div class="hk-note">{escaped("; ".join(notes))}</div></div>'
    )


def document_text(document: Document, *, colour: bool) -> str:
    """A document as text for a terminal, a block for each sentence.

    Control characters, and those that turn the direction of writing, are shown as escapes, so that no text can
    command the terminal. White space is evened out.

    Parameters
    ----------
    document : Document
    colour : bool
        Mark with ANSI styles; otherwise cues stand in square brackets.

    Returns
    -------
    str
        Ends with a line break unless there is no sentence.
    """
    return "".join(f"{line}\n" for sentence in document for line in _lines(sentence, colour))


def visible(text: str) -> str:
    r"""A text that is safe to print: control characters as escapes, white space evened out.

    Examples
    --------
    >>> visible("red\x1b[31m\n\tand back")
    'red\\x1b[31m and back'
    """
    return _UNSAFE.sub(_spelled, _SPACE.sub(" ", text))


# Line and paragraph separators are left out of white space on purpose: terminals differ in what they do with them.
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


# Pieces of a text ----------------------------------------------------------------------------------------------------


def _pieces(start: int, end: int, marks: Iterable[tuple[int, int, _T]]) -> Iterator[_Piece[_T]]:
    """Cut a stretch at marks, in order; what overlaps an earlier mark or leaves the stretch is clipped."""
    at = start
    for low, high, mark in sorted(marks, key=lambda item: item[:2]):
        low, high = max(low, at), min(high, end)
        if low >= high:
            continue
        if low > at:
            yield at, low, None
        yield low, high, mark
        at = high
    if at < end:
        yield at, end, None


def _sources(sentence: Sentence) -> dict[tuple[int, int], tuple[Span, str]]:
    """Each written source of a sentence once, with its kind."""
    return {(a.source.start, a.source.end): (a.source, str(a.kind)) for a in sentence.attributions if a.source is not None}


def _source_spans(sentence: Sentence) -> list[tuple[int, int, str]]:
    return [(low, high, kind) for (low, high), (_, kind) in _sources(sentence).items()]


def _cue_spans(sentence: Sentence) -> list[tuple[int, int, Cue]]:
    return [(cue.start, cue.end, cue) for cue in sentence.cues]


def _marked(
    sentence: Sentence, plain: Callable[[str], str], on_cue: Callable[[str, Cue], str], on_source: Callable[[str, str], str]
) -> str:
    """The sentence with cues marked inside of sources; a cue that crosses the edge of a source is marked in two pieces."""
    text, origin = sentence.text, sentence.start
    cues = list(_pieces(origin, sentence.end, _cue_spans(sentence)))
    written, at = [], 0
    for low, high, source in _pieces(origin, sentence.end, _source_spans(sentence)):
        inner = []
        while at < len(cues) and cues[at][0] < high:
            start, end, cue = cues[at]
            words = text[max(start, low) - origin : min(end, high) - origin]
            inner.append(plain(words) if cue is None else on_cue(words, cue))
            if end > high:
                break
            at += 1
        written.append("".join(inner) if source is None else on_source("".join(inner), source))
    return "".join(written)


# Words ---------------------------------------------------------------------------------------------------------------


def _figure(certainty: float | None) -> str:
    return "--" if certainty is None else f"{certainty:.2f}"


def _verdict(sentence: Sentence) -> str:
    if sentence.certainty is None:
        return "no claim"
    hedged = "hedged" if sentence.hedged else "not hedged"
    return f"certainty {_figure(sentence.certainty)} ({sentence.level}), {hedged} (probability {sentence.hedged_probability:.2f})"


def _cue_words(cue: Cue) -> str:
    words = f"{cue.type}, probability {cue.probability:.2f}"
    if cue.likelihood is None:
        return words
    likely = cue.likelihood
    return f"{words}; read as {likely.median:.0%} ({likely.low:.0%} to {likely.high:.0%})"


# HTML ----------------------------------------------------------------------------------------------------------------

# A lone surrogate cannot be written as UTF-8, and a parser drops NUL; both become the replacement character. A bare
# carriage return would be turned into a line feed, and the other control characters might reach a terminal.
_NOT_HTML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\r\ud800-\udfff]")


def _reference(match: re.Match[str]) -> str:
    code = ord(match.group())
    return "\ufffd" if code == 0 or code >= 0xD800 else f"&#{code};"


def escaped(text: str) -> str:
    """A text as it may stand in HTML, between tags or in a quoted attribute."""
    return _NOT_HTML.sub(_reference, html.escape(text, quote=True))


def _shade(certainty: float) -> int:
    return round(min(max(certainty, 0.0), 1.0) * _STEPS)


def _html_cue(words: str, cue: Cue) -> str:
    return f'<u class="hk-{cue.type}" title="{escaped(_cue_words(cue))}">{escaped(words)}</u>'


def _html_source(inner: str, kind: str) -> str:
    return f'<b class="hk-src" title="source: {escaped(kind)}">{inner}</b>'


def _marked_sentence(sentence: Sentence) -> str:
    inner = _marked(sentence, escaped, _html_cue, _html_source)
    title = escaped(_verdict(sentence))
    if sentence.certainty is None:
        return f'<span class="hk-s" title="{title}">{inner}</span>'
    shade, figure = _shade(sentence.certainty), _figure(sentence.certainty)
    return f'<span class="hk-s hk-c{shade}" data-c="{figure}" title="{title}">{inner}</span>'


def _body(document: Document) -> str:
    """The text with its sentences marked, white space between them included."""
    written, at, text = [], 0, document.text
    for sentence in document:
        written.append(escaped(text[at : sentence.start]))
        written.append(_marked_sentence(sentence))
        at = sentence.end
    written.append(escaped(text[at:]))
    return f'<div class="hk-text">{"".join(written)}</div>'


def _legend(document: Document) -> str:
    """How to read the marks, as far as this document has them."""
    present = {cue.type for sentence in document for cue in sentence.cues}
    levels = "".join(f'<span class="hk-s hk-c{shade}">{level} {bound}</span>' for level, bound, shade in _LEVELS)
    rows = [f"<div>certainty {levels}</div>"]
    if present:
        cues = "".join(f'<span><u class="hk-{name}">{name}</u></span>' for name in CUE_TYPES if name in present)
        rows.append(f"<div>cues {cues}</div>")
    if any(_source_spans(sentence) for sentence in document):
        rows.append('<div>sources <span><b class="hk-src">who says it</b></span></div>')
    return f'<div class="hk-legend">{"".join(rows)}</div>'


def _source_table(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    rows = "".join(
        f'<tr><td dir="auto">{escaped(source.name)}</td><td>{source.kind}</td><td class="hk-n">{source.claims}</td>'
        f'<td class="hk-n">{_figure(source.certainty)}</td></tr>\n'
        for source in sources
    )
    head = '<tr><th>source</th><th>kind</th><th class="hk-n">claims</th><th class="hk-n">mean certainty</th></tr>'
    return f"<h2>Sources</h2>\n<table>{head}\n{rows}</table>\n"


def _mixed(shades: Sequence[tuple[int, int, int]], part: float) -> str:
    """A colour between three, at 0 the first and at 1 the last."""
    low, high = (shades[0], shades[1]) if part <= 0.5 else (shades[1], shades[2])
    weight = part * 2 if part <= 0.5 else part * 2 - 1
    return "#" + "".join(f"{round(a + (b - a) * weight):02x}" for a, b in zip(low, high, strict=True))


def _variables(named: dict[str, str], shades: Sequence[tuple[int, int, int]]) -> str:
    named = named | {f"c{step}": _mixed(shades, step / _STEPS) for step in range(_STEPS + 1)}
    return "".join(f"--hk-{name}:{value};" for name, value in named.items())


def _style() -> str:
    light = _variables(
        {"ink": "#16181d", "paper": "#fff", "faint": "#4a4f58", "line": "#8a8f98", "sure": "#0a3fa8", "whence": "#b03a00"}, _LIGHT_SHADES
    )
    dark = _variables(
        {"ink": "#f1f2f4", "paper": "#15171a", "faint": "#b9bec7", "line": "#8f959f", "sure": "#8cc4ff", "whence": "#ffac6b"}, _DARK_SHADES
    )
    rules = [
        f".hedgekit{{{light}}}",
        f"@media (prefers-color-scheme:dark){{.hedgekit{{{dark}}}}}",
        # JupyterLab has a theme of its own, whatever the browser prefers.
        f'[data-jp-theme-light="true"] .hedgekit{{{light}}}',
        f'[data-jp-theme-light="false"] .hedgekit{{{dark}}}',
        *(f".hedgekit .hk-c{step}{{background:var(--hk-c{step})}}" for step in range(_STEPS + 1)),
        *(
            f".hedgekit .hk-{name}{{text-decoration-style:{form};text-decoration-color:var(--hk-{colour})}}"
            for name, (form, colour) in _LOOKS.items()
        ),
    ]
    return _LAYOUT + "\n".join(rules) + "\n"


_STYLE = _style()


# Terminal ------------------------------------------------------------------------------------------------------------

_INDENT = " " * 16
_CHIPS = {
    Level.UNCERTAIN: "97;48;5;18",
    Level.LOW: "97;48;5;60",
    Level.MODERATE: "30;48;5;145",
    Level.HIGH: "30;48;5;179",
    Level.ABSOLUTE: "30;48;5;221",
}


def _styled(words: str, codes: str) -> str:
    return f"\x1b[{codes}m{words}\x1b[0m"


def _lines(sentence: Sentence, colour: bool) -> Iterator[str]:
    level = sentence.level
    head = f"{_figure(sentence.certainty):>4} {'' if level is None else str(level):<9}"
    notes = " | ".join(_notes(sentence))
    if colour:
        head = head if level is None else _styled(head, _CHIPS[level])
        yield f"{head}  {_marked(sentence, visible, _terminal_cue, _terminal_source)}"
        notes = _styled(notes, "2") if notes else ""
    else:
        yield f"{head}  {_marked(sentence, visible, lambda words, cue: f'[{visible(words)}]', lambda inner, kind: inner)}"
    if notes:
        yield _INDENT + notes


def _terminal_cue(words: str, cue: Cue) -> str:
    # Single codes are switched off one by one, so that the style of a source around the cue goes on behind it.
    return f"\x1b[1;4m{visible(words)}\x1b[22;24m"


def _terminal_source(inner: str, kind: str) -> str:
    return f"\x1b[36m{inner}\x1b[39m"


def _notes(sentence: Sentence) -> Iterator[str]:
    cues = ", ".join(f"{visible(cue.text)} ({cue.type})" for cue in sentence.cues)
    if cues:
        yield f"cues: {cues}"
    sources = ", ".join(f"{visible(span.text)} ({kind})" for span, kind in _sources(sentence).values())
    if sources:
        yield f"sources: {sources}"
