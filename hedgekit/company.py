"""The company of a judged word: the nearest phrases of its sentence that are mostly cues, on its left and on its right.

Whether a word is a cue may hang on another that stands too far away for a window: an "or" behind "may" joins alternatives that are
in doubt, where most others join plain facts. So a word is joined with how near such a phrase is on each side, and with its first word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.keys import Ints, Keys
from hedgekit.windows import Combinations

# Places of the values of a judged word.
_OWN, _LEFT, _LEFT_DISTANCE, _RIGHT, _RIGHT_DISTANCE = range(5)
_COMBINATIONS = (
    (_OWN, _LEFT_DISTANCE), (_OWN, _RIGHT_DISTANCE), (_OWN, _LEFT), (_OWN, _RIGHT), (_OWN, _LEFT_DISTANCE, _RIGHT_DISTANCE),
    (_LEFT_DISTANCE, _RIGHT_DISTANCE), (_LEFT,), (_RIGHT,),
)  # fmt: skip
# Classes of the distance in tokens: next to it, then up to 3, 6, 11, or more. Class 0 is that there is none.
_DISTANCES = np.array([2, 4, 7, 12])

COMPANY_BITS = 16
_COMPANY = Combinations(_COMBINATIONS, COMPANY_BITS)


def company_rows(batch: Batch, judged: Ints, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Rows of the weights of company, shape ``(n_judged, 8)``; see :func:`company_values`."""
    return _COMPANY.rows(company_values(batch, judged, first, last))


def company_values(batch: Batch, judged: Ints, first: Ints, last: Ints) -> Keys:
    """The key of each judged word; then for its left and for its right the key that opens the nearest phrase, and how near it is.

    Parameters
    ----------
    batch : Batch
    judged : ndarray of int64, shape (n_judged,)
        The words to judge, as tokens of the batch.
    first, last : ndarray of int64, shape (n_phrases,)
        Tokens of the phrases that count as company, both inclusive, in the order of the text, without overlap. A phrase in which the
        word stands itself is no company of it.

    Returns
    -------
    ndarray of uint64, shape (n_judged, 5)
        Zeros for a side where the sentence has no such phrase.
    """
    keys, home = batch.tokens.keys, batch.sentence.take(judged)
    values = np.zeros((judged.size, 5), dtype=np.uint64)
    values[:, _OWN] = keys.take(judged)
    if not first.size:
        return values
    # Beyond either end of the list its last phrase on that end stands in; it is not on the wanted side, and does not count.
    left = np.maximum(last.searchsorted(judged) - 1, 0)
    right = np.minimum(first.searchsorted(judged, side="right"), first.size - 1)
    for place, phrase, distance in ((_LEFT, left, judged - last.take(left)), (_RIGHT, right, first.take(right) - judged)):
        opens = first.take(phrase)
        near = ((distance > 0) & (batch.sentence.take(opens) == home)).nonzero()[0]
        values[near, place] = keys.take(opens.take(near))
        values[near, place + 1] = 1 + _DISTANCES.searchsorted(distance.take(near), side="right")
    return values
