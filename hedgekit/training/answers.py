"""What a system says of labelled sentences, as columns beside their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.labels import LEVELS
from hedgekit.model import CertaintyModel
from hedgekit.results import Sentence

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ClassAnswers:
    """The class that a system gives each sentence.

    Attributes
    ----------
    names : tuple of str
        The classes of the labels, then any other that the system gave.
    labels : tuple of str or None
        None where it gave none.
    probabilities : ndarray of float64, shape (n, len(names)), or None
        0 where it gave none; None where the system gives no probabilities at all.
    """

    names: tuple[str, ...]
    labels: tuple[str | None, ...]
    probabilities: Floats | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a system says of each sentence; a column is None where the system does not give it.

    Attributes
    ----------
    name : str
    certainty : ndarray of float64, or None
        NaN where no claim is made.
    probability : ndarray of float64, or None
        Of being hedged.
    hedged : ndarray of bool, or None
        At the threshold of the system.
    classes : ClassAnswers or None
        None as well where the system knows other classes than the labels.
    own_classes : bool
        Whether the classes were learned as such, and are not read off ``hedged`` or the certainty.
    cues : tuple of (start, end, type) tuples, or None
    tells_claims : bool
        Whether a certainty that is missing means that no claim is made.
    """

    name: str
    certainty: Floats | None = None
    probability: Floats | None = None
    hedged: Bools | None = None
    classes: ClassAnswers | None = None
    own_classes: bool = False
    cues: tuple[CueSpans, ...] | None = None
    tells_claims: bool = False


def answers_of(model: CertaintyModel, data: LabelledData, name: str | None = None) -> Answers:
    """What a model says of the sentences."""
    return answers_from(model.annotate(list(data.texts)), data, model.name if name is None else name)


def answers_from(found: list[Sentence], data: LabelledData, name: str) -> Answers:
    """What annotated sentences say, whichever models they come from."""
    probability = np.array([sentence.hedged_probability for sentence in found])
    hedged = np.array([sentence.hedged for sentence in found], dtype=np.bool_)
    own = _own_classes(found, data)
    return Answers(
        name=name,
        certainty=np.array([np.nan if sentence.certainty is None else sentence.certainty for sentence in found]),
        probability=probability,
        hedged=hedged,
        classes=own or _hedged_as_classes(probability, hedged, data) or _levels_as_classes(found, data),
        own_classes=own is not None,
        cues=tuple(tuple((cue.start, cue.end, cue.type) for cue in sentence.cues) for sentence in found),
        tells_claims=True,
    )


def _own_classes(found: list[Sentence], data: LabelledData) -> ClassAnswers | None:
    """The classes that a model was trained on, where it shares one at least with the labels."""
    labels = tuple(_label(sentence) for sentence in found)
    tables = [_probabilities(sentence) for sentence in found]
    known = {label for label in labels if label is not None}.union(*(table for table in tables if table))
    if not known & set(data.classes):
        return None
    names = (*data.classes, *sorted(known - set(data.classes)))
    if not any(tables):
        return ClassAnswers(names, labels, None)
    return ClassAnswers(names, labels, np.array([[(table or {}).get(name, 0.0) for name in names] for table in tables]))


def _label(sentence: Any) -> str | None:
    label = sentence.label
    return None if label is None else str(label)


def _probabilities(sentence: Any) -> dict[str, float] | None:
    found: dict[str, float] | None = sentence.label_probabilities
    return found


def _hedged_as_classes(probability: Floats, hedged: Bools, data: LabelledData) -> ClassAnswers | None:
    """``hedged`` under the names of the labels, where these are two that say so."""
    name = data.hedged_class
    if name is None:
        return None
    plain = next(other for other in data.classes if other != name)
    by_name = {name: probability, plain: 1 - probability}
    labels = tuple(name if said else plain for said in hedged.tolist())
    return ClassAnswers(data.classes, labels, np.stack([by_name[each] for each in data.classes], axis=1))


def _levels_as_classes(found: list[Sentence], data: LabelledData) -> ClassAnswers | None:
    """The levels of certainty, where the labels are such."""
    names = {name.lower(): name for name in data.classes}
    if not names or not names.keys() <= {str(level) for level in LEVELS}:
        return None
    said = [None if sentence.level is None else str(sentence.level) for sentence in found]
    others = sorted({level for level in said if level is not None} - names.keys())
    return ClassAnswers((*data.classes, *others), tuple(None if level is None else names.get(level, level) for level in said), None)
