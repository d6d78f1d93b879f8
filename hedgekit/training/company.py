"""Fitting the tags of words and what their company adds to them as one model, which is then parted into two tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.company import COMPANY_BITS, company_rows
from hedgekit.cues import TAG_BITS, TAG_WINDOWS, TokenTable
from hedgekit.keys import Ints
from hedgekit.training.linear import fit_hashed
from hedgekit.windows import LinearTable

# The rows of company stand behind those of the tags.
_TAGS, _BOTH = 1 << TAG_BITS, (1 << TAG_BITS) + (1 << COMPANY_BITS)


def tag_rows(batch: Batch, table: TokenTable, judged: Ints, *, company: bool) -> npt.NDArray[np.int64]:
    """Rows of the weights of tags for the tokens ``judged``, and behind them those of company, if it is heard."""
    rows = TAG_WINDOWS.rows(table.columns, batch.slots[judged])
    return np.hstack((rows, _TAGS + company_rows(batch, judged, *table.usual_cues()))) if company else rows


def fit_tags(
    rows: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], *, strength: float, taught_by: LinearTable | None = None
) -> tuple[LinearTable, LinearTable | None]:
    """The tables of tags and of company that are fitted on the rows of :func:`tag_rows`; no company where these hold none.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_samples, n_features)
    labels : ndarray of int64, shape (n_samples,)
        Outside, begin or inside.
    strength, taught_by
        See :func:`hedgekit.training.linear.fit_hashed`; who teaches knows tags alone.
    """
    company = rows.shape[1] > len(TAG_WINDOWS)
    teacher = joined(taught_by, silent()) if company and taught_by is not None else taught_by
    return parted(fit_hashed(rows, labels, 3, _BOTH if company else _TAGS, strength=strength, taught_by=teacher))


def silent() -> LinearTable:
    """Company that says nothing."""
    return LinearTable(np.zeros((3, 1 << COMPANY_BITS), dtype=np.int16), np.zeros(3))


def joined(tags: LinearTable, company: LinearTable | None) -> LinearTable:
    """One table whose scores are the sum of both."""
    return tags if company is None else LinearTable(np.hstack((tags.weights, company.weights)), tags.bias + company.bias)


def parted(both: LinearTable) -> tuple[LinearTable, LinearTable | None]:
    """The inverse of :func:`joined`; the bias stays with the tags."""
    if both.weights.shape[1] == _TAGS:
        return both, None
    tags, company = np.split(both.weights, [_TAGS], axis=1)
    return LinearTable(np.ascontiguousarray(tags), both.bias), LinearTable(np.ascontiguousarray(company), np.zeros(both.bias.size))
