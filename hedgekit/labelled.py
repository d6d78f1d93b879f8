"""Sentences with labels of a user's own: what training and evaluation take, whatever file or table it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.labels import LEVELS, CueType

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CueSpans = tuple[tuple[int, int, CueType], ...]

# Names of two classes that say whether a sentence is hedged: the second of each pair does.
HEDGED_NAMES = (("certain", "uncertain"), ("not hedged", "hedged"))
# The middle of each level of certainty, from absolute to uncertain.
LEVEL_MIDDLES = (0.95, 0.825, 0.625, 0.4, 0.15)


@dataclass(frozen=True, slots=True)
class LabelledData:
    """Labelled sentences as columns, all of one length; what nobody labelled is None.

    Read them with :func:`hedgekit.read_labelled`.

    Attributes
    ----------
    texts : tuple of str
        Each is one sentence.
    places : tuple of str
        Where each stood, for messages: ``"reviews.csv:12"``, ``"row 3"``.
    certainty : ndarray of float64, or None
        0 to 1; NaN where the row has none.
    labels : tuple of str or None, or None
        The class of each sentence; None where the row has none.
    classes : tuple of str
        The names of the classes, in the order in which they are reported; empty without ``labels``.
    cues : tuple of (start, end, type) tuples, or None, or None
        The cues of each sentence, in their order and without overlap; None where the row was not labelled for cues.
    no_claim : ndarray of bool
        Sentences of which is known that they make no claim.
    weights : ndarray of float64
        How much each sentence counts; 1 by default.
    groups : tuple of str
        Document or author of each sentence: no split divides one. By default each sentence is its own.
    notes : dict
        What reading found worth telling: numbers of duplicates, contradictions, annotators, their agreement.
    """

    texts: tuple[str, ...]
    places: tuple[str, ...]
    certainty: Floats | None
    labels: tuple[str | None, ...] | None
    classes: tuple[str, ...]
    cues: tuple[CueSpans | None, ...] | None
    no_claim: Bools
    weights: Floats
    groups: tuple[str, ...]
    notes: dict[str, Any]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> LabelledData:
        """Some of the sentences, in the order of ``rows``."""
        chosen = np.asarray(rows, dtype=np.int64)
        cut: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                cut[field.name] = value[chosen]
            elif isinstance(value, tuple) and field.name != "classes":
                cut[field.name] = tuple(value[at] for at in chosen.tolist())
        return replace(self, **cut)

    @property
    def hedged_class(self) -> str | None:
        """The class that means hedged, where the classes are two that say so: "uncertain" beside "certain"."""
        for plain, hedged in HEDGED_NAMES:
            if {name.lower() for name in self.classes} == {plain, hedged}:
                return next(name for name in self.classes if name.lower() == hedged)
        return None

    @property
    def hedged(self) -> tuple[bool | None, ...] | None:
        """Whether each sentence is hedged, where the classes say so; None where they do not, or the row has no label."""
        name = self.hedged_class
        if name is None or self.labels is None:
            return None
        return tuple(None if label is None else label == name for label in self.labels)

    @property
    def graded(self) -> Floats | None:
        """The certainty of each sentence: as labelled, or the middle of its level where the classes are levels of certainty."""
        if self.certainty is not None or self.labels is None or self.hedged_class is not None:
            return self.certainty
        middles = {str(level): middle for level, middle in zip(LEVELS, LEVEL_MIDDLES, strict=True)}
        if not {name.lower() for name in self.classes} <= middles.keys():
            return None
        return np.array([np.nan if label is None else middles[label.lower()] for label in self.labels])
