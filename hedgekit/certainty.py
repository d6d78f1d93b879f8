"""From cues to a certainty: named features of a sentence, and linear models over them.

Every feature is a name with a 64-bit key; a sentence is a bag of ``(key, value)``. The models were fitted with
scikit-learn (:mod:`hedgekit.training.certainty`); here their coefficients are looked up and added, so that what a feature
contributes is always known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, SHAPE, Cues
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.text.tokens import Ints, Keys, folded_key, mix

Floats = npt.NDArray[np.float64]

# Kinds of features; their numbers salt the keys.
WORD, PAIR, OPENING, CLOSING, CUE, TYPE, TYPE_PLACE, TYPE_QUOTED, TYPE_SEQUENCE, TYPE_NEXT, COUNT, PLAIN, LENGTH, CLASSES, CUE_BEFORE = range(1, 16)
TYPE_SET, CUE_PLACE, TYPE_BEHIND, TYPE_RANK, CUE_AROUND = range(16, 21)

_KIND = np.uint64(0xD1B54A32D192ED03)
_QUOTES = '"“”„'
_HEDGING = np.array([t not in (CueType.BOOSTER, CueType.APPROXIMATOR, CueType.REPORTATIVE) for t in CUE_TYPES])
# Words and signs that open a clause or a quotation.
_OPENERS = np.array([folded_key(word) for word in ("who", "which", "that", "because", "while", "as", "after", "when", "if", "to", "and", "but", "although", "where", "than", ",", ";", ":", "—", '"', "(")], dtype=np.uint64)
# Single words are many and say little each: scaled down, the penalty of the fit weighs on them more than on cues.
_WORD_SCALE = 0.15
_LENGTHS = np.array([3, 5, 8, 12, 18, 26, 38])


def feature_key(kind: int, content: Keys) -> Keys:
    """The key of features of one kind."""
    return mix(content * _KIND + np.uint64(kind))


@dataclass(frozen=True, slots=True)
class Bag:
    """Features of a batch before they are looked up: parallel arrays of sentence, key and value."""

    sentence: Ints
    key: Keys
    value: Floats


def cue_content(batch: Batch, cues: Cues) -> Keys:
    """A key for the words of each cue."""
    keys = batch.tokens.keys
    content = keys[cues.first]
    length = cues.last - cues.first
    for step in range(1, int(length.max(initial=0)) + 1):
        longer = length >= step
        content[longer] = mix(content[longer] * np.uint64(31) + keys[cues.first[longer] + step])
    return content


def emit(batch: Batch, table: Keys, cues: Cues) -> Bag:
    """All features of all sentences.

    Parameters
    ----------
    batch : Batch
    table : ndarray of uint64
        The detector's token table for this batch.
    cues : Cues

    Returns
    -------
    Bag
        In no particular order; a feature met twice in a sentence stands there twice.
    """
    parts: list[tuple[int, Ints, Keys, Floats | float]] = []
    sentence, keys = batch.sentence, batch.tokens.keys
    full = np.flatnonzero(batch.lengths > 0)
    parts.append((WORD, sentence, keys, _WORD_SCALE))
    same = np.flatnonzero(sentence[1:] == sentence[:-1])
    parts.append((PAIR, sentence[same], joined(keys[same], keys[same + 1]), _WORD_SCALE))
    parts.append((OPENING, full, keys[batch.bounds[full]], _WORD_SCALE))
    parts.append((CLOSING, full, keys[batch.bounds[full + 1] - 1], 1.0))
    parts.append((CLASSES, sentence, table[batch.slots, CLASS], _WORD_SCALE))
    parts.append((LENGTH, full, np.digitize(batch.lengths[full], _LENGTHS).astype(np.uint64), _WORD_SCALE))
    parts += _cue_features(batch, table, cues)
    return Bag(
        np.concatenate([part[1] for part in parts]),
        np.concatenate([feature_key(kind, content) for kind, _, content, _ in parts]),
        np.concatenate([np.broadcast_to(part[3], part[1].shape) for part in parts]),
    )


def joined(left: Keys, right: Keys) -> Keys:
    """The key of two contents in their order."""
    return mix(left * np.uint64(31) + right)


def _cue_features(batch: Batch, table: Keys, cues: Cues) -> list[tuple[int, Ints, Keys, Floats | float]]:
    n = len(batch)
    where, p, kind = cues.sentence, cues.probability, cues.type.astype(np.uint64)
    before = table[batch.slots[cues.first] - 1]
    after = table[batch.slots[cues.last] + 1]
    place = place_of(batch, cues)
    follows = np.flatnonzero(where[1:] == where[:-1])
    form = cue_content(batch, cues)
    surely = np.zeros(n)
    np.add.at(surely, where, np.log1p(-np.minimum(p, 0.999)))
    hedges = np.bincount(where, weights=p * _HEDGING[cues.type], minlength=n)
    everyone = np.arange(n)
    return [
        (CUE, where, form, p),
        (TYPE, where, kind, p),
        (TYPE_PLACE, where, kind * np.uint64(4) + place, p),
        (TYPE_QUOTED, *_quoted(batch, cues)),
        (TYPE_SEQUENCE, where[follows], kind[follows] * np.uint64(16) + kind[follows + 1], p[follows] * p[follows + 1]),
        (TYPE_NEXT, where, joined(kind, after[:, 0]), p),
        (CUE_BEFORE, where, joined(form, before[:, CLASS]), p),
        (TYPE_SET, everyone, _type_sets(cues, n), 1.0),
        (CUE_PLACE, where, joined(form, place), p),
        (TYPE_BEHIND, where, joined(kind, nearest_opener(batch, cues)), p),
        (TYPE_RANK, where, kind * np.uint64(8) + rank_of(batch, cues), p),
        (CUE_AROUND, where, joined(form, joined(before[:, SHAPE], after[:, SHAPE])), p),
        (COUNT, everyone, np.minimum(np.round(2 * hedges), 6).astype(np.uint64), 1.0),
        (PLAIN, everyone, np.zeros(n, np.uint64), np.exp(surely)),
    ]


def place_of(batch: Batch, cues: Cues) -> Keys:
    """Where each cue stands in its sentence: 0 at the start, 1 in the first half, 2 later."""
    relative = cues.first - batch.bounds[cues.sentence]
    return np.where(relative <= 1, 0, np.where(2 * relative < batch.lengths[cues.sentence], 1, 2)).astype(np.uint64)


def _type_sets(cues: Cues, n: int) -> Keys:
    """The set of types in each sentence, as bits."""
    sets = np.zeros(n, dtype=np.int64)
    sure = cues.probability > 0.5
    np.bitwise_or.at(sets, cues.sentence[sure], 1 << cues.type[sure])
    return sets.astype(np.uint64)


def rank_of(batch: Batch, cues: Cues) -> Keys:
    """How many cues stand before this one in its sentence, up to three, and whether it is the last (plus four)."""
    starts = np.searchsorted(cues.sentence, np.arange(len(batch)))
    rank = np.minimum(np.arange(len(cues)) - starts[cues.sentence], 3)
    last = np.ones(len(cues), dtype=np.int64)
    last[:-1] = cues.sentence[1:] != cues.sentence[:-1]
    return (rank + 4 * last).astype(np.uint64)


def nearest_opener(batch: Batch, cues: Cues) -> Keys:
    """The nearest word before each cue that opens a clause ("who", "because", a comma), 0 where none does."""
    keys = batch.tokens.keys
    openers = np.flatnonzero(np.isin(keys, _OPENERS))
    if not openers.size:
        return np.zeros(len(cues), dtype=np.uint64)
    at = np.searchsorted(openers, cues.first) - 1
    nearest = openers[np.maximum(at, 0)]
    inside = (at >= 0) & (nearest >= batch.bounds[cues.sentence])
    return np.where(inside, keys[nearest], 0).astype(np.uint64)


def _quoted(batch: Batch, cues: Cues) -> tuple[Ints, Keys, Floats]:
    """Cues that stand between quotation marks: behind an odd number of them in their sentence."""
    tokens = batch.tokens
    signs = np.flatnonzero(~tokens.word)
    marks = np.array([sign for sign, at in zip(signs.tolist(), tokens.starts[signs].tolist(), strict=True) if batch.text[at] in _QUOTES], np.int64)
    if not marks.size or not len(cues):
        return np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0)
    open_marks = np.searchsorted(marks, cues.first) - np.searchsorted(marks, batch.bounds[cues.sentence])
    inside = open_marks % 2 == 1
    return cues.sentence[inside], cues.type[inside].astype(np.uint64), cues.probability[inside]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """The features that a model knows, in their order.

    Attributes
    ----------
    keys : ndarray of uint64, shape (n_features,)
        Sorted.
    names : tuple of str
        Readable, one for each key: ``"cue likely"``, ``"type modal"``, ``"word not"``.
    """

    keys: Keys
    names: tuple[str, ...]

    def __len__(self) -> int:
        return int(self.keys.size)

    def look_up(self, bag: Bag) -> tuple[Ints, Ints, Floats]:
        """The known features of a bag as parallel arrays: sentence, column, value."""
        if not self.keys.size:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        columns = np.minimum(np.searchsorted(self.keys, bag.key), self.keys.size - 1)
        known = np.flatnonzero(self.keys[columns] == bag.key)
        return bag.sentence[known], columns[known], bag.value[known]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone map from a score to a probability, linear between its knots."""

    scores: Floats
    probabilities: Floats

    def __call__(self, scores: Floats) -> Floats:
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

    def predict(self, batch: Batch, table: Keys, cues: Cues) -> Judgement:
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
        certainty = np.clip(certainty, 0.0, 1.0)
        certainty[silent] = np.nan
        probability = self.calibration(hedged)
        probability[silent] = 0.0
        return Judgement(certainty, probability, probability >= self.threshold, sentence, column, contribution)
