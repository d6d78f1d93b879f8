"""Reader of scientific findings that people rated: how certain a finding sounds as a whole, and each aspect of it.

The format is that of Pei and Jurgens (2021), Measuring sentence-level and aspect-level (un)certainty in science communications,
*EMNLP*: JSON lines with ``finding`` and either ``sentence-level-certainty``, 1 to 6, or ``aspect-level-certainty``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hedgekit.corpora import json_lines
from hedgekit.errors import DataError
from hedgekit.labels import ASPECTS, Aspect, AspectCertainty

LOWEST, HIGHEST = 1.0, 6.0
_CERTAINTIES = {"Certain": AspectCertainty.CERTAIN, "Uncertain": AspectCertainty.UNCERTAIN, "NotPresent": AspectCertainty.NOT_PRESENT}


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with what people said of it.

    Attributes
    ----------
    text : str
    certainty : float or None
        0 to 1, the mean rating between the ends of its scale; None where only aspects were rated.
    aspects : dict of Aspect to AspectCertainty, or None
    """

    text: str
    certainty: float | None = None
    aspects: dict[Aspect, AspectCertainty] | None = None


def read_findings(path: str | Path) -> list[Finding]:
    """Read one file of rated findings.

    Raises
    ------
    DataError
        With file, line and reason.
    """
    return [_finding(row, place) for place, row in json_lines(Path(path))]


def _finding(row: dict[str, Any], place: str) -> Finding:
    text, rating, aspects = row.get("finding"), row.get("sentence-level-certainty"), row.get("aspect-level-certainty")
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"{place}: 'finding' must be a text, got {text!r:.40}")
    if (rating is None) == (aspects is None):
        raise DataError(f"{place}: a finding has either 'sentence-level-certainty' or 'aspect-level-certainty'; found {', '.join(row)}")
    if aspects is None:
        if not isinstance(rating, int | float) or isinstance(rating, bool) or not LOWEST <= rating <= HIGHEST:
            raise DataError(f"{place}: 'sentence-level-certainty' must be a number from {LOWEST:g} to {HIGHEST:g}, got {rating!r:.40}")
        return Finding(text, (float(rating) - LOWEST) / (HIGHEST - LOWEST))
    named = {str(aspect).capitalize(): aspect for aspect in ASPECTS}
    if (
        not isinstance(aspects, dict)
        or set(aspects) != set(named)
        or not all(isinstance(value, str) and value in _CERTAINTIES for value in aspects.values())
    ):
        raise DataError(
            f"{place}: 'aspect-level-certainty' must give {', '.join(named)}, each {' or '.join(_CERTAINTIES)}; got {aspects!r:.80}"
        )
    return Finding(text, aspects={aspect: _CERTAINTIES[aspects[name]] for name, aspect in named.items()})
