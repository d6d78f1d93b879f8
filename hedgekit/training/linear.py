"""Linear models over hashed rows: scikit-learn fits them on the rows that occur, the table of weights keeps the rest at zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from hedgekit.windows import MAX_FEATURES, UNIT, LinearTable

Floats = npt.NDArray[np.float64]


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
    model.fit(sparse_rows(rows, columns, kept.size), labels)
    weights[:, kept], bias = _by_class(model, n_classes)
    return LinearTable.rounded(weights, bias)


def fit_leaning(
    rows: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    base: LinearTable,
    *,
    strength: float,
    min_count: int = 2,
    weights: Floats | None = None,
) -> LinearTable:
    """Fit multinomial logistic regression on top of a table: on its scores, which the penalty hardly weighs on, beside the rows.

    Parameters
    ----------
    rows, labels, strength, min_count
        See :func:`fit_hashed`.
    base : LinearTable
        Of as many rows, with a class for each that may be in ``labels``.
    weights : ndarray of float64, shape (n_samples,), optional
        How much each sample counts; 1 by default.

    Returns
    -------
    LinearTable
        What was learned of the rows, and the table as far as it is leaned on, in one. Where a single class occurs it is the base.
    """
    if np.unique(labels).size < 2:
        return base
    _refuse_too_many(rows)
    before = base.weights * UNIT
    kept, columns = _kept(rows, before.shape[1], min_count)
    scores = base.scores(rows) - base.bias
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-4)
    model.fit(hstack((sparse_rows(rows, columns, kept.size), csr_matrix(scores))).tocsr(), labels, weights)
    coefficients, intercepts = _by_class(model, before.shape[0])
    learned = coefficients[:, kept.size :] @ before
    learned[:, kept] += coefficients[:, : kept.size]
    return LinearTable.rounded(learned, intercepts)


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


def _refuse_too_many(rows: npt.NDArray[np.int64]) -> None:
    if rows.shape[1] > MAX_FEATURES:
        raise ValueError(f"{rows.shape[1]} features for each item; the sums of a LinearTable hold at most {MAX_FEATURES}")


def _kept(rows: npt.NDArray[np.int64], table_size: int, min_count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows that occur often enough, and for each row of the table its column in the matrix of these, or -1."""
    kept = np.flatnonzero(np.bincount(rows.ravel(), minlength=table_size) >= min_count)
    columns = np.full(table_size, -1, dtype=np.int64)
    columns[kept] = np.arange(kept.size)
    return kept, columns
