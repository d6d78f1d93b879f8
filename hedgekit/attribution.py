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
from hedgekit.certainty import cue_content, joined
from hedgekit.cues import CLASS, SHAPE, TAG, WORD, Cues, type_rows
from hedgekit.labels import KINDS
from hedgekit.text.tokens import Ints, Keys, folded_key, mix
from hedgekit.windows import salted

Floats = npt.NDArray[np.float64]

# How far from its cue a source is looked for, in tokens.
REACH = 16
SOURCE_BITS, KIND_BITS = 16, 14
_COMMA, _PERSON = np.uint64(folded_key(",")), ("i", "we", "my", "our")
_QUOTE = np.uint64(folded_key('"'))
_SELF = np.array([folded_key(word) for word in _PERSON], dtype=np.uint64)


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
    """The fitted weights, each with its bias.

    Attributes
    ----------
    ascribes : ndarray of float32, shape (2 ** TYPE_BITS, 2)
        Rows as in :func:`hedgekit.cues.type_rows`.
    source : ndarray of float32, shape (2 ** SOURCE_BITS, 2)
    kind : ndarray of float32, shape (2 ** KIND_BITS, 5)
    """

    ascribes: npt.NDArray[np.float32]
    ascribes_bias: Floats
    source: npt.NDArray[np.float32]
    source_bias: Floats
    kind: npt.NDArray[np.float32]
    kind_bias: Floats

    def predict(self, batch: Batch, table: Keys, cues: Cues) -> Attributions:
        """Find the attributions among the cues of a batch."""
        scores = _scores(self.ascribes, type_rows(batch, table, cues.first, cues.last), self.ascribes_bias)
        chosen = np.flatnonzero(scores[:, 1] > scores[:, 0])
        first, last = self._sources(batch, table, cues, chosen)
        kinds = _scores(self.kind, kind_rows(batch, table, cues, chosen, first, last), self.kind_bias).argmax(axis=1)
        return Attributions(chosen, first, last, kinds)

    def _sources(self, batch: Batch, table: Keys, cues: Cues, chosen: Ints) -> tuple[Ints, Ints]:
        pair, token = neighbours(batch, cues, chosen)
        scores = _scores(self.source, source_rows(batch, table, cues, chosen[pair], token), self.source_bias)
        return best_stretch(chosen.size, pair, token, scores[:, 1] - scores[:, 0], cues.first[chosen])


def _scores(weights: npt.NDArray[np.float32], rows: npt.NDArray[np.int64], bias: Floats) -> Floats:
    return weights.take(rows.ravel(), axis=0).reshape(*rows.shape, bias.size).sum(axis=1, dtype=np.float64) + bias


def neighbours(batch: Batch, cues: Cues, chosen: Ints) -> tuple[Ints, Ints]:
    """Every token within reach of each chosen cue, in its sentence and outside the cue: index of the cue among the chosen, token."""
    where = cues.sentence[chosen]
    low = np.maximum(batch.bounds[where], cues.first[chosen] - REACH)
    high = np.minimum(batch.bounds[where + 1], cues.last[chosen] + 1 + REACH)
    sizes = high - low
    pair = np.repeat(np.arange(chosen.size), sizes)
    token = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes) + low[pair]
    outside = (token < cues.first[chosen][pair]) | (token > cues.last[chosen][pair])
    return pair[outside], token[outside]


def source_rows(batch: Batch, table: Keys, cues: Cues, cue: Ints, token: Ints) -> npt.NDArray[np.int64]:
    """Hashed features of tokens as parts of the source of a cue, shape ``(n, n_features)``."""
    keys = batch.tokens.keys
    left = token < cues.first[cue]
    distance = np.where(left, cues.first[cue] - token, cues.last[cue] - token)  # above 0 before the cue, below 0 behind it
    side = left.astype(np.uint64)
    near = (np.clip(distance, -9, 9) + 10).astype(np.uint64)
    commas = _between(keys == _COMMA, cues, cue, token, left)
    quotes = _between(keys == _QUOTE, cues, cue, token, left)
    path = side + 2 * commas + 8 * quotes
    form, cue_type = cue_content(batch, cues)[cue], cues.type[cue].astype(np.uint64)
    at = batch.slots[token]
    own, previous, following = table[at], table[at - 1], table[at + 1]
    lead = joined(form, side)
    features = (
        near, joined(near, own[:, CLASS]), joined(near, form), joined(near, own[:, SHAPE]), path, joined(path, cue_type), joined(path, near),
        joined(own[:, WORD], side), joined(own[:, WORD], near), joined(own[:, CLASS], lead), joined(own[:, SHAPE], lead), joined(own[:, CLASS], path),
        joined(own[:, SHAPE], path), joined(joined(previous[:, CLASS], own[:, CLASS]), side), joined(joined(own[:, CLASS], following[:, CLASS]), side),
        joined(joined(previous[:, SHAPE], own[:, SHAPE]), path), joined(own[:, TAG], side), joined(following[:, WORD], side),
        joined(previous[:, WORD], side), joined(joined(own[:, WORD], following[:, WORD]), side), joined(near, joined(lead, own[:, CLASS])),
    )  # fmt: skip
    return _rows(features, SOURCE_BITS)


def _between(marked: npt.NDArray[np.bool_], cues: Cues, cue: Ints, token: Ints, left: npt.NDArray[np.bool_]) -> Keys:
    """How many marked tokens, up to three, stand between a token and its cue."""
    before = np.concatenate(([0], np.cumsum(marked)))
    count = np.where(left, before[cues.first[cue]] - before[token + 1], before[token] - before[cues.last[cue] + 1])
    return np.minimum(count, 3).astype(np.uint64)


def kind_rows(batch: Batch, table: Keys, cues: Cues, cue: Ints, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Hashed features of a source and its cue, shape ``(n, n_features)``."""
    keys = batch.tokens.keys
    written = first >= 0
    a, b = np.maximum(first, 0), np.maximum(last, 0)
    size = np.where(written, np.minimum(b - a, 4) + 1, 0).astype(np.uint64)
    capitals = np.concatenate(([0], np.cumsum(batch.tokens.capital)))
    capital = np.where(written, np.minimum(capitals[b + 1] - capitals[a], 2) + 1, 0).astype(np.uint64)
    inner = np.where(written, np.minimum(capitals[b + 1] - capitals[np.minimum(a + 1, b + 1)], 2) + 1, 0).astype(np.uint64)
    left, right = table[batch.slots[a]], table[batch.slots[b]]
    mask = written.astype(np.uint64)
    form = cue_content(batch, cues)[cue]
    speaker = np.isin(keys[a], _SELF).astype(np.uint64) * mask
    features = (
        size, capital, inner, joined(capital, size), joined(left[:, WORD], mask), joined(right[:, WORD], mask), joined(left[:, CLASS], mask),
        joined(right[:, CLASS], mask), joined(left[:, TAG], mask), joined(right[:, TAG], mask), joined(form, mask), joined(cues.type[cue].astype(np.uint64), mask),
        joined(joined(left[:, WORD], right[:, WORD]), mask), joined(joined(left[:, WORD], capital), mask), joined(joined(right[:, CLASS], capital), mask),
        joined(joined(right[:, SHAPE], inner), mask), speaker, joined(right[:, 3], mask),
    )  # fmt: skip
    return _rows(features, KIND_BITS)


def _rows(features: tuple[Keys, ...], bits: int) -> npt.NDArray[np.int64]:
    hashed = np.stack([salted(feature, number) for number, feature in enumerate(features)], axis=1)
    return (mix(hashed) >> np.uint64(64 - bits)).astype(np.int64)


def best_stretch(n: int, pair: Ints, token: Ints, odds: Floats, cue_first: Ints) -> tuple[Ints, Ints]:
    """For each of ``n`` cues the unbroken stretch of tokens with the highest sum of log-odds, -1 where none is above zero.

    A stretch never crosses its cue (maximum subarray: Kadane's algorithm, all cues side by side).
    """
    first, last = np.full(n, -1), np.full(n, -1)
    best = np.zeros(n)
    for side in (token < cue_first[pair], token >= cue_first[pair]):
        grid = np.full((n, REACH), -np.inf)
        origin = np.zeros(n, dtype=np.int64)
        rows, tokens = pair[side], token[side]
        if not rows.size:
            continue
        leads = np.flatnonzero(np.diff(rows, prepend=-1))
        origin[rows[leads]] = tokens[leads]
        grid[rows, tokens - origin[rows]] = odds[side]
        total, begin = np.full(n, -np.inf), np.zeros(n, dtype=np.int64)
        for step in range(REACH):
            fresh = total <= 0
            begin = np.where(fresh, step, begin)
            total = np.where(fresh, grid[:, step], total + grid[:, step])
            better = total > best
            best = np.where(better, total, best)
            first = np.where(better, origin + begin, first)
            last = np.where(better, origin + step, last)
    return first, last
