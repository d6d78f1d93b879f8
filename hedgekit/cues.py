"""Cue detection: which words are a cue here, of which type, with which probability.

A token model over hashed windows decides for every token whether it begins a cue, continues one, or is none; a second
model gives the type of each span found. Both are linear models fitted with scikit-learn (:mod:`hedgekit.training.cues`);
here their weights are only looked up and added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.labels import CUE_TYPES
from hedgekit.lexicon import PhraseTable
from hedgekit.text.tokens import Ints, Keys, mix
from hedgekit.windows import Template, Windows, salted

Floats = npt.NDArray[np.float64]

# Columns of the token table.
WORD, CLASS, SHAPE, SUFFIX3, SUFFIX2, PREFIX4, MODIFIER, TAG, STRENGTH = range(9)
N_COLUMNS = 9

# A phrase's value packs its commonest type and how often, in training, it was a cue.
STRENGTHS = 70


def pack_phrase(cue_type: int, strength: int) -> int:
    """The value of a phrase in the phrase table."""
    return 1 + strength * len(CUE_TYPES) + cue_type


def _pairs(*offsets: tuple[int, int]) -> list[Template]:
    return [((WORD, a), (WORD, b)) for a, b in offsets]


TAG_TEMPLATES: tuple[Template, ...] = (
    *(((WORD, offset),) for offset in (0, -1, 1, -2, 2, -3, 3)),
    *_pairs((-1, 0), (0, 1), (-2, -1), (1, 2), (-1, 1), (-2, 0), (0, 2)),
    *(((WORD, a), (WORD, b), (WORD, c)) for a, b, c in ((-2, -1, 0), (-1, 0, 1), (0, 1, 2))),
    ((SUFFIX3, 0),), ((SUFFIX2, 0),), ((PREFIX4, 0),), ((SHAPE, 0),), ((SHAPE, 1),), ((SHAPE, -1),), ((SHAPE, 0), (WORD, 0)),
    *(((CLASS, offset),) for offset in (0, -1, 1, -2, 2)),
    *(((CLASS, a), (CLASS, b)) for a, b in ((-1, 0), (0, 1), (-1, 1), (1, 2), (-2, -1))),
    ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)), ((WORD, 0), (CLASS, 1), (CLASS, 2)), ((WORD, 0), (CLASS, -2), (CLASS, -1)),
    *(((TAG, offset),) for offset in (0, -1, 1, 2)),
    *(((STRENGTH, offset),) for offset in (0, -1, 1)),
    ((TAG, 0), (STRENGTH, 0)), ((TAG, 0), (TAG, 1)), ((TAG, 0), (TAG, -1)), ((TAG, 0), (WORD, 0)), ((TAG, 0), (CLASS, 1)), ((TAG, 0), (CLASS, -1)),
    ((STRENGTH, 0), (CLASS, 1)), ((STRENGTH, 0), (WORD, 1)), ((STRENGTH, 0), (WORD, -1)), ((STRENGTH, 0), (CLASS, -1), (CLASS, 1)),
    ((MODIFIER, 0),), ((MODIFIER, -1),), ((MODIFIER, 1),), ((MODIFIER, 0), (TAG, 1)), ((MODIFIER, 0), (STRENGTH, 1)),
    ((MODIFIER, -1), (TAG, 0)), ((MODIFIER, -1), (STRENGTH, 0)), ((MODIFIER, 0), (MODIFIER, 1), (STRENGTH, 2)),
)  # fmt: skip

TYPE_TEMPLATES: tuple[Template, ...] = (
    ((WORD, 0),), ((WORD, -1),), ((WORD, 1),), ((WORD, 0), (WORD, 1)), ((WORD, -1), (WORD, 0)), ((WORD, 2),), ((WORD, 0), (WORD, 2)),
    ((SUFFIX3, 0),), ((SUFFIX2, 0),), ((PREFIX4, 0),), ((CLASS, 0),), ((CLASS, -1),), ((CLASS, 1),), ((CLASS, 0), (CLASS, 1)), ((CLASS, -1), (CLASS, 0)),
    ((TAG, 0),), ((TAG, 1),), ((TAG, -1),), ((TAG, 0), (CLASS, 1)), ((TAG, 0), (WORD, 0)), ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)),
    ((MODIFIER, 0),), ((MODIFIER, 0), (TAG, 1)), ((SHAPE, 0),), ((STRENGTH, 0), (TAG, 0)),
)  # fmt: skip
# The same places read at the last token, and the whole phrase.
N_TYPE_FEATURES = 2 * len(TYPE_TEMPLATES) + 1

TAG_BITS, TYPE_BITS = 18, 15
TAG_WINDOWS = Windows(TAG_TEMPLATES, TAG_BITS)
TYPE_WINDOWS = Windows(TYPE_TEMPLATES, TYPE_BITS - 1)

OUTSIDE, BEGIN, INSIDE = 0, 1, 2
# Tokens that are outside with at least this probability are not decoded.
_SURELY_OUTSIDE = 0.97


@dataclass(frozen=True, slots=True)
class WordClasses:
    """A class for each known word (its usual part of speech), and which words are modifiers.

    Attributes
    ----------
    keys : ndarray of uint64, shape (n,)
        Sorted.
    classes : ndarray of uint16, shape (n,)
        0 is kept for unknown words.
    modifiers : ndarray of uint8, shape (n,)
        0 none, 1 intensifier, 2 negator.
    """

    keys: Keys
    classes: npt.NDArray[np.uint16]
    modifiers: npt.NDArray[np.uint8]

    def look_up(self, keys: Keys) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
        """Class and modifier of each token."""
        rows = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        known = self.keys[rows] == keys
        return self.classes[rows] * known, self.modifiers[rows] * known


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a batch, in the order of the text.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n,)
        Tokens of each cue, both inclusive.
    sentence : ndarray of int64
        Its sentence.
    type : ndarray of int64
        Index into :data:`hedgekit.labels.CUE_TYPES`.
    probability : ndarray of float64
        Of being a cue here.
    """

    first: Ints
    last: Ints
    sentence: Ints
    type: Ints
    probability: Floats

    def __len__(self) -> int:
        return int(self.first.size)


@dataclass(frozen=True, slots=True)
class CueDetector:
    """The fitted cue model.

    Attributes
    ----------
    phrases : PhraseTable
        Lexicon entries and the cues seen in training, valued by :func:`pack_phrase`.
    words : WordClasses
    tag_weights : ndarray of float32, shape (2 ** TAG_BITS, 3)
        For outside, begin, inside.
    tag_bias : ndarray of float64, shape (3,)
    type_weights : ndarray of float32, shape (2 ** TYPE_BITS, 10)
    type_bias : ndarray of float64, shape (10,)
    threshold : float
        How probable a cue must be, 0 to 1: 0.5 takes the likeliest tags, less finds more cues.
    """

    phrases: PhraseTable
    words: WordClasses
    tag_weights: npt.NDArray[np.float32]
    tag_bias: Floats
    type_weights: npt.NDArray[np.float32]
    type_bias: Floats
    threshold: float

    def columns(self, batch: Batch) -> Keys:
        """The token table that all windows read, shape ``(n_slots, N_COLUMNS)``."""
        return token_columns(batch, self.phrases, self.words)

    def predict(self, batch: Batch, table: Keys | None = None) -> Cues:
        """Find the cues of a batch."""
        table = self.columns(batch) if table is None else table
        probabilities = self.tag_probabilities(batch, table)
        first, last = decode(batch, probabilities, self.threshold)
        types = self.type_scores(batch, table, first, last).argmax(axis=1)
        cue = probabilities[:, BEGIN] + probabilities[:, INSIDE]
        return Cues(first, last, batch.sentence[first], types, np.minimum(cue[first], cue[last]))

    def tag_probabilities(self, batch: Batch, table: Keys) -> Floats:
        """Probability of outside, begin and inside for each token."""
        rows = TAG_WINDOWS.rows(table, batch.slots)
        scores = self.tag_weights.take(rows.ravel(), axis=0).reshape(*rows.shape, 3).sum(axis=1, dtype=np.float64)
        return softmax(scores + self.tag_bias)

    def type_scores(self, batch: Batch, table: Keys, first: Ints, last: Ints) -> Floats:
        """A score for each type and span; the highest wins."""
        rows = type_rows(batch, table, first, last)
        weights = self.type_weights.take(rows.ravel(), axis=0)
        return weights.reshape(*rows.shape, len(CUE_TYPES)).sum(axis=1, dtype=np.float64) + self.type_bias


def token_columns(batch: Batch, phrases: PhraseTable, words: WordClasses) -> Keys:
    """What the windows read of each token, salted and padded."""
    tokens = batch.tokens
    everything = np.arange(len(tokens))
    classes, modifiers = words.look_up(tokens.keys)
    suffix = tokens.suffix_keys(everything, 3)
    opens = np.zeros(len(tokens), dtype=np.int64)
    opens[batch.bounds[:-1][batch.lengths > 0]] = 8
    shape = tokens.capital + 2 * tokens.digit + 4 * tokens.word + opens
    tags, strengths = phrase_tags(batch, phrases)
    columns = (
        tokens.keys,
        # The ending stands in for the class of a word that training never saw.
        np.where(classes > 0, classes, suffix >> np.uint64(16)),
        shape, suffix, tokens.suffix_keys(everything, 2), tokens.prefix_keys(everything, 4), modifiers, tags, strengths,
    )  # fmt: skip
    table = np.zeros((batch.n_slots, N_COLUMNS), dtype=np.uint64)
    for number, values in enumerate(columns):
        table[batch.slots, number] = salted(values, number)
    return table


def phrase_tags(batch: Batch, phrases: PhraseTable) -> tuple[Ints, Ints]:
    """For each token the type and place, and the strength, of the phrase it stands in; 0 where in none."""
    first, length, value = phrases.find(batch)
    strength, cue_type = np.divmod(value.astype(np.int64) - 1, len(CUE_TYPES))
    tags = np.zeros(len(batch.tokens), dtype=np.int64)
    strengths = np.zeros(len(batch.tokens), dtype=np.int64)
    steps = np.arange(int(length.max(initial=0)))
    for step in steps:
        reach = length > step
        at = first[reach] + step
        tags[at] = 1 + 2 * cue_type[reach] + (step > 0)
        strengths[at] = 1 + strength[reach] + STRENGTHS * (step > 0)
    return tags, strengths


def type_rows(batch: Batch, table: Keys, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Rows of the type weights for spans of tokens, shape ``(n, N_TYPE_FEATURES)``."""
    half = np.int64(1 << (TYPE_BITS - 1))
    keys = batch.tokens.keys
    phrase = mix(keys[first] + keys[last] * np.uint64(3) + (last - first).astype(np.uint64))
    return np.concatenate(
        (
            TYPE_WINDOWS.rows(table, batch.slots[first]),
            TYPE_WINDOWS.rows(table, batch.slots[last]) + half,
            (phrase >> np.uint64(65 - TYPE_BITS)).astype(np.int64)[:, None],
        ),
        axis=1,
    )


def decode(batch: Batch, probabilities: Floats, threshold: float) -> tuple[Ints, Ints]:
    """The likeliest sequence of tags in which nothing continues a cue that has not begun (Viterbi 1967).

    Only runs of tokens that may belong to a cue are decoded, all runs side by side.

    Returns
    -------
    first, last : ndarray of int64
        First and last token of each cue.
    """
    n = len(batch.tokens)
    opens = np.zeros(n + 1, dtype=np.bool_)
    opens[batch.bounds[:-1]] = True
    opens = opens[:n]
    active = probabilities[:, OUTSIDE] < _SURELY_OUTSIDE
    begins = active.copy()
    begins[1:] &= ~active[:-1] | opens[1:]
    starts = np.flatnonzero(begins)
    stops = np.append(np.flatnonzero(~active | begins), n)
    lengths = stops[np.searchsorted(stops, starts, side="right")] - starts
    # The longest runs first, so that those still running are a prefix.
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    tags = np.zeros(n, dtype=np.int8)
    tags[active] = _likeliest(np.log(np.maximum(probabilities, 1e-12)), math.log(threshold / (1 - threshold)), starts, lengths, n)[active]
    first = np.flatnonzero(tags == BEGIN)
    breaks = np.append(np.flatnonzero(tags != INSIDE), n)
    return first, breaks[np.searchsorted(breaks, first, side="right")] - 1


def _likeliest(logs: Floats, outside_bonus: float, starts: Ints, lengths: Ints, n: int) -> npt.NDArray[np.int8]:
    steps = int(lengths.max(initial=0))
    running = [int(np.searchsorted(-lengths, -step, side="left")) for step in range(steps)]
    scores = np.empty((starts.size, 3))
    came_from = []
    for step, k in enumerate(running):
        emitted = logs[starts[:k] + step]
        emitted[:, OUTSIDE] += outside_bonus
        if step == 0:
            scores[:] = emitted
            scores[:, INSIDE] = -np.inf
            continue
        best = scores[:k].argmax(axis=1)
        cue = np.where(scores[:k, BEGIN] >= scores[:k, INSIDE], BEGIN, INSIDE)
        rows = np.arange(k)
        before = np.stack((scores[rows, best], scores[rows, best], scores[rows, cue]), axis=1)
        came_from.append(np.stack((best, best, cue), axis=1))
        scores[:k] = before + emitted
    tags = np.zeros(n, dtype=np.int8)
    state = scores.argmax(axis=1)
    for step in range(steps - 1, -1, -1):
        k = running[step]
        tags[starts[:k] + step] = state[:k]
        if step:
            state[:k] = came_from[step - 1][np.arange(k), state[:k]]
    return tags


def softmax(scores: Floats) -> Floats:
    """Probabilities from scores, along the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))
