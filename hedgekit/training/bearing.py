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

    @classmethod
    def joined(cls, parts: Sequence[Material]) -> Material:
        """The sentences of all."""
        offsets = np.cumsum([0, *(part.plain.shape[0] for part in parts)])
        return cls(
            vstack([part.plain for part in parts]).tocsr(),
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.probability for part in parts]),
            np.concatenate([part.sentence + offset for part, offset in zip(parts, offsets, strict=False)]),
        )


@dataclass(frozen=True, slots=True)
class Graded:
    """Sentences with cues and the labels that the fit is to explain.

    Attributes
    ----------
    material : Material
    certainty : ndarray of float64, shape (n_sentences,)
        NaN where no claim is made.
    hedged : ndarray of bool, shape (n_sentences,)
    weight : ndarray of float64, shape (n_sentences,)
        How much each counts for the certainty.
    groups : sequence of str
        The documents.
    """

    material: Material
    certainty: Floats
    hedged: Bools
    weight: Floats
    groups: Sequence[str]


def cross_fitted_bearing(parts: Sequence[Graded]) -> tuple[LinearTable, list[Floats]]:
    """The model, and what it makes of the cues of documents that it was not fitted on.

    Parameters
    ----------
    parts : sequence of Graded
        The same sentences may stand in several, as with found and with labelled cues; the model learns from all.

    Returns
    -------
    model : LinearTable
        Fitted on all.
    parts : list of ndarray of float64, shape (n_cues, len(ASPECTS))
        For each of ``parts`` as :func:`hedgekit.bearing.joined_doubts` gives them, from models fitted on the other folds.
    """
    folds = [fold_of(part.groups, _FOLDS, salt="bearing") for part in parts]

    def fitted(without: int | None) -> LinearTable:
        chosen = [~np.isnan(part.certainty) & (own != without) for part, own in zip(parts, folds, strict=True)]
        mine = list(zip(parts, chosen, strict=True))
        return fit_bearing(
            Material.joined([part.material.subset(rows) for part, rows in mine]),
            np.concatenate([part.certainty[rows] for part, rows in mine]),
            np.concatenate([part.hedged[rows] for part, rows in mine]),
            np.concatenate([part.weight[rows] for part, rows in mine]),
        )

    strength = [np.zeros((part.material.probability.size, len(ASPECTS))) for part in parts]
    for fold in np.unique(np.concatenate(folds)).tolist():
        model = fitted(fold)
        for part, own, values in zip(parts, folds, strength, strict=True):
            mine = own[part.material.sentence] == fold
            values[mine] = strengths(model, part.material.rows[mine], part.material.probability[mine])
    found = [joined(values, part.material.sentence, len(part.groups)) for part, values in zip(parts, strength, strict=True)]
    return fitted(None), found


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
