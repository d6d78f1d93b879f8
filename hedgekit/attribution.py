"""On whose word: which cues ascribe a claim, where their source stands, and what kind of source it is.

Three linear models, fitted with scikit-learn in :mod:`hedgekit.training.attribution`: whether a cue ascribes, whether a
token near it belongs to its source, and the kind. The source is the unbroken stretch on one side of the cue with the
highest sum of log-odds; where no stretch is more likely than not, the source is not written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, SHAPE, SUFFIX3, TAG, WORD, Cues, TokenTable
from hedgekit.keys import Ints, mix
from hedgekit.vocabulary import COMMA, QUOTE, SPEAKER
from hedgekit.windows import Combinations, LinearTable, salts

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
        Whether a cue ascribes; over the cue's own rows.
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
        scores = self.ascribes.scores(cues.rows)
        chosen = _where(scores[:, 1] > scores[:, 0])
        if not chosen.size:
            return Attributions(chosen, chosen, chosen, chosen)
        first, last = self._sources(batch, table, cues, chosen)
        kinds = self.kind.scores(kind_rows(batch, table, cues, chosen, first, last)).argmax(axis=1)
        return Attributions(chosen, first, last, kinds)

    def _sources(self, batch: Batch, table: TokenTable, cues: Cues, chosen: Ints) -> tuple[Ints, Ints]:
        pair, token = neighbours(batch, cues, chosen)
        scores = self.source.scores(source_rows(batch, table, cues, chosen[pair], token))
        return best_stretch(chosen.size, pair, token, scores[:, 1] - scores[:, 0], cues.first[chosen])


def _where(mask: npt.NDArray[Any]) -> Ints:
    return mask.nonzero()[0]


def neighbours(batch: Batch, cues: Cues, chosen: Ints) -> tuple[Ints, Ints]:
    """Every token within reach of each chosen cue, in its sentence and outside the cue: index of the cue among the chosen, token."""
    where = cues.sentence[chosen]
    low = np.maximum(batch.bounds[where], cues.first[chosen] - REACH)
    high = np.minimum(batch.bounds[where + 1], cues.last[chosen] + 1 + REACH)
    sizes = high - low
    pair = np.repeat(np.arange(chosen.size), sizes)
    token = np.arange(int(sizes.sum())) - np.repeat(sizes.cumsum() - sizes, sizes) + low[pair]
    outside = (token < cues.first[chosen][pair]) | (token > cues.last[chosen][pair])
    return pair[outside], token[outside]


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
        (_WORD, _NEXT_WORD, _SIDE), (_NEAR, _FORM, _CLASS),
    ],
    SOURCE_BITS,
)  # fmt: skip


def source_rows(batch: Batch, table: TokenTable, cues: Cues, cue: Ints, token: Ints) -> npt.NDArray[np.int64]:
    """Hashed features of tokens as parts of the source of a cue, shape ``(n, n_features)``."""
    first, last = cues.first.take(cue), cues.last.take(cue)
    left = token < first
    distance = np.where(left, first - token, last - token)  # above 0 before the cue, below 0 behind it
    commas = _between(table.flags & COMMA, first, last, token, left)
    quotes = _between(table.flags & QUOTE, first, last, token, left)
    values = np.empty((token.size, 14), dtype=np.uint64)
    values[:, _NEAR] = np.minimum(np.maximum(distance, -9), 9) + 10
    values[:, _SIDE] = left
    values[:, _PATH] = left + 2 * commas + 8 * quotes
    values[:, _FORM] = cues.form.take(cue)
    values[:, _TYPE] = cues.type.take(cue)
    at = batch.slots.take(token)
    values[:, _WORD : _TAG + 1] = table.columns[at][:, (WORD, CLASS, SHAPE, TAG)]
    values[:, _PREVIOUS_WORD : _PREVIOUS_SHAPE + 1] = table.columns[at - 1][:, (WORD, CLASS, SHAPE)]
    values[:, _NEXT_WORD : _NEXT_CLASS + 1] = table.columns[at + 1][:, (WORD, CLASS)]
    return _SOURCE.rows(mix(values * _SALTS[0] + _SALTS[1]))


def _between(marked: npt.NDArray[Any], first: Ints, last: Ints, token: Ints, left: npt.NDArray[np.bool_]) -> Ints:
    """How many marked tokens, up to three, stand between a token and its cue."""
    before = np.zeros(marked.size + 1, dtype=np.int64)
    np.cumsum(marked > 0, out=before[1:])
    count = np.where(left, before.take(first) - before.take(token + 1), before.take(token) - before.take(last + 1))
    return np.minimum(count, 3)


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
_SALTS = salts(14)


def kind_rows(batch: Batch, table: TokenTable, cues: Cues, cue: Ints, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Hashed features of a source and its cue, shape ``(n, n_features)``."""
    written = first >= 0
    a, b = np.maximum(first, 0), np.maximum(last, 0)
    capitals = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    np.cumsum(batch.tokens.shape & 1, out=capitals[1:])
    values = np.empty((cue.size, 14), dtype=np.uint64)
    values[:, _SIZE] = np.minimum(b - a, 4) + 1
    values[:, _CAPITALS] = np.minimum(capitals[b + 1] - capitals[a], 2) + 1
    values[:, _INNER] = np.minimum(capitals[b + 1] - capitals[np.minimum(a + 1, b + 1)], 2) + 1
    values[:, _SPEAKER] = table.flags[a] & SPEAKER
    values[:, _FIRST_WORD : _FIRST_TAG + 1] = table.columns[batch.slots[a]][:, (WORD, CLASS, TAG)]
    values[:, _LAST_WORD :] = table.columns[batch.slots[b]][:, (WORD, CLASS, TAG, SHAPE, SUFFIX3)]
    values *= written.astype(np.uint64)[:, None]
    values[:, _CUE_FORM] = cues.form[cue]
    values[:, _CUE_TYPE] = cues.type[cue]
    return _KIND.rows(mix(values * _SALTS[0] + _SALTS[1]))


def best_stretch(n: int, pair: Ints, token: Ints, odds: Floats, cue_first: Ints) -> tuple[Ints, Ints]:
    """For each of ``n`` cues the unbroken stretch of tokens with the highest sum of log-odds, -1 where none is above zero.

    A stretch never crosses its cue (maximum subarray: Kadane's algorithm, all cues side by side).
    """
    grid = np.full((2 * n, REACH), _BARRED)
    behind = token >= cue_first.take(pair)
    rows = pair + n * behind
    leads = np.concatenate(([True], rows[1:] != rows[:-1])).nonzero()[0] if rows.size else rows
    origin = np.zeros(2 * n, dtype=np.int64)
    origin[rows[leads]] = token[leads]
    grid[rows, token - origin.take(rows)] = odds
    # The best stretch that ends at a place begins behind the lowest running sum before it.
    sums = np.zeros((2 * n, REACH + 1))
    np.cumsum(grid, axis=1, out=sums[:, 1:])
    gains = sums[:, 1:] - np.minimum.accumulate(sums[:, :-1], axis=1)
    stop = gains.argmax(axis=1)
    sides = np.arange(2 * n)
    best = gains[sides, stop]
    sums[:, :-1][np.arange(REACH) > stop[:, None]] = np.inf
    start = sums[:, :-1].argmin(axis=1)
    side = np.arange(n) + n * (best[n:] > best[:n])
    found = best[side] > 0
    return np.where(found, origin[side] + start[side], -1), np.where(found, origin[side] + stop[side], -1)
