"""On whose word: which cues ascribe a claim, where their source stands, and what kind of source it is.

Three linear models, fitted with scikit-learn in :mod:`hedgekit.training.attribution`: whether a cue ascribes, whether a
token near it belongs to its source, and the kind. The source is the unbroken stretch on one side of the cue with the
highest sum of log-odds; where no stretch is more likely than not, the source is not written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, N_COLUMNS, SHAPE, SUFFIX3, TAG, TYPE_BITS, WORD, Cues, TokenTable
from hedgekit.keys import Ints
from hedgekit.vocabulary import ALL_FLAGS, COMMA, QUOTE, SPEAKER
from hedgekit.windows import Combinations, LinearTable

Floats = npt.NDArray[np.float64]

# How far from its cue a source is looked for, in tokens.
REACH = 16
SOURCE_BITS, KIND_BITS = 16, 14
# Log-odds of places without a token: low enough to end any stretch.
_BARRED = -1e4


@dataclass(frozen=True, slots=True)
class Attributions:
    """The attributions of a batch, in the order of their cues.

    Attributes
    ----------
    cue : ndarray of int64, shape (n,)
        Index of the cue.
    first, last : ndarray of int64
        Tokens of the source, both inclusive; -1 where none is written.
    kind : ndarray of int64
        Index into :data:`hedgekit.labels.KINDS`.
    """

    cue: Ints
    first: Ints
    last: Ints
    kind: Ints


@dataclass(frozen=True, slots=True)
class AttributionModel:
    """The three fitted models.

    Attributes
    ----------
    ascribes : LinearTable
        Whether a cue ascribes; ``2 ** TYPE_BITS`` rows.
    source : LinearTable
        Whether a token belongs to the source of a cue; ``2 ** SOURCE_BITS`` rows.
    kind : LinearTable
        The kinds; ``2 ** KIND_BITS`` rows.
    """

    ascribes: LinearTable
    source: LinearTable
    kind: LinearTable

    def predict(self, batch: Batch, table: TokenTable, cues: Cues) -> Attributions:
        """Find the attributions among the cues of a batch."""
        chosen = (self.ascribes.margins(gate_rows(batch, table, cues)) > 0).nonzero()[0]
        if not chosen.size:
            return Attributions(chosen, chosen, chosen, chosen)
        near = neighbours(batch, cues, chosen)
        first, last = best_stretch(near, self.source.margins(source_rows(batch, table, cues, near)))
        # A comma belongs to no source's edge.
        last = last - ((last > first) & (table.flags.take(last) & COMMA > 0))
        first = first + ((last > first) & (table.flags.take(first) & COMMA > 0))
        kinds = self.kind.scores(kind_rows(batch, table, cues, chosen, first, last)).argmax(axis=1)
        return Attributions(chosen, first, last, kinds)


# Values of a cue that may ascribe, in the order of :func:`gate_rows`.
_QUOTED, _GATE_FORM, _GATE_HEAD, _GATE_TYPE, _BEFORE = range(5)
_GATE = Combinations([(_QUOTED,), (_QUOTED, _GATE_FORM), (_QUOTED, _GATE_HEAD), (_QUOTED, _GATE_TYPE), (_QUOTED, _BEFORE)], TYPE_BITS)


def gate_rows(batch: Batch, table: TokenTable, cues: Cues) -> npt.NDArray[np.int64]:
    """Hashed features of cues that may ascribe, shape ``(n, n_features)``: their own, and whether they stand in a quotation.

    "I think" is the writer's own belief, but not where somebody else is quoted.
    """
    marks = (table.flags & QUOTE).nonzero()[0]
    passed = marks.searchsorted(cues.first)
    opened = passed - marks.searchsorted(batch.bounds.take(cues.sentence))
    to_come = marks.searchsorted(batch.bounds.take(cues.sentence + 1)) - passed
    values = np.empty((len(cues), 5), dtype=np.uint64)
    values[:, _QUOTED] = 1 + opened % 2 + 2 * (to_come % 2)
    values[:, _GATE_FORM] = cues.form
    values[:, _GATE_HEAD] = batch.tokens.keys.take(cues.last)
    values[:, _GATE_TYPE] = cues.type + 1
    values[:, _BEFORE] = table.columns[batch.slots.take(cues.first) - 1, WORD]
    return np.concatenate((cues.rows, _GATE.rows(values)), axis=1)


# The places around a cue, from its edges outwards: first those before it, then those behind it.
_STEPS = np.concatenate((-np.arange(1, REACH + 1), np.arange(1, REACH + 1)))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tokens within reach of each cue, in its sentence and outside the cue.

    Attributes
    ----------
    cue : ndarray of int64, shape (n,)
        The cues that are meant.
    tokens : ndarray of int64, shape (n, 2 * REACH)
        From the cue's edges outwards: before it, then behind it; may lie out of the sentence.
    row, spot : ndarray of int64, shape (n_pairs,)
        The places in ``tokens`` that lie in the sentence.
    """

    cue: Ints
    tokens: Ints
    row: Ints
    spot: Ints

    @property
    def token(self) -> Ints:
        """The token of each pair."""
        return self.tokens[self.row, self.spot]


def neighbours(batch: Batch, cues: Cues, chosen: Ints) -> Neighbours:
    """The tokens around each chosen cue."""
    where = cues.sentence.take(chosen)
    low, high = batch.bounds.take(where), batch.bounds.take(where + 1)
    edges = np.empty((chosen.size, 2, 1), dtype=np.int64)
    edges[:, 0, 0] = cues.first.take(chosen)
    edges[:, 1, 0] = cues.last.take(chosen)
    tokens = (edges + _STEPS.reshape(2, REACH)).reshape(chosen.size, 2 * REACH)
    row, spot = ((tokens >= low[:, None]) & (tokens < high[:, None])).nonzero()
    return Neighbours(chosen, tokens, row, spot)


# Values of a token as part of a source, in the order of :func:`source_rows`.
_NEAR, _SIDE, _PATH, _FORM, _TYPE, _WORD, _CLASS, _SHAPE, _TAG = range(9)
_PREVIOUS_WORD, _PREVIOUS_CLASS, _PREVIOUS_SHAPE, _NEXT_WORD, _NEXT_CLASS = range(9, 14)
_SOURCE = Combinations(
    [
        (_NEAR,), (_PATH,), (_FORM, _SIDE), (_NEAR, _CLASS),
        (_NEAR, _FORM), (_NEAR, _SHAPE), (_PATH, _TYPE), (_PATH, _NEAR), (_WORD, _SIDE),
        (_WORD, _NEAR),
        (_CLASS, _FORM, _SIDE), (_SHAPE, _FORM, _SIDE), (_CLASS, _PATH), (_SHAPE, _PATH), (_PREVIOUS_CLASS, _CLASS, _SIDE),
        (_CLASS, _NEXT_CLASS, _SIDE), (_PREVIOUS_SHAPE, _SHAPE, _PATH), (_TAG, _SIDE), (_NEXT_WORD, _SIDE), (_PREVIOUS_WORD, _SIDE),
        (_WORD, _NEXT_WORD, _SIDE), (_NEAR, _FORM, _CLASS), (_FORM, _PATH), (_FORM, _PATH, _CLASS), (_WORD, _PATH),
    ],
    SOURCE_BITS,
)  # fmt: skip
# Where the values of a token and its neighbours stand in the flat table, counted from the token.
_AROUND = np.array(
    [
        *(WORD, CLASS, SHAPE, TAG),
        *(column - N_COLUMNS for column in (WORD, CLASS, SHAPE)),
        *(column + N_COLUMNS for column in (WORD, CLASS)),
    ]
)
_DISTANCE = np.where(_STEPS < 0, np.minimum(-_STEPS, 9) + 10, np.maximum(-_STEPS, -9) + 10).astype(np.uint64)
_LEFT = (_STEPS < 0).astype(np.uint64)
# A sign's part in what stands between a token and its cue: commas in the low bits, quotation marks above.
_QUOTE_UNIT = 1 << 16
_PASSED = np.array([bool(flags & COMMA) + _QUOTE_UNIT * bool(flags & QUOTE) for flags in range(ALL_FLAGS + 1)], dtype=np.int64)


def source_rows(batch: Batch, table: TokenTable, cues: Cues, near: Neighbours) -> npt.NDArray[np.int64]:
    """Hashed features of the neighbours as parts of the source of their cue, shape ``(n_pairs, n_features)``."""
    passed = _PASSED.take(table.flags.take(near.tokens, mode="clip"))
    sides = passed.reshape(-1, 2, REACH)
    between = (sides.cumsum(axis=2) - sides).reshape(passed.shape)[near.row, near.spot]
    commas, quotes = np.minimum(between % _QUOTE_UNIT, 3), np.minimum(between // _QUOTE_UNIT, 3)
    left = _LEFT.take(near.spot)
    cue = near.cue.take(near.row)
    values = np.empty((near.row.size, 14), dtype=np.uint64)
    values[:, _NEAR] = _DISTANCE.take(near.spot)
    values[:, _SIDE] = left
    values[:, _PATH] = 2 * commas + 8 * quotes
    values[:, _PATH] += left
    values[:, _FORM] = cues.form.take(cue)
    values[:, _TYPE] = cues.type.take(cue)
    at = batch.slots.take(near.token) * N_COLUMNS
    values[:, _WORD:] = table.columns.reshape(-1).take(at[:, None] + _AROUND)
    return _SOURCE.rows(values)


# Values of a source and its cue, in the order of :func:`kind_rows`.
_SIZE, _CAPITALS, _INNER, _SPEAKER, _CUE_FORM, _CUE_TYPE, _FIRST_WORD, _FIRST_CLASS, _FIRST_TAG = range(9)
_LAST_WORD, _LAST_CLASS, _LAST_TAG, _LAST_SHAPE, _ENDING = range(9, 14)
_KIND = Combinations(
    [
        (_SIZE,), (_CAPITALS,), (_INNER,), (_CAPITALS, _SIZE), (_FIRST_WORD,), (_LAST_WORD,), (_FIRST_CLASS,), (_LAST_CLASS,),
        (_FIRST_TAG,), (_LAST_TAG,), (_CUE_FORM, _SIZE), (_CUE_TYPE, _SIZE), (_FIRST_WORD, _LAST_WORD), (_FIRST_WORD, _CAPITALS),
        (_LAST_CLASS, _CAPITALS), (_LAST_SHAPE, _INNER), (_SPEAKER,), (_ENDING,),
    ],
    KIND_BITS,
)  # fmt: skip


# Where the values of the first and of the last token of a source stand in the flat table, counted from the token.
_AT_FIRST, _AT_LAST = np.array([WORD, CLASS, TAG]), np.array([WORD, CLASS, TAG, SHAPE, SUFFIX3])


def kind_rows(batch: Batch, table: TokenTable, cues: Cues, cue: Ints, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Hashed features of a source and its cue, shape ``(n, n_features)``; those of the source are 0 where none is written."""
    a, b = np.maximum(first, 0), np.maximum(last, 0)
    capitals = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    (batch.tokens.shape & 1).cumsum(out=capitals[1:])
    before, behind_first, behind = capitals.take(a), capitals.take(a + 1), capitals.take(b + 1)
    flat = table.columns.reshape(-1)
    values = np.empty((cue.size, 14), dtype=np.uint64)
    values[:, _SIZE] = np.minimum(b - a, 4) + 1
    values[:, _CAPITALS] = np.minimum(behind - before, 2) + 1
    values[:, _INNER] = np.minimum(behind - behind_first, 2) + 1
    values[:, _SPEAKER] = table.flags.take(a) & SPEAKER
    values[:, _FIRST_WORD : _FIRST_TAG + 1] = flat.take((batch.slots.take(a) * N_COLUMNS)[:, None] + _AT_FIRST)
    values[:, _LAST_WORD:] = flat.take((batch.slots.take(b) * N_COLUMNS)[:, None] + _AT_LAST)
    values[first < 0] = 0
    values[:, _CUE_FORM] = cues.form.take(cue)
    values[:, _CUE_TYPE] = cues.type.take(cue)
    return _KIND.rows(values)


def best_stretch(near: Neighbours, odds: Floats) -> tuple[Ints, Ints]:
    """For each cue the unbroken stretch of neighbours with the highest sum of log-odds, -1 where none is above zero.

    A stretch never crosses its cue (maximum subarray: Kadane's algorithm, all cues and both sides at once).
    """
    n = near.cue.size
    grid = np.full((n, 2 * REACH), _BARRED)
    grid[near.row, near.spot] = odds
    # The best stretch that ends at a place begins behind the lowest running sum before it.
    sums = np.zeros((2 * n, REACH + 1))
    np.cumsum(grid.reshape(2 * n, REACH), axis=1, out=sums[:, 1:])
    lowest = np.minimum.accumulate(sums[:, :-1], axis=1)
    gains = (sums[:, 1:] - lowest).reshape(n, 2 * REACH)
    cues = np.arange(n)
    outer = gains.argmax(axis=1)
    side = 2 * cues + (outer >= REACH)
    inner = (sums[side, :-1] == lowest[side, outer % REACH, None]).argmax(axis=1) + REACH * (outer >= REACH)
    found = gains[cues, outer] > 0
    ends = near.tokens[cues, inner], near.tokens[cues, outer]
    return np.where(found, np.minimum(*ends), -1), np.where(found, np.maximum(*ends), -1)
