"""Readers for labelled sentences."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from hedgekit.errors import DataError
from hedgekit.labels import CUE_TYPES, KINDS, AttributionKind, CueType
from hedgekit.lexicon import Lexicon

Offsets = tuple[int, int]

_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class LabelledAttribution:
    """Source, cue and content as offsets in the sentence, each None where not written."""

    source: Offsets | None
    cue: Offsets | None
    content: Offsets | None
    kind: AttributionKind


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One sentence with what an annotator saw in it.

    Attributes
    ----------
    text : str
    group : str
        The document it comes from: no split may divide a group.
    origin : str
        The corpus or part of a corpus, for tables.
    cues : tuple of (start, end, type)
    attributions : tuple of LabelledAttribution, or None where not labelled
    certainty : float or None
        0 to 1; None where no claim is made.
    hedged : bool
    graded : bool
        Whether ``certainty`` and ``hedged`` were labelled at all.
    scopes : tuple of (start, end) or None
        For each cue, None where it has none or where it was not labelled.
    register : str
        What kind of text it was taken from; empty where that is not known.
    """

    text: str
    group: str
    origin: str
    cues: tuple[tuple[int, int, CueType], ...]
    attributions: tuple[LabelledAttribution, ...] | None
    certainty: float | None
    hedged: bool
    graded: bool = True
    scopes: tuple[Offsets | None, ...] = ()
    register: str = ""

    def __post_init__(self) -> None:
        if not self.scopes:
            object.__setattr__(self, "scopes", (None,) * len(self.cues))


def read_guide(
    path: str | Path, origin: str | None = None, scopes: Mapping[str, Mapping[Offsets, Offsets]] | None = None
) -> list[LabelledSentence]:
    """Read sentences labelled by the annotation guide, one JSON object a line.

    Spans are given by offsets (``{"start", "end", "text"}``) or by their words (``{"text", "nth"}``, or a bare string in
    attributions); both are checked against the sentence. A cue may have a ``scope``: a span that contains the cue, or null.

    Parameters
    ----------
    path : str or Path
    origin : str, optional
        The part that the sentences are counted under; by default the name of the file.
    scopes : mapping, optional
        Scopes that were labelled apart (:func:`read_scopes`).

    Raises
    ------
    DataError
        With file, line and reason, before anything is returned.
    """
    path = Path(path)
    found = []
    for place, row in json_lines(path):
        sentence = _guide_row(row, place, origin or path.stem)
        apart = (scopes or {}).get(str(row.get("id")))
        if apart:
            if not apart.keys() <= {(start, end) for start, end, _ in sentence.cues}:
                raise DataError(f"{place}: the scopes of this sentence belong to other cues than it has; give the file they were made for")
            sentence = replace(sentence, scopes=tuple(apart.get((start, end)) for start, end, _ in sentence.cues))
        found.append(sentence)
    return found


def read_scopes(path: str | Path) -> dict[str, dict[Offsets, Offsets]]:
    """Read scopes labelled apart from their sentences: a JSON object a line with ``id`` and ``scopes``.

    Each scope is an array of four offsets in the sentence: start and end of the cue, start and end of its scope.

    Returns
    -------
    dict
        By sentence and cue.

    Raises
    ------
    DataError
        With file, line and reason.
    """
    found: dict[str, dict[Offsets, Offsets]] = {}
    for place, row in json_lines(Path(path)):
        if not isinstance(row.get("id"), str) or not isinstance(row.get("scopes"), list):
            raise DataError(f"{place}: a line needs a string 'id' and a list 'scopes'; found {', '.join(row)}")
        mine = found.setdefault(row["id"], {})
        for item in row["scopes"]:
            if not isinstance(item, list) or len(item) != 4 or not all(type(number) is int for number in item):
                raise DataError(f"{place}: a scope is [cue start, cue end, start, end], got {item!r:.60}")
            first, last, start, end = item
            if not 0 <= start <= first < last <= end:
                raise DataError(f"{place}: the scope {start} to {end} does not contain its cue, {first} to {last}")
            mine[first, last] = start, end
    return found


def read_standoff(path: str | Path, corpora: str | Path, origin: str | None = None) -> list[LabelledSentence]:
    """Read labels that lie over files kept elsewhere: offsets, and nothing of the text.

    One JSON object a line for each document: ``file`` (relative to ``corpora``), ``doc``, and ``sentences``, each an array of
    start and end in the file, the first eight hexadecimal digits of the SHA-256 of that stretch, certainty, hedged, cues as
    ``[start, end, type]`` and attributions as ``[source, cue, kind]``, the first two ``[start, end]`` or null. Offsets of cues
    and attributions count in the sentence. Characters are counted with line breaks as they stand in the file; of an XML file
    the sentence is the stretch without its markup.

    Parameters
    ----------
    path : str or Path
    corpora : str or Path
        The folder that the files stand in.
    origin : str, optional
        The part that the sentences are counted under; by default the name of the file of labels.

    Raises
    ------
    DataError
        With file, line and reason: also where a file is missing or is not the one that was labelled.
    """
    path = Path(path)
    sentences = []
    name: Any = None
    text = ""
    for place, row in json_lines(path):
        before, name = name, row.get("file")
        if not isinstance(name, str) or not isinstance(row.get("sentences"), list):
            raise DataError(f"{place}: a line needs 'file' and a list 'sentences'; found {', '.join(row)}")
        if name != before:  # many documents may stand in one file
            text = _text_of(Path(corpora) / name, place)
        for number, item in enumerate(row["sentences"], 1):
            labels = _standoff_row(item, text, f"{place}, sentence {number}", name)
            sentences.append(_guide_row({**labels, "doc": row.get("doc", name)}, f"{place}, sentence {number}", origin or path.stem))
    return sentences


def _standoff_row(item: Any, text: str, place: str, name: str) -> dict[str, Any]:
    if not isinstance(item, list) or len(item) not in (5, 7):
        raise DataError(f"{place}: must be [start, end, check, certainty, hedged, cues, attributions], got {item!r:.80}")
    start, end, check, certainty, hedged, cues, attributions = [*item, [], []][:7]
    stretch = text[start:end] if isinstance(start, int) and isinstance(end, int) else ""
    if name.endswith(".xml"):
        stretch = without_markup(stretch)
    if not stretch or checksum(stretch) != check:
        raise DataError(
            f"{place}: {name} holds other text from {start!r} to {end!r} than was labelled; give the corpora as they were published"
        )
    try:
        return {
            "text": stretch,
            "certainty": certainty,
            "hedged": hedged,
            "cues": [{"start": a, "end": b, "type": kind} for a, b, kind in cues],
            "attributions": [
                {
                    "source": None if source is None else {"start": source[0], "end": source[1]},
                    "cue": None if cue is None else {"start": cue[0], "end": cue[1]},
                    "kind": kind,
                }
                for source, cue, kind in attributions
            ],
        }
    except (TypeError, ValueError, IndexError) as error:
        raise DataError(f"{place}: cues must be [start, end, type] and attributions [source, cue, kind]: {error}") from None


def checksum(text: str) -> str:
    """The first eight hexadecimal digits of the SHA-256 of a text: tells whether it is the one that was labelled."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def without_markup(xml: str) -> str:
    """The text of a piece of XML: tags taken out, entities resolved."""
    return unescape(_MARKUP.sub("", xml))


def _text_of(path: Path, place: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{place}: {path} cannot be read as UTF-8 text ({error}); give the folder that holds the corpora") from error


def xml_root(path: Path) -> ElementTree.Element:
    """The root of an XML file.

    Raises
    ------
    DataError
        With file and line, if it is cut or malformed.
    """
    try:
        return ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise DataError(f"{path}:{error.position[0]}: not well-formed XML ({error}); give the file as it was published") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file with one JSON object a line, each with its place for messages."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error}); give a file with one JSON object a line") from error
    empty = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place, empty = f"{path}:{number}", False
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{place}: not valid JSON: {error}") from None
        if not isinstance(row, dict):
            raise DataError(f"{place}: a line holds one JSON object, found {row!r:.60}")
        yield place, row
    if empty:
        raise DataError(f"{path}: no labelled sentence found; write one JSON object a line")


def lexicon_examples(*lexicons: Lexicon) -> list[LabelledSentence]:
    """The sentences of the lexicon's entries, with all their cues; certainty is not labelled there.

    They come sorted: what is learned does not depend on the file or the place in which a sentence stands.
    """
    found = []
    for entry in (entry for lexicon in lexicons for entry in lexicon.entries):
        found += [
            LabelledSentence(example.text, entry.forms[0], "fires", example.cues, None, None, False, graded=False)
            for example in entry.fires
        ]
        found += [LabelledSentence(text, entry.forms[0], "quiet", (), None, None, False, graded=False) for text in entry.quiet]
    return sorted(found, key=lambda sentence: (sentence.origin, sentence.text))


def _guide_row(row: dict[str, Any], place: str, origin: str) -> LabelledSentence:
    for name in ("text", "cues", "certainty", "hedged"):
        if name not in row:
            raise DataError(f"{place}: field {name!r} is missing; found {', '.join(row)}")
    text = row["text"]
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"{place}: text must be a sentence, got {text!r:.60}")
    certainty = row["certainty"]
    if certainty is not None and (isinstance(certainty, bool) or not isinstance(certainty, int | float) or not 0 <= certainty <= 1):
        raise DataError(f"{place}: certainty must be null or 0 to 1, got {certainty!r}")
    if not isinstance(row["hedged"], bool):
        raise DataError(f"{place}: hedged must be true or false, got {row['hedged']!r}")
    found = []
    for cue in _objects(row, "cues", place):
        if cue.get("type") not in CUE_TYPES:
            raise DataError(f"{place}: unknown cue type {cue.get('type')!r}; valid are {', '.join(CUE_TYPES)}")
        start, end = offsets(text, cue, place)
        scope = None if cue.get("scope") is None else _scope(text, cue["scope"], (start, end), place)
        found.append(((start, end, CueType(cue["type"])), scope))
    found.sort(key=lambda item: item[0])
    cues = [cue for cue, _ in found]
    for before, after in itertools.pairwise(cues):
        if after[0] < before[1]:
            raise DataError(f"{place}: cues {text[before[0] : before[1]]!r} and {text[after[0] : after[1]]!r} overlap")
    attributions = tuple(_attribution(text, item, place) for item in _objects(row, "attributions", place))
    group = guide_group(row, place)
    scopes = tuple(scope for _, scope in found)
    register = str(row.get("register", row.get("source", "")))
    return LabelledSentence(text, group, origin, tuple(cues), attributions, certainty, row["hedged"], scopes=scopes, register=register)


def guide_group(row: Mapping[str, Any], place: str) -> str:
    """The document of a row of the guide; where none is named the sentence is its own."""
    own = str(row.get("id", place))
    group = str(row.get("doc", own))
    # Two corpora came without documents: there every sentence is its own.
    return own if group in ("bioscope", "wiki") else group


def _objects(row: Mapping[str, Any], name: str, place: str) -> list[dict[str, Any]]:
    found = row.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise DataError(f"{place}: {name} must be a list of objects, got {found!r:.60}")
    return found


def _attribution(text: str, row: Mapping[str, Any], place: str) -> LabelledAttribution:
    if row.get("kind") not in KINDS:
        raise DataError(f"{place}: unknown kind of attribution {row.get('kind')!r}; valid are {', '.join(KINDS)}")
    spans = {name: None if row.get(name) is None else offsets(text, row[name], place) for name in ("source", "cue", "content")}
    return LabelledAttribution(spans["source"], spans["cue"], spans["content"], AttributionKind(row["kind"]))


def _scope(text: str, span: str | dict[str, Any], cue: Offsets, place: str) -> Offsets:
    """A scope by its offsets, or by its words: then the first place where they hold the cue."""
    if isinstance(span, str) and span:
        starts = [match.start() for match in re.finditer(f"(?={re.escape(span)})", text)]
        around = [start for start in starts if start <= cue[0] and cue[1] <= start + len(span)]
        if not around:
            raise DataError(f"{place}: the scope {span!r:.60} does not stand around the cue {text[cue[0] : cue[1]]!r}")
        return around[0], around[0] + len(span)
    start, end = offsets(text, span, place)
    if start > cue[0] or end < cue[1]:
        raise DataError(f"{place}: the scope {text[start:end]!r:.60} does not contain the cue {text[cue[0] : cue[1]]!r}")
    return start, end


def offsets(text: str, span: str | Mapping[str, Any], place: str) -> Offsets:
    """Where a span stands that is given by offsets or by its words.

    Raises
    ------
    DataError
        If it does not stand in the text.
    """
    if isinstance(span, str):
        span = {"text": span}
    if not isinstance(span, Mapping):
        raise DataError(f"{place}: a span is a string or an object, got {span!r:.60}")
    if "start" in span:
        start, end = span["start"], span.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            raise DataError(f"{place}: start and end of a span must be whole numbers, got {start!r} and {end!r}")
        _refuse_outside(text, start, end, place)
        words = span.get("text")
        if words is not None and text[start:end] != words:
            raise DataError(f"{place}: span {start} to {end} does not hold {words!r} but {text[start:end]!r}")
        return start, end
    words, nth = span.get("text"), span.get("nth", 1)
    if not isinstance(words, str) or not words or not isinstance(nth, int):
        raise DataError(f"{place}: a span needs its words as text (and nth as a number), or start and end; got {dict(span)!r:.60}")
    found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]
    if not 1 <= nth <= len(found):
        raise DataError(f"{place}: {words!r} number {nth} does not stand in the sentence (found {len(found)} times)")
    return found[nth - 1], found[nth - 1] + len(words)


def _refuse_outside(text: str, start: int, end: int, place: str) -> None:
    rule = "offsets count the characters of the sentence itself from 0, and the end is the first character after the span"
    if not 0 <= start <= len(text) or not 0 <= end <= len(text):
        shown = text if len(text) <= 50 else f"{text[:47]}..."
        raise DataError(f"{place}: span {start} to {end} leaves the sentence {shown!r}, which has {len(text)} characters; {rule}")
    if start >= end:
        raise DataError(f"{place}: span {start} to {end} holds nothing; {rule}")
