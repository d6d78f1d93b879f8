"""Sentences that nobody has labelled yet, from whatever holds them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from hedgekit.errors import DataError, InputTypeError
from hedgekit.inputs import is_missing
from hedgekit.options import in_shell, option
from hedgekit.reading import tables
from hedgekit.reading.columns import WELL_KNOWN
from hedgekit.reading.tables import Table, where

_READERS: Mapping[str, Callable[[Path], Table]] = {
    ".txt": lambda path: _lines(path),
    ".csv": tables.read_delimited,
    ".tsv": lambda path: tables.read_delimited(path, "\t"),
    ".tab": lambda path: tables.read_delimited(path, "\t"),
    ".jsonl": tables.read_json_lines,
    ".ndjson": tables.read_json_lines,
    ".parquet": tables.read_parquet,
    ".pq": tables.read_parquet,
}
SUFFIXES = tuple(_READERS)
_SHOWN = 5


def read_pool(data: Any, text: str | None = None) -> tuple[list[str], list[str]]:
    """Read sentences and the places where they stood; what is blank or missing is an empty string.

    Parameters
    ----------
    data : path, DataFrame, or iterable of str or of mappings
        A text file holds one sentence a line; a table (CSV, TSV, JSON lines, Parquet) has a column of sentences.
    text : str, optional
        That column; by default it is found by a well-known name: text, sentence or finding.

    Raises
    ------
    DataError
        If it cannot be read, has no such column, or holds something that is no string.
    InputTypeError
        If it is nothing that holds sentences.

    Examples
    --------
    >>> read_pool(["It rained.", " "])
    (['It rained.', ''], ['row 0', 'row 1'])
    """
    table = _table(data)
    name = _column(table, text)
    values = ["" if is_missing(value) else value for value in table.columns[name]]
    wrong = [at for at, value in enumerate(values) if not isinstance(value, str)]
    if wrong:
        raise DataError(
            f"{where([table.places[at] for at in wrong[:_SHOWN]])}: no sentence but {values[wrong[0]]!r:.40}; "
            f"name the column of sentences with {option('text')}{_or_list()}"
        )
    return [value if value.strip() else "" for value in values], list(table.places)


def _table(data: Any) -> Table:
    if isinstance(data, str | os.PathLike):
        return _file(Path(data))
    library = type(data).__module__.partition(".")[0]
    if library == "pandas" and hasattr(data, "iloc") and hasattr(data, "columns"):
        return tables.from_pandas(data)
    if library == "polars" and hasattr(data, "to_dict"):
        return tables.from_polars(data)
    if isinstance(data, bytes | bytearray | Mapping) or not isinstance(data, Iterable):
        raise InputTypeError(f"sentences are a path, a DataFrame or a sequence of str; got {type(data).__name__} ({data!r:.40})")
    rows = list(data)
    places = [f"row {number}" for number in range(len(rows))]
    if rows and all(isinstance(row, Mapping) for row in rows):
        return tables.from_records(rows, places, "the rows")
    return Table("the sentences", {"text": rows}, tuple(places))


def _or_list() -> str:
    return "" if in_shell() else ", or give a list of str"


def _file(path: Path) -> Table:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: the suffix {path.suffix!r} tells no form; give one of {', '.join(SUFFIXES)}{_or_list()}")
    return reader(path)


def _lines(path: Path) -> Table:
    """One sentence a line, as the command line counts them: only a line feed ends one."""
    lines = tables.read_text(path).removesuffix("\n").split("\n")
    places = tuple(f"{path}:{number}" for number in range(1, len(lines) + 1))
    return Table(str(path), {"text": [line.removesuffix("\r") for line in lines]}, places)


def _column(table: Table, name: str | None) -> str:
    shown = ", ".join(map(repr, table.columns)) or "none"
    if name is not None:
        if name not in table.columns:
            raise DataError(f"{table.name}: {option('text', name)} is no column; the columns are {shown}")
        return name
    lower = {column.strip().lower(): column for column in reversed(table.columns)}
    found = next((lower[known] for known in WELL_KNOWN["text"] if known in lower), None)
    if found is None:
        raise DataError(f"{table.name}: no column of sentences found; the columns are {shown}; name it with {option('text')}")
    return found
