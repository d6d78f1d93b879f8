"""Fitting how cues bear on the main claim, from the certainty and the hedging of whole sentences.

No label says which cue bears on what. The model learns it from what the cues of a sentence must have taken together: of the
certainty, that of the plain sentence times what all cues leave, and of being hedged, a noisy or.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack

from hedgekit.batch import Batch
from hedgekit.bearing import ASPECTS, BEARING_BITS, bearing_rows, joined, strengths
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import Cues, TokenTable
from hedgekit.keys import Ints
from hedgekit.training.folds import fold_of
from hedgekit.training.linear import sparse_rows
from hedgekit.windows import LinearTable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Penalties of the squared weights: of the plain certainty, of what cues take from it, of how they hedge.
_PLAIN_PENALTY, _CERTAINTY_PENALTY, _HEDGED_PENALTY = 200.0, 27.0, 1.0
# From this error on a sentence counts by its error, not by the square: labels lie on a few anchors, and some far off.
WIDTH = 0.05
# The fits stop long before they have settled, which holds them back as a penalty would.
_STEPS = 100
_MIN_COUNT = 4
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Material:
    """Sentences with cues, as the fit reads them.

    Attributes
    ----------
    plain : csr_matrix, shape (n_sentences, n_features)
        What the certainty is told from beside the cues.
    rows, probability, sentence
        Of each cue: the rows of its features, its probability, its sentence.
    """

    plain: csr_matrix
    rows: Ints
    probability: Floats
    sentence: Ints

    @classmethod
    def of(cls, plain: csr_matrix, batch: Batch, table: TokenTable, cues: Cues) -> Material:
        """The material of a batch, with the faint cues."""
        heard, _ = cues.heard()
        return cls(plain, bearing_rows(batch, table, heard), heard.probability, heard.sentence)

    def subset(self, kept: Bools) -> Material:
        """Some of the sentences."""
        mine = kept[self.sentence]
        return Material(self.plain[kept], self.rows[mine], self.probability[mine], (kept.cumsum() - 1)[self.sentence[mine]])

    def joined_with(self, other: Material) -> Material:
        """The sentences of both."""
        return Material(
            vstack((self.plain, other.plain)).tocsr(),
            np.concatenate((self.rows, other.rows)),
            np.concatenate((self.probability, other.probability)),
            np.concatenate((self.sentence, other.sentence + self.plain.shape[0])),
        )


def cross_fitted_bearing(
    found: Material, ideal: Material, sentences: Sequence[LabelledSentence], weight: Floats
) -> tuple[LinearTable, Floats, Floats]:
    """The model, and what it makes of the cues of documents that it was not fitted on.

    Parameters
    ----------
    found, ideal : Material
        The sentences with found and with labelled cues; the model learns from both.
    sentences : sequence of LabelledSentence
        The labels, all of them graded.
    weight : ndarray of float64, shape (n_sentences,)
        How much each counts for the certainty.

    Returns
    -------
    model : LinearTable
        Fitted on all.
    of_found, of_ideal : ndarray of float64, shape (n_cues, len(ASPECTS))
        As :func:`hedgekit.bearing.joined_doubts` gives them, from models fitted on the other folds.
    """
    certainty = np.array([np.nan if sentence.certainty is None else sentence.certainty for sentence in sentences])
    hedged = np.array([sentence.hedged for sentence in sentences])
    folds = fold_of([sentence.group for sentence in sentences], _FOLDS, salt="bearing")
    claims = ~np.isnan(certainty)

    def fitted(chosen: Bools) -> LinearTable:
        both = found.subset(chosen).joined_with(ideal.subset(chosen))
        return fit_bearing(both, np.tile(certainty[chosen], 2), np.tile(hedged[chosen], 2), np.tile(weight[chosen], 2))

    strength = [np.zeros((part.probability.size, len(ASPECTS))) for part in (found, ideal)]
    for fold in np.unique(folds):
        model = fitted(claims & (folds != fold))
        for part, values in zip((found, ideal), strength, strict=True):
            mine = folds[part.sentence] == fold
            values[mine] = strengths(model, part.rows[mine], part.probability[mine])
    of_found, of_ideal = (joined(values, part.sentence, len(sentences)) for part, values in zip((found, ideal), strength, strict=True))
    return fitted(claims), of_found, of_ideal


def fit_bearing(material: Material, certainty: Floats, hedged: Bools, weight: Floats) -> LinearTable:
    """Fit both aspects."""
    kept = np.flatnonzero(np.bincount(material.rows.ravel(), minlength=1 << BEARING_BITS) >= _MIN_COUNT)
    columns = np.full(1 << BEARING_BITS, -1, dtype=np.int64)
    columns[kept] = np.arange(kept.size)
    matrix = sparse_rows(material.rows, columns, kept.size)
    weights, bias = np.zeros((len(ASPECTS), 1 << BEARING_BITS)), np.zeros(len(ASPECTS))
    fits = (_fit_certainty(material, matrix, certainty, weight), _fit_hedged(material, matrix, hedged))
    for number, (fitted, least) in enumerate(fits):
        weights[number, kept], bias[number] = fitted, least
    return LinearTable.rounded(weights, bias)


def _fit_certainty(material: Material, matrix: csr_matrix, certainty: Floats, weight: Floats) -> tuple[Floats, float]:
    """Weights and bias for which ``plain * exp(-sum of strengths)`` comes near the certainty (pseudo-Huber loss)."""
    plain, sentence, probability = material.plain, material.sentence, material.probability
    n, n_plain = plain.shape
    turned, turned_plain = matrix.T.tocsr(), plain.T.tocsr()

    def loss(values: Floats) -> tuple[float, Floats]:
        of_plain, of_cues = values[:n_plain], values[n_plain:-2]
        base = plain @ of_plain + values[-2]
        scores = matrix @ of_cues + values[-1]
        left = np.exp(-np.bincount(sentence, probability * np.logaddexp(0.0, scores), n))
        error = base * left - certainty
        root = np.sqrt(error**2 + WIDTH**2)
        slope = weight * error / root
        by_score = (-slope * base * left)[sentence] * probability * _logistic(scores)
        total = float((weight * (root - WIDTH)).sum())
        total += 0.5 * (_PLAIN_PENALTY * float((of_plain**2).sum()) + _CERTAINTY_PENALTY * float((of_cues**2).sum()))
        gradient = np.concatenate(
            (
                turned_plain @ (slope * left) + _PLAIN_PENALTY * of_plain,
                turned @ by_score + _CERTAINTY_PENALTY * of_cues,
                [(slope * left).sum(), by_score.sum()],
            )
        )
        return total, gradient

    start = np.zeros(n_plain + matrix.shape[1] + 2)
    # A plain sentence, and a cue that takes little from it.
    start[-2:] = 0.9, -2.0
    values = _least(loss, start)
    return values[n_plain:-2], float(values[-1])


def _fit_hedged(material: Material, matrix: csr_matrix, hedged: Bools) -> tuple[Floats, float]:
    """Weights and bias for which ``1 - exp(-sum of strengths)`` comes near the share that is hedged (log loss)."""
    sentence, probability = material.sentence, material.probability
    turned = matrix.T.tocsr()

    def loss(values: Floats) -> tuple[float, Floats]:
        of_cues = values[:-2]
        scores = matrix @ of_cues + values[-1]
        # Some sentences are hedged without a cue: a strength that all have.
        total = np.bincount(sentence, probability * np.logaddexp(0.0, scores), hedged.size) + np.logaddexp(0.0, values[-2])
        left = np.exp(-total)
        taken = np.maximum(1 - left, 1e-9)
        by_total = np.where(hedged, -left / taken, 1.0)
        by_score = by_total[sentence] * probability * _logistic(scores)
        gradient = np.concatenate((turned @ by_score + _HEDGED_PENALTY * of_cues, [by_total.sum() * _logistic(values[-2]), by_score.sum()]))
        return float(np.where(hedged, -np.log(taken), total).sum()) + 0.5 * _HEDGED_PENALTY * float((of_cues**2).sum()), gradient

    start = np.zeros(matrix.shape[1] + 2)
    start[-2:] = -3.0, -1.0
    values = _least(loss, start)
    return values[:-2], float(values[-1])


def _logistic(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-scores)))


def _least(loss: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return np.asarray(found.x)
