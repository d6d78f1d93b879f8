"""Readers for the data of the CoNLL-2010 shared task (Farkas et al. 2010): its XML, and the Wikipedia part as columns and as lists."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from hedgekit.corpora import LabelledSentence, xml_root
from hedgekit.errors import DataError
from hedgekit.labels import CueType

# The corpus has one kind of uncertainty and no types.
UNTYPED = CueType.WEASEL
_CUE = re.compile(r"CUE-\d+")


def read_columns(path: str | Path, origin: str = "wikipedia") -> list[LabelledSentence]:
    """Read sentences with cue spans from ``token TAB tag-of-speech TAB tag`` lines; the tag is ``_`` or ``CUE-n``.

    A sentence is its tokens joined by spaces; a blank line ends it. Neighbouring tokens of one tag are one cue. All cues bear
    :data:`UNTYPED`; a sentence is hedged where it has a cue; certainty is not labelled.

    Parameters
    ----------
    path : str or Path
        A file, which is one document, or a folder of such files.
    origin : str
        The part that the sentences are counted under.

    Raises
    ------
    DataError
        With file, line and reason.
    """
    path = Path(path)
    files = sorted(item for item in path.iterdir() if item.is_file()) if path.is_dir() else [path]
    found = [sentence for item in files for sentence in _document(item, origin)]
    if not found:
        raise DataError(f"{path}: no sentence found; this reader wants lines of token, part of speech and tag")
    return found


def _document(path: Path, origin: str) -> list[LabelledSentence]:
    sentences: list[LabelledSentence] = []
    rows: list[tuple[str, str]] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            cells = line.rstrip("\r").split("\t")
            if len(cells) != 3 or not cells[0] or not (cells[2] == "_" or _CUE.fullmatch(cells[2])):
                raise DataError(f"{path}:{number}: a line is token, part of speech, '_' or 'CUE-1', separated by tabs; got {line!r:.60}")
            rows.append((cells[0], cells[2]))
        elif rows:
            sentences.append(_sentence(rows, f"{origin}-{path.stem}", origin))
            rows = []
    return sentences


def _sentence(rows: list[tuple[str, str]], group: str, origin: str) -> LabelledSentence:
    text, before = "", "_"
    cues: list[tuple[int, int, CueType]] = []
    for token, tag in rows:
        start = len(text) + bool(text)
        text = f"{text} {token}" if text else token
        if tag != "_" and tag == before:
            cues[-1] = (cues[-1][0], len(text), UNTYPED)
        elif tag != "_":
            cues.append((start, len(text), UNTYPED))
        before = tag
    return LabelledSentence(text, group, origin, tuple(cues), None, None, bool(cues), graded=False)


def read_xml(path: str | Path, origin: str = "wikipedia") -> list[LabelledSentence]:
    """Read the XML of the first task: ``<sentence certainty="uncertain">`` with a ``<ccue>`` around each cue.

    All cues bear :data:`UNTYPED`; a sentence is hedged where its attribute says uncertain; certainty is not labelled.

    Parameters
    ----------
    path : str or Path
    origin : str
        The part that the sentences are counted under.

    Raises
    ------
    DataError
        With file and line, or sentence.
    """
    path = Path(path)
    root = xml_root(path)
    found = []
    for number, document in enumerate(root.iter("Document")):
        name = (document.findtext("DocID") or "").strip() or str(number)
        found += [_marked(element, path, f"{origin}-{name}", origin) for element in document.iter("sentence")]
    if not found:
        raise DataError(f"{path}: no <Document> with a <sentence> found; this reader reads the XML of CoNLL-2010")
    return found


def _marked(element: ElementTree.Element, path: Path, group: str, origin: str) -> LabelledSentence:
    certainty = element.get("certainty")
    if certainty not in ("certain", "uncertain"):
        raise DataError(f"{path}, sentence {element.get('id')}: certainty must be 'certain' or 'uncertain', got {certainty!r}")
    text = element.text or ""
    cues = []
    for child in element:
        words = "".join(child.itertext())
        if child.tag == "ccue":
            cues.append((len(text), len(text) + len(words), UNTYPED))
        text += words + (child.tail or "")
    return LabelledSentence(text, group, origin, tuple(cues), None, None, certainty == "uncertain", graded=False)


def read_lists(certain: str | Path, uncertain: str | Path, origin: str = "wikipedia") -> list[LabelledSentence]:
    """Read sentences labelled as a whole: one file of certain ones and one of uncertain ones, a sentence a line.

    Cues and certainty are not labelled. Documents are not marked: the lines of a file stand in the order of their documents,
    so a hundred lines in turn are taken as one group.

    Raises
    ------
    DataError
        With file and reason.
    """
    found = []
    for path, hedged in ((Path(certain), False), (Path(uncertain), True)):
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read as UTF-8 text ({error})") from error
        found += [
            LabelledSentence(line.strip(), f"{origin}-{path.stem}-{number // 100}", origin, (), None, None, hedged, graded=False)
            for number, line in enumerate(lines)
            if line.strip()
        ]
    if not found:
        raise DataError(f"{certain}, {uncertain}: no sentence found; write one sentence a line")
    return found
