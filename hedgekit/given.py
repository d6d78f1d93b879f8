"""Sentences that somebody else found: what may be passed in, and what is made of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from hedgekit.errors import OptionError
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import tokenize

Spans = list[tuple[int, int]]


def checked_spans(text: str, sentences: Iterable[tuple[int, int]], tables: CharacterTables) -> Spans:
    """The sentences without white space at their edges, and without blank ones.

    Raises
    ------
    OptionError
        If they are out of order, overlap, leave a character out that is no white space, or part a word.

    Examples
    --------
    >>> from hedgekit.text.characters import build_tables
    >>> checked_spans("It rained.  It may snow. ", [(0, 12), (12, 25)], build_tables())
    [(0, 10), (12, 24)]
    """
    found: Spans = []
    end = 0
    for first, last in sentences:
        if not 0 <= first <= last <= len(text):
            raise OptionError(f"the sentence ({first}, {last}) is no stretch of a text of {len(text)} characters")
        if first < end:
            raise OptionError(f"the sentence ({first}, {last}) begins before the one in front of it ends, at {end}; give them in order")
        _check_blank(text, end, first)
        end = last
        start, stop = trimmed(text, first, last)
        if start < stop:
            found.append((start, stop))
    _check_blank(text, end, len(text))
    parted = in_words(text, [start for start, _ in found[1:]], tables)
    if parted.any():
        place = found[1 + int(parted.argmax())][0]
        raise OptionError(f"a sentence begins at {place}, in the middle of a word ({text[max(0, place - 10) : place + 10]!r})")
    return found


def whole_words(text: str, sentences: Iterable[tuple[int, int]], tables: CharacterTables) -> Spans:
    """The sentences, joined where one begins in the middle of a word: other tokenizers part words that are one here."""
    spans = [(start, end) for start, end in (trimmed(text, *span) for span in sentences) if start < end]
    joined: Spans = spans[:1]
    for (start, end), parted in zip(spans[1:], in_words(text, [start for start, _ in spans[1:]], tables).tolist(), strict=True):
        if parted:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def in_words(text: str, places: list[int], tables: CharacterTables) -> npt.NDArray[np.bool_]:
    """Whether each place lies inside a word."""
    inside = np.zeros(len(places), dtype=np.bool_)
    # Most sentences begin behind white space, and the text need not be read again.
    near = [number for number, place in enumerate(places) if place > 0 and not text[place - 1].isspace()]
    if near:
        tokens, at = tokenize(text, tables), np.array(places)[near]
        before = tokens.starts.searchsorted(at) - 1
        inside[near] = (before >= 0) & (tokens.ends.take(before, mode="clip") > at)
    return inside


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch without white space at its edges."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _check_blank(text: str, start: int, end: int) -> None:
    left = text[start:end].strip()
    if left:
        raise OptionError(f"the sentences leave out {left[:40]!r}, from {start} to {end}; together they must cover the text")
