"""Results for the eye: HTML for notebooks and browsers, text for terminals.

Everything here is a view. Nothing is computed but colours, and the work is linear in the length of the text and the
number of cues.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import TypeVar

from hedgekit.display_style import KEYS, LEVEL_SHADES, PAGE_STYLE, STEPS, STYLE
from hedgekit.errors import NotBuiltError
from hedgekit.labels import CUE_TYPES, KINDS, AspectCertainty, CueType, Level, level_of
from hedgekit.results import Cue, Document, Sentence, Source, Span

_T = TypeVar("_T")
_Piece = tuple[int, int, _T | None]

# So many bars the strip of certainty has at most; a longer text has several sentences in each.
_BARS = 240
# So much of a sentence is told at its bar.
_TOLD = 70
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

# For those who point at a type in the legend.
_MEANINGS: dict[CueType, str] = {
    CueType.REPORTATIVE: "the claim comes from somebody else",
    CueType.WEASEL: "a holder of the claim who cannot be identified",
    CueType.MODAL: "a modal verb of possibility or prediction",
    CueType.EPISTEMIC: "a word for likelihood or knowledge",
    CueType.INFERENTIAL: "a conclusion from evidence or appearance",
    CueType.DOXASTIC: "belief, expectation, hope, intention",
    CueType.CONDITIONAL: "holds only under a condition",
    CueType.INVESTIGATIVE: "an open question",
    CueType.BOOSTER: "strengthens the claim",
    CueType.APPROXIMATOR: "a vague number, degree or frequency",
}


def document_html(document: Document) -> str:
    """A document as a fragment of HTML, for notebooks.

    Sentences are shaded by certainty and followed by it, cues underlined and abbreviated by type, their scopes in
    brackets, sources boxed. Classes of a user's own and aspects of findings stand behind their sentence. Only the text
    itself can be selected, so what is copied is the text as it was.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
        A ``div`` with its style; no script, nothing loaded.
    """
    cues = [sentence.cues for sentence in document]
    return fragment(f"{_summary(document)}{_along(document, linked=False)}{_body(document, cues)}{_legend(document, cues)}")


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
    note = (
        "How strongly each sentence, as worded, commits its reader to what it claims: 0 is open, 1 leaves no doubt. Not whether it is true."
    )
    # Cues are built whenever they are looked at: once is enough.
    cues = [sentence.cues for sentence in document]
    body = (
        f'{_summary(document)}<div class="hk-note hk-sum">{note}</div>\n{_legend(document, cues)}\n{_along(document, linked=True)}\n'
        f"{_body(document, cues, linked=True)}\n{_source_part(document.sources())}"
    )
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
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">\n'
        f"<title>{escaped(title)}</title>\n<style>{PAGE_STYLE}{style}</style></head>\n"
        f'<body><main class="hedgekit"><h1>{escaped(title)}</h1>{body}</main></body></html>\n'
    )


def fragment(body: str, style: str = "") -> str:
    """A piece of HTML in the look of hedgekit, for notebooks: a ``div`` with its style."""
    return f'<div class="hedgekit"><style>{STYLE}{style}</style>{body}</div>'


def sentence_html(sentence: Sentence) -> str:
    """A sentence as a fragment of HTML, with its certainty in words below it, and what moved it.

    Parameters
    ----------
    sentence : Sentence

    Returns
    -------
    str
        A ``div`` with its style; no script, nothing loaded.
    """
    cues = sentence.cues
    notes = ["; ".join([_verdict(sentence), *(f"{cue.text} ({cue.type})" for cue in cues)])]
    # A model that ends in an estimator of a user's own cannot say why.
    with suppress(NotBuiltError):
        why = sentence.explain()
        if sentence.certainty is not None and why.contributions:
            notes.append(f"why: {why}")
    below = "".join(f'<div class="hk-note hk-sum" dir="auto">{escaped(note)}</div>' for note in notes)
    return fragment(f'<div class="hk-text">{_marked_sentence(sentence, cues)}</div>{below}')


def sources_html(sources: Sequence[Source]) -> str:
    """Sources as a table in a fragment of HTML, for notebooks.

    Parameters
    ----------
    sources : sequence of Source

    Returns
    -------
    str
        A ``div`` with its style; no script, nothing loaded.
    """
    return fragment(_source_table(sources) if sources else '<div class="hk-note">no sources</div>')


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


def _split(pieces: Iterable[_Piece[_T]], points: Sequence[int]) -> Iterator[_Piece[_T]]:
    """Pieces in order, cut once more at points in order."""
    at = 0
    for low, high, mark in pieces:
        while at < len(points) and points[at] < high:
            if points[at] > low:
                yield low, points[at], mark
                low = points[at]
            at += 1
        yield low, high, mark


def _marked(
    sentence: Sentence,
    cues: Sequence[Cue],
    plain: Callable[[str], str],
    on_cue: Callable[[str, int, bool], str],
    on_source: Callable[[str, str], str],
    between: Mapping[int, str] = {},
) -> str:
    """The sentence with cues marked inside of sources; a cue that crosses the edge of a source is marked in two pieces.

    ``on_cue`` gets words, the number of the cue, and whether they are its last; ``between`` has what stands at places.
    """
    text, origin, stop = sentence.text, sentence.start, sentence.end
    whole = _pieces(origin, stop, [(cue.start, cue.end, number) for number, cue in enumerate(cues)])
    pieces = list(_split(whole, sorted(between)))
    written, at = [], 0
    for low, high, source in _pieces(origin, stop, _source_spans(sentence)):
        inner = []
        while at < len(pieces) and pieces[at][0] < high:
            start, end, number = pieces[at]
            begin, until = max(start, low), min(end, high)
            # What stands at the edge of a source stands outside of it.
            inner.append(between.get(begin, "") if begin > low else "")
            words = text[begin - origin : until - origin]
            inner.append(plain(words) if number is None else on_cue(words, number, until >= min(cues[number].end, stop)))
            if end > high:
                break
            at += 1
        marked = "".join(inner)
        written += [between.get(low, ""), marked if source is None else on_source(marked, source)]
    return "".join([*written, between.get(stop, "")])


# Words ---------------------------------------------------------------------------------------------------------------


def _figure(certainty: float | None) -> str:
    return "--" if certainty is None else f"{certainty:.2f}"


def _verdict(sentence: Sentence) -> str:
    label, aspects = _class_words(sentence), ", ".join(_aspects(sentence))
    more = (f"class {label}" if label else "", f"aspects: {aspects}" if aspects else "")
    return "; ".join([_certainty_words(sentence), *filter(None, more)])


def _certainty_words(sentence: Sentence) -> str:
    if sentence.certainty is None:
        return "no claim"
    hedged = "hedged" if sentence.hedged else "not hedged"
    return f"certainty {_figure(sentence.certainty)} ({sentence.level}), {hedged} (probability {sentence.hedged_probability:.2f})"


def _class_words(sentence: Sentence) -> str:
    """The class, where there is one, with its probability."""
    label, probabilities = sentence.label, sentence.label_probabilities
    return "" if label is None or probabilities is None else f"{label} (probability {probabilities[label]:.2f})"


def _aspects(sentence: Sentence) -> list[str]:
    """The aspects that a finding speaks of, each with how it does."""
    found = (sentence.aspects or {}).items()
    return [f"{aspect} {certainty}" for aspect, certainty in found if certainty is not AspectCertainty.NOT_PRESENT]


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
    return round(min(max(certainty, 0.0), 1.0) * STEPS)


def _key(number: int) -> str:
    """The class that joins a cue with its brackets."""
    return f" hk-k{number}" if number < KEYS else ""


def _brackets(sentence: Sentence, cues: Sequence[Cue]) -> dict[int, str]:
    """What stands at the edges of scopes: what ends before what begins, the inner end and the outer beginning first."""
    low, high = sentence.start, sentence.end
    scopes = [(max(cue.scope.start, low), min(cue.scope.end, high), at) for at, cue in enumerate(cues) if cue.scope is not None]
    scopes = [scope for scope in scopes if scope[0] < scope[1]]
    found: dict[int, str] = {}
    for _, end, at in sorted(scopes, key=lambda scope: (-scope[0], -scope[2])):
        found[end] = f'{found.get(end, "")}<i class="hk-e{_key(at)} hk-{cues[at].type}"></i>'
    for start, _, at in sorted(scopes, key=lambda scope: (-scope[1], scope[2])):
        found[start] = f'{found.get(start, "")}<i class="hk-o{_key(at)} hk-{cues[at].type}"></i>'
    return found


def _html_source(inner: str, kind: str) -> str:
    return f'<b class="hk-src hk-k-{kind}" title="source: {escaped(kind)}">{inner}</b>'


def _marked_sentence(sentence: Sentence, cues: Sequence[Cue], anchor: str = "") -> str:
    def on_cue(words: str, number: int, last: bool) -> str:
        cue = cues[number]
        short = f'<i class="hk-t hk-{cue.type}"></i>' if last else ""
        return f'<u class="hk-{cue.type}{_key(number)}" title="{escaped(_cue_words(cue))}">{escaped(words)}</u>{short}'

    inner = _marked(sentence, cues, escaped, on_cue, _html_source, _brackets(sentence, cues)) + _chips(sentence)
    title = escaped(_verdict(sentence))
    if sentence.certainty is None:
        return f'<span class="hk-s"{anchor} title="{title}">{inner}</span>'
    shade, figure = _shade(sentence.certainty), _figure(sentence.certainty)
    return f'<span class="hk-s hk-c{shade}"{anchor} data-c="{figure}" title="{title}">{inner}</span>'


def _chips(sentence: Sentence) -> str:
    """A user's own class, and the aspects of a finding, behind a sentence."""
    label = "" if sentence.label is None else _own("class", sentence.label)
    return label + "".join(_own("aspect", words) for words in _aspects(sentence))


def _own(what: str, words: str) -> str:
    return f'<i class="hk-own hk-{what}" data-w="{escaped(words)}"></i>'


def _body(document: Document, cues: Sequence[Sequence[Cue]], *, linked: bool = False) -> str:
    """The text with its sentences marked, white space between them included."""
    written, at, text = [], 0, document.text
    for number, (sentence, inside) in enumerate(zip(document, cues, strict=True), 1):
        written.append(escaped(text[at : sentence.start]))
        written.append(_marked_sentence(sentence, inside, f' id="s{number}"' if linked else ""))
        at = sentence.end
    written.append(escaped(text[at:]))
    return f'<div class="hk-text">{"".join(written)}</div>'


def _summary(document: Document) -> str:
    count, hedged = len(document), sum(sentence.hedged for sentence in document)
    words = f"{_sentences(count)}, mean certainty {_figure(document.certainty)}, {hedged} hedged"
    return f'<div class="hk-note hk-sum">{words}</div>'


def _sentences(count: int) -> str:
    return f"{count} {'sentence' if count == 1 else 'sentences'}"


def _along(document: Document, *, linked: bool) -> str:
    """A strip of certainty along the text: a bar for each sentence, which tells it, and leads to it on a page."""
    count = len(document)
    if count < 2:
        return ""
    size = -(-count // _BARS)
    bars = [_bar(document[first : first + size], first + 1, 10 * first // size, linked) for first in range(0, count, size)]
    what = "Certainty of each sentence, from the first to the last"
    # The picture is stretched to the width there is, but few bars stay narrow.
    return (
        '<div class="hk-along"><div aria-hidden="true"><span>certain</span><span>open</span></div>'
        f'<svg viewBox="0 0 {10 * len(bars)} 100" preserveAspectRatio="none" width="{24 * len(bars)}" '
        f'role="{"group" if linked else "img"}" aria-label="{what}">{"".join(bars)}</svg></div>'
    )


def _bar(sentences: Sequence[Sentence], number: int, left: int, linked: bool) -> str:
    known = [sentence.certainty for sentence in sentences if sentence.certainty is not None]
    mean = sum(known) / len(known) if known else None
    place = f"{number}" if len(sentences) == 1 else f"{number} to {number + len(sentences) - 1}, mean"
    found = "no claim" if mean is None else f"{_figure(mean)} {level_of(mean)}"
    text = visible(sentences[0].text[: _TOLD + 1])
    # The words come last, so that marks of direction in them cannot turn round the figures.
    told = escaped(f"{place}: {found}. {text if len(text) <= _TOLD else text[: _TOLD - 1] + '…'}")
    look, top = ("hk-none", 94) if mean is None else (f"hk-c{_shade(mean)}", round(100 - 100 * min(max(mean, 0.02), 1.0)))
    bar = f'<path class="{look}" d="M{left} 100V{top}h8V100z"><title>{told}</title></path>'
    # The keyboard passes them by: the text comes next, and says the same.
    return f'<a href="#s{number}" tabindex="-1">{bar}</a>' if linked else bar


def _legend(document: Document, cues: Sequence[Sequence[Cue]]) -> str:
    """How to read the marks, as far as this document has them; each kind of mark can be switched off."""
    present: set[CueType] = set()
    kinds: set[str] = set()
    scoped = silent = False
    labels, aspects = Counter[str](), Counter[str]()
    for sentence in document:
        silent = silent or sentence.certainty is None
        labels.update([] if sentence.label is None else [sentence.label])
        aspects.update(_aspects(sentence))
        kinds.update(kind for _, kind in _sources(sentence).values())
    for cue in chain.from_iterable(cues):
        present.add(cue.type)
        scoped = scoped or cue.scope is not None
    levels = "".join(f'<span class="hk-s hk-c{shade}">{level} {bound}</span>' for level, bound, shade in LEVEL_SHADES)
    rows = [_row("certainty", levels + ("<span>not shaded: no claim</span>" if silent else ""))]
    if present:
        types = "".join(
            f'<span><u class="hk-{name}" title="{_MEANINGS[name]}">{name}</u><i class="hk-t hk-{name}"></i></span>'
            for name in CUE_TYPES
            if name in present
        )
        rows.append(_row("cues", types))
    if scoped:
        scope = '<i class="hk-o"></i>what a cue puts in doubt, ascribes or strengthens<i class="hk-e"></i>'
        rows.append(_row("scopes", f"<span>{scope}; point at a cue to see its own</span>"))
    if kinds:
        boxes = "".join(f'<span><b class="hk-src hk-k-{kind}">{kind}</b></span>' for kind in map(str, KINDS) if kind in kinds)
        rows.append(_row("sources", f"<span>who says it:</span>{boxes}"))
    for what, name, told, found in (
        ("class", "classes", "what this model says of each sentence:", labels),
        ("aspect", "aspects", "what a finding is certain of, and of what not:", aspects),
    ):
        if found:
            counts = "".join(f"<span>{_own(what, words)} {_sentences(n)}</span>" for words, n in found.most_common())
            rows.append(_row(name, f"<span>{told}</span>{counts}"))
    return f'<div class="hk-legend">{"".join(rows)}</div>'


def _row(name: str, marks: str) -> str:
    switch = f'<label><input type="checkbox" class="hk-w-{name}" checked>{name}</label>'
    return f"<div>{switch}<div>{marks}</div></div>"


def _source_part(sources: Sequence[Source]) -> str:
    return f"<h2>Sources</h2>\n{_source_table(sources)}\n" if sources else ""


def _source_table(sources: Sequence[Source]) -> str:
    rows = "".join(
        f'<tr><td dir="auto">{escaped(source.name)}</td><td><b class="hk-src hk-k-{source.kind}">{source.kind}</b></td>'
        f'<td class="hk-n">{len(source.mentions)}</td><td class="hk-n">{source.claims}</td>'
        f'<td class="hk-n">{_chip(source.certainty)}</td></tr>\n'
        for source in sources
    )
    columns = ("mentions", "claims", "mean certainty")
    head = "".join(f'<th class="hk-n" scope="col">{name}</th>' for name in columns)
    names = '<th scope="col">source</th><th scope="col">kind</th>'
    return f'<div class="hk-wide"><table class="hk-sources"><tr>{names}{head}</tr>\n{rows}</table></div>'


def _chip(certainty: float | None) -> str:
    figure = _figure(certainty)
    return figure if certainty is None else f'<span class="hk-s hk-c{_shade(certainty)}">{figure}</span>'


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
    cues = sentence.cues
    notes = " | ".join(_notes(sentence, cues))
    if colour:
        head = head if level is None else _styled(head, _CHIPS[level])
        yield f"{head}  {_marked(sentence, cues, visible, _terminal_cue, _terminal_source)}"
        notes = _styled(notes, "2") if notes else ""
    else:
        yield f"{head}  {_marked(sentence, cues, visible, _in_brackets, lambda inner, kind: inner)}"
    if notes:
        yield _INDENT + notes


def _in_brackets(words: str, number: int, last: bool) -> str:
    return f"[{visible(words)}]"


def _terminal_cue(words: str, number: int, last: bool) -> str:
    # Single codes are switched off one by one, so that the style of a source around the cue goes on behind it.
    return f"\x1b[1;4m{visible(words)}\x1b[22;24m"


def _terminal_source(inner: str, kind: str) -> str:
    return f"\x1b[36m{inner}\x1b[39m"


def _notes(sentence: Sentence, cues: Sequence[Cue]) -> Iterator[str]:
    if cues:
        yield f"cues: {', '.join(f'{visible(cue.text)} ({cue.type})' for cue in cues)}"
    sources = ", ".join(f"{visible(span.text)} ({kind})" for span, kind in _sources(sentence).values())
    if sources:
        yield f"sources: {sources}"
    label = _class_words(sentence)
    if label:
        yield f"class: {visible(label)}"
    aspects = ", ".join(_aspects(sentence))
    if aspects:
        yield f"aspects: {aspects}"
