"""Where a text speaks in somebody else's words: what stands between quotation marks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import TokenTable
from hedgekit.keys import Ints
from hedgekit.text.tokens import WORD_SHAPE
from hedgekit.vocabulary import QUOTE

Flags = npt.NDArray[np.bool_]
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
    # A quotation ends at the next mark, or with its paragraph.
    until = np.minimum(np.append(marks[1:], n), batch.bounds.take(batch.paragraph.searchsorted(home, side="right")))
    state, paragraph = False, -1
    columns = (marks, until, starts.take(marks), home, touches_before, touches_behind)
    for mark, end, at, where, before, behind in zip(*(values.tolist() for values in columns), strict=True):
        if where != paragraph:
            state, paragraph = False, where
        sign = text[at]
        if sign in _OPENING or sign in _CLOSING:
            state = sign in _OPENING
        elif before != behind:
            state = behind
        else:
            state = not state
        if state:
            inside[mark:end] = True
    return inside


def whole_quotations(batch: Batch, table: TokenTable) -> tuple[Flags, Flags, Flags]:
    """Which sentences are nothing but quotation, which begin inside one that began before them, and in which paragraphs all are closed.

    Returns
    -------
    tuple of three ndarray of bool, shape (n_sentences,)
    """
    inside = quoted(batch, table)
    word = batch.tokens.shape >= WORD_SHAPE
    if not inside.any():
        none = np.zeros(len(batch), dtype=np.bool_)
        return none, none, ~none
    words, outside = _counts(batch, word), _counts(batch, word & ~inside)
    begins = np.minimum(batch.bounds[:-1], inside.size - 1)
    first = inside.take(begins) & (table.flags.take(begins) & QUOTE == 0)
    held = batch.lengths > 0
    ends = inside.take(batch.bounds[1:] - 1) & held
    # The state at the end of a paragraph is that at the end of its last sentence.
    last = np.append(batch.paragraph[1:] != batch.paragraph[:-1], True)
    open_paragraphs = batch.paragraph[last & ends]
    return (words > 0) & (outside == 0), first & held, ~np.isin(batch.paragraph, open_paragraphs)


def _counts(batch: Batch, chosen: Flags) -> Ints:
    """How many of the chosen tokens each sentence holds."""
    running = np.zeros(chosen.size + 1, dtype=np.int64)
    np.cumsum(chosen, out=running[1:])
    return np.diff(running.take(batch.bounds))
