"""Readers for labelled sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hedgekit.errors import DataError
from hedgekit.labels import CUE_TYPES, KINDS, AttributionKind, CueType
from hedgekit.lexicon import Lexicon

Offsets = tuple[int, int]


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
    """

    text: str
    group: str
    origin: str
    cues: tuple[tuple[int, int, CueType], ...]
    attributions: tuple[LabelledAttribution, ...] | None
    certainty: float | None
    hedged: bool
    graded: bool = True


def read_guide(path: str | Path, origin: str | None = None) -> list[LabelledSentence]:
    """Read sentences labelled by the annotation guide, one JSON object a line.

    Spans are given by offsets (``{"start", "end", "text"}``) or by their words (``{"text", "nth"}``, or a bare string in
    attributions); both are checked against the sentence.

    Raises
    ------
    DataError
        With file, line and reason, before anything is returned.
    """
    path = Path(path)
    sentences = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            place = f"{path}:{number}"
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise DataError(f"{place}: not valid JSON: {error}") from None
            sentences.append(_guide_row(row, place, origin or path.stem))
    if not sentences:
        raise DataError(f"{path}: no labelled sentence found; write one JSON object a line")
    return sentences


def lexicon_examples(lexicon: Lexicon) -> list[LabelledSentence]:
    """The sentences of the lexicon's entries, with all their cues; certainty is not labelled there."""
    found = []
    for entry in lexicon.entries:
        for example in entry.fires:
            found.append(LabelledSentence(example.text, entry.forms[0], "fires", example.cues, None, None, False, graded=False))
        for text in entry.quiet:
            found.append(LabelledSentence(text, entry.forms[0], "quiet", (), None, None, False, graded=False))
    return found


def _guide_row(row: Mapping[str, Any], place: str, origin: str) -> LabelledSentence:
    for name in ("text", "cues", "certainty", "hedged"):
        if name not in row:
            raise DataError(f"{place}: field {name!r} is missing; found {', '.join(row)}")
    text = row["text"]
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"{place}: text must be a sentence, got {text!r:.60}")
    certainty = row["certainty"]
    if certainty is not None and not 0 <= certainty <= 1:
        raise DataError(f"{place}: certainty must be null or 0 to 1, got {certainty!r}")
    if not isinstance(row["hedged"], bool):
        raise DataError(f"{place}: hedged must be true or false, got {row['hedged']!r}")
    cues = []
    for cue in row["cues"]:
        if cue.get("type") not in CUE_TYPES:
            raise DataError(f"{place}: unknown cue type {cue.get('type')!r}; valid are {', '.join(CUE_TYPES)}")
        cues.append((*_offsets(text, cue, place), CueType(cue["type"])))
    cues.sort()
    for before, after in zip(cues, cues[1:], strict=False):
        if after[0] < before[1]:
            raise DataError(f"{place}: cues {text[before[0] : before[1]]!r} and {text[after[0] : after[1]]!r} overlap")
    attributions = tuple(_attribution(text, item, place) for item in row.get("attributions", ()))
    group = str(row.get("doc", row.get("id", place)))
    # Two corpora came without documents: there every sentence is its own.
    if group in ("bioscope", "wiki"):
        group = str(row["id"])
    return LabelledSentence(text, group, origin, tuple(cues), attributions, certainty, row["hedged"])


def _attribution(text: str, row: Mapping[str, Any], place: str) -> LabelledAttribution:
    if row.get("kind") not in KINDS:
        raise DataError(f"{place}: unknown kind of attribution {row.get('kind')!r}; valid are {', '.join(KINDS)}")
    spans = {name: None if row.get(name) is None else _offsets(text, row[name], place) for name in ("source", "cue", "content")}
    return LabelledAttribution(spans["source"], spans["cue"], spans["content"], AttributionKind(row["kind"]))


def _offsets(text: str, span: str | Mapping[str, Any], place: str) -> Offsets:
    if isinstance(span, str):
        span = {"text": span}
    if "start" in span:
        start, end = int(span["start"]), int(span["end"])
        if not 0 <= start < end <= len(text) or text[start:end] != span.get("text", text[start:end]):
            raise DataError(f"{place}: span {start} to {end} does not hold {span.get('text')!r} but {text[start:end]!r}")
        return start, end
    words, nth = span["text"], int(span.get("nth", 1))
    found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]
    if not 1 <= nth <= len(found):
        raise DataError(f"{place}: {words!r} number {nth} does not stand in the sentence (found {len(found)} times)")
    return found[nth - 1], found[nth - 1] + len(words)


def groups(sentences: Iterable[LabelledSentence]) -> list[str]:
    """The group of each sentence."""
    return [sentence.group for sentence in sentences]
