"""How far several annotators agree, by NLTK's Krippendorff's alpha (Krippendorff 1980)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

# NLTK compares every two values, and a rating means no more than this many digits.
_DIGITS = 3


def alpha_of(judgements: Iterable[tuple[str, int, Any]], distance: Literal["nominal", "interval"]) -> dict[str, Any]:
    """Krippendorff's alpha of any number of annotators, of whom each judged some of the items.

    Parameters
    ----------
    judgements : iterable of (annotator, item, value)
        Of several by one annotator on one item the first counts.
    distance : {"nominal", "interval"}
        Whether values are classes or numbers.

    Returns
    -------
    dict
        ``alpha`` (None where no item has two annotators), ``distance``, and ``sentences``, the number of items with two or more.

    Examples
    --------
    >>> alpha_of([("A", 0, "x"), ("B", 0, "x"), ("A", 1, "y"), ("B", 1, "y")], "nominal")
    {'alpha': 1.0, 'distance': 'nominal', 'sentences': 2}
    """
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import binary_distance, interval_distance

    values: dict[Any, int] = {}
    items: dict[int, dict[str, Any]] = {}
    for annotator, item, value in judgements:
        # Numbers for classes: NLTK takes some strings as missing values.
        coded = round(float(value), _DIGITS) if distance == "interval" else values.setdefault(value, len(values))
        items.setdefault(item, {}).setdefault(annotator, coded)
    data = [(annotator, item, value) for item, judged in items.items() if len(judged) > 1 for annotator, value in judged.items()]
    alpha = None
    if data:
        alpha = float(AnnotationTask(data, distance=binary_distance if distance == "nominal" else interval_distance).alpha())
    return {"alpha": alpha, "distance": distance, "sentences": len({item for _, item, _ in data})}
