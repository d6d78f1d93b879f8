"""What the estimators are fitted on: labels, certainties, weights, checked before anything is fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.errors import DataError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def certainties(y: Any) -> Floats:
    """Certainties as numbers; NaN where no claim is made."""
    try:
        labels = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"certainty must be numbers from 0 to 1, or NaN where no claim is made ({error})") from None
    if labels.ndim != 1:
        raise DataError(f"certainty must be one number for each sentence, got an array of shape {labels.shape}")
    known = labels[~np.isnan(labels)]
    if ((known < 0) | (known > 1)).any():
        raise DataError(f"certainty must be 0 to 1 or NaN, got {known.min():g} to {known.max():g}; divide by the end of the scale")
    return labels


def two_classes(y: Sequence[Any] | npt.NDArray[Any], hedged: Any = None) -> tuple[Bools, Bools, npt.NDArray[Any], Any]:
    """Which sentences make a claim, which of them are hedged, both classes in their order, and the one that says hedged.

    Parameters
    ----------
    y : sequence
        Two labels, all strings, or all truth values or whole numbers; None marks a sentence without a claim.
    hedged : label, optional
        The label that says hedged; the last of the two by default.

    Raises
    ------
    DataError
        If a label is something else, or there are not two of them.

    Examples
    --------
    >>> claims, found, classes, label = two_classes(["sure", "unsure", None])
    >>> claims.tolist(), found.tolist(), label
    ([True, True, False], [False, True, False], 'unsure')
    """
    labels = list(y)
    for position, label in enumerate(labels):
        if not (label is None or isinstance(label, str | bool | np.bool_ | int | np.integer) or _whole(label)):
            raise DataError(
                "Unknown label type: a label must be True, False or None (no claim), or one of two strings or whole numbers; "
                f"got {label!r:.40} at position {position}, which is continuous or no label at all"
            )
    classes = _classes(labels, y)
    if hedged is None:
        hedged = classes[-1].item() if isinstance(classes[-1], np.generic) else classes[-1]
    if hedged not in classes.tolist():
        raise DataError(f"hedged must be one of the labels {_listed(classes.tolist())}, got {hedged!r:.40}")
    claims = np.array([label is not None for label in labels], dtype=np.bool_)
    return claims, np.array([label is not None and label == hedged for label in labels], dtype=np.bool_), classes, hedged


def one_class() -> DataError:
    """The error for labels that leave nothing to be told apart."""
    return DataError("all sentences have the same class; both hedged (True) and not hedged (False) are needed, got one class or none")


def _whole(label: Any) -> bool:
    return isinstance(label, float | np.floating) and math.isfinite(label) and label == int(label)


def _classes(labels: Sequence[Any], y: Sequence[Any] | npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The two labels, sorted."""
    present = [label for label in labels if label is not None]
    kinds = {isinstance(label, str) for label in present}
    if len(kinds) > 1:
        raise DataError(f"labels must be all strings or all numbers, got {_listed(sorted(set(present), key=repr))}")
    distinct = sorted(set(present))
    if len(distinct) > 2:
        raise DataError(f"Only binary classification is supported. Two labels are wanted, got {len(distinct)}: {_listed(distinct)}")
    if len(distinct) < 2:
        raise one_class()
    if any(isinstance(label, bool | np.bool_) for label in present) and distinct == [False, True]:
        return np.array([False, True])
    return np.array(distinct, dtype=y.dtype if isinstance(y, np.ndarray) else None)


def _listed(labels: Sequence[Any]) -> str:
    shown = [f"{label!r:.40}" for label in labels[:5]]
    return ", ".join([*shown, *(["..."] if len(labels) > 5 else [])])


def weights(sample_weight: Any, n: int) -> Floats | None:
    """Weights as numbers, one for each of ``n`` sentences, or None.

    Raises
    ------
    DataError
        If one is negative, missing or infinite, if their number is wrong, or if all are zero.
    """
    if sample_weight is None:
        return None
    try:
        found = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"sample_weight must be numbers from 0 on ({error})") from None
    if found.shape != (n,):
        raise DataError(f"sample_weight must be one number for each of {n} sentences, got an array of shape {found.shape}")
    if not (np.isfinite(found) & (found >= 0)).all():
        raise DataError(f"sample_weight must be numbers from 0 on, got {found.min():g} to {found.max():g}")
    if n and not found.any():
        raise DataError("sample_weight is zero everywhere; at least one sentence must have a weight above zero")
    return found


def same_length(n: int, y: Sized) -> None:
    """Refuse labels that are not as many as the rows.

    Raises
    ------
    DataError
    """
    if n != len(y):
        raise DataError(f"{n} rows of features but {len(y)} labels; give one label for each sentence")
