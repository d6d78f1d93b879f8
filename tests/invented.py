"""Small invented data with labels, for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.model import CertaintyModel

_SUBJECTS = (
    "The ferry",
    "The mill",
    "The old bridge",
    "Our neighbour",
    "The harbour office",
    "A second witness",
    "The new dam",
    "The school",
)
_VERBS = (
    ("{} closed in May.", 0.93, False),
    ("{} may close in May.", 0.45, True),
    ("{} will certainly close in May.", 0.96, False),
    ("Perhaps {} closed too early.", 0.4, True),
    ("{} reportedly closed for a week.", 0.6, True),
)


def sentences() -> tuple[list[str], list[float], list[bool], list[str]]:
    """Forty sentences with certainty, hedged and group; eight groups of five."""
    rows = [(form.format(subject), value, hedged, subject) for subject in _SUBJECTS for form, value, hedged in _VERBS]
    texts, values, hedged, groups = zip(*rows, strict=True)
    return list(texts), list(values), list(hedged), list(groups)


def labelled(
    texts: Sequence[str],
    *,
    certainty: Sequence[float] | npt.NDArray[np.float64] | None = None,
    labels: Sequence[str | None] | None = None,
    classes: Sequence[str] = (),
    cues: Sequence[CueSpans | None] | None = None,
    no_claim: Sequence[bool] | None = None,
    weights: Sequence[float] | None = None,
    groups: Sequence[str] | None = None,
) -> LabelledData:
    """Labelled data; what is not given is not labelled."""
    n = len(texts)
    return LabelledData(
        texts=tuple(texts),
        places=tuple(f"row {number}" for number in range(1, n + 1)),
        certainty=None if certainty is None else np.array(certainty, dtype=np.float64),
        labels=None if labels is None else tuple(labels),
        classes=tuple(classes),
        cues=None if cues is None else tuple(cues),
        no_claim=np.zeros(n, dtype=np.bool_) if no_claim is None else np.array(no_claim, dtype=np.bool_),
        weights=np.ones(n) if weights is None else np.array(weights, dtype=np.float64),
        groups=tuple(str(number) for number in range(n)) if groups is None else tuple(groups),
        notes={},
    )


def everything() -> LabelledData:
    """The forty sentences with every kind of label but cues, and two questions that make no claim."""
    texts, values, hedged, groups = sentences()
    labels: list[str | None] = ["uncertain" if each else "certain" for each in hedged]
    return labelled(
        [*texts, "When did it close?", "Who closed it?"],
        certainty=[*values, np.nan, np.nan],
        labels=[*labels, None, None],
        classes=("certain", "uncertain"),
        no_claim=[False] * len(texts) + [True, True],
        groups=[*groups, "questions", "questions"],
    )


class _Labelled:
    """A sentence with a class."""

    def __init__(self, sentence: Any, label: str | None, probabilities: dict[str, float] | None) -> None:
        self._sentence, self.label, self.label_probabilities = sentence, label, probabilities

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sentence, name)


class OwnClasses(CertaintyModel):
    """A model that gives the sentences classes by a table: text to class, or class and probabilities."""

    @classmethod
    def of(cls, model: CertaintyModel, table: dict[str, tuple[str | None, dict[str, float] | None]], **info: Any) -> OwnClasses:
        made = cls(model.parameters, {**model.info, "name": "own", "base": "general", **info})
        object.__setattr__(made, "table", table)
        return made

    def annotate(self, sentences: Sequence[str]) -> list[Any]:
        table: dict[str, tuple[str | None, dict[str, float] | None]] = getattr(self, "table")  # noqa: B009 - set in of
        return [_Labelled(found, *table.get(found.text, (None, None))) for found in super().annotate(sentences)]
