"""Reader of columns: a token a line, with a tag that says whether it belongs to a cue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hedgekit.reading.annotated import Types, as_table
from hedgekit.reading.tables import Table, read_text, told

_NUMBERED = re.compile(r"CUE-\d+")
_BIO = re.compile(r"([BI])-(\S+)")
_DOCUMENT = re.compile(r"#\s*newdoc(?:\s+id\s*=\s*(.+))?|-DOCSTART-.*")


def read_conll(path: Path) -> Table:
    """Read lines of token, tab, anything, tab, tag; a blank line ends a sentence, which is its tokens joined by spaces.

    Tags are ``O``, ``B-modal``, ``I-modal`` (BIO and IOB), or ``_`` and ``CUE-1`` as in CoNLL-2010; those tell as well whether
    the sentence is hedged. The types are those of :func:`hedgekit.reading.brat.read_brat`. Documents begin with ``# newdoc id = NAME`` or
    ``-DOCSTART-``; in a folder each file is one.

    Raises
    ------
    DataError
        With file and line.
    """
    files = sorted(item for item in path.iterdir() if item.is_file() and not item.name.startswith(".")) if path.is_dir() else [path]
    types, records, places, problems = Types(), list[dict[str, Any]](), list[str](), list[str]()
    numbered = False
    for item in files:
        document = item.name if path.is_dir() else None
        rows: list[tuple[int, list[str]]] = []
        width = 0
        for number, line in enumerate([*read_text(item).split("\n"), ""], 1):
            line = line.rstrip("\r")
            start = _DOCUMENT.fullmatch(line)
            if start:
                document = start[1] or f"{item.name}:{number}"
            elif line.strip() and (not line.startswith("#") or "\t" in line):
                cells = line.split("\t")
                width = width or len(cells)
                rows.append((number, cells))
                if len(cells) < 2 or len(cells) != width or not cells[0] or not _is_tag(cells[-1]):
                    problems.append(
                        f"{item}:{number}: a line is a token, a tab and a tag (O, B-modal, I-modal; or _, CUE-1), "
                        f"with {width} cells as in the first line; got {line!r:.60}"
                    )
                numbered |= cells[-1].startswith("CUE-")
            if rows and not line.strip():
                records.append({**_conll_sentence([cells for _, cells in rows], types), "document": document})
                places.append(f"{item}:{rows[0][0]}")
                rows = []
    if problems:
        raise told(problems, "line")
    columns = ["text", "cues"]
    if numbered:
        columns.append("hedged")
    if any(record["document"] is not None for record in records):
        columns.append("document")
    return as_table(records, places, str(path), columns, {"form": "conll", **types.notes(str(path))})


def _is_tag(tag: str) -> bool:
    return tag in ("O", "_") or _NUMBERED.fullmatch(tag) is not None or _BIO.fullmatch(tag) is not None


def _conll_sentence(rows: Sequence[Sequence[str]], types: Types) -> dict[str, Any]:
    text, before = "", ""
    cues: list[dict[str, Any]] = []
    current: dict[str, Any] | None = None
    for cells in rows:
        token, tag = cells[0], cells[-1]
        start = len(text) + bool(text)
        text = f"{text} {token}" if text else token
        match = _BIO.fullmatch(tag)
        name = match[2] if match else tag if _NUMBERED.fullmatch(tag) else ""
        if name == before and not (match and match[1] == "B"):
            if current is not None:
                current["end"] = len(text)
        else:
            current = None
            is_cue, kind = types.read(name if match else "cue") if name else (False, None)
            if is_cue:
                current = {"start": start, "end": len(text), "type": kind}
                cues.append(current)
        before = name
    return {"text": text, "cues": cues, "hedged": "hedged" if cues else "not hedged"}
