"""Scope: the stretch of its sentence that a cue puts in doubt.

A scope contains its cue and never leaves the sentence. Two linear models, fitted with scikit-learn in
:mod:`hedgekit.training.scope`, choose its edges: one among the places where it may begin, one among those where it may
end. The convention is that of BioScope (Vincze et al. 2008): the largest syntactic unit that the cue affects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, N_COLUMNS, TAG, WORD, TokenTable
from hedgekit.keys import Ints
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.text.tokens import folded_key
from hedgekit.vocabulary import COMMA, EDGE, QUOTE
from hedgekit.windows import Combinations, LinearTable

Floats = npt.NDArray[np.float64]

SCOPE_BITS = 15
_OPENING, _CLOSING, _FINAL = (np.array(sorted(folded_key(sign) for sign in signs), dtype=np.uint64) for signs in ("([", ")]", '.?!"'))
_REPORTATIVE = CUE_TYPES.index(CueType.REPORTATIVE)
_APPROXIMATOR = CUE_TYPES.index(CueType.APPROXIMATOR)
_DIGIT = 2
_NUMBERS = np.array(
    sorted(
        folded_key(word)
        for word in (
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
            "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy",
            "eighty", "ninety", "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions", "trillion",
            "half", "third", "thirds", "quarter", "quarters", "fifth", "tenth", "dozen", "dozens", "score", "twice", "double", "triple",
            "all", "every", "everybody", "everyone", "fortnight", "decade", "decades", "century", "few", "couple",
        )
    ),
    dtype=np.uint64,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CueSpans:
    """Where the cues of a batch stand: tokens ``first`` to ``last``, both inclusive, their sentence, and the type's index."""

    first: Ints
    last: Ints
    sentence: Ints
    type: Ints

    def __len__(self) -> int:
        return int(self.first.size)


def of_amounts(batch: Batch, cues: CueSpans) -> npt.NDArray[np.bool_]:
    """Which cues are approximators of a number or an amount: "about 30", "nearly all", "forty or so". They put nothing in doubt."""
    tokens = batch.tokens
    number = np.append((tokens.shape & _DIGIT > 0) | np.isin(tokens.keys, _NUMBERS), [False, False])
    end = batch.bounds.take(cues.sentence + 1)
    near: npt.NDArray[np.bool_] = number.take(cues.last + 1) & (cues.last + 1 < end) | number.take(cues.last + 2) & (cues.last + 2 < end)
    near |= number.take(np.maximum(cues.first - 1, 0)) & (cues.first > batch.bounds.take(cues.sentence))
    near &= cues.type == _APPROXIMATOR
    return near


@dataclass(frozen=True, slots=True)
class ScopeModel:
    """The two fitted models.

    Attributes
    ----------
    begins, ends : LinearTable
        Whether a place is the edge of a cue's scope; ``2 ** SCOPE_BITS`` rows each.
    amounts : bool
        Whether approximators of a number or an amount have a scope too.
    """

    begins: LinearTable
    ends: LinearTable
    amounts: bool

    def predict(self, batch: Batch, table: TokenTable, cues: CueSpans) -> tuple[Ints, Ints]:
        """First and last token of the scope of each cue, both inclusive; -1 where it has none."""
        if not len(cues):
            return cues.first, cues.last
        before, behind = places(batch, table, cues)
        signs = running_signs(batch, table)
        first = before.best(self.begins.margins(edge_rows(batch, table, cues, before, signs)))
        last = behind.best(self.ends.margins(edge_rows(batch, table, cues, behind, signs)))
        if not self.amounts:
            none = of_amounts(batch, cues)
            first[none] = last[none] = -1
        return first, last


@dataclass(frozen=True, slots=True)
class Places:
    """The tokens at which the scope of each cue may begin, or those at which it may end.

    Attributes
    ----------
    side : int
        -1 where scopes begin, 1 where they end: the direction that leads out of the scope.
    bounds : ndarray of int64, shape (n_cues + 1,)
        Cue ``i`` has the places ``bounds[i]`` to ``bounds[i + 1] - 1``: at least one.
    cue, token : ndarray of int64, shape (n_places,)
        The cue and the token of each place.
    """

    side: int
    bounds: Ints
    cue: Ints
    token: Ints

    def best(self, margins: Floats) -> Ints:
        """The token of each cue's place with the highest margin, the first of equals."""
        highest = np.maximum.reduceat(margins, self.bounds[:-1])
        hits = (margins == highest.take(self.cue)).nonzero()[0]
        first: Ints = hits[hits.searchsorted(self.bounds[:-1])]
        return self.token.take(first)


def places(batch: Batch, table: TokenTable, cues: CueSpans) -> tuple[Places, Places]:
    """Where scopes may begin, and where they may end.

    Beside the cue's own edges these are the ends of the sentence, without final signs, and the places beside signs and words
    that open or close a clause or a phrase.
    """
    keys, n = batch.tokens.keys, len(batch.tokens)
    held = batch.lengths.nonzero()[0]
    low, high = batch.bounds.take(held), batch.bounds.take(held + 1) - 1
    edge = table.flags & EDGE > 0
    final = np.isin(keys, _FINAL)
    # Two signs may close a sentence: a full stop and a quotation mark.
    content = high - (final.take(high) & (high > low))
    content -= final.take(content) & (content > low)
    begins, ends = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    begins[1:] = edge[:-1]
    ends[:-1] = edge[1:]
    begins[low] = ends[content] = True
    for back in range(2):
        behind = high - back
        ends[behind[behind > content]] = False
    begins[cues.first] = ends[cues.last] = True
    begin, end = begins.nonzero()[0], ends.nonzero()[0]
    where = cues.sentence
    return (
        _within(-1, begin, np.maximum(batch.bounds.take(where), cues.first - _REACH), cues.first + 1),
        _within(1, end, cues.last, np.minimum(batch.bounds.take(where + 1), cues.last + _REACH)),
    )


def _within(side: int, tokens: Ints, low: Ints, high: Ints) -> Places:
    """For each cue those of the tokens that lie between ``low`` and ``high - 1``."""
    first = tokens.searchsorted(low)
    counts = tokens.searchsorted(high) - first
    bounds = np.zeros(counts.size + 1, dtype=np.int64)
    counts.cumsum(out=bounds[1:])
    cue = np.arange(counts.size).repeat(counts)
    return Places(side, bounds, cue, tokens.take(np.arange(cue.size) + (first - bounds[:-1]).take(cue)))


def running_signs(batch: Batch, table: TokenTable) -> npt.NDArray[np.int64]:
    """How many commas, quotation marks, and brackets opened less closed, stand before each token; shape ``(3, n_tokens + 1)``."""
    keys, flags = batch.tokens.keys, table.flags
    running = np.zeros((3, len(batch.tokens) + 1), dtype=np.int64)
    (flags & COMMA > 0).cumsum(out=running[0, 1:])
    (flags & QUOTE > 0).cumsum(out=running[1, 1:])
    (np.isin(keys, _OPENING).astype(np.int64) - np.isin(keys, _CLOSING)).cumsum(out=running[2, 1:])
    return running


# Values of a place and its cue, in the order of :func:`edge_rows`.
_CUE, _TYPE, _RANK, _LEFT_OVER, _DISTANCE, _COMMAS, _QUOTES, _BRACKETS = range(8)
_OUT_WORD, _OUT_CLASS, _BEYOND_WORD, _BEYOND_CLASS, _IN_CLASS = range(8, 13)
_REPORT = 13
_CUE_CLASS, _AFTER_WORD, _AFTER_CLASS, _BEFORE_WORD, _BEFORE_CLASS = range(14, 19)
_EDGE = Combinations(
    [
        (_RANK,), (_LEFT_OVER,), (_RANK, _LEFT_OVER), (_CUE, _RANK), (_CUE, _LEFT_OVER), (_TYPE, _RANK), (_TYPE, _LEFT_OVER),
        (_DISTANCE, _LEFT_OVER), (_OUT_WORD, _IN_CLASS), (_OUT_WORD, _CUE), (_OUT_WORD, _RANK), (_OUT_WORD, _LEFT_OVER),
        (_OUT_WORD, _BEYOND_CLASS), (_OUT_WORD, _BEYOND_WORD), (_OUT_CLASS, _BEYOND_CLASS), (_OUT_CLASS, _IN_CLASS),
        (_CUE_CLASS, _AFTER_CLASS, _RANK), (_CUE, _AFTER_CLASS, _RANK), (_CUE, _AFTER_CLASS, _LEFT_OVER),
        (_AFTER_WORD, _RANK), (_AFTER_WORD, _TYPE, _LEFT_OVER), (_BEFORE_WORD, _RANK), (_BEFORE_CLASS, _CUE_CLASS, _RANK),
        (_BEFORE_WORD, _CUE, _RANK), (_COMMAS, _LEFT_OVER), (_COMMAS, _OUT_WORD), (_BRACKETS, _OUT_WORD), (_QUOTES, _OUT_WORD),
        (_QUOTES, _LEFT_OVER), (_REPORT, _OUT_WORD), (_REPORT, _OUT_WORD, _TYPE), (_REPORT, _RANK), (_REPORT, _BEYOND_CLASS),
    ],
    SCOPE_BITS,
)  # fmt: skip


def edge_rows(batch: Batch, table: TokenTable, cues: CueSpans, found: Places, signs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Hashed features of places as edges of the scope of their cue, shape ``(n_places, n_features)``."""
    own = cues.first if found.side < 0 else cues.last
    counts = found.bounds[1:] - found.bounds[:-1]
    place = np.arange(found.cue.size) - found.bounds.take(found.cue)
    to_come = counts.take(found.cue) - 1 - place
    rank, left_over = (to_come, place) if found.side < 0 else (place, to_come)
    low = np.minimum(found.token, own.take(found.cue))
    high = np.maximum(found.token, own.take(found.cue))
    flat = table.columns.reshape(-1)
    out = batch.slots.take(found.token) + found.side
    values = np.empty((found.cue.size, 19), dtype=np.uint64)
    values[:, _RANK] = np.minimum(rank, 7) + 1
    values[:, _LEFT_OVER] = np.minimum(left_over, 4) + 1
    values[:, _DISTANCE] = _DISTANCES.searchsorted(high - low) + 1
    between = signs.take(high + 1, axis=1) - signs.take(low, axis=1)
    values[:, _COMMAS] = np.minimum(between[0], 3) + 1
    values[:, _QUOTES] = between[1] % 2 + 1
    values[:, _BRACKETS] = between[2].clip(-1, 1) + 2
    values[:, _OUT_WORD : _OUT_CLASS + 1] = flat.take((out * N_COLUMNS)[:, None] + _WORD_CLASS)
    values[:, _BEYOND_WORD : _BEYOND_CLASS + 1] = flat.take(((out + found.side) * N_COLUMNS)[:, None] + _WORD_CLASS)
    values[:, _IN_CLASS] = flat.take(batch.slots.take(found.token) * N_COLUMNS + CLASS)
    values[:, _REPORT] = report_ahead(batch, table, found)
    of_cue = np.empty((len(cues), 5), dtype=np.uint64)
    last = batch.slots.take(cues.last) * N_COLUMNS
    of_cue[:, 0] = flat.take(last + CLASS)
    of_cue[:, 1:3] = flat.take((last + N_COLUMNS)[:, None] + _WORD_CLASS)
    of_cue[:, 3:5] = flat.take(((batch.slots.take(cues.first) - 1) * N_COLUMNS)[:, None] + _WORD_CLASS)
    values[:, _CUE_CLASS:] = of_cue.take(found.cue, axis=0)
    values[:, _CUE] = batch.tokens.keys.take(cues.last).take(found.cue)
    values[:, _TYPE] = cues.type.take(found.cue) + 1
    return _EDGE.rows(values)


def report_ahead(batch: Batch, table: TokenTable, found: Places) -> Ints:
    """How many tokens outwards of each place the next word of reporting stands in its sentence, in classes; 0 where none does."""
    tags = table.columns[batch.slots, TAG].view(np.int64)
    reports = (tags > 1).nonzero()[0]
    reports = reports[(tags[reports] - 2) // 2 == _REPORTATIVE]
    if not reports.size:
        return np.zeros(found.token.size, dtype=np.int64)
    if found.side > 0:
        at = reports.take(reports.searchsorted(found.token, side="right"), mode="clip")
    else:
        at = reports.take(np.maximum(reports.searchsorted(found.token) - 1, 0))
    ahead = (at - found.token) * found.side
    inside = (ahead > 0) & (batch.sentence.take(at) == batch.sentence.take(found.token))
    return np.where(inside, 1 + _DISTANCES.searchsorted(ahead), 0)


_DISTANCES = np.array([1, 2, 3, 5, 8, 12, 18])
# No scope reaches further than so many tokens from its cue: the places of all cues of an endless sentence would be too many.
_REACH = 200
_WORD_CLASS = np.array([WORD, CLASS])
