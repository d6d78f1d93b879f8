"""Linear models over hashed rows: scikit-learn fits them on the rows that occur, the table of weights keeps the rest at zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from hedgekit.windows import MAX_FEATURES, LinearTable

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
    if rows.shape[1] > MAX_FEATURES:
        raise ValueError(f"{rows.shape[1]} features for each item; the sums of a LinearTable hold at most {MAX_FEATURES}")
    weights = np.zeros((n_classes, table_size))
    bias = np.full(n_classes, -30.0)
    present = np.unique(labels)
    if present.size < 2:
        bias[present] = 0.0
        return LinearTable.rounded(weights, bias)
    counts = np.bincount(rows.ravel(), minlength=table_size)
    kept = np.flatnonzero(counts >= min_count)
    columns = np.full(table_size, -1, dtype=np.int64)
    columns[kept] = np.arange(kept.size)
    model = LogisticRegression(C=strength, max_iter=100, tol=1e-3)
    model.fit(sparse_rows(rows, columns, kept.size), labels)
    if model.classes_.size == 2:  # scikit-learn keeps one row for two classes
        low, high = model.classes_
        weights[high, kept], bias[high] = model.coef_[0], model.intercept_[0]
        bias[low] = 0.0
    else:
        weights[np.ix_(model.classes_, kept)] = model.coef_
        bias[model.classes_] = model.intercept_
    return LinearTable.rounded(weights, bias)
