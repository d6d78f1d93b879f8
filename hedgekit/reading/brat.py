"""Reader of folders in brat's standoff form: running text, with cues marked over it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hedgekit.errors import DataError
from hedgekit.reading.annotated import Types, as_table
from hedgekit.reading.tables import Table, told

_SPAN = re.compile(r"T\S+\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)")


def read_brat(folder: Path) -> Table:
    """Read a folder of ``NAME.txt`` and ``NAME.ann``, and the folders in it: each document is cut into its sentences.

    Spans whose type is a cue type, in any case, or one of :data:`hedgekit.reading.annotated.UNTYPED_NAMES` are cues; each part of a span
    with gaps is one.

    Raises
    ------
    DataError
        With file and line: a span that is not in its text, does not hold its words, or crosses the end of a sentence.
    """
    paths = sorted(folder.rglob("*.ann"))
    if not paths:
        raise DataError(f"{folder}: no .ann file found; give a brat folder with NAME.txt and NAME.ann, or a single file")
    import hedgekit

    segmenter = hedgekit.load().parameters.segmenter
    types, problems, records, places = Types(), [], [], []
    for path in paths:
        text_path = path.with_suffix(".txt")
        if not text_path.is_file():
            problems.append(f"{path}: has no {text_path.name} beside it; give each .ann file its text")
            continue
        # Offsets count every character. A byte order mark is one of them, and no part of a sentence.
        text = _decoded(text_path)
        text = f" {text[1:]}" if text.startswith("\ufeff") else text
        bounds = segmenter.spans(text)
        cues: list[list[dict[str, Any]]] = [[] for _ in bounds]
        for place, start, end, kind in _brat_spans(path, text, types, problems):
            at = next((number for number, (first, last) in enumerate(bounds) if first <= start and end <= last), None)
            if at is None:
                problems.append(
                    f"{place}: {text[start:end]!r:.60} does not lie within one sentence; split it, or end the sentence elsewhere"
                )
            else:
                first = bounds[at][0]
                cues[at].append({"start": start - first, "end": end - first, "type": kind})
        name = path.relative_to(folder).with_suffix("").as_posix()
        for number, (first, last) in enumerate(bounds):
            records.append({"text": text[first:last], "cues": cues[number], "document": name})
            places.append(f"{text_path}, sentence {number + 1}")
    if problems:
        raise told(problems, "mistake")
    notes = {"form": "brat", **types.notes(str(folder))}
    alone = sum(not path.with_suffix(".ann").is_file() for path in folder.rglob("*.txt"))
    if alone:
        notes["texts without annotations"] = alone
    return as_table(records, places, str(folder), ("text", "cues", "document"), notes)


def _brat_spans(path: Path, text: str, types: Types, problems: list[str]) -> list[tuple[str, int, int, str | None]]:
    """The cues of one file, each part with its place; what is wrong with others is added to ``problems``."""
    found: list[tuple[str, int, int, str | None]] = []
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        place = f"{path}:{number}"
        if not line.startswith("T"):
            continue
        match = _SPAN.fullmatch(line.rstrip("\r"))
        if match is None:
            problems.append(f"{place}: a span is T1, tab, type and offsets, tab, its words; got {line!r:.60}")
            continue
        is_cue, kind = types.read(match[1])
        if not is_cue:
            continue
        parts = [(int(start), int(end)) for start, end in (part.split() for part in match[2].split(";"))]
        words = " ".join(text[start:end] for start, end in parts)
        if not all(start < end <= len(text) for start, end in parts):
            problems.append(f"{place}: {match[2]} does not lie in the text, which has {len(text)} characters")
        elif words.split() != match[3].split():
            problems.append(
                f"{place}: {match[2]} does not hold {match[3]!r:.60} but {words!r:.60}; is the .txt file the one that was annotated?"
            )
        else:
            for start, end in parts:
                other = next((there for there, first, last, _ in found if start < last and first < end), None)
                if other is None:
                    found.append((place, start, end, kind))
                else:
                    problems.append(f"{place}: the cue {text[start:end]!r:.60} overlaps that of line {other.rpartition(':')[2]}; keep one")
    return found


def _decoded(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error}); convert it, such as with iconv") from error
