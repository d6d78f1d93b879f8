"""From cues to a certainty: named features of a sentence, and linear models over them.

Every feature is a name with a 64-bit key; a sentence is a bag of ``(key, value)``. The models were fitted with
scikit-learn (:mod:`hedgekit.training.certainty`); here their coefficients are looked up and added, so that what a feature
contributes is always known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, SHAPE, Cues, TokenTable
from hedgekit.cues import WORD as TOKEN
from hedgekit.keys import Ints, KeyIndex, Keys, join, mix
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.vocabulary import NEGATOR, OPENER, QUOTE

Floats = npt.NDArray[np.float64]

# Kinds of features; their numbers salt the keys.
WORD, OPENING, CLOSING, LENGTH, TYPE_SET, COUNT, PLAIN = range(1, 8)
CUE, CUE_BEFORE, CUE_PLACE, CUE_AROUND = range(9, 13)
TYPE, TYPE_PLACE, TYPE_QUOTED, TYPE_SEQUENCE, TYPE_NEXT, TYPE_BEHIND, TYPE_RANK = range(13, 20)
CUE_HEAD, HEAD_NEGATED, TYPE_NEGATED, HEAD_AFTER, HEAD_BEFORE = range(20, 25)
OPENING_CLASS, OPENING_CLASSES = range(25, 27)

_KIND = np.uint64(0xD1B54A32D192ED03)
_HEDGING = np.array([t not in (CueType.BOOSTER, CueType.APPROXIMATOR, CueType.REPORTATIVE) for t in CUE_TYPES])
# Single words are many and say little each: scaled down, the penalty of the fit weighs on them more than on cues.
_WORD_SCALE = 0.15
_CLASS_SCALE = 0.5
_TYPE_BITS = 2.0 ** np.arange(len(CUE_TYPES))
_LENGTHS = np.array([3, 5, 8, 12, 18, 26, 38])


def _where(mask: npt.NDArray[Any]) -> Ints:
    found: Ints = mask.nonzero()[0]
    return found


def feature_key(kind: int | npt.NDArray[np.uint64], content: Keys) -> Keys:
    """The key of features of one kind."""
    return mix(content * _KIND + np.asarray(kind, dtype=np.uint64))


@dataclass(frozen=True, slots=True)
class Bag:
    """Features of a batch before they are looked up: parallel arrays of sentence, key and value."""

    sentence: Ints
    key: Keys
    value: Floats


# A kind of feature, and arrays of sentence, content and value; a single value stands for all.
_Part = tuple[int, Ints, Keys, Floats | float]


def emit(batch: Batch, table: TokenTable, cues: Cues) -> Bag:
    """All features of all sentences.

    Parameters
    ----------
    batch : Batch
    table : TokenTable
    cues : Cues

    Returns
    -------
    Bag
        In no particular order; a feature met twice in a sentence stands there twice.
    """
    parts = [*_word_features(batch, table), *_sentence_features(batch, cues)]
    if len(cues):
        parts += _cue_features(batch, table, cues)
    sizes = [part[1].size for part in parts]
    value = np.empty(sum(sizes))
    at = 0
    for part, size in zip(parts, sizes, strict=True):
        value[at : at + size] = part[3]
        at += size
    kinds = np.repeat(np.array([part[0] for part in parts], dtype=np.uint64), sizes)
    return Bag(np.concatenate([part[1] for part in parts]), feature_key(kinds, np.concatenate([part[2] for part in parts])), value)


def _word_features(batch: Batch, table: TokenTable) -> list[_Part]:
    sentence, keys = batch.sentence, batch.tokens.keys
    full = _where(batch.lengths > 0)
    opening = batch.bounds[full]
    classes = table.columns[batch.slots[opening], CLASS]
    return [
        (WORD, sentence, keys, _WORD_SCALE),
        (OPENING, full, keys[opening], _WORD_SCALE),
        # An order opens with a bare verb, a question with an auxiliary.
        (OPENING_CLASS, full, classes, _CLASS_SCALE),
        (OPENING_CLASSES, full, join(classes, table.columns[batch.slots[opening] + 1, CLASS]), _CLASS_SCALE),
        (CLOSING, full, keys[batch.bounds[full + 1] - 1], 1.0),
        (LENGTH, full, _LENGTHS.searchsorted(batch.lengths[full], side="right").astype(np.uint64), _WORD_SCALE),
    ]


def _sentence_features(batch: Batch, cues: Cues) -> list[_Part]:
    n = len(batch)
    everyone = np.arange(n)
    where, p = cues.sentence, cues.probability
    plain = np.bincount(where, weights=np.log1p(-np.minimum(p, 0.999)), minlength=n)
    hedges = np.bincount(where, weights=p * _HEDGING[cues.type], minlength=n)
    return [
        (TYPE_SET, everyone, _type_sets(cues, n), 1.0),
        (COUNT, everyone, np.minimum(np.round(2 * hedges), 6).astype(np.uint64), 1.0),
        (PLAIN, everyone, np.zeros(n, np.uint64), np.exp(plain)),
    ]


def _cue_features(batch: Batch, table: TokenTable, cues: Cues) -> list[_Part]:
    where, p = cues.sentence, cues.probability
    kind = cues.type.astype(np.uint64)
    before = table.columns[batch.slots[cues.first] - 1]
    after = table.columns[batch.slots[cues.last] + 1]
    place = place_of(batch, cues)
    follows = _where(where[1:] == where[:-1])
    quoted = _quoted(batch, table, cues)
    form, head = cues.form, batch.tokens.keys.take(cues.last)
    negated = _where(negated_cues(batch, table, cues))
    return [
        (CUE, where, form, p),
        (TYPE, where, kind, p),
        (TYPE_PLACE, where, kind * np.uint64(4) + place, p),
        (TYPE_QUOTED, where[quoted], kind[quoted], p[quoted]),
        (TYPE_SEQUENCE, where[follows], kind[follows] * np.uint64(16) + kind[follows + 1], p[follows] * p[follows + 1]),
        (TYPE_NEXT, where, join(kind, after[:, TOKEN]), p),
        (CUE_BEFORE, where, join(form, before[:, CLASS]), p),
        (CUE_PLACE, where, join(form, place), p),
        (TYPE_BEHIND, where, join(kind, nearest_opener(batch, table, cues)), p),
        (TYPE_RANK, where, kind * np.uint64(8) + rank_of(batch, cues), p),
        (CUE_HEAD, where, head, p),
        (HEAD_NEGATED, where[negated], head[negated], p[negated]),
        (TYPE_NEGATED, where[negated], kind[negated], p[negated]),
        (HEAD_AFTER, where, join(head, before[:, TOKEN]), p),
        (HEAD_BEFORE, where, join(head, after[:, CLASS]), p),
        (CUE_AROUND, where, join(form, join(before[:, SHAPE], after[:, SHAPE])), p),
    ]


def place_of(batch: Batch, cues: Cues) -> Keys:
    """Where each cue stands in its sentence: 0 at the start, 1 in the first half, 2 later."""
    relative = cues.first - batch.bounds[cues.sentence]
    return np.where(relative <= 1, 0, np.where(2 * relative < batch.lengths[cues.sentence], 1, 2)).astype(np.uint64)


def _type_sets(cues: Cues, n: int) -> Keys:
    """The set of types in each sentence, as bits."""
    present = np.zeros((n, len(CUE_TYPES)))
    sure = _where(cues.probability > 0.5)
    present[cues.sentence[sure], cues.type[sure]] = 1
    return np.asarray(present @ _TYPE_BITS, dtype=np.float64).astype(np.uint64)


def rank_of(batch: Batch, cues: Cues) -> Keys:
    """How many cues stand before this one in its sentence, up to three, and whether it is the last (plus four)."""
    starts = cues.sentence.searchsorted(np.arange(len(batch)))
    rank = np.minimum(np.arange(len(cues)) - starts[cues.sentence], 3)
    rank[:-1] += 4 * (cues.sentence[1:] != cues.sentence[:-1])
    rank[-1:] += 4
    return np.asarray(rank, dtype=np.uint64)


def nearest_opener(batch: Batch, table: TokenTable, cues: Cues) -> Keys:
    """The nearest word before each cue that opens a clause ("who", "because", a comma), 0 where none does."""
    openers = _where(table.flags & OPENER)
    if not openers.size:
        return np.zeros(len(cues), dtype=np.uint64)
    at = openers.searchsorted(cues.first) - 1
    nearest = openers[np.maximum(at, 0)]
    inside = (at >= 0) & (nearest >= batch.bounds[cues.sentence])
    return np.asarray(batch.tokens.keys[nearest] * inside)


def negated_cues(batch: Batch, table: TokenTable, cues: Cues) -> npt.NDArray[np.bool_]:
    """Cues that hold a negator, or have one among the three words before them in their sentence."""
    before = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    np.cumsum((table.flags & NEGATOR) > 0, out=before[1:])
    start = np.maximum(cues.first - 3, batch.bounds.take(cues.sentence))
    return before.take(cues.last + 1) > before.take(start)


def _quoted(batch: Batch, table: TokenTable, cues: Cues) -> Ints:
    """Cues that stand between quotation marks: behind an odd number of them in their sentence."""
    marks = _where(table.flags & QUOTE)
    if not marks.size:
        return marks
    open_marks = marks.searchsorted(cues.first) - marks.searchsorted(batch.bounds[cues.sentence])
    return _where(open_marks % 2 == 1)


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """The features that a model knows, in their order.

    Attributes
    ----------
    index : KeyIndex
        Keys of the features.
    names : tuple of str
        Readable, one for each key: ``"cue likely"``, ``"type modal"``, ``"word not"``.
    """

    index: KeyIndex
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.index)

    def look_up(self, bag: Bag) -> tuple[Ints, Ints, Floats]:
        """The known features of a bag as parallel arrays: sentence, column, value."""
        known, columns = self.index.find(bag.key)
        return bag.sentence[known], columns, bag.value[known]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone map from a score to a probability, linear between its knots."""

    scores: Floats
    probabilities: Floats

    def __call__(self, scores: Floats) -> Floats:
        """The probability of each score."""
        return np.interp(scores, self.scores, self.probabilities)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the certainty model says of a batch.

    Attributes
    ----------
    certainty : ndarray of float64
        0 to 1; NaN where no claim is made.
    hedged_probability : ndarray of float64
        0 to 1; 0 where no claim is made.
    hedged : ndarray of bool
    sentence, column : ndarray of int64
    contribution : ndarray of float64
        What each feature added to each certainty.
    """

    certainty: Floats
    hedged_probability: Floats
    hedged: npt.NDArray[np.bool_]
    sentence: Ints
    column: Ints
    contribution: Floats


@dataclass(frozen=True, slots=True)
class CertaintyHeads:
    """Three linear models over one feature space: certainty, hedged, and whether a claim is made.

    Attributes
    ----------
    space : FeatureSpace
    certainty, hedged, claim : ndarray of float32, shape (n_features,)
    biases : ndarray of float64, shape (3,)
    calibration : Calibration
        From the score of ``hedged`` to a probability.
    threshold : float
        A sentence is hedged from this probability on.
    """

    space: FeatureSpace
    certainty: npt.NDArray[np.float32]
    hedged: npt.NDArray[np.float32]
    claim: npt.NDArray[np.float32]
    biases: Floats
    calibration: Calibration
    threshold: float

    def predict(self, batch: Batch, table: TokenTable, cues: Cues) -> Judgement:
        """Judge every sentence of a batch. A sentence without a token makes no claim."""
        return self.judge(*self.space.look_up(emit(batch, table, cues)), batch.lengths > 0)

    def judge(self, sentence: Ints, column: Ints, value: Floats, claims_possible: npt.NDArray[np.bool_]) -> Judgement:
        """Judge sentences given by their features, as parallel arrays."""
        n = claims_possible.size
        contribution = value * self.certainty[column]
        certainty = np.bincount(sentence, weights=contribution, minlength=n) + self.biases[0]
        hedged = np.bincount(sentence, weights=value * self.hedged[column], minlength=n) + self.biases[1]
        claim = np.bincount(sentence, weights=value * self.claim[column], minlength=n) + self.biases[2]
        silent = (claim < 0) | ~claims_possible
        certainty = np.minimum(np.maximum(certainty, 0.0), 1.0)
        certainty[silent] = np.nan
        probability = self.calibration(hedged)
        probability[silent] = 0.0
        return Judgement(certainty, probability, probability >= self.threshold, sentence, column, contribution)
