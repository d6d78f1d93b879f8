"""From cues to a certainty: named features of a sentence, and linear models over them.

Every feature is a name with a 64-bit key; a sentence is a bag of ``(key, value)``. The models were fitted with
scikit-learn (:mod:`hedgekit.training.certainty`); here their coefficients are looked up and added, so that what a feature
contributes is always known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.bearing import ASPECTS, joined_doubts
from hedgekit.cues import CLASS, Cues, TokenTable
from hedgekit.cues import WORD as TOKEN
from hedgekit.keys import Ints, KeyIndex, Keys, join, mix
from hedgekit.labels import CUE_TYPES
from hedgekit.vocabulary import FINITE, NEGATOR, OPENER
from hedgekit.windows import LinearTable

Floats = npt.NDArray[np.float64]
Origins = npt.NDArray[np.int32]

# Kinds of features; their numbers salt the keys.
WORD, OPENING, OPENING_CLASS, OPENING_CLASSES, CLOSING, LENGTH, TYPE_SET, PLAIN = range(1, 9)
CUE, CUE_BEFORE, CUE_HEAD, HEAD_NEGATED = range(9, 13)
TYPE, TYPE_PLACE, TYPE_NEXT, TYPE_BEHIND, TYPE_NEGATED = range(13, 18)
PAIR, DOUBT, VERBS, OPENING_VERBS, SHORT_WORD, SHORT_PAIR = range(18, 24)
BEARING = 24

_KIND = np.uint64(0xD1B54A32D192ED03)
# Single words are many and say little each: scaled down, the penalty of the fit weighs on them more than on cues.
WORD_SCALE = 0.15
_CLASS_SCALE = 0.5
# How the cues bear on the claim is two features that say more than all others: the penalty weighs on them less.
_BEARING_SCALE = 3.0
_SHORT_KINDS = np.array([SHORT_WORD, SHORT_PAIR], dtype=np.uint64)
# In a short sentence every word counts: an answer ("No clue, sorry.") is unsure in words that are no cues elsewhere. From so
# many tokens on that fades, so that no single word more makes a jump, until it is gone.
_SHORT, _LONG, _SHORT_SCALE = 8, 20, 1.4
_DOUBTS = (1e-8, 1 - 1e-8)
LEAST_ODDS = -math.log(_DOUBTS[0] / (1 - _DOUBTS[0])) + 1e-3
_TYPE_BITS = 2.0 ** np.arange(len(CUE_TYPES))
_LENGTHS = np.array([3, 5, 8, 12, 18, 26, 38])
# A cue of a type says the more of the main claim, the nearer it stands to the beginning: tokens before it, in classes.
PLACES = np.array([1, 2, 4, 6, 9, 13, 18, 25])


def feature_key(kind: int | npt.NDArray[np.uint64], content: Keys) -> Keys:
    """The key of features of one kind."""
    return mix(content * _KIND + np.asarray(kind, dtype=np.uint64))


@dataclass(frozen=True, slots=True)
class Bag:
    """Features of a batch before they are looked up: parallel arrays of sentence, key and value, and what each comes from.

    ``origin`` is the number of a cue, or -2 minus that of a token, or -1 where a feature tells of the sentence as a whole; None where
    nobody asks for it.
    """

    sentence: Ints
    key: Keys
    value: Floats
    origin: Origins | None


def emit(
    batch: Batch, table: TokenTable, cues: Cues, *, whole: bool = False, bearing: Floats | None = None, explained: bool = False
) -> Bag:
    """All features of all sentences.

    Parameters
    ----------
    batch : Batch
    table : TokenTable
    cues : Cues
    whole : bool
        Whether to add what tells a sentence as a whole, whatever its cues: pairs of words, and the doubt about all its tokens.
    bearing : ndarray of float64, shape (n_heard, len(ASPECTS)), optional
        How the cues bear on the claim; see :func:`hedgekit.bearing.joined_doubts`.
    explained : bool
        Whether to tell what each feature comes from.

    Returns
    -------
    Bag
        In no particular order; a feature met twice in a sentence stands there twice, and one of value 0 is not met.
    """
    if not len(batch.tokens):
        return Bag(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0), np.empty(0, np.int32))
    n = len(batch.tokens)
    words = Bag(batch.sentence, feature_key(WORD, batch.tokens.keys), np.full(n, WORD_SCALE), _tokens(np.arange(n)))
    blocks = [words, *_short_sentences(batch), _sentence_features(batch, table, cues)]
    if len(cues):
        blocks.append(cue_features(batch, table, cues))
    if bearing is not None and len(bearing):
        blocks.append(_bearing_features(cues, bearing))
    if whole:
        blocks += [_pairs(batch), _doubts(cues)]
    return Bag(
        np.concatenate([block.sentence for block in blocks]),
        np.concatenate([block.key for block in blocks]),
        np.concatenate([block.value for block in blocks]),
        np.concatenate([block.origin for block in blocks if block.origin is not None]) if explained else None,
    )


def _tokens(places: Ints) -> Origins:
    return (-2 - places).astype(np.int32)


def _short_sentences(batch: Batch) -> list[Bag]:
    """The words and the pairs of words of short sentences."""
    at = (batch.lengths < _LONG).take(batch.sentence).nonzero()[0]
    if not at.size:
        return []
    keys, where = batch.tokens.keys.take(at), batch.sentence.take(at)
    value = np.minimum((_LONG - batch.lengths.take(where)) * (_SHORT_SCALE / (_LONG - _SHORT)), _SHORT_SCALE)
    joined = (where[1:] == where[:-1]).nonzero()[0]
    kinds = _SHORT_KINDS.repeat((at.size, joined.size))
    content = np.concatenate((keys, join(keys.take(joined), keys.take(joined + 1))))
    sources = np.concatenate((np.arange(at.size), joined))
    return [Bag(where.take(sources), feature_key(kinds, content), value.take(sources), _tokens(at.take(sources)))]


def _pairs(batch: Batch) -> Bag:
    left = (batch.sentence[1:] == batch.sentence[:-1]).nonzero()[0]
    keys = join(batch.tokens.keys.take(left), batch.tokens.keys.take(left + 1))
    return Bag(batch.sentence.take(left), feature_key(PAIR, keys), np.full(left.size, WORD_SCALE), _tokens(left))


def _doubts(cues: Cues) -> Bag:
    """Log-odds of the doubt about each sentence, above the least that there can be: values are not negative."""
    n = cues.doubt.size
    held = np.minimum(np.maximum(cues.doubt, _DOUBTS[0]), _DOUBTS[1])
    value = np.log(held / (1 - held)) + LEAST_ODDS
    return Bag(np.arange(n), np.full(n, feature_key(DOUBT, np.zeros(1, np.uint64))[0]), value, np.full(n, -1, np.int32))


def _block(kinds: Keys, where: Ints, content: Sequence[Keys | Ints], value: Floats, origin: Ints) -> Bag:
    """Features of several kinds that every item has: ``content`` and ``value`` hold an array for each kind."""
    stacked = np.empty((kinds.size, where.size), dtype=np.uint64)
    for row, values in zip(stacked, content, strict=True):
        row[:] = values
    sentences = np.empty(stacked.shape, dtype=np.int64)
    sentences[:] = where
    origins = np.empty(stacked.shape, dtype=np.int32)
    origins[:] = origin
    return Bag(sentences.reshape(-1), feature_key(kinds[:, None], stacked).reshape(-1), value.reshape(-1), origins.reshape(-1))


_SENTENCE_KINDS = np.array(
    [OPENING, OPENING_CLASS, OPENING_CLASSES, VERBS, OPENING_VERBS, CLOSING, LENGTH, TYPE_SET, PLAIN], dtype=np.uint64
)
_SENTENCE_SCALES = np.array([WORD_SCALE, _CLASS_SCALE, _CLASS_SCALE, _CLASS_SCALE, _CLASS_SCALE, 1.0, WORD_SCALE, 1.0, 1.0])
# More finite verbs than these say no more about whether a claim is made.
MOST_VERBS = 3


def _sentence_features(batch: Batch, table: TokenTable, cues: Cues) -> Bag:
    n = len(batch)
    where, p = cues.sentence, cues.probability
    plain = np.bincount(where, weights=np.log1p(-np.minimum(p, 0.999)), minlength=n)
    keys, columns = batch.tokens.keys, table.columns
    # An empty sentence makes no claim; what is read for it here is dropped below.
    opening = np.minimum(batch.bounds[:-1], keys.size - 1)
    at = batch.slots.take(opening)
    classes = columns[at, CLASS]
    lengths = _LENGTHS.searchsorted(batch.lengths, side="right")
    verbs = _verbs(batch, table, opening)
    content = (
        keys.take(opening),
        # An order opens with a bare verb, a question with an auxiliary.
        classes,
        join(classes, columns[at + 1, CLASS]),
        # Where no verb is finite, or only the first, little is claimed.
        join(verbs, lengths.view(np.uint64)),
        join(verbs, classes),
        keys.take(batch.bounds[1:] - 1, mode="clip"),
        lengths,
        _type_sets(cues, n),
        np.zeros(n, np.int64),
    )
    value = np.repeat(_SENTENCE_SCALES[:, None], n, axis=1)
    value[-1] = np.exp(plain)
    value *= batch.lengths > 0
    return _block(_SENTENCE_KINDS, np.arange(n), content, value, np.full(n, -1, np.int32))


def _verbs(batch: Batch, table: TokenTable, opening: Ints) -> Keys:
    """How many words behind the first of each sentence may be finite verbs, up to ``MOST_VERBS``."""
    before = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    np.cumsum((table.flags & FINITE) > 0, out=before[1:])
    found = before.take(batch.bounds[1:]) - before.take(np.minimum(opening + 1, batch.bounds[1:]))
    return np.asarray(np.minimum(found, MOST_VERBS).view(np.uint64))


_NEGATED_KINDS = (HEAD_NEGATED, TYPE_NEGATED)
_CUE_KINDS = np.array([*_NEGATED_KINDS, CUE, CUE_BEFORE, CUE_HEAD, TYPE, TYPE_PLACE, TYPE_NEXT, TYPE_BEHIND], dtype=np.uint64)


def cue_features(batch: Batch, table: TokenTable, cues: Cues) -> Bag:
    """The features that each cue adds to its sentence."""
    p, form = cues.probability, cues.form
    kind = cues.type.astype(np.uint64)
    before = batch.slots.take(cues.first) - 1
    head = batch.tokens.keys.take(cues.last)
    content = (
        head,
        kind,
        form,
        join(form, table.columns[before, CLASS]),
        head,
        kind,
        kind * np.uint64(16) + place_of(batch, cues),
        join(kind, table.columns[batch.slots.take(cues.last) + 1, TOKEN]),
        join(kind, nearest_opener(batch, table, cues)),
    )
    value = np.empty((_CUE_KINDS.size, p.size))
    value[:] = p
    value[: len(_NEGATED_KINDS)] *= negated_cues(batch, table, cues)
    return _block(_CUE_KINDS, cues.sentence, content, value, np.arange(p.size))


def bearing_keys() -> Keys:
    """The keys of the features that tell how cues bear on the claim, in the order of :data:`hedgekit.bearing.ASPECTS`."""
    return feature_key(BEARING, np.arange(len(ASPECTS), dtype=np.uint64))


def _bearing_features(cues: Cues, bearing: Floats) -> Bag:
    n = len(ASPECTS)
    heard, number = cues.heard()
    return Bag(
        heard.sentence.repeat(n),
        np.tile(bearing_keys(), len(heard)),
        bearing.reshape(-1) * _BEARING_SCALE,
        number.astype(np.int32).repeat(n),
    )


def place_of(batch: Batch, cues: Cues) -> Keys:
    """Where each cue stands in its sentence: the class of :data:`PLACES`."""
    return PLACES.searchsorted(cues.first - batch.bounds.take(cues.sentence), side="right").astype(np.uint64)


def _type_sets(cues: Cues, n: int) -> Keys:
    """The set of types in each sentence, as bits."""
    present = np.zeros((n, len(CUE_TYPES)))
    sure = (cues.probability > 0.5).nonzero()[0]
    present[cues.sentence.take(sure), cues.type.take(sure)] = 1
    return (present @ _TYPE_BITS).astype(np.uint64)


def nearest_opener(batch: Batch, table: TokenTable, cues: Cues) -> Keys:
    """The nearest word before each cue that opens a clause ("who", "because", a comma), 0 where none does."""
    openers = (table.flags & OPENER).nonzero()[0]
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


@dataclass(frozen=True, slots=True)
class Met:
    """Known features that were met in a batch, as parallel arrays; ``origin`` as in :class:`Bag`."""

    sentence: Ints
    column: Ints
    value: Floats
    origin: Origins | None


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """The features that a model knows, in their order.

    Attributes
    ----------
    index : KeyIndex
        Keys of the features.
    names : tuple of str
        Readable, one for each key: ``"cue likely"``, ``"type modal"``, ``"word not"``.
    whole : bool
        Whether features of the sentence as a whole are among them; see :func:`emit`.
    bearing : LinearTable or None
        How cues bear on the claim (:mod:`hedgekit.bearing`), where that is among them.
    """

    index: KeyIndex
    names: tuple[str, ...]
    whole: bool = False
    bearing: LinearTable | None = None

    def __len__(self) -> int:
        return len(self.index)

    def bag(self, batch: Batch, table: TokenTable, cues: Cues, *, explained: bool = False) -> Bag:
        """The features of a batch that may be among these."""
        bearing = None if self.bearing is None else joined_doubts(self.bearing, batch, table, cues)
        return emit(batch, table, cues, whole=self.whole, bearing=bearing, explained=explained)

    def look_up(self, bag: Bag) -> Met:
        """The known features of a bag."""
        rows = self.index.rows(bag.key)
        known = ((rows >= 0) & (bag.value > 0)).nonzero()[0]
        origin = None if bag.origin is None else bag.origin.take(known)
        return Met(bag.sentence.take(known), rows.take(known), bag.value.take(known), origin)


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
    met : Met
        The features.
    contribution : ndarray of float64
        What each of them added to the certainty of its sentence.
    """

    certainty: Floats
    hedged_probability: Floats
    hedged: npt.NDArray[np.bool_]
    met: Met
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

    def predict(self, batch: Batch, table: TokenTable, cues: Cues, *, explained: bool = False) -> Judgement:
        """Judge every sentence of a batch, and tell what each feature comes from if asked. A sentence without a token makes no claim."""
        return self._judge(self.space.look_up(self.space.bag(batch, table, cues, explained=explained)), batch.lengths > 0)

    def grade(self, batch: Batch, table: TokenTable, cues: Cues) -> Floats:
        """The certainty of every sentence, 0 to 1, whether it makes a claim or not."""
        met = self.space.look_up(self.space.bag(batch, table, cues))
        certainty = np.bincount(met.sentence, weights=met.value * self.certainty[met.column], minlength=len(batch)) + self.biases[0]
        return np.asarray(np.minimum(np.maximum(certainty, 0.0), 1.0))

    def _judge(self, met: Met, claims_possible: npt.NDArray[np.bool_]) -> Judgement:
        n = claims_possible.size
        contribution = met.value * self.certainty[met.column]
        certainty = np.bincount(met.sentence, weights=contribution, minlength=n) + self.biases[0]
        hedged = np.bincount(met.sentence, weights=met.value * self.hedged[met.column], minlength=n) + self.biases[1]
        claim = np.bincount(met.sentence, weights=met.value * self.claim[met.column], minlength=n) + self.biases[2]
        silent = (claim < 0) | ~claims_possible
        certainty = np.minimum(np.maximum(certainty, 0.0), 1.0)
        certainty[silent] = np.nan
        probability = self.calibration(hedged)
        probability[silent] = 0.0
        return Judgement(certainty, probability, probability >= self.threshold, met, contribution)
