"""Fitting the certainty models on sentences whose cues were found by a detector that had not seen them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack

from hedgekit.batch import Batch
from hedgekit.bearing import ASPECTS
from hedgekit.certainty import (
    CLOSING,
    CUE,
    CUE_BEFORE,
    CUE_HEAD,
    DOUBT,
    HEAD_NEGATED,
    LENGTH,
    MOST_VERBS,
    OPENING,
    OPENING_CLASS,
    OPENING_CLASSES,
    OPENING_VERBS,
    PAIR,
    PLACES,
    PLAIN,
    SHORT_PAIR,
    SHORT_WORD,
    TYPE,
    TYPE_BEHIND,
    TYPE_NEGATED,
    TYPE_NEXT,
    TYPE_PLACE,
    TYPE_SET,
    VERBS,
    WORD,
    CertaintyHeads,
    FeatureSpace,
    Floats,
    bearing_keys,
    cue_features,
    emit,
    feature_key,
    nearest_opener,
)
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import CLASS, Cues, TokenTable
from hedgekit.estimators import CertaintyClassifier, CertaintyRegressor, feature_matrix, fit_claim
from hedgekit.keys import Ints, KeyIndex, Keys, join
from hedgekit.labels import CUE_TYPES
from hedgekit.text.tokens import WORD_SHAPE, folded_key
from hedgekit.training.bearing import WIDTH, Graded, Material, cross_fitted_bearing

# How the names of features begin that words give to short sentences.
SHORT_NAME = "short sentence with "
_MIN_SENTENCES = 3
# The seeds are few, and hold the words of likelihood where they govern the main claim, as running text seldom does; so do variants,
# and answers, which are short besides: all that a teacher graded is news.
_COUNTED = {"seeds": 2.0, "answers": 4.0, "variants": 2.0}
# Written to be hard to tell from texts without a claim: they teach, but where the line is drawn is for the others to say.
_HARD_CLAIMS = "claims"
# Last signs that tell what a sentence is, and words that are written with a capital and are no names.
_TELLING = np.array([folded_key(sign) for sign in ("?", "!", ":", ";", ",", "-")], dtype=np.uint64)
_WRITER = np.array([folded_key(word) for word in ("i", "i'm", "i've", "i'd", "i'll")], dtype=np.uint64)


def build_space(
    batch: Batch,
    table: TokenTable,
    cues: Cues,
    *,
    whole: bool = False,
    bearing: Floats | None = None,
    min_sentences: int = _MIN_SENTENCES,
    same: Ints | None = None,
) -> FeatureSpace:
    """The features met in at least ``min_sentences`` sentences, with readable names; sentences of one number in ``same`` count once.

    But where ``whole`` asks for all that a corpus may tell, names and numbers are none, nor is a full stop at the end: what a
    sentence is about, and whether its stop is written, must not move its certainty.
    """
    bag = emit(batch, table, cues, whole=whole, bearing=bearing)
    met = bag.value > 0
    if not whole:
        met &= ~np.isin(bag.key, _untelling(batch))
    sentence = bag.sentence[met] if same is None else same[bag.sentence[met]]
    pairs = np.unique(np.stack((bag.key[met], sentence.astype(np.uint64))), axis=1)[0]
    keys, counts = np.unique(pairs, return_counts=True)
    keys = keys[counts >= min_sentences]
    names = _names(batch, table, cues)
    return FeatureSpace(KeyIndex(keys), tuple(names.get(int(key), f"feature {int(key):016x}") for key in keys), whole)


def _untelling(batch: Batch) -> Keys:
    """Features of single names and numbers, and of last signs other than those of questions, calls, lists and broken ends."""
    tokens = batch.tokens
    inside = np.ones(len(tokens), dtype=np.bool_)
    inside[batch.bounds[:-1][batch.lengths > 0]] = False
    keys, place = np.unique(tokens.keys, return_inverse=True)
    capital = np.bincount(place, weights=inside & (tokens.shape & 1 > 0), minlength=keys.size)
    number = np.bincount(place, weights=tokens.shape & 2 > 0, minlength=keys.size)
    names = (2 * capital > np.bincount(place, weights=inside, minlength=keys.size)) & ~np.isin(keys, _WRITER)
    last = tokens.keys[batch.bounds[1:][batch.lengths > 0] - 1]
    return np.concatenate((_word_features(batch, keys[names | (number > 0)]), feature_key(CLOSING, last[~np.isin(last, _TELLING)])))


def _of_signs(batch: Batch) -> Keys:
    """Features of single signs: quotation marks, commas and the like."""
    return _word_features(batch, np.unique(batch.tokens.keys[batch.tokens.shape < WORD_SHAPE]))


def _word_features(batch: Batch, words: Keys) -> Keys:
    """The features that some words give to the sentences they stand in, alone and in pairs."""
    keys = batch.tokens.keys
    held = np.isin(keys, words)
    either = held[1:] | held[:-1]
    pairs = join(keys[:-1][either], keys[1:][either])
    return np.concatenate((*(feature_key(kind, words) for kind in (WORD, OPENING, SHORT_WORD)), feature_key(SHORT_PAIR, pairs)))


def _names(batch: Batch, table: TokenTable, cues: Cues) -> dict[int, str]:
    names: dict[int, str] = {}

    def put(kind: int, content: Keys, labels: Sequence[str]) -> None:
        for key, label in zip(feature_key(kind, content).tolist(), labels, strict=True):
            names.setdefault(key, label)

    tokens = batch.tokens
    words = [batch.text[a:b].lower() for a, b in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)]
    put(WORD, tokens.keys, [f"word {word}" for word in words])
    put(SHORT_WORD, tokens.keys, [f"{SHORT_NAME}{word}" for word in words])
    put(SHORT_PAIR, join(tokens.keys[:-1], tokens.keys[1:]), [f"{SHORT_NAME}{a} {b}" for a, b in itertools.pairwise(words)])
    put(PAIR, join(tokens.keys[:-1], tokens.keys[1:]), [f"pair {a} {b}" for a, b in itertools.pairwise(words)])
    put(DOUBT, np.zeros(1, np.uint64), ["doubt"])
    put(OPENING, tokens.keys, [f"first word {word}" for word in words])
    classes = table.columns[batch.slots, CLASS]
    following_class = table.columns[batch.slots + 1, CLASS]
    put(OPENING_CLASS, classes, [f"opens like {word}" for word in words])
    put(OPENING_CLASSES, join(classes, following_class), [f"opens like {a} {b}" for a, b in zip(words, [*words[1:], ""], strict=True)])
    for verbs in range(MOST_VERBS + 1):
        count = np.uint64(verbs)
        put(VERBS, join(np.full(8, count), np.arange(8, dtype=np.uint64)), [f"{verbs} finite verbs in length class {n}" for n in range(8)])
        put(OPENING_VERBS, join(np.full(len(tokens), count), classes), [f"{verbs} finite verbs behind one like {word}" for word in words])
    put(CLOSING, tokens.keys, [f"last sign {word}" for word in words])
    forms = [" ".join(words[a : b + 1]) for a, b in zip(cues.first.tolist(), cues.last.tolist(), strict=True)]
    put(CUE, cues.form, [f"cue {form}" for form in forms])
    after = table.columns[batch.slots[cues.last] + 1, 0]
    following = [words[b + 1] if b + 1 < len(words) else "" for b in cues.last.tolist()]
    types = cues.type.astype(np.uint64)
    put(TYPE_NEXT, join(types, after), [f"{CUE_TYPES[t]} before {word}" for t, word in zip(cues.type.tolist(), following, strict=True)])
    opener = nearest_opener(batch, table, cues)
    openers = {int(key): words[int(at)] for at, key in enumerate(tokens.keys)}
    behind = [openers.get(int(key), "nothing") for key in opener]
    put(TYPE_BEHIND, join(types, opener), [f"{CUE_TYPES[t]} behind {word}" for t, word in zip(cues.type.tolist(), behind, strict=True)])
    before = table.columns[batch.slots[cues.first] - 1]
    heads = tokens.keys[cues.last]
    head_words = [words[b] for b in cues.last.tolist()]
    put(CUE_HEAD, heads, [f"cue ending in {word}" for word in head_words])
    put(HEAD_NEGATED, heads, [f"negated {word}" for word in head_words])
    put(TYPE_NEGATED, types, [f"negated {CUE_TYPES[t]}" for t in cues.type.tolist()])
    put(CUE_BEFORE, join(cues.form, before[:, CLASS]), [f"cue {form} behind its neighbour" for form in forms])
    for number, name in enumerate(CUE_TYPES):
        one = np.array([number], dtype=np.uint64)
        put(TYPE, one, [f"type {name}"])
        for code, passed in enumerate((0, *PLACES.tolist())):
            put(TYPE_PLACE, one * np.uint64(16) + np.uint64(code), [f"{name} behind {passed} words or more"])
    for bits in range(1 << len(CUE_TYPES)):
        members = [name for number, name in enumerate(CUE_TYPES) if bits >> number & 1]
        put(TYPE_SET, np.array([bits], np.uint64), [f"types {' + '.join(members) or 'none'}"])
    for code in range(8):
        put(LENGTH, np.array([code], np.uint64), [f"length class {code}"])
    put(PLAIN, np.zeros(1, np.uint64), ["no cue"])
    names.update(zip(bearing_keys().tolist(), ASPECTS, strict=True))
    return names


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences and their cues, as a detector found them or as they were labelled.

    Attributes
    ----------
    batch : Batch
    table : TokenTable
    cues : Cues
    sentences : sequence of LabelledSentence
        The labels, all of them graded.
    """

    batch: Batch
    table: TokenTable
    cues: Cues
    sentences: Sequence[LabelledSentence]

    def matrix(self, space: FeatureSpace, bearing: Floats | None = None) -> csr_matrix:
        """The features of each sentence."""
        return feature_matrix(space, emit(self.batch, self.table, self.cues, bearing=bearing), len(self.sentences))

    def graded(self, plain: csr_matrix) -> Graded:
        """As the fit of the bearing takes it, with what the certainty is told from beside the cues."""
        return Graded(
            Material.of(plain, self.batch, self.table, self.cues),
            self.certainty(),
            np.array([sentence.hedged for sentence in self.sentences], dtype=np.bool_),
            self.weight(),
            [sentence.group for sentence in self.sentences],
        )

    def certainty(self) -> Floats:
        """NaN where no claim is made."""
        return np.array([np.nan if sentence.certainty is None else sentence.certainty for sentence in self.sentences])

    def weight(self) -> Floats:
        """How much each sentence counts for the certainty."""
        return np.array([_COUNTED.get(sentence.origin, 1.0) for sentence in self.sentences])


def fit_heads(
    found: Reading,
    labelled: Reading,
    taught: Reading | None = None,
    *,
    alpha: float = 20.0,
    strength: float = 0.15,
) -> CertaintyHeads:
    """Fit certainty, hedged and claim through the estimators, and keep what they learned.

    Parameters
    ----------
    found : Reading
        The sentences with cues from a detector that was fitted on other documents.
    labelled : Reading
        The same with their labelled cues. Certainty learns from both: what cues mean, and what it may trust of what is found.
    taught : Reading, optional
        Sentences that a teacher graded (:mod:`hedgekit.training.teacher`), with found cues. Certainty learns from them, too.
    alpha, strength : float
        See :class:`hedgekit.estimators.CertaintyRegressor` and :class:`hedgekit.estimators.CertaintyClassifier`.
    """
    readings = [found, labelled]
    if taught is not None and len(taught.sentences):
        readings.append(taught)
    plain = build_space(found.batch, found.table, found.cues)
    # No cue makes a sentence a claim, nor keeps it from being one.
    of_cues = np.append(cue_features(found.batch, found.table, found.cues).key, bearing_keys())
    # Commas and quotation marks tell claims from fragments, but do not make them surer.
    of_signs = _of_signs(found.batch)
    beside = ~np.isin(plain.index.keys, np.append(of_cues, of_signs))
    model, bearings = cross_fitted_bearing([part.graded(part.matrix(plain)[:, beside]) for part in readings])
    space = replace(build_space(found.batch, found.table, found.cues, bearing=bearings[0]), bearing=model)
    matrices = [part.matrix(space, bearing) for part, bearing in zip(readings, bearings, strict=True)]
    spoken = diags((~np.isin(space.index.keys, of_signs)).astype(np.float64))
    certainties = np.concatenate([part.certainty() for part in readings])
    weights = np.concatenate([part.weight() for part in readings])
    regressor = CertaintyRegressor(alpha, width=WIDTH).fit(vstack(matrices) @ spoken, certainties, weights)
    hedged = [None if sentence.certainty is None else sentence.hedged for sentence in found.sentences]
    groups = [sentence.group for sentence in found.sentences]
    matrix = matrices[0]
    classifier = CertaintyClassifier(strength).fit(matrix @ spoken, hedged, groups=groups)
    silent = ~np.isin(space.index.keys, of_cues)
    usual = np.array([sentence.origin != _HARD_CLAIMS for sentence in found.sentences])
    claim, least = fit_claim(matrix @ diags(silent.astype(np.float64)), ~np.isnan(found.certainty()), groups, usual)
    return CertaintyHeads(
        space,
        regressor.coef_.astype(np.float32),
        classifier.coef_.astype(np.float32),
        claim.astype(np.float32),
        np.array([regressor.intercept_, classifier.intercept_, least]),
        classifier.calibration_,
        classifier.threshold_,
    )
