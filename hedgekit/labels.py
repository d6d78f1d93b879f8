"""The words in which results speak: cue types, kinds of attribution, levels of certainty, aspects of findings."""

from __future__ import annotations

from enum import Enum


class CueType(str, Enum):  # noqa: UP042 - StrEnum would print its members as bare words
    """What a cue marks. The order is the order of precedence of the annotation guide.

    Examples
    --------
    >>> CueType("modal") is CueType.MODAL
    True
    >>> CueType.MODAL == "modal"
    True
    """

    REPORTATIVE = "reportative"
    WEASEL = "weasel"
    MODAL = "modal"
    EPISTEMIC = "epistemic"
    INFERENTIAL = "inferential"
    DOXASTIC = "doxastic"
    CONDITIONAL = "conditional"
    INVESTIGATIVE = "investigative"
    BOOSTER = "booster"
    APPROXIMATOR = "approximator"

    def __str__(self) -> str:
        return self.value


class AttributionKind(str, Enum):  # noqa: UP042 - as above
    """Who answers for an attributed claim."""

    NAMED = "named"
    UNNAMED = "unnamed"
    DOCUMENT = "document"
    HEARSAY = "hearsay"
    SELF = "self"

    def __str__(self) -> str:
        return self.value


class Voice(str, Enum):  # noqa: UP042 - as above
    """On whose word the main claim of a sentence rests: the author's own, or that of a source of some kind."""

    AUTHOR = "author"
    NAMED = "named"
    UNNAMED = "unnamed"
    DOCUMENT = "document"
    HEARSAY = "hearsay"

    def __str__(self) -> str:
        return self.value


class Level(str, Enum):  # noqa: UP042 - as above
    """A certainty in a word."""

    ABSOLUTE = "absolute"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    UNCERTAIN = "uncertain"

    def __str__(self) -> str:
        return self.value


class Aspect(str, Enum):  # noqa: UP042 - as above
    """What a scientific finding may be certain or uncertain about (Pei and Jurgens 2021)."""

    NUMBER = "number"
    EXTENT = "extent"
    PROBABILITY = "probability"
    CONDITION = "condition"
    SUGGESTION = "suggestion"
    FRAMING = "framing"

    def __str__(self) -> str:
        return self.value


class AspectCertainty(str, Enum):  # noqa: UP042 - as above
    """How a finding speaks of an aspect."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    NOT_PRESENT = "not present"

    def __str__(self) -> str:
        return self.value


CUE_TYPES: tuple[CueType, ...] = tuple(CueType)
LEVELS: tuple[Level, ...] = tuple(Level)
KINDS: tuple[AttributionKind, ...] = tuple(AttributionKind)
VOICES: tuple[Voice, ...] = tuple(Voice)
ASPECTS: tuple[Aspect, ...] = tuple(Aspect)
ASPECT_CERTAINTIES: tuple[AspectCertainty, ...] = tuple(AspectCertainty)

_FLOORS = ((0.90, Level.ABSOLUTE), (0.75, Level.HIGH), (0.50, Level.MODERATE), (0.30, Level.LOW))


def level_of(certainty: float | None) -> Level | None:
    """The level that a certainty falls in.

    Examples
    --------
    >>> level_of(0.9), level_of(0.52), level_of(0.1)
    (<Level.ABSOLUTE: 'absolute'>, <Level.MODERATE: 'moderate'>, <Level.UNCERTAIN: 'uncertain'>)
    >>> level_of(None) is None
    True
    """
    if certainty is None:
        return None
    for floor, level in _FLOORS:
        if certainty >= floor:
            return level
    return Level.UNCERTAIN
