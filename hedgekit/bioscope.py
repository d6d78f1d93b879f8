"""Reader for the BioScope corpus: speculation cues with their scopes (Vincze et al. 2008)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from hedgekit.corpora import LabelledSentence, Offsets, xml_root
from hedgekit.errors import DataError
from hedgekit.labels import CueType

# The corpus has one kind of uncertainty and no types.
UNTYPED = CueType.EPISTEMIC


def read_bioscope(path: str | Path, origin: str = "bioscope") -> list[LabelledSentence]:
    """Read the sentences of a BioScope XML file, in their order.

    Only speculation is read; a cue of several parts becomes a cue for each part, with the same scope. The corpus tells no
    types: all cues bear :data:`UNTYPED`. A sentence is hedged where it has a cue; certainty is not labelled.

    Parameters
    ----------
    path : str or Path
    origin : str
        The part that the sentences are counted under.

    Raises
    ------
    DataError
        With file, line and reason; nothing is returned of a file that is cut or malformed.
    """
    path = Path(path)
    root = xml_root(path)
    found = []
    for number, document in enumerate(root.iter("Document")):
        name = document.findtext("DocID") or str(number)
        found += [_sentence(element, path, f"{origin}-{name}", origin) for element in document.iter("sentence")]
    if not found:
        raise DataError(f"{path}: no <Document> with a <sentence> found; this reader reads BioScope XML")
    return found


def _sentence(element: ElementTree.Element, path: Path, group: str, origin: str) -> LabelledSentence:
    place = f"{path}, sentence {element.get('id')}"
    scopes: dict[str, Offsets] = {}
    cues: list[tuple[int, int, str]] = []
    text = "".join(_walk(element, 0, scopes, cues))
    # A cue inside a cue of its own kind is the same words marked for two scopes: the first of equal spans stands.
    spans: dict[Offsets, str] = {}
    for start, end, scope in sorted(cues):
        if scope not in scopes:
            raise DataError(f"{place}: cue {text[start:end]!r} refers to scope {scope!r}, which the sentence does not have")
        if not any(start < other[1] and other[0] < end for other in spans):
            spans[start, end] = scope
    return LabelledSentence(
        text,
        group,
        origin,
        tuple((start, end, UNTYPED) for start, end in spans),
        None,
        None,
        bool(spans),
        graded=False,
        scopes=tuple(_around(scopes[scope], cue) for cue, scope in spans.items()),
    )


def _around(scope: Offsets, cue: Offsets) -> Offsets:
    """The scope, widened where its cue stands outside."""
    return min(scope[0], cue[0]), max(scope[1], cue[1])


def _walk(element: ElementTree.Element, start: int, scopes: dict[str, Offsets], cues: list[tuple[int, int, str]]) -> Iterator[str]:
    """The pieces of the text of an element that begins at ``start``; notes the scopes and speculation cues in it."""
    at = start
    if element.text:
        at += len(element.text)
        yield element.text
    for child in element:
        for piece in _walk(child, at, scopes, cues):
            at += len(piece)
            yield piece
        if child.tail:
            at += len(child.tail)
            yield child.tail
    if element.tag == "xcope":
        scopes[element.get("id", "")] = (start, at)
    elif element.tag == "cue" and element.get("type") == "speculation":
        cues.append((start, at, element.get("ref", "")))
