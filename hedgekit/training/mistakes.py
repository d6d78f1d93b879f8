"""How far wrong each answer is, and the mistakes that are worth reading first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.training.answers import Answers, Bools, ClassAnswers, Floats
from hedgekit.training.statistic import Kind, known_claims

# An error of certainty below this is nothing to read about.
_WORTH_READING = 0.1
_FIRST = 10

Shown = float | str | None


@dataclass(frozen=True, slots=True)
class Mistakes:
    """How far wrong a system is on each sentence, by one kind of label.

    Attributes
    ----------
    error : ndarray of float64
        NaN where there is no label. Of certainty: the absolute error, and where none was given the largest that was possible; of
        classes: the probability of the wrong ones; of cues: how many were missed or found wrongly.
    bias : ndarray of float64
        Certainty found minus labelled; NaN otherwise.
    wrong : ndarray of bool
        Where the answer is a mistake that is worth reading.
    labelled, found : tuple of float, str or None
        For the eye.
    """

    error: Floats
    bias: Floats
    wrong: Bools
    labelled: tuple[Shown, ...]
    found: tuple[Shown, ...]


def mistakes_of(kind: Kind, data: LabelledData, answers: Answers) -> Mistakes | None:
    """Compare each answer with its label; None where the system gives no such answer."""
    if kind == "certainty":
        return _of_certainty(data, answers)
    if kind in ("hedged", "classes"):
        return _of_classes(data, answers, hedged=kind == "hedged")
    return _of_cues(data, answers) if kind == "cues" else _of_claims(data, answers)


def reading_order(error: Floats, wrong: Bools, groups: Sequence[str], limit: int) -> list[int]:
    """The rows of the mistakes, the worst first; among the first ten at most one of a group."""
    ranked = [int(row) for row in np.argsort(-np.where(wrong, error, -np.inf), kind="stable") if wrong[row]]
    first: dict[str, int] = {}
    for row in ranked:
        if len(first) == _FIRST:
            break
        first.setdefault(groups[row], row)
    chosen = set(first.values())
    # The tenth row and all before it come of groups of their own only if there are ten groups with a mistake.
    return [*first.values(), *(row for row in ranked if row not in chosen)][:limit]


def _of_certainty(data: LabelledData, answers: Answers) -> Mistakes | None:
    wanted, got = data.graded, answers.certainty
    if wanted is None or got is None:
        return None
    error = np.where(np.isnan(got), np.maximum(wanted, 1 - wanted), np.abs(got - wanted))
    return Mistakes(error, got - wanted, error >= _WORTH_READING, _numbers(wanted), _numbers(got))


def _numbers(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else value for value in values.tolist())


def _of_classes(data: LabelledData, answers: Answers, *, hedged: bool) -> Mistakes | None:
    found = _hedged_classes(data, answers) if hedged else answers.classes
    if data.labels is None or found is None:
        return None
    place = {name: number for number, name in enumerate(found.names)}
    rows = np.array([label is not None for label in data.labels])
    wrong = rows & np.array([wanted != got for wanted, got in zip(data.labels, found.labels, strict=True)])
    error = wrong.astype(float)
    if found.probabilities is not None:
        error = 1 - np.array([0.0 if label is None else found.probabilities[row, place[label]] for row, label in enumerate(data.labels)])
    return Mistakes(np.where(rows, error, np.nan), np.full(len(data), np.nan), wrong, data.labels, found.labels)


def _hedged_classes(data: LabelledData, answers: Answers) -> ClassAnswers | None:
    name = data.hedged_class
    if name is None or answers.hedged is None or answers.probability is None:
        return None
    plain = next(other for other in data.classes if other != name)
    labels = tuple(name if said else plain for said in answers.hedged.tolist())
    return ClassAnswers((plain, name), labels, np.stack((1 - answers.probability, answers.probability), axis=1))


def _of_cues(data: LabelledData, answers: Answers) -> Mistakes | None:
    if data.cues is None or answers.cues is None:
        return None
    pairs = list(zip(data.cues, answers.cues, strict=True))
    error = np.array([np.nan if wanted is None else float(len(set(wanted) ^ set(got))) for wanted, got in pairs])
    labelled = tuple(None if wanted is None else shown_cues(text, wanted) for text, (wanted, _) in zip(data.texts, pairs, strict=True))
    found = tuple(shown_cues(text, got) for text, (_, got) in zip(data.texts, pairs, strict=True))
    return Mistakes(error, np.full(len(data), np.nan), error > 0, labelled, found)


def shown_cues(text: str, cues: CueSpans) -> str:
    """Cues for the eye: "may (modal), said (reportative)"."""
    return ", ".join(f"{text[start:end]} ({kind})" for start, end, kind in cues) or "no cue"


def _of_claims(data: LabelledData, answers: Answers) -> Mistakes | None:
    if answers.certainty is None or not answers.tells_claims:
        return None
    rows = known_claims(data)
    said = np.isnan(answers.certainty)
    wrong = rows & (said != data.no_claim)
    names = {True: "no claim", False: "a claim"}
    labelled = tuple(names[bool(none)] if known else None for none, known in zip(data.no_claim, rows, strict=True))
    found = tuple(names[bool(none)] for none in said)
    return Mistakes(np.where(rows, wrong.astype(float), np.nan), np.full(len(data), np.nan), wrong, labelled, found)
