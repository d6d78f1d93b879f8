"""Where a text speaks in somebody else's words: what stands between quotation marks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import TokenTable
from hedgekit.vocabulary import QUOTE

# The bit of a token's shape that says that it is a word.
_WORD = 4
_OPENING, _CLOSING = "“«„", "”»"


def quoted(batch: Batch, table: TokenTable) -> npt.NDArray[np.bool_]:
    """Which tokens stand in a quotation; an opening mark counts as inside, a closing one as outside.

    A quotation runs on over the sentences of its paragraph and ends with it: news opens each paragraph of a long quotation
    anew. A straight mark opens where only the word behind it touches it, closes where only the one before does, and turns
    the state round otherwise; so a mark that is missing spoils no more than its paragraph.
    """
    n = len(batch.tokens)
    inside = np.zeros(n, dtype=np.bool_)
    marks = (table.flags & QUOTE).nonzero()[0]
    if not marks.size:
        return inside
    starts, ends, text = batch.tokens.starts, batch.tokens.ends, batch.text
    home = batch.paragraph.take(batch.sentence.take(marks))
    touches_before = (marks > 0) & (starts.take(marks) == ends.take(np.maximum(marks - 1, 0)))
    touches_behind = (marks < n - 1) & (ends.take(marks) == starts.take(np.minimum(marks + 1, n - 1)))
    states = np.zeros(marks.size, dtype=np.bool_)
    state, paragraph = False, -1
    for number, (at, where, before, behind) in enumerate(
        zip(starts.take(marks).tolist(), home.tolist(), touches_before.tolist(), touches_behind.tolist(), strict=True)
    ):
        if where != paragraph:
            state, paragraph = False, where
        sign = text[at]
        if sign in _OPENING or sign in _CLOSING:
            state = sign in _OPENING
        elif before != behind:
            state = behind
        else:
            state = not state
        states[number] = state
    last = np.cumsum(np.bincount(marks, minlength=n)) - 1
    known = last >= 0
    same = home.take(np.maximum(last, 0)) == batch.paragraph.take(batch.sentence)
    inside[:] = known & same & states.take(np.maximum(last, 0))
    return inside


def whole_quotations(batch: Batch, table: TokenTable) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which sentences are nothing but quotation, and which begin inside a quotation that began before them."""
    inside = quoted(batch, table)
    word = batch.tokens.shape >= _WORD
    outside = np.bincount(batch.sentence[word & ~inside], minlength=len(batch))
    words = np.bincount(batch.sentence[word], minlength=len(batch))
    begins = np.minimum(batch.bounds[:-1], max(inside.size - 1, 0))
    first = inside.take(begins) & (table.flags.take(begins) & QUOTE == 0) if inside.size else np.zeros(len(batch), dtype=np.bool_)
    return (words > 0) & (outside == 0), first & (batch.lengths > 0)
