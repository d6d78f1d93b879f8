"""What belongs to a reporting cue: how much the words around it speak for being its source, or its content.

One table of weights, fitted with scikit-learn in :mod:`hedgekit.training.attribution`, gives two log-odds for every word
of the sentence and every cue. A role is an unbroken stretch of words: the one with the highest sum of log-odds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, N_COLUMNS, SHAPE, TAG, WORD, TokenTable, phrase_keys
from hedgekit.keys import Ints
from hedgekit.quotations import quoted
from hedgekit.text.tokens import WORD_SHAPE
from hedgekit.vocabulary import COMMA, EDGE, OPENER, QUOTE
from hedgekit.windows import Combinations, LinearTable

Floats = npt.NDArray[np.float64]

# How far from its cue a role is looked for, in tokens: whole sentences, but linear time in those that never end.
REACH = 48
LINK_BITS = 18
SOURCE, CONTENT = 0, 1
# Log-odds of places without a token: low enough to end any stretch.
BARRED = -1e4
# The places around a cue, from its edges outwards: first those before it, then those behind it.
_STEPS = np.concatenate((-np.arange(1, REACH + 1), np.arange(1, REACH + 1)))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tokens within reach of each cue, in its sentence and outside the cue.

    Attributes
    ----------
    first, last, sentence : ndarray of int64, shape (n,)
        The cues that are meant: their tokens, both inclusive, and sentence.
    tokens : ndarray of int64, shape (n, 2 * REACH)
        From the cue's edges outwards: before it, then behind it; may lie out of the sentence.
    row, spot : ndarray of int64, shape (n_pairs,)
        The places in ``tokens`` that lie in the sentence.
    token : ndarray of int64, shape (n_pairs,)
        The token of each pair.
    """

    first: Ints
    last: Ints
    sentence: Ints
    tokens: Ints
    row: Ints
    spot: Ints
    token: Ints


def neighbours(batch: Batch, first: Ints, last: Ints) -> Neighbours:
    """The tokens around each cue."""
    where = batch.sentence.take(first)
    low, high = batch.bounds.take(where), batch.bounds.take(where + 1)
    edges = np.stack((first, last), axis=1)[:, :, None]
    tokens = (edges + _STEPS.reshape(2, REACH)).reshape(first.size, 2 * REACH)
    row, spot = ((tokens >= low[:, None]) & (tokens < high[:, None])).nonzero()
    return Neighbours(first, last, where, tokens, row, spot, tokens[row, spot])


# Values of a token and its cue, in the order of :func:`link_rows`.
_DISTANCE, _SIDE, _PATH, _EDGES, _QUOTED = range(5)
_WORD, _CLASS, _SHAPE, _TAG, _LEFT_WORD, _LEFT_CLASS, _RIGHT_WORD, _RIGHT_CLASS = range(5, 13)
_FORM, _HEAD, _BEHIND_WORD, _BEHIND_CLASS, _BEFORE_WORD, _BEFORE_CLASS, _ROOM, _CUE_QUOTED = range(13, 21)
_LINK = Combinations(
    [
        (_DISTANCE,), (_PATH,), (_FORM, _SIDE), (_DISTANCE, _CLASS), (_DISTANCE, _FORM), (_DISTANCE, _SHAPE), (_PATH, _DISTANCE),
        (_WORD, _SIDE), (_WORD, _DISTANCE), (_CLASS, _FORM, _SIDE), (_SHAPE, _FORM, _SIDE), (_CLASS, _PATH), (_SHAPE, _PATH),
        (_LEFT_CLASS, _CLASS, _SIDE), (_CLASS, _RIGHT_CLASS, _SIDE), (_TAG, _SIDE), (_RIGHT_WORD, _SIDE), (_LEFT_WORD, _SIDE),
        (_WORD, _RIGHT_WORD, _SIDE), (_DISTANCE, _FORM, _CLASS), (_FORM, _PATH), (_FORM, _PATH, _CLASS), (_WORD, _PATH),
        (_BEHIND_WORD, _SIDE), (_BEFORE_WORD, _SIDE), (_BEHIND_WORD, _DISTANCE), (_BEFORE_WORD, _DISTANCE), (_BEHIND_WORD, _PATH),
        (_ROOM, _SIDE), (_ROOM, _FORM, _SIDE), (_ROOM, _PATH), (_CUE_QUOTED, _QUOTED, _SIDE), (_CUE_QUOTED, _PATH, _QUOTED),
        (_HEAD, _SIDE), (_HEAD, _BEHIND_WORD, _SIDE), (_HEAD, _DISTANCE), (_HEAD, _PATH), (_HEAD, _BEHIND_CLASS, _SIDE),
        (_EDGES,), (_EDGES, _DISTANCE), (_EDGES, _FORM), (_EDGES, _PATH),
        (_BEHIND_CLASS, _SIDE, _DISTANCE), (_BEFORE_CLASS, _SIDE, _DISTANCE), (_BEHIND_CLASS, _BEFORE_CLASS, _SIDE),
        (_BEHIND_CLASS, _PATH), (_CUE_QUOTED, _ROOM, _SIDE),
    ],
    LINK_BITS,
)  # fmt: skip
# Where the values of a token and its neighbours stand in the flat table, counted from the token.
_AROUND = np.array([WORD, CLASS, SHAPE, TAG, WORD - N_COLUMNS, CLASS - N_COLUMNS, WORD + N_COLUMNS, CLASS + N_COLUMNS])[:, None]
_WORD_CLASS = np.array([[WORD], [CLASS]])
_DISTANCES = np.array([2, 3, 4, 5, 7, 10, 14, 20, 28])
_ROOMS = np.array([1, 2, 3, 5, 9])
_LEFT = 16
# So many pairs are looked up at once: no more than fit in the processor's cache.
_CHUNK = 1 << 10


def link_rows(batch: Batch, table: TokenTable, near: Neighbours) -> npt.NDArray[np.int64]:
    """Hashed features of the neighbours as parts of a role of their cue, shape ``(n_pairs, n_features)``."""
    return _LINK.rows(_link_values(batch, table, near))


def _link_values(batch: Batch, table: TokenTable, near: Neighbours) -> npt.NDArray[np.uint64]:
    token = near.token
    left = token < near.first.take(near.row)
    beside = np.where(left, near.first.take(near.row), near.last.take(near.row))
    low, high = np.minimum(token, beside) + 1, np.maximum(token, beside)
    shift = _LEFT * left
    # Value by value in memory, as they are found and as they are hashed.
    values = np.empty((21, token.size), dtype=np.uint64)
    values[_SIDE] = left
    values[_DISTANCE] = _DISTANCES.searchsorted(high - low + 1, side="right") + shift
    marks, commas, edges = (running_count(table.flags & flag > 0) for flag in (QUOTE, COMMA, EDGE))
    quotes = np.minimum(marks.take(high) - marks.take(low), 3)
    values[_PATH] = np.minimum(commas.take(high) - commas.take(low), 3) + 4 * quotes + shift
    values[_EDGES] = np.minimum(edges.take(high) - edges.take(low), 5) + shift
    inside = quoted(batch, table)
    values[_QUOTED] = inside.take(token)
    flat = table.columns.reshape(-1)
    values[_WORD : _RIGHT_CLASS + 1] = flat.take(batch.slots.take(token) * N_COLUMNS + _AROUND)
    values[_FORM:] = _cue_values(batch, flat, near, inside, marks).take(near.row, axis=1)
    return values.T


def _cue_values(
    batch: Batch, flat: npt.NDArray[np.uint64], near: Neighbours, inside: npt.NDArray[np.bool_], marks: Ints
) -> npt.NDArray[np.uint64]:
    """What the features say of each cue, whatever the token, shape ``(8, n)``."""
    first, last, n = near.first, near.last, near.first.size
    low, high = batch.bounds.take(near.sentence), batch.bounds.take(near.sentence + 1)
    values = np.empty((8, n), dtype=np.uint64)
    values[0] = phrase_keys(batch, first, last)
    values[1] = batch.tokens.keys.take(last)
    values[2:4] = flat.take((batch.slots.take(last) + 1) * N_COLUMNS + _WORD_CLASS)
    values[4:6] = flat.take((batch.slots.take(first) - 1) * N_COLUMNS + _WORD_CLASS)
    values[6] = 8 * _ROOMS.searchsorted(high - 1 - last, side="right") + _ROOMS.searchsorted(first - low, side="right")
    values[7] = inside.take(first) + 2 * (marks.take(high) > marks.take(low))
    return values


def running_count(flags: npt.NDArray[np.bool_]) -> Ints:
    """How many are set before each place."""
    running = np.zeros(flags.size + 1, dtype=np.int64)
    running[1:] = flags
    return running.cumsum(out=running)


@dataclass(frozen=True, slots=True)
class Stretches:
    """For each cue the best stretch of tokens before it, and the best behind it.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n, 2)
        Tokens, both inclusive; of no meaning where nothing is gained.
    gain : ndarray of float64, shape (n, 2)
        Sum of log-odds; 0 where every word speaks against it.
    """

    first: Ints
    last: Ints
    gain: Floats

    def best(self) -> tuple[Ints, Ints]:
        """The better of both sides, -1 where nothing is gained."""
        rows = np.arange(len(self.gain))
        side = self.gain.argmax(axis=1)
        found = self.gain[rows, side] > 0
        return np.where(found, self.first[rows, side], -1), np.where(found, self.last[rows, side], -1)

    def spread(self, enough: float) -> tuple[Ints, Ints]:
        """As :meth:`best`, but from the first word before the cue to the last behind it where both sides gain ``enough``."""
        first, last = self.best()
        both = (self.gain >= enough).all(axis=1)
        return np.where(both, self.first[:, 0], first), np.where(both, self.last[:, 1], last)


def best_stretches(near: Neighbours, odds: Floats, ends: npt.NDArray[np.bool_] | None = None) -> Stretches:
    """The unbroken stretches of neighbours with the highest sums of log-odds (maximum subarray: Kadane's algorithm).

    Where ``ends`` is given, a flag for each pair, the end that is farther from the cue lies at a flagged one.
    """
    n = near.first.size
    grid = np.full((n, 2 * REACH), BARRED)
    grid[near.row, near.spot] = odds
    # The best stretch that ends at a place begins behind the lowest running sum before it.
    sums = np.zeros((2 * n, REACH + 1))
    np.cumsum(grid.reshape(2 * n, REACH), axis=1, out=sums[:, 1:])
    lowest = np.minimum.accumulate(sums[:, :-1], axis=1)
    gains = sums[:, 1:] - lowest
    if ends is not None:
        closed = np.ones((n, 2 * REACH), dtype=np.bool_)
        closed[near.row, near.spot] = ~ends
        gains[closed.reshape(2 * n, REACH)] = BARRED
    sides = np.arange(2 * n)
    outer = gains.argmax(axis=1)
    inner = (sums[:, :-1] == lowest[sides, outer, None]).argmax(axis=1)
    tokens = near.tokens.reshape(2 * n, REACH)
    both = np.stack((tokens[sides, inner], tokens[sides, outer]))
    gain = np.maximum(gains[sides, outer], 0.0)
    return Stretches(both.min(axis=0).reshape(n, 2), both.max(axis=0).reshape(n, 2), gain.reshape(n, 2))


def clause_ends(batch: Batch, table: TokenTable, near: Neighbours) -> npt.NDArray[np.bool_]:
    """Which neighbours, seen from their cue, end a clause: beyond them the sentence ends, or a word or sign opens or closes one."""
    n = len(batch.tokens)
    token = near.token
    beyond = token + np.where(near.spot < REACH, -1, 1)
    inside = (beyond >= batch.bounds.take(near.sentence).take(near.row)) & (beyond < batch.bounds.take(near.sentence + 1).take(near.row))
    edge = (table.flags & (OPENER | QUOTE | COMMA) > 0) | (batch.tokens.shape < WORD_SHAPE)
    # A quotation mark belongs to the words that it closes.
    mark = table.flags.take(token) & QUOTE > 0
    return ~inside | edge.take(np.minimum(np.maximum(beyond, 0), n - 1)) | mark


def link_odds(links: LinearTable, batch: Batch, table: TokenTable, near: Neighbours) -> Floats:
    """Log-odds of each neighbour as part of the source and of the content, shape ``(n_pairs, 2)``."""
    values = _link_values(batch, table, near)
    parts = [links.scores(_LINK.rows(values[start : start + _CHUNK])) for start in range(0, len(values), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, 2))
