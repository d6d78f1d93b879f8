"""Tables of labelled sentences: columns of plain values from files and frames, each row with its place."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hedgekit.corpora import guide_group
from hedgekit.errors import DataError
from hedgekit.options import option

_SHOWN = 5
_PLACE = re.compile(r"(.*[: ])(\d+)")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_GUIDE = ("text", "cues", "certainty", "hedged")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that somebody labelled, not yet checked.

    Attributes
    ----------
    name : str
        The file, or what the data are called in messages.
    columns : dict of str to list
        Values as they were found, all of one length.
    places : tuple of str
        Where each row stood.
    roles : dict of str to tuple of str
        What is known of the columns already: "certainty" to the columns that may hold it.
    blank_is_no_claim : bool
        Whether a row without certainty is one that makes no claim, as the annotation guide has it.
    notes : dict
    """

    name: str
    columns: dict[str, list[Any]]
    places: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blank_is_no_claim: bool = False
    notes: dict[str, Any] = field(default_factory=dict)


def where(places: Sequence[str]) -> str:
    """The first places in a few words.

    Examples
    --------
    >>> where(["a.csv:3", "a.csv:9"])
    'a.csv:3, 9'
    >>> where([f"row {number}" for number in range(7)])
    'rows 0, 1, 2, 3, 4 and 2 more (counted from 0)'
    """
    shown, more = places[:_SHOWN], f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    parts = [match.groups() for match in map(_PLACE.fullmatch, shown) if match]
    if len(parts) != len(shown) or len({head for head, _ in parts}) != 1:
        return f"{'; '.join(shown)}{more}"
    head = parts[0][0]
    # "row 3" becomes "rows 3, 4".
    plural = f"{head[:-1]}s " if head.endswith(" ") and len(places) > 1 else head
    return f"{plural}{', '.join(number for _, number in parts)}{more}{' (counted from 0)' if head.endswith('row ') else ''}"


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 row", "3 rows"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def told(problems: Sequence[str], noun: str) -> DataError:
    """One error for all problems of a kind: the first few, and their number."""
    if len(problems) == 1:
        return DataError(problems[0])
    more = "; the first are: " if len(problems) > _SHOWN else ": "
    return DataError(f"{count(len(problems), noun)}{more}{'; '.join(problems[:_SHOWN])}")


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, line breaks as they stand.

    Raises
    ------
    DataError
        If it cannot be read, is empty, or is not UTF-8; the message names the lines and how to convert them.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    if data.startswith(_UTF_16):
        raise DataError(f"{path}: is UTF-16, and UTF-8 is wanted; {_conversion('UTF-16', path)}")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _undecodable(path, data, error) from None
    if not text.strip():
        raise DataError(f"{path}: the file is empty; give a file with labelled sentences")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{path}:{line}: holds a NUL byte, which no text has; export the file again as UTF-8 text")
    return text


def _undecodable(path: Path, data: bytes, error: UnicodeDecodeError) -> DataError:
    lines = data.split(b"\n")
    bad = []
    for number, line in enumerate(lines, 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            bad.append(f"{path}:{number}")
    first = f"the first at byte {error.start}: 0x{data[error.start]:02X}"
    return DataError(
        f"{where(bad)}: {len(bad)} of {count(len(lines), 'line')} not in UTF-8 ({first}); if the whole file has one other encoding, "
        f"{_conversion('WINDOWS-1252', path)}; if encodings are mixed, convert each part by itself"
    )


def _conversion(encoding: str, path: Path) -> str:
    return f"convert it: iconv -f {encoding} -t UTF-8 {path.name} > {path.stem}-utf8{path.suffix}"


def read_delimited(path: Path, delimiter: str | None = None) -> Table:
    """Read a table whose first line names the columns.

    Without ``delimiter`` it is the comma, or where the first line has none, the semicolon or the tab.

    Raises
    ------
    DataError
        With file and line.
    """
    text = read_text(path)
    head = text.lstrip().split("\n", 1)[0]
    delimiter = delimiter or next((mark for mark in ",;\t" if mark in head), ",")
    found = _cells(path, text, delimiter)
    if not found:
        raise DataError(f"{path}: the file holds no cell; the first line must name the columns")
    (first, header), *rows = found
    names = [name.strip() for name in header]
    _refuse_repeated(names, f"{path}:{first}")
    odd = [(line, row) for line, row in rows if len(row) != len(names)]
    if odd:
        raise DataError(
            f"{where([f'{path}:{line}' for line, _ in odd])}: {count(len(odd), 'row')} with another number of cells than the header, "
            f"which names {len(names)} ({', '.join(names)}); the first has {len(odd[0][1])}; a cell that holds the separator "
            f"{delimiter!r} must stand in quotation marks"
        )
    columns = {name: [row[at] for _, row in rows] for at, name in enumerate(names)}
    return Table(str(path), columns, tuple(f"{path}:{line}" for line, _ in rows))


def _cells(path: Path, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Every row that is not blank with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            raise DataError(
                f"{path}:{line}: not a valid table ({error}); a cell that begins with a quotation mark must end with one, "
                "and quotation marks inside it are written twice"
            ) from None
        if len(row) > 1 or "".join(row).strip():
            rows.append((line, row))


def _refuse_repeated(names: Sequence[str], place: str) -> None:
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise DataError(f"{place}: column {repeated[0]!r} stands {names.count(repeated[0])} times; rename or drop all but one")


def read_json_lines(path: Path, *, guide: bool = False) -> Table:
    """Read one JSON object a line; with ``guide``, or where every row has its fields, as the annotation guide writes them.

    Raises
    ------
    DataError
        With file and lines.
    """
    records, places, problems = [], [], []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"{place}: not valid JSON: {error}")
            continue
        if not isinstance(record, dict):
            is_array = isinstance(record, list) or line.strip() == "["
            hint = f"; for a file that is one JSON array pass {option('format', 'json')}" if is_array else ""
            problems.append(f"{place}: a line holds one JSON object, found {record!r:.60}{hint}")
            continue
        records.append(record)
        places.append(place)
    if problems:
        if problems[0].startswith(f"{path}:1: ") and path.read_bytes().lstrip(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            raise DataError(f"{path}: holds a JSON array and not one JSON object a line; pass {option('format', 'json')}, or name it .json")
        raise told(problems, "line")
    return _guided(from_records(records, places, str(path)), records, required=guide)


def load_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises
    ------
    DataError
        With file and line.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        hint = f"; for one JSON object a line pass {option('format', 'jsonl')}, or name it .jsonl" if error.msg == "Extra data" else ""
        raise DataError(f"{path}:{error.lineno}: not valid JSON: {error.msg}, column {error.colno}{hint}") from None
    except RecursionError:
        raise DataError(f"{path}: not usable JSON: nested too deeply; give a list of objects") from None


def from_records(records: Sequence[Any], places: Sequence[str], name: str) -> Table:
    """A table from mappings; what a row does not have is None.

    Raises
    ------
    DataError
        If a record is no mapping.
    """
    wrong = [place for place, record in zip(places, records, strict=True) if not isinstance(record, Mapping)]
    if wrong:
        raise DataError(
            f"{where(wrong)}: every row must be an object with the names of columns; found {count(len(wrong), 'row')} that is none"
        )
    names = list(dict.fromkeys(str(key) for record in records for key in record))
    return Table(name, {key: [record.get(key) for record in records] for key in names}, tuple(places))


def _guided(table: Table, records: Sequence[Mapping[str, Any]], *, required: bool) -> Table:
    """The table as the annotation guide means it, if its rows are of that form."""
    short = [place for place, row in zip(table.places, records, strict=True) if not all(name in row for name in _GUIDE)]
    if required and short:
        raise DataError(f"{where(short)}: {count(len(short), 'row')} without one of the fields of the guide, {', '.join(_GUIDE)}")
    if short or not all(isinstance(row["hedged"], bool) and isinstance(row["cues"], list) for row in records):
        return table
    columns = dict(table.columns)
    if "doc" in columns:
        columns["doc"] = [guide_group(row, place) for place, row in zip(table.places, records, strict=True)]
    roles = {"text": ("text",), "certainty": ("certainty",), "label": ("hedged",), "cues": ("cues",)}
    return Table(table.name, columns, table.places, roles, True, {**table.notes, "form": "guide"})


def read_parquet(path: Path) -> Table:
    """Read a Parquet file with pyarrow or, where that is not installed, with polars.

    Raises
    ------
    DataError
        If it is not one.
    ImportError
        If neither is installed.
    """
    try:
        columns = _parquet_columns(path)
    except ImportError:
        raise
    except Exception as error:  # each library has errors of its own for a broken file
        raise DataError(f"{path}: cannot be read as Parquet ({error!s:.200})") from error
    return _of_rows(str(path), columns)


def _parquet_columns(path: Path) -> dict[str, list[Any]]:
    try:
        from pyarrow import parquet
    except ImportError:
        pass
    else:
        read: dict[str, list[Any]] = parquet.read_table(path).to_pydict()
        return read
    try:
        import polars
    except ImportError:
        raise ImportError('Parquet files need pyarrow or polars: pip install "hedgekit[tables]"') from None
    return polars.read_parquet(path).to_dict(as_series=False)


def from_pandas(frame: Any) -> Table:
    """A table from a pandas DataFrame; the index is left out."""
    names = [str(name) for name in frame.columns]
    _refuse_repeated(names, "the DataFrame")
    return _of_rows("the DataFrame", {name: frame.iloc[:, at].tolist() for at, name in enumerate(names)})


def from_polars(frame: Any) -> Table:
    """A table from a polars DataFrame."""
    return _of_rows("the DataFrame", frame.to_dict(as_series=False))


def _of_rows(name: str, columns: dict[str, list[Any]]) -> Table:
    n = len(next(iter(columns.values()), []))
    return Table(name, columns, tuple(f"row {number}" if name == "the DataFrame" else f"{name}, row {number}" for number in range(n)))
