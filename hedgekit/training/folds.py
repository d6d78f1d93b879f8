"""Splits by document that do not depend on the order of the data."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def fold_of(groups: Sequence[str], n_folds: int, salt: str = "") -> npt.NDArray[np.int64]:
    """The fold of each group name: the same name always falls in the same fold.

    Examples
    --------
    >>> fold_of(["a", "b", "a"], 5)
    array([2, 1, 2])
    """
    return np.array([zlib.crc32((group + salt).encode("utf-8", "surrogatepass")) % n_folds for group in groups], dtype=np.int64)
