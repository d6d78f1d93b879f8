"""The numbers that displays draw: documents in groups, what was found in each, and bootstrap intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.errors import InputTypeError, OptionError
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.results import Document

Floats = npt.NDArray[np.float64]

_WORD = re.compile(r"\w+(?:['’.,-]\w+)*")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its bootstrap interval; all are NaN where there is nothing to estimate from.

    Attributes
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class CertaintyGroup:
    """What is drawn of one document, or of the documents of one group.

    Attributes
    ----------
    name : str
    certainty : array of shape (n_sentences,)
        NaN where a sentence makes no claim.
    hedged : array of bool of shape (n_sentences,)
    n_documents : int
    mean : Estimate
        Certainty of the sentences that make a claim.
    share_hedged : Estimate
        Share of those sentences that is hedged.
    """

    name: str
    certainty: Floats
    hedged: npt.NDArray[np.bool_]
    n_documents: int
    mean: Estimate
    share_hedged: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class CueGroup:
    """What is drawn of one document, or of the documents of one group.

    Attributes
    ----------
    name : str
    n_words, n_documents : int
    rates : dict of CueType to Estimate
        Cues per 1,000 words.
    """

    name: str
    n_words: int
    n_documents: int
    rates: dict[CueType, Estimate]


def numbers(document: Document) -> tuple[Floats, npt.NDArray[np.bool_], int]:
    """Certainty and hedging of the sentences of a document."""
    if not isinstance(document, Document):
        raise InputTypeError(f"displays take what analyze returns, a Document; got {type(document).__name__}")
    # The arrays are the data; objects made of them would be slower by far.
    columns = document._columns
    return np.asarray(columns.certainty, float), np.asarray(columns.hedged, bool), len(document)


def each_claim(certainty: Floats, hedged: npt.NDArray[np.bool_]) -> Floats:
    """For each sentence: its certainty, whether it is hedged, and 1; all 0 where it makes no claim."""
    known = ~np.isnan(certainty)
    return np.stack([np.nan_to_num(certainty), hedged & known, known], axis=1).astype(float)


def claims(certainty: Floats, hedged: npt.NDArray[np.bool_]) -> Floats:
    """The sums of :func:`each_claim` over a document."""
    total: Floats = each_claim(certainty, hedged).sum(axis=0)
    return total


def cue_counts(document: Document, *, whole: bool) -> Floats:
    """Cues of each type and, last, words: of each sentence, or of the whole document in one row."""
    _, _, count = numbers(document)
    columns = document._columns
    counts = np.zeros((count, len(CUE_TYPES) + 1))
    row = np.repeat(np.arange(count), np.diff(columns.cue_bounds))
    np.add.at(counts, (row, columns.cue_type), 1)
    text = document.text
    for at, (start, end) in enumerate(zip(columns.start.tolist(), columns.end.tolist(), strict=True)):
        counts[at, -1] = sum(1 for _ in _WORD.finditer(text, start, end))
    return counts.sum(axis=0, keepdims=True) if whole else counts


def grouped(
    documents: Iterable[Document], labels: Sequence[object] | None, by: Sequence[object] | Callable[[Document], object] | None
) -> list[tuple[str, list[Document]]]:
    """Documents with the name of their row."""
    if isinstance(documents, Document):
        raise InputTypeError("from_documents takes several documents, got one; put it in a list")
    members = list(documents)
    for document in members:
        numbers(document)
    if labels is not None and by is not None:
        raise OptionError("labels name single documents, and by puts several in a row: give one of the two")
    if not members:
        raise OptionError("there is nothing to draw: no documents were given")
    if by is None:
        names = range(1, len(members) + 1) if labels is None else _fitting("labels", labels, len(members))
        return [(str(name), [document]) for name, document in zip(names, members, strict=True)]
    keys = [by(document) for document in members] if callable(by) else _fitting("by", by, len(members))
    groups: dict[Any, list[Document]] = {}
    for key, document in zip(keys, members, strict=True):
        groups.setdefault(key, []).append(document)
    try:
        order = sorted(groups)
    except TypeError:  # they have no order: as they came
        order = list(groups)
    return [(str(key), groups[key]) for key in order]


def _fitting(name: str, values: Sequence[object], count: int) -> list[object]:
    found = [] if isinstance(values, str) else list(values)
    if len(found) != count:
        got = repr(values) if isinstance(values, str) else len(found)
        raise OptionError(f"{name} must have one value for each of the {count} documents; got {got}")
    return found


def types_of(types: Sequence[CueType | str] | None) -> tuple[CueType, ...]:
    """Types of cue that were asked for, each once; by default all."""
    try:
        found = tuple(dict.fromkeys(CueType(kind) for kind in (CUE_TYPES if types is None else types)))
    except ValueError as error:
        raise OptionError(f"types must be of {', '.join(CUE_TYPES)}; got {types!r}") from error
    if not found:
        raise OptionError("types must name at least one type of cue; got none")
    return found


def one_of(name: str, value: str, valid: tuple[str, ...]) -> None:
    """Refuse an option that is not one of those that there are."""
    if value not in valid:
        raise OptionError(f"{name} must be one of {', '.join(map(repr, valid))}; got {value!r}")


class Bootstrap:
    """Bootstrap intervals of ratios of sums."""

    def __init__(self, n_samples: int, level: float, random_state: int) -> None:
        if n_samples < 1:
            raise OptionError(f"n_samples must be at least 1; got {n_samples}")
        if not 0 < level < 1:
            raise OptionError(f"level must lie between 0 and 1; got {level}")
        self.n_samples, self.level, self.random_state = n_samples, level, random_state

    def ratios(self, above: Floats, below: Floats) -> list[Estimate]:
        """For each column of ``above``: its sum by that of ``below``, with the interval of drawing rows."""
        # What has no claim, or no word, says nothing, and a sample of such alone would have no ratio.
        above, below = above[below > 0], below[below > 0]
        count, width = above.shape
        if not count:
            return [Estimate(math.nan, math.nan, math.nan)] * width
        # Each group draws from the start, so that a row does not depend on which others are beside it.
        random = np.random.default_rng(self.random_state)
        drawn = np.empty((self.n_samples, width))
        for sample in range(self.n_samples):
            weights = np.bincount(random.integers(count, size=count), minlength=count)
            drawn[sample] = (weights @ above) / (weights @ below)
        tail = (1 - self.level) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
        value = above.sum(axis=0) / below.sum()
        return [Estimate(*map(float, row)) for row in zip(value, low, high, strict=True)]


def lone(values: Floats) -> Estimate:
    """A mean without an interval."""
    known = values[~np.isnan(values)]
    return Estimate(float(known.mean()) if known.size else math.nan, math.nan, math.nan)
