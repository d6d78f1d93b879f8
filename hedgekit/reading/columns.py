"""Which column of a table holds what."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Literal

from hedgekit.errors import DataError, OptionError
from hedgekit.options import in_shell, option
from hedgekit.options import named as named_option
from hedgekit.reading.tables import Table

Column = str | Literal[False] | None
LABELS = ("certainty", "label", "cues")

# The names by which a column is found when nobody names it.
WELL_KNOWN: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "sentence", "finding"),
    "certainty": ("certainty",),
    "label": ("label", "class", "hedged"),
    "cues": ("cues",),
    "group": ("group", "document", "doc", "author"),
    "weight": ("weight", "sample_weight"),
    "annotator": ("annotator", "rater"),
}


def find_columns(table: Table, named: Mapping[str, Column]) -> dict[str, str]:
    """The column of each role: as named, as the reader of the file knows it, or by a well-known name.

    A role that is False has no column. Where one of the labels is named, the others are not looked for.

    Raises
    ------
    DataError
        If a column that was named is not there, if several could be meant, or if there is no text or no label.
    OptionError
        If a name is no string.
    """
    found: dict[str, str] = {}
    labels_named = any(isinstance(named.get(role), str) for role in LABELS)
    for role in WELL_KNOWN:
        name = named.get(role)
        if not (name is None or name is False or isinstance(name, str)):
            raise OptionError(f"{named_option(role)} must be the name of a column, or False for none, got {name!r}")
        if isinstance(name, str):
            found[role] = _named(table, role, name)
        elif name is None and not (labels_named and role in LABELS):
            found |= _looked_for(table, role)
    if "text" not in found:
        raise DataError(f"{table.name}: no column of sentences found; {_present(table)}; {_advice(table, ('text',))}")
    if not any(role in found for role in LABELS):
        raise DataError(f"{table.name}: no column of labels found; {_present(table)}; {_advice(table, LABELS)}")
    _refuse_twice(found)
    return found


def _named(table: Table, role: str, name: str) -> str:
    if name in table.columns:
        return name
    close = _close(name, table.columns)
    hint = f"did you mean {close!r}?" if close else f"name one of them with {option(role)}"
    raise DataError(f"{table.name}: {option(role, name)} is no column; {_present(table)}; {hint}")


def _looked_for(table: Table, role: str) -> dict[str, str]:
    known = {name.strip().lower(): name for name in reversed(table.columns)}
    candidates = table.roles.get(role) or [known[name] for name in WELL_KNOWN[role] if name in known]
    if len(candidates) > 1:
        several = " and ".join(map(repr, candidates))
        raise DataError(f"{table.name}: {several} could each be the column of {role}; name one with {option(role, candidates[0])}")
    return {role: candidates[0]} if candidates else {}


def _refuse_twice(found: Mapping[str, str]) -> None:
    roles: dict[str, str] = {}
    for role, name in found.items():
        if name in roles:
            raise DataError(f"column {name!r} cannot be {roles[name]} and {role} at once; name another, or pass {option(role, False)}")
        roles[name] = role


def _present(table: Table) -> str:
    return f"the columns are {', '.join(map(repr, table.columns)) or 'none'}"


def _advice(table: Table, roles: Sequence[str]) -> str:
    for role in roles:
        for known in WELL_KNOWN[role]:
            close = _close(known, table.columns)
            if close is not None:
                return f"did you mean {option(role, close)}?"
    ways = " or ".join(f"{option(role)}{'' if in_shell() else repr('...')}" for role in roles)
    return f"name it with {ways}; a file of a table names its columns in the first line"


def _close(name: str, columns: Mapping[str, object]) -> str | None:
    lower = {column.strip().lower(): column for column in columns if column.strip()}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    if close:
        return lower[close[0]]
    return next((column for key, column in lower.items() if name.lower() in key), None)
