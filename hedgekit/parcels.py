"""Columns on their way: cut apart by texts, and packed for the way back from another process.

A document pickled by itself carries all that it needs. Documents that come back to the process that sent their texts out
need not: it has the texts and the model. So a whole chunk travels as one set of arrays, without texts, names of features and
scopes, which are found when they are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from typing import Any

import numpy as np

from hedgekit.keys import Ints
from hedgekit.parameters import Parameters
from hedgekit.results import Array, Columns

_WHOLE = ("cue_scope", "cue_bounds", "attribution_bounds", "explanation_bounds", "explanation_baseline")
# The columns with a row for each sentence, and those with a row for each cue, attribution or feature of an explanation.
_PER_SENTENCE = ("start", "end", "certainty", "hedged_probability", "hedged", "voice", "aspects", "label", "label_probabilities")
_PER_ITEM = {
    group: tuple(item.name for item in fields(Columns) if item.name.startswith(f"{group}_") and item.name not in _WHOLE)
    for group in ("cue", "attribution", "explanation")
}
# What the columns of all texts have in common.
_SHARED = ("cue_scope", "explanation_baseline", "feature_names", "classes", "unexplained")
_FIELDS = tuple(item.name for item in fields(Columns))


@dataclass(frozen=True, slots=True)
class Parcel:
    """The columns of a chunk of texts, without what the receiver has.

    Attributes
    ----------
    arrays : dict of str to ndarray
        Integers of 64 bits as 32 where they fit.
    wide : frozenset of str
        Which arrays were of 64 bits.
    baseline, classes, unexplained
        As in :class:`hedgekit.results.Columns`.
    counts : ndarray of int64
        Sentences of each text.
    """

    arrays: dict[str, Array]
    wide: frozenset[str]
    baseline: float
    classes: tuple[str, ...]
    unexplained: str
    counts: Ints


def pack(columns: Columns, counts: Ints) -> Parcel:
    """Columns of texts that follow each other, with ``counts`` sentences each."""
    named = {item.name: getattr(columns, item.name) for item in fields(columns) if item.name != "cue_scope"}
    arrays = {name: value for name, value in named.items() if isinstance(value, np.ndarray)}
    wide = frozenset(name for name, value in arrays.items() if value.dtype == np.int64 and _is_narrow(value))
    return Parcel(
        {name: value.astype(np.int32) if name in wide else value for name, value in arrays.items()},
        wide,
        columns.explanation_baseline,
        columns.classes,
        columns.unexplained,
        counts,
    )


def _is_narrow(values: Array) -> bool:
    return not values.size or bool(values.max() < 1 << 31)


def unpacked(
    parcels: Sequence[Parcel], texts: Sequence[str], scopes: Callable[[Columns], Array], parameters: Parameters
) -> Iterator[Columns]:
    """The columns of each text, whole again.

    Parameters
    ----------
    parcels : sequence of Parcel
        Of texts that follow each other.
    texts : sequence of str
    scopes : callable
        Finds the scopes of the cues in columns.
    parameters : Parameters
        Of the model that the columns come from.
    """
    names, first = parameters.heads.space.names, 0
    for parcel in parcels:
        values: dict[str, Any] = {"feature_names": names, "classes": parcel.classes, "unexplained": parcel.unexplained}
        values |= {name: value.astype(np.int64) if name in parcel.wide else value for name, value in parcel.arrays.items()}
        columns = Columns(("",), True, cue_scope=scopes, explanation_baseline=parcel.baseline, **values)
        yield from cut(columns, parcel.counts, texts[first : first + parcel.counts.size])
        first += parcel.counts.size


def cut(columns: Columns, counts: Ints, texts: Sequence[str]) -> list[Columns]:
    """Columns of their own for each text, which has ``counts`` sentences; copied, so that the rest can be let go."""
    # Array by array, not text by text: edges become plain numbers once, and numpy is asked for little but slices.
    ends = counts.cumsum()
    starts = ends - counts
    number = np.arange(counts.size).repeat(counts + 1)
    places = np.arange(number.size) - number
    apart = _edges(starts + np.arange(counts.size), ends + np.arange(counts.size) + 1)
    values: dict[str, Iterable[Any]] = {name: repeat(getattr(columns, name)) for name in _SHARED}
    values |= {"texts": [(text,) for text in texts], "shared": repeat(True)}
    values |= _copied(columns, _PER_SENTENCE, _edges(starts, ends))
    for group, names in _PER_ITEM.items():
        bounds = getattr(columns, f"{group}_bounds")
        first = bounds.take(starts)
        local = bounds.take(places) - first.take(number)
        values[f"{group}_bounds"] = [local[low:high].copy() for low, high in apart]
        values |= _copied(columns, names, _edges(first, bounds.take(ends)))
    return [Columns(*row) for row in zip(*(values[name] for name in _FIELDS), strict=False)]


def _edges(starts: Ints, ends: Ints) -> list[tuple[int, int]]:
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _copied(columns: Columns, names: Sequence[str], edges: Sequence[tuple[int, int]]) -> dict[str, list[Array]]:
    """The named arrays in pieces. In the order of their memory: some lie there column by column."""
    arrays = {name: getattr(columns, name) for name in names}
    return {name: [array[low:high].copy("K") for low, high in edges] for name, array in arrays.items()}
