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


def even_fold_of(groups: Sequence[str], n_folds: int, salt: str = "") -> npt.NDArray[np.int64]:
    """The same, but where groups are so few that a fold would be empty, they are dealt out in turn: every split can be made.

    Examples
    --------
    >>> fold_of(["a", "c"], 2), even_fold_of(["a", "c"], 2)
    (array([1, 1]), array([1, 0]))
    """
    found, names = fold_of(groups, n_folds, salt), set(groups)
    if np.unique(found).size == min(n_folds, len(names)):
        return found
    order = sorted(names, key=lambda name: (zlib.crc32((name + salt).encode("utf-8", "surrogatepass")), name))
    place = {name: number % n_folds for number, name in enumerate(order)}
    return np.array([place[group] for group in groups], dtype=np.int64)
