"""Linear models fitted on new labels on top of a model that is there already.

A few hundred labels cannot teach what a cue is; the base knows. So the scores of its heads stand beside the features of the new
sentences, scaled up so that the penalty hardly weighs on them, and a linear model learns how far to lean on them and what to
correct, word by word (the source model's predictions as features: Daumé 2007, section 2.1). A score of the base is itself a
weighted sum of features, so what is learned folds into one set of weights: it is a linear model like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, diags, hstack
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression, Ridge

from hedgekit.batch import Batch
from hedgekit.certainty import DOUBT, Calibration, CertaintyHeads, FeatureSpace, feature_key
from hedgekit.cues import Cues, TokenTable
from hedgekit.keys import KeyIndex
from hedgekit.training.certainty import build_space
from hedgekit.training.folds import even_fold_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# How large the scores of the base are beside features: the penalty hardly weighs on them.
_LEAD_SCALE = 3.0
# Penalties to choose from, on folds of the labelled sentences, the strongest first: of equal ones it is taken.
_ALPHAS = (100.0, 30.0, 10.0, 3.0)
_STRENGTHS = (0.03, 0.1, 0.3, 1.0)
_FOLDS, _FEWER_FOLDS, _MANY = 5, 3, 2000
# Single words and pairs of words count so much more than beside the cues of the base: a corpus may turn on its own vocabulary.
_WORD_FACTOR = 4.0
_WORDS = ("word ", "pair ")
_DOUBT = feature_key(DOUBT, np.zeros(1, np.uint64))
# Knots of a stored logistic curve, and how far out they reach.
_KNOTS = np.linspace(-12.0, 12.0, 97)


def joined_space(batch: Batch, table: TokenTable, cues: Cues, base: FeatureSpace) -> FeatureSpace:
    """The features of some sentences, rare words and pairs of words too, and those of a base.

    The same words twice are one sentence: what nothing else says is no more common for it.
    """
    texts = [batch.text[start:end] for start, end in zip(batch.starts.tolist(), batch.ends.tolist(), strict=True)]
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    same = np.array([numbers[text] for text in texts], dtype=np.int64)
    own = build_space(batch, table, cues, whole=True, min_sentences=2, same=same)
    names = dict(zip(own.index.keys.tolist(), own.names, strict=True)) | dict(zip(base.index.keys.tolist(), base.names, strict=True))
    keys = sorted(names)
    return FeatureSpace(KeyIndex(np.array(keys, dtype=np.uint64)), tuple(names[key] for key in keys), whole=True, bearing=base.bearing)


def transferred(weights: npt.NDArray[np.float32], base: FeatureSpace, space: FeatureSpace) -> Floats:
    """Weights over the features of a base as weights over a space that holds them all."""
    rows = base.index.rows(space.index.keys)
    return np.where(rows >= 0, weights.astype(np.float64)[rows], 0.0)


def weighted_std(values: Floats, counts: Floats) -> Floats:
    """The standard deviation of each column."""
    mean = np.average(values, axis=0, weights=counts)
    return np.asarray(np.sqrt(np.average((values - mean) ** 2, axis=0, weights=counts)))


@dataclass(frozen=True, slots=True)
class Leads:
    """The scores of a base, certainty and log-odds of hedged, as weighted sums over a feature space that holds its own.

    Attributes
    ----------
    weights : ndarray of float64, shape (n_features, 2)
    biases, scale : ndarray of float64, shape (2,)
        The scale makes the spread of the scores the same, whatever the sentences.
    words : ndarray of float64, shape (n_features,)
        By how much features are multiplied before they are fitted.
    centre : ndarray of float64, shape (2,)
        The mean of the scores, which is taken off them: it changes nothing that is learned, and a fit takes far fewer steps.
    doubt : tuple of int and float
        The column of the doubt about each sentence, -1 if there is none, and its mean, which is taken off as well.
    """

    weights: Floats
    biases: Floats
    scale: Floats
    words: Floats
    centre: Floats
    doubt: tuple[int, float]

    @classmethod
    def of(cls, base: CertaintyHeads, space: FeatureSpace, matrix: csr_matrix, counts: Floats) -> Leads:
        """The scores of the sentences whose features are the rows of ``matrix``; ``counts`` is how much each counts."""
        weights = np.stack([transferred(part, base.space, space) for part in (base.certainty, base.hedged)], axis=1)
        scores = np.asarray(matrix @ weights) + base.biases[:2]
        spread, centre = weighted_std(scores, counts), np.average(scores, axis=0, weights=counts)
        words = np.array([_WORD_FACTOR if name.startswith(_WORDS) else 1.0 for name in space.names])
        at = int(space.index.rows(_DOUBT)[0])
        mean = float(np.average(matrix[:, [at]].toarray().ravel(), weights=counts)) if at >= 0 else 0.0
        return cls(weights, base.biases[:2].copy(), _LEAD_SCALE / np.maximum(spread, 1e-3), words, centre, (at, mean))

    def columns(self, matrix: csr_matrix) -> csr_matrix:
        """The features and the scores of each row, as they are fitted."""
        scores = (np.asarray(matrix @ self.weights) + self.biases - self.centre) * self.scale
        place, mean = self.doubt
        if place >= 0:
            column = csr_matrix((np.ones(matrix.shape[0]), (np.arange(matrix.shape[0]), np.full(matrix.shape[0], place))), matrix.shape)
            matrix = matrix - mean * column
        return hstack((matrix @ diags(self.words), csr_matrix(scores))).tocsr()

    def folded(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """Weights of the features alone, shape ``(n_classes, n_features)``, and biases, from coefficients of all columns."""
        lean, own = coefficients[:, -2:] * self.scale, coefficients[:, :-2] * self.words
        place, mean = self.doubt
        shift = own[:, place] * mean if place >= 0 else 0.0
        return own + lean @ self.weights.T, lean @ (self.biases - self.centre) - shift


@dataclass(frozen=True, slots=True)
class Fitted:
    """A linear model over features.

    Attributes
    ----------
    weights : ndarray of float64, shape (n_classes, n_features)
    biases : ndarray of float64, shape (n_classes,)
    penalty : float
        Of those there were to choose from.
    held_out : ndarray of float64, shape (n_sentences, n_classes)
        The scores of each sentence by a model that was fitted without its group; NaN where that could not be.
    """

    weights: Floats
    biases: Floats
    penalty: float
    held_out: Floats

    def scores(self, matrix: csr_matrix) -> Floats:
        """Scores of shape ``(n, n_classes)``."""
        return np.asarray(matrix @ self.weights.T) + self.biases


def folds_of(groups: Sequence[str], salt: str, n_folds: int = _FOLDS) -> Iterator[tuple[Ints, Ints]]:
    """Rows to fit on and rows held out, for each fold by group that is not empty: two at least, where there are two groups."""
    folds = even_fold_of(groups, n_folds, salt)
    for fold in range(n_folds):
        held_out = np.flatnonzero(folds == fold)
        if held_out.size and held_out.size < folds.size:
            yield np.flatnonzero(folds != fold), held_out


def fit_certainty(leads: Leads, matrix: csr_matrix, certainty: Floats, weights: Floats, groups: Sequence[str]) -> Fitted:
    """Ridge regression (Hoerl and Kennard 1970), its penalty chosen by the error on held-out folds."""

    def fit(columns: csr_matrix, rows: Ints, alpha: float) -> _Linear:
        fitted = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-7, max_iter=5000).fit(columns, certainty[rows], weights[rows])
        return fitted.coef_[None], np.array([fitted.intercept_])

    def loss(scores: Floats, rows: Ints) -> float:
        return float(np.sum(weights[rows] * (scores[:, 0] - certainty[rows]) ** 2))

    return _fit(leads, matrix, groups, _ALPHAS, fit, loss)


def fit_classes(leads: Leads, matrix: csr_matrix, labels: Ints, n_classes: int, weights: Floats, groups: Sequence[str]) -> Fitted:
    """Multinomial logistic regression, its penalty chosen by the log loss on held-out folds."""

    def fit(columns: csr_matrix, rows: Ints, strength: float) -> _Linear:
        return _logistic(columns, labels[rows], n_classes, weights[rows], strength)

    def loss(scores: Floats, rows: Ints) -> float:
        return -float(np.sum(weights[rows] * log_softmax(scores, axis=1)[np.arange(rows.size), labels[rows]]))

    return _fit(leads, matrix, groups, _STRENGTHS, fit, loss)


_Linear = tuple[Floats, Floats]


def _fit(
    leads: Leads,
    matrix: csr_matrix,
    groups: Sequence[str],
    penalties: Sequence[float],
    fit: Callable[[csr_matrix, Ints, float], _Linear],
    loss: Callable[[Floats, Ints], float],
) -> Fitted:
    """Choose the penalty with the least loss on held-out folds, the first where nothing can be held out, and fit with it on all."""
    columns, losses = leads.columns(matrix), np.zeros(len(penalties))
    # Features that none of the sentences has get no weight; without them a small fit is a quick one.
    met = np.flatnonzero(columns.getnnz(axis=0))
    columns = columns[:, met]
    held_out: list[Floats | None] = [None] * len(penalties)
    for train, test in folds_of(groups, "penalty", _FOLDS if len(groups) <= _MANY else _FEWER_FOLDS):
        part, others = columns[train], columns[test]
        for number, penalty in enumerate(penalties):
            coefficients, intercepts = fit(part, train, penalty)
            scores = np.asarray(others @ coefficients.T) + intercepts
            losses[number] += loss(scores, test)
            kept = held_out[number]
            if kept is None:
                kept = held_out[number] = np.full((len(groups), intercepts.size), np.nan)
            kept[test] = scores
    best = int(losses.argmin())
    found, intercepts = fit(columns, np.arange(len(groups)), penalties[best])
    coefficients = np.zeros((intercepts.size, matrix.shape[1] + leads.biases.size))
    coefficients[:, met] = found
    own, biases = leads.folded(coefficients)
    unseen = held_out[best]
    return Fitted(own, biases + intercepts, penalties[best], np.full((len(groups), intercepts.size), np.nan) if unseen is None else unseen)


def _logistic(columns: csr_matrix, labels: Ints, n_classes: int, weights: Floats, strength: float) -> _Linear:
    """Coefficients and intercepts for each class; a class that does not occur is never likely."""
    present = np.unique(labels)
    coefficients, intercepts = np.zeros((n_classes, columns.shape[1])), np.full(n_classes, -30.0)
    if present.size == 1:
        intercepts[present] = 0.0
        return coefficients, intercepts
    fitted = LogisticRegression(C=strength, max_iter=1000).fit(columns, labels, weights)
    if present.size == 2:  # scikit-learn keeps one row for two classes
        coefficients[present[1]], intercepts[present] = fitted.coef_[0], (0.0, fitted.intercept_[0])
    else:
        coefficients[present], intercepts[present] = fitted.coef_, fitted.intercept_
    return coefficients, intercepts


def temperature(scores: Floats, labels: Ints, weights: Floats) -> float:
    """The factor that makes held-out scores the best calibrated, by their log loss (Guo et al. 2017).

    Each label is believed as far as Platt (1999) would: without that, a few sentences told apart without a mistake would make the
    model sure of everything.
    """
    counts = np.bincount(labels, weights, minlength=scores.shape[1])
    believed = ((counts + 1) / (counts + scores.shape[1]))[labels]
    others = max(scores.shape[1] - 1, 1)

    def loss(log_factor: float) -> float:
        found = log_softmax(scores * np.exp(log_factor), axis=1)
        right = found[np.arange(labels.size), labels]
        return -float(np.sum(weights * (believed * right + (1 - believed) / others * (found.sum(axis=1) - right))))

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def sigmoid_knots() -> Calibration:
    """The logistic curve as a calibration between knots."""
    return Calibration(_KNOTS.copy(), 1 / (1 + np.exp(-_KNOTS)))


def platt(scores: Floats, labels: Bools, weights: Floats) -> tuple[float, float]:
    """Slope and intercept of the logistic curve over held-out scores (Platt 1999, whose targets keep it from extremes)."""
    positive, negative = float(weights[labels].sum()), float(weights[~labels].sum())
    target = np.where(labels, (positive + 1) / (positive + 2), 1 / (negative + 2))
    rows, wanted = np.concatenate((scores, scores))[:, None], np.repeat((True, False), scores.size)
    counted = np.concatenate((weights * target, weights * (1 - target)))
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(rows, wanted, counted)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def best_threshold(probabilities: Floats, weights: Floats) -> float:
    """The threshold with the best F1 that calibrated probabilities let expect (Lipton et al. 2014).

    Of few sentences the best F1 on their labels is that of a handful of them; the expected one is smooth, and was the better guide on
    sentences that neither had seen.
    """
    # Never 0: that is what a sentence without a claim has.
    candidates = np.unique(np.maximum(np.round(probabilities, 3), 0.001))
    counted = weights * probabilities

    def expected(threshold: float) -> float:
        said = weights * (probabilities >= threshold)
        return float(2 * said @ probabilities / max(counted.sum() + said.sum(), 1e-12))

    return float(max(candidates, key=expected))
