"""The figures of labelled sentences as functions of their weights, so that drawing sentences again is giving them other weights.

A figure is computed for many sets of weights at once. A sentence of weight 2 counts exactly as two equal sentences do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.labels import CUE_TYPES
from hedgekit.training.answers import Answers, ClassAnswers, Floats

Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Kind = Literal["certainty", "hedged", "classes", "cues", "claims"]

LEVEL = 0.95
BINS = 10
# The figure that stands for a kind of label, the most telling kind first.
HEADLINES: dict[str, Kind] = {
    "certainty r": "certainty",
    "hedged F1": "hedged",
    "macro F1": "classes",
    "cue typed F1": "cues",
    "no claim F1": "claims",
}
# So many weights are held at once.
_BLOCK = 2_000_000
# A sum of squares below this share of what was summed is rounding, not variance.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure, as a function of the weights of the sentences.

    Attributes
    ----------
    name : str
    n : int
        How many sentences, cues or answers it is a figure of.
    rising : bool
        Whether more is better.
    values : callable
        Weights of shape ``(n_samples, n_sentences)`` to values of shape ``(n_samples,)``; NaN where it is not defined.
    """

    name: str
    n: int
    rising: bool
    values: Callable[[Floats], Floats]


# Drawing -------------------------------------------------------------------------------------------------------------


def points(statistics: Sequence[Statistic], weights: Floats) -> Floats:
    """The value of each figure."""
    return np.array([float(statistic.values(weights[None])[0]) for statistic in statistics])


def resampled(statistics: Sequence[Statistic], weights: Floats, groups: Sequence[str], n_samples: int, seed: int) -> Floats:
    """The value of each figure in each of many bootstrap samples of whole groups, shape ``(n_samples, n_statistics)``."""
    group, count = numbered(groups)
    generator = np.random.default_rng(seed)
    found = np.empty((n_samples, len(statistics)))
    size = max(1, _BLOCK // max(weights.size, 1))
    for low in range(0, n_samples, size):
        rows = range(low, min(low + size, n_samples))
        drawn = np.array([np.bincount(generator.integers(count, size=count), minlength=count) for _ in rows])
        sample = weights * drawn[:, group]
        for column, statistic in enumerate(statistics):
            found[rows.start : rows.stop, column] = statistic.values(sample)
    return found


def ends(samples: Floats, value: float, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Percentile interval of the samples in which a figure is defined, drawn out to its value where that lies outside.

    It may lie outside for a calibration error, which every drawing of sentences makes larger.
    """
    known = samples[~np.isnan(samples)]
    if not known.size or np.isnan(value):
        return None, None
    low, high = np.quantile(known, ((1 - level) / 2, (1 + level) / 2))
    return min(float(low), value), max(float(high), value)


def by_group(statistic: Statistic, weights: Floats, groups: Sequence[str]) -> Floats:
    """The figure on the sentences of each group alone, in the order of the sorted names."""
    group, count = numbered(groups)
    size = max(1, _BLOCK // max(weights.size, 1))
    blocks: Iterator[Integers] = (np.arange(low, min(low + size, count)) for low in range(0, count, size))
    return np.concatenate([statistic.values(weights * (group == block[:, None])) for block in blocks])


def numbered(groups: Sequence[str]) -> tuple[Integers, int]:
    """The number of each sentence's group among the sorted names, and how many there are."""
    number = {name: place for place, name in enumerate(sorted(set(groups)))}
    return np.array([number[name] for name in groups], dtype=np.int64), len(number)


# Kinds of figure -----------------------------------------------------------------------------------------------------


def _divided(top: Floats, bottom: Floats) -> Floats:
    """A ratio; NaN where the lower part is 0."""
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)


def mean(name: str, values: Floats, rows: Bools, *, rising: bool) -> Statistic:
    """The mean of some of the values."""
    columns = np.stack((np.where(rows, values, 0.0), rows), axis=1)
    return Statistic(name, int(rows.sum()), rising, lambda weights: _divided(*(weights @ columns).T))


def found_and_right(part: str, right: Floats, found: Floats, labelled: Floats) -> tuple[Statistic, Statistic, Statistic]:
    """Precision, recall and F1 of what was counted in each sentence."""
    columns = np.stack((right, found, labelled), axis=1)
    n_found, n_labelled = round(float(found.sum())), round(float(labelled.sum()))

    def counted(weights: Floats) -> Floats:
        return np.asarray((weights @ columns).T)

    def precision(weights: Floats) -> Floats:
        n = counted(weights)
        return _divided(n[0], n[1])

    def recall(weights: Floats) -> Floats:
        n = counted(weights)
        return _divided(n[0], n[2])

    def f1(weights: Floats) -> Floats:
        n = counted(weights)
        return _divided(2 * n[0], n[1] + n[2])

    return (
        Statistic(f"{part} precision", n_found, True, precision),
        Statistic(f"{part} recall", n_labelled, True, recall),
        Statistic(f"{part} F1", n_labelled, True, f1),
    )


def pearson(name: str, x: Floats, y: Floats, rows: Bools) -> Statistic:
    """Pearson's correlation over some of the sentences; NaN where one side does not vary."""
    # Both are moved near their middle first, so that little is lost to rounding.
    x = np.where(rows, x - (x[rows].mean() if rows.any() else 0.0), 0.0)
    y = np.where(rows, y - (y[rows].mean() if rows.any() else 0.0), 0.0)
    columns = np.stack((rows.astype(float), x, y, x * x, y * y, x * y), axis=1)

    def values(weights: Floats) -> Floats:
        n, sx, sy, sxx, syy, sxy = (weights @ columns).T
        n = np.where(n > 0, n, np.nan)
        varied = (sxx - sx * sx / n, syy - sy * sy / n)
        flat = (varied[0] <= _ROUNDING * n) | (varied[1] <= _ROUNDING * n) | np.isnan(n)
        spread = np.sqrt(np.where(flat, 1.0, varied[0])) * np.sqrt(np.where(flat, 1.0, varied[1]))
        return np.where(flat, np.nan, np.clip((sxy - sx * sy / n) / spread, -1.0, 1.0))

    return Statistic(name, int(rows.sum()), True, values)


def calibration_error(name: str, probability: Floats, outcome: Floats, rows: Bools) -> Statistic:
    """Expected calibration error over ten bins of equal weight; a sentence at the edge of two bins counts in both by its parts."""
    order, starts = _tied(probability[rows])

    def values(weights: Floats) -> Floats:
        parts = weights[:, rows][:, order]
        gaps = np.add.reduceat(parts * (probability[rows] - outcome[rows])[order], starts, axis=1)
        sizes = np.add.reduceat(parts, starts, axis=1)
        found = np.full(len(weights), np.nan)
        for row, (gap, size) in enumerate(zip(gaps, sizes, strict=True)):
            if size.sum() > 0:
                found[row] = np.abs(np.diff(_cut(size, gap))).sum() / size.sum()
        return found

    return Statistic(name, int(rows.sum()), False, values if starts.size else lambda weights: np.full(len(weights), np.nan))


def reliability(probability: Floats, outcome: Floats, weights: Floats) -> list[tuple[float, float, float]]:
    """Mean probability, mean outcome and weight of each bin of :func:`calibration_error`."""
    order, starts = _tied(probability)
    if not starts.size or not weights.sum() > 0:
        return []
    size = np.add.reduceat(weights[order], starts)
    sums = [np.diff(_cut(size, np.add.reduceat((weights * column)[order], starts))) for column in (probability, outcome)]
    width = float(size.sum()) / BINS
    return [(float(p) / width, float(y) / width, width) for p, y in zip(*sums, strict=True)]


def _tied(probability: Floats) -> tuple[Integers, Integers]:
    """An order of rising probability, and where each distinct probability starts in it: equal ones are never told apart."""
    order = np.argsort(probability, kind="stable")
    _, starts = np.unique(probability[order], return_index=True)
    return order, starts


def _cut(size: Floats, amount: Floats) -> Floats:
    """The amount below each edge of the bins of equal size."""
    below = np.concatenate(([0.0], np.cumsum(size)))
    return np.interp(np.linspace(0.0, below[-1], BINS + 1), below, np.concatenate(([0.0], np.cumsum(amount))))


# The figures of a report ---------------------------------------------------------------------------------------------


def statistics_of(data: LabelledData, answers: Answers, *, scored: Bools | None = None) -> list[Statistic]:
    """All figures for which there are both labels and answers, in the order in which they are reported.

    Parameters
    ----------
    data : LabelledData
    answers : Answers
    scored : ndarray of bool, optional
        The sentences over which correlation and error of the certainty are taken; by default those that got one.
    """
    return [
        *_of_certainty(data, answers, scored),
        *_of_hedged(data, answers),
        *_of_classes(data, answers),
        *_of_cues(data, answers),
        *_of_claims(data, answers),
    ]


def _of_certainty(data: LabelledData, answers: Answers, scored: Bools | None) -> Iterator[Statistic]:
    wanted, got = data.graded, answers.certainty
    if wanted is None or got is None or np.isnan(wanted).all():
        return
    claims = ~np.isnan(wanted)
    both = claims & ~np.isnan(got) if scored is None else claims & scored
    x, y = np.where(both, wanted, 0.0), np.where(both, got, 0.0)
    yield pearson("certainty r", x, y, both)
    yield mean("certainty mean absolute error", np.abs(x - y), both, rising=False)
    yield mean("share of claims scored", (~np.isnan(got)).astype(float), claims, rising=True)


def _of_hedged(data: LabelledData, answers: Answers) -> Iterator[Statistic]:
    labels, said, probability = data.hedged, answers.hedged, answers.probability
    if labels is None or said is None or probability is None or all(label is None for label in labels):
        return
    rows = np.array([label is not None for label in labels])
    wanted = np.array([bool(label) for label in labels])
    said = said & rows
    yield from found_and_right("hedged", *(column.astype(float) for column in (wanted & said, said, wanted)))
    tiny = np.finfo(np.float64).eps
    sure = np.clip(np.where(wanted, probability, 1 - probability), tiny, 1 - tiny)
    yield mean("hedged Brier score", (probability - wanted) ** 2, rows, rising=False)
    yield calibration_error("hedged calibration error", probability, wanted.astype(float), rows)
    yield mean("hedged log loss", -np.log(sure), rows, rising=False)


def _of_classes(data: LabelledData, answers: Answers) -> Iterator[Statistic]:
    found = answers.classes
    if data.labels is None or found is None:
        return
    rows = np.array([label is not None for label in data.labels])
    if not rows.any():
        return
    right = np.array([wanted is not None and wanted == got for wanted, got in zip(data.labels, found.labels, strict=True)])
    yield mean("accuracy", right.astype(float), rows, rising=True)
    yield _macro_f1(data, found, int(rows.sum()))
    # Read off two classes of hedged, these would be its own figures again.
    if found.probabilities is None or (data.hedged is not None and not answers.own_classes):
        return
    wanted = _indicator(data.labels, found.names)
    yield mean("class Brier score", ((found.probabilities - wanted) ** 2).sum(axis=1), rows, rising=False)
    confidence = (found.probabilities * _indicator(found.labels, found.names)).sum(axis=1)
    yield calibration_error("class calibration error", confidence, right.astype(float), rows)


def _macro_f1(data: LabelledData, found: ClassAnswers, n: int) -> Statistic:
    """The mean F1 of the classes that were labelled or found."""
    by_class = [f1 for _, _, f1 in class_statistics(data, found)]

    def values(weights: Floats) -> Floats:
        scores = np.array([statistic.values(weights) for statistic in by_class])
        return _divided(np.nansum(scores, axis=0), (~np.isnan(scores)).sum(axis=0).astype(float))

    return Statistic("macro F1", n, True, values)


def class_statistics(data: LabelledData, found: ClassAnswers) -> list[tuple[Statistic, Statistic, Statistic]]:
    """Precision, recall and F1 of each class, over the sentences that have a label."""
    assert data.labels is not None
    wanted = _indicator(data.labels, found.names)
    got = _indicator(found.labels, found.names) * np.array([[label is not None] for label in data.labels])
    return [found_and_right(name, *columns) for name, *columns in zip(found.names, (wanted * got).T, got.T, wanted.T, strict=True)]


def _indicator(labels: Sequence[str | None], names: Sequence[str]) -> Floats:
    return np.array([[float(label == name) for name in names] for label in labels])


def _of_cues(data: LabelledData, answers: Answers) -> Iterator[Statistic]:
    if data.cues is None or answers.cues is None or all(cues is None for cues in data.cues):
        return
    counts = np.array([_matched(wanted, got) for wanted, got in zip(data.cues, answers.cues, strict=True)], dtype=np.float64)
    right, typed, found, labelled = counts.T
    yield from found_and_right("cue span", right, found, labelled)
    yield found_and_right("cue typed", typed, found, labelled)[2]


def _matched(wanted: CueSpans | None, got: CueSpans) -> tuple[int, int, int, int]:
    """Spans in both, spans in both with their type, found and labelled; nothing where the row was not labelled for cues."""
    if wanted is None:
        return 0, 0, 0, 0
    spans = {(start, end) for start, end, _ in wanted} & {(start, end) for start, end, _ in got}
    return len(spans), len(set(wanted) & set(got)), len(got), len(wanted)


def type_statistics(data: LabelledData, answers: Answers) -> dict[str, tuple[Statistic, Statistic, Statistic]]:
    """Precision, recall and F1 of each type of cue that was labelled or found, over the sentences that were labelled for cues."""
    if data.cues is None or answers.cues is None:
        return {}
    tables = {}
    for kind in CUE_TYPES:
        pairs = [
            (set(), set()) if wanted is None else ({cue for cue in wanted if cue[2] == kind}, {cue for cue in got if cue[2] == kind})
            for wanted, got in zip(data.cues, answers.cues, strict=True)
        ]
        counts = np.array([(len(wanted & got), len(got), len(wanted)) for wanted, got in pairs], dtype=np.float64)
        if counts.any():
            tables[str(kind)] = found_and_right(str(kind), *counts.T)
    return tables


def _of_claims(data: LabelledData, answers: Answers) -> Iterator[Statistic]:
    if not data.no_claim.any() or answers.certainty is None or not answers.tells_claims:
        return
    said = np.isnan(answers.certainty) & known_claims(data)
    columns = (data.no_claim & said, said, data.no_claim)
    yield from found_and_right("no claim", *(column.astype(float) for column in columns))


def known_claims(data: LabelledData) -> Bools:
    """The sentences of which is known whether they make a claim: those marked to make none, and those with a label of any other kind."""
    graded, labels = data.graded, data.labels
    known = data.no_claim.copy()
    if graded is not None:
        known |= ~np.isnan(graded)
    if labels is not None:
        known |= np.array([label is not None for label in labels])
    return known
