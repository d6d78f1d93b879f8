"""Linear models over hashed rows: scikit-learn fits them on the rows that occur, the table of weights keeps the rest at zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from hedgekit.windows import MAX_FEATURES, LinearTable

Floats = npt.NDArray[np.float64]

# How the scores of a model that is learned from are scaled: the less, the harder the penalty makes them to use.
_TAUGHT_SCALE = 0.3
# In how many steps words and sentences are fitted together, and with which log-odds of a word the search begins.
_JOINT_STEPS, _FIRST_ODDS = 60, -3.0
# The noisy or of a sentence is not held to be less certain than this while it is fitted.
_LEAST_TOTAL = 1e-6


def sparse_rows(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], n_columns: int) -> csr_matrix:
    """A matrix of zeros and ones from hashed rows; rows that ``columns`` maps to -1 are left out."""
    mapped = columns[rows]
    known = mapped >= 0
    indptr = np.concatenate(([0], np.cumsum(known.sum(axis=1))))
    return csr_matrix((np.ones(int(indptr[-1])), mapped[known], indptr), shape=(rows.shape[0], n_columns))


def fit_hashed(
    rows: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    n_classes: int,
    table_size: int,
    *,
    strength: float,
    min_count: int = 2,
    taught_by: LinearTable | None = None,
    counts: Floats | None = None,
) -> LinearTable:
    """Fit multinomial logistic regression and spread its weights over a table of ``table_size`` rows.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_samples, n_features)
        Hashed features of each sample.
    labels : ndarray of int64, shape (n_samples,)
        Classes 0 to ``n_classes - 1``.
    strength : float
        Inverse regularisation, scikit-learn's ``C``.
    min_count : int
        Rows seen less often in ``rows`` get no weight.
    taught_by : LinearTable, optional
        A model over the same rows and classes, fitted on other data. How far its scores are followed is learned, and what they
        say becomes part of the weights.
    counts : ndarray of float64, shape (n_samples,), optional
        How much each sample counts; 1 by default.

    Returns
    -------
    LinearTable
        A class that never occurs in ``labels`` gets a bias that keeps it from winning; the only one that occurs always wins.
    """
    _refuse_too_many(rows)
    weights = np.zeros((n_classes, table_size))
    bias = np.full(n_classes, -30.0)
    present = np.unique(labels)
    if present.size < 2:
        bias[present] = 0.0
        return LinearTable.rounded(weights, bias)
    kept, columns = _kept(rows, table_size, min_count)
    # The tolerance is of the mean gradient: a looser one stops long before such a sparse fit has settled.
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-4)
    matrix = sparse_rows(rows, columns, kept.size)
    if taught_by is not None:
        scores = taught_by.scores(rows)
        matrix = hstack((matrix, _TAUGHT_SCALE * (scores[:, 1:] - scores[:, :1]))).tocsr()
    model.fit(matrix, labels, counts)
    coefficients, bias = _by_class(model, n_classes)
    weights[:, kept] = coefficients[:, : kept.size]
    if taught_by is not None:
        followers, taught = _TAUGHT_SCALE * coefficients[:, kept.size :], taught_by.real_weights()
        weights += followers @ (taught[1:] - taught[:1])
        bias = bias + followers @ (taught_by.bias[1:] - taught_by.bias[0])
        # Only the differences of the classes tell: with the first at zero the many rows of the other model pack smaller.
        weights, bias = weights - weights[0], bias - bias[0]
    return LinearTable.rounded(weights, bias)


def _by_class(model: LogisticRegression, n_classes: int) -> tuple[Floats, Floats]:
    """Coefficients and intercepts with a row for each class; one that did not occur never wins."""
    coefficients, intercepts = np.zeros((n_classes, model.coef_.shape[1])), np.full(n_classes, -30.0)
    if model.classes_.size == 2:  # scikit-learn keeps one row for two classes
        low, high = model.classes_
        coefficients[high], intercepts[high], intercepts[low] = model.coef_[0], model.intercept_[0], 0.0
    else:
        coefficients[model.classes_], intercepts[model.classes_] = model.coef_, model.intercept_
    return coefficients, intercepts


def fit_apart(
    rows: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    table_size: int,
    *,
    strength: float,
    min_count: int = 3,
    weights: npt.NDArray[np.float64] | None = None,
) -> LinearTable:
    """Fit a logistic regression for each column of ``labels``; the scores of the table are the log-odds of each.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_samples, n_features)
    labels : ndarray of int64, shape (n_samples, n_labels)
        0 or 1; -1 where it is not known, and the sample does not count for that column.
    table_size, strength, min_count
        See :func:`fit_hashed`.
    weights : ndarray of float64, shape (n_samples,), optional
        How often each sample counts; once by default.
    """
    _refuse_too_many(rows)
    weights = np.ones(len(rows)) if weights is None else weights
    kept, columns = _kept(rows, table_size, min_count)
    matrix = sparse_rows(rows, columns, kept.size)
    found, bias = np.zeros((labels.shape[1], table_size)), np.full(labels.shape[1], -30.0)
    for number, column in enumerate(labels.T):
        known = np.flatnonzero(column >= 0)
        if np.unique(column[known]).size < 2:
            continue
        model = LogisticRegression(C=strength, solver="liblinear", tol=1e-2)
        model.fit(matrix if known.size == column.size else matrix[known], column[known], weights[known])
        found[number, kept], bias[number] = model.coef_[0], model.intercept_[0]
    return LinearTable.rounded(found, bias)


def fit_jointly(
    rows: npt.NDArray[np.int64],
    inside: npt.NDArray[np.bool_],
    sentence: npt.NDArray[np.int64],
    table_size: int,
    *,
    strength: float,
    min_count: int = 2,
) -> LinearTable:
    """Fit the log-odds that a word stands in a cue so that words and sentences are judged well alike.

    Whether some word of a sentence stands in a cue is the noisy or of its words; its log-likelihood is added to that of the
    words, so that what is wrong about a whole sentence weighs more than it would as one word of thirty.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_words, n_features)
    inside : ndarray of bool, shape (n_words,)
        Whether each word stands in a cue.
    sentence : ndarray of int64, shape (n_words,)
        The sentence of each word.
    table_size, strength, min_count
        See :func:`fit_hashed`.
    """
    _refuse_too_many(rows)
    kept, columns = _kept(rows, table_size, min_count)
    matrix = sparse_rows(rows, columns, kept.size)
    across = matrix.T.tocsr()
    _, sentence = np.unique(sentence, return_inverse=True)
    hedged = np.bincount(sentence, inside) > 0

    def loss(values: Floats) -> tuple[float, Floats]:
        odds = matrix @ values[:-1] + values[-1]
        outside = np.logaddexp(0.0, odds)
        total = np.maximum(np.bincount(sentence, outside), _LEAST_TOTAL)
        some = -np.expm1(-total)
        of_words = outside.sum() - odds[inside].sum()
        of_sentences = total[~hedged].sum() - np.log(some[hedged]).sum()
        probability = np.exp(odds - outside)
        slope = probability - inside + np.where(hedged, 1 - 1 / some, 1.0)[sentence] * probability
        penalty = values[:-1] @ values[:-1] / (2 * strength)
        return of_words + of_sentences + penalty, np.append(across @ slope + values[:-1] / strength, slope.sum())

    start = np.append(np.zeros(kept.size), _FIRST_ODDS)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _JOINT_STEPS}).x
    weights = np.zeros((1, table_size))
    weights[0, kept] = found[:-1]
    return LinearTable.rounded(weights, found[-1:])


def _refuse_too_many(rows: npt.NDArray[np.int64]) -> None:
    if rows.shape[1] > MAX_FEATURES:
        raise ValueError(f"{rows.shape[1]} features for each item; the sums of a LinearTable hold at most {MAX_FEATURES}")


def _kept(rows: npt.NDArray[np.int64], table_size: int, min_count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows that occur often enough, and for each row of the table its column in the matrix of these, or -1."""
    kept = np.flatnonzero(np.bincount(rows.ravel(), minlength=table_size) >= min_count)
    columns = np.full(table_size, -1, dtype=np.int64)
    columns[kept] = np.arange(kept.size)
    return kept, columns
