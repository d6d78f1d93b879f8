"""How good a model is on labelled data of a user's own: its figures with what noise can do to them, and its mistakes."""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np

from hedgekit.corpora import checksum
from hedgekit.errors import DataError, DataWarning, ModelNotFoundError, OptionError, UnknownOptionError
from hedgekit.labelled import LabelledData
from hedgekit.labels import CUE_TYPES
from hedgekit.model import CertaintyModel
from hedgekit.options import in_shell, named, option
from hedgekit.reading import OPTIONS, read_labelled
from hedgekit.report import (
    ClassRow,
    Confusion,
    ErrorRow,
    FigureRow,
    GroupRow,
    LearningPoint,
    ReliabilityBin,
    Report,
    TypeRow,
)
from hedgekit.training.answers import Answers, Floats, answers_of
from hedgekit.training.mistakes import Mistakes, mistakes_of, reading_order, shown_cues
from hedgekit.training.statistic import (
    HEADLINES,
    LEVEL,
    Statistic,
    by_group,
    class_statistics,
    ends,
    points,
    reliability,
    resampled,
    statistics_of,
    type_statistics,
)

ModelLike = CertaintyModel | str | os.PathLike[str]

_ERRORS = 50
# A correlation of fewer sentences of a group tells nothing.
_CORRELATED = 5
# Fewer groups than this cannot show what other groups would do.
_FEW_GROUPS = 10
_NO_ANSWER = "no answer"
_GENERAL = "general"


def evaluate(
    model: ModelLike,
    data: Any,
    *,
    base: ModelLike | None = "auto",
    bag_of_words: bool = True,
    n_samples: int = 1000,
    seed: int = 0,
    **columns: Any,
) -> Report:
    """Measure a model on labelled data.

    Every figure comes with a bootstrap interval by drawing whole groups (percentile, 95 %), beside the same figure of a base model
    and of a bag of words. Weights of the sentences count in all of them.

    Parameters
    ----------
    model : CertaintyModel, name or path
    data : LabelledData, or anything that :func:`hedgekit.read_labelled` reads
        Sentences that the model was not fitted on; only the figures for which there are labels are computed.
    base : CertaintyModel, name, path or None, default="auto"
        The model to stand beside it. "auto" is the model that it was trained from, or else "general"; None is none.
    bag_of_words : bool, default=True
        Whether to add a bag of words, cross-validated over five folds of groups on these data.
    n_samples : int, default=1000
        Bootstrap samples.
    seed : int, default=0
        The same seed gives the same intervals.
    **columns
        Passed on to :func:`hedgekit.read_labelled`: ``text="sentence"``, ``certainty="score"``, ``scale=(1, 6)`` and the like.

    Returns
    -------
    Report

    Raises
    ------
    DataError
        If the data are empty, or hold no label of a kind that the model answers.
    OptionError
        If an option has a value that it cannot have.
    ModelNotFoundError
        If there is no such model.

    Warns
    -----
    DataWarning
        If sentences stand in the training data of the model.

    Notes
    -----
    - Correlation and mean absolute error are over the sentences that got a certainty; "share of claims scored" counts the others.
    - Precision, recall, F1, Brier score, log loss and calibration error of ``hedged`` are over all sentences with such a label; one
      that makes no claim by the model counts as not hedged. The calibration error is over ten bins of equal weight.
    - A sentence that gets no class counts as wrong. The macro F1 is over the classes that were labelled or found. The Brier score of
      classes is the sum over all of them, 0 to 2; their calibration error is that of the probability of the class that was given.
    - Cues are compared by start and end, or start, end and type, micro-averaged.

    Examples
    --------
    >>> import numpy as np
    >>> import hedgekit
    >>> from hedgekit.labelled import LabelledData
    >>> texts = ("It rained.", "It may rain.", "It snowed.", "It might snow.", "The sun shone.", "Perhaps it froze.")
    >>> data = LabelledData(
    ...     texts, ("row 1", "row 2", "row 3", "row 4", "row 5", "row 6"), None, ("certain", "uncertain") * 3, ("certain", "uncertain"),
    ...     None, np.zeros(6, dtype=bool), np.ones(6), texts, {},
    ... )
    >>> report = hedgekit.evaluate("general", data, n_samples=100)
    >>> report.main.figure, report.main.value
    ('hedged F1', 1.0)
    """
    check_sampling(n_samples, seed)
    refuse_unknown("evaluate", evaluate, columns)
    labelled = labelled_data(data, columns)
    fitted = loaded(model)
    answers = answers_of(fitted, labelled)
    statistics = statistics_of(labelled, answers)
    if not statistics:
        raise DataError(nothing_to_measure(labelled, fitted.name))
    notes: list[str] = []
    overlap = training_overlap(fitted, labelled, notes)
    beside = _base(fitted, base, notes)
    of_base = None if beside is None else answers_of(beside, labelled, f"{beside.name} (base)" if beside.name == fitted.name else None)
    rival, note = _rival(labelled) if bag_of_words else (None, "")

    values = points(statistics, labelled.weights)
    headline = main_figure(statistics, values)
    kind = HEADLINES[headline]
    classes = [] if labelled.labels is None or answers.classes is None else class_statistics(labelled, answers.classes)
    types = type_statistics(labelled, answers)
    finer = [statistic for triple in (*classes, *types.values()) for statistic in triple]
    every = [*statistics, *finer]
    samples = resampled(every, labelled.weights, labelled.groups, n_samples, seed)
    n_groups = len(set(labelled.groups))
    measured = _Measured(every, points(every, labelled.weights), samples if n_groups > 1 else np.full_like(samples, np.nan))
    mistakes = mistakes_of(kind, labelled, answers)
    assert mistakes is not None
    bins_of, bins = _bins(labelled, [answers, *([of_base] if of_base else [])])
    return Report(
        model=fitted.name,
        base=None if of_base is None else of_base.name,
        n=len(labelled),
        n_groups=n_groups,
        n_samples=n_samples,
        level=LEVEL,
        figures=tuple(_figures(measured, statistics, _values(labelled, of_base), _values(labelled, rival))),
        headline=headline,
        by_class=tuple(
            ClassRow(name, *measured.triple(place), triple[1].n, triple[0].n)
            for name, place, triple in zip(
                answers.classes.names if answers.classes else (), _places(len(statistics)), classes, strict=False
            )
        ),
        by_type=tuple(_types(labelled, answers, mistakes, types, measured, len(statistics) + 3 * len(classes))),
        by_group=tuple(_groups(labelled, mistakes, next(item for item in statistics if item.name == headline))),
        errors=tuple(_errors(labelled, answers, mistakes, None if of_base is None else mistakes_of(kind, labelled, of_base))),
        notes=(*told(labelled, answers), *notes, *([note] if note else [])),
        overlap=overlap,
        bins=bins,
        bins_of=bins_of,
        answers=_confusion(labelled, answers),
        learning=tuple(_learning(fitted)),
    )


# What evaluation, comparison and training share ----------------------------------------------------------------------


def refuse_unknown(name: str, function: Callable[..., Any], columns: Mapping[str, Any]) -> None:
    """Refuse what is neither an option of a function nor one of reading, to which it passes on what it does not know.

    Raises
    ------
    UnknownOptionError
    """
    unknown = [option for option in columns if option not in OPTIONS]
    if not unknown:
        return
    parameters = signature(function).parameters.values()
    known = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    close = difflib.get_close_matches(unknown[0], [*known, *OPTIONS], n=1)
    meant = f"did you mean {close[0]!r}? It" if close else "it"
    raise UnknownOptionError(
        f"{name} has no option {' or '.join(map(repr, unknown))}; {meant} has {', '.join(known)}, and those of read_labelled: "
        f"{', '.join(OPTIONS)}"
    )


def labelled_data(data: Any, columns: dict[str, Any]) -> LabelledData:
    """The data as they are, or read with the options of :func:`hedgekit.read_labelled`."""
    if isinstance(data, LabelledData):
        if columns:
            raise OptionError(
                f"{', '.join(sorted(columns))}: options of reading do not fit LabelledData, which was read already; drop them"
            )
        found = data
    else:
        found = read_labelled(data, **columns)
    if not len(found):
        raise DataError("there is no sentence to measure on; give at least one with a label")
    if not found.weights.sum() > 0:
        raise DataError("all weights are 0; give at least one sentence a weight above 0")
    return found


def loaded(model: ModelLike) -> CertaintyModel:
    """A model, by itself, by name or by path."""
    import hedgekit

    return model if isinstance(model, CertaintyModel) else hedgekit.load(model)


def check_sampling(n_samples: int, seed: int) -> None:
    """Refuse numbers that no bootstrap can use."""
    for name, value, least in (("n_samples", n_samples, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise OptionError(f"{named(name)} must be a whole number from {least} on; got {value!r}")


def training_overlap(model: CertaintyModel, data: LabelledData, notes: list[str]) -> int:
    """How many of the sentences are known to stand in the training data of a model; a warning and a note if any do."""
    known = set(model.info.get("text_hashes", ()))
    count = sum(checksum(text) in known for text in data.texts) if known else 0
    if count:
        told = (
            f"{count} of {len(data)} sentences stand in the training data of {model.name!r}: its figures are better than they "
            "will be on new text; measure on sentences that it was not fitted on"
        )
        warnings.warn(told, DataWarning, stacklevel=3)
        notes.append(told)
    return count


def nothing_to_measure(data: LabelledData, name: str) -> str:
    """Why no figure can be computed."""
    if data.classes:
        shown = ", ".join(map(repr, data.classes[:8]))
        verb = "hedgekit train" if in_shell() else "hedgekit.train"
        return (
            f"the labels are classes ({shown}) that the model {name!r} does not give; train one that does with {verb}, "
            "or label certainty, certain / uncertain, or cues"
        )
    return "no sentence has a label; label certainty, classes or cues"


def main_figure(statistics: Sequence[Statistic], values: Floats) -> str:
    """The figure that stands for all: of the most telling kind of label for which it is defined."""
    defined = {statistic.name: not np.isnan(value) for statistic, value in zip(statistics, values, strict=True)}
    present = [name for name in HEADLINES if name in defined]
    return next((name for name in present if defined[name]), present[0])


def told(data: LabelledData, *systems: Answers) -> Iterator[str]:
    """What one should know of the labels and the answers."""
    graded = data.graded
    for answers in systems:
        if graded is not None and answers.certainty is not None:
            claims = ~np.isnan(graded)
            silent = int((claims & np.isnan(answers.certainty)).sum())
            if silent:
                yield (
                    f"{answers.name}: {silent} of {int(claims.sum())} sentences with a certainty got none. They stand in "
                    '"share of claims scored", and are left out of correlation and mean absolute error'
                )
        if data.hedged is not None and answers.certainty is not None and answers.tells_claims:
            silent = sum(label is not None and bool(np.isnan(value)) for label, value in zip(data.hedged, answers.certainty, strict=True))
            if silent:
                yield f"{answers.name}: {silent} labelled sentences make no claim by the model, and count as not hedged"
        if data.labels is not None and answers.own_classes and answers.classes is not None:
            pairs = zip(data.labels, answers.classes.labels, strict=True)
            silent = sum(label is not None and found is None for label, found in pairs)
            if silent:
                yield f"{answers.name}: {silent} labelled sentences got no class, and count as wrong"
    n_groups = len(set(data.groups))
    if n_groups == 1:
        yield "all sentences are of one group: there is nothing to draw, and no interval"
    elif n_groups < _FEW_GROUPS:
        yield f"only {n_groups} groups: the intervals say little of other groups"


# The parts of a report -----------------------------------------------------------------------------------------------


class _Measured:
    """Values and samples of many figures."""

    def __init__(self, statistics: Sequence[Statistic], values: Floats, samples: Floats) -> None:
        self.statistics, self.values, self.samples = statistics, values, samples

    def interval(self, place: int) -> tuple[float | None, float | None]:
        return ends(self.samples[:, place], float(self.values[place]))

    def triple(self, place: int) -> tuple[float | None, float | None, float | None, float | None, float | None]:
        """Precision, recall, F1 and the interval of F1 of the three figures from a place on."""
        precision, recall, f1 = (known(value) for value in self.values[place : place + 3])
        return (precision, recall, f1, *self.interval(place + 2))


def known(value: float) -> float | None:
    """A number, or None for NaN, so that reports can be compared and written as JSON."""
    return None if np.isnan(value) else float(value)


def _places(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 3


def _values(data: LabelledData, answers: Answers | None) -> dict[str, float | None]:
    """The figures of a system that stands beside the model."""
    if answers is None:
        return {}
    statistics = statistics_of(data, answers)
    return {item.name: known(value) for item, value in zip(statistics, points(statistics, data.weights), strict=True)}


def _figures(
    measured: _Measured, statistics: Sequence[Statistic], base: dict[str, float | None], rival: dict[str, float | None]
) -> Iterator[FigureRow]:
    for place, item in enumerate(statistics):
        value, beside = known(measured.values[place]), (base.get(item.name), rival.get(item.name))
        yield FigureRow(item.name, value, *measured.interval(place), *beside, item.n, item.rising)


def _types(
    data: LabelledData,
    answers: Answers,
    mistakes: Mistakes,
    types: dict[str, tuple[Statistic, Statistic, Statistic]],
    measured: _Measured,
    start: int,
) -> Iterator[TypeRow]:
    places = dict(zip(types, _places(start), strict=False))
    for name in map(str, CUE_TYPES):
        holds = np.array([any(kind == name for _, _, kind in cues) for cues in answers.cues or ()], dtype=np.bool_)
        rows = holds & ~np.isnan(mistakes.error)
        if name in types:
            scores, counts = measured.triple(places[name]), (types[name][1].n, types[name][0].n)
        elif rows.any():
            scores, counts = (None,) * 5, (0, 0)
        else:
            continue
        error, bias = (_mean(values, rows, data.weights) for values in (mistakes.error, mistakes.bias))
        yield TypeRow(name, *scores, *counts, int(rows.sum()), error, bias)


def _mean(values: Floats, rows: Any, weights: Floats) -> float | None:
    """The weighted mean of those of the values that are known."""
    rows = rows & ~np.isnan(values)
    total = weights[rows].sum()
    return float((values[rows] * weights[rows]).sum() / total) if total > 0 else None


def _groups(data: LabelledData, mistakes: Mistakes, statistic: Statistic) -> list[GroupRow]:
    names = sorted(set(data.groups))
    if len(names) in (1, len(data)):
        return []
    members: dict[str, list[int]] = {name: [] for name in names}
    for row, name in enumerate(data.groups):
        members[name].append(row)
    rows = []
    for name, value in zip(names, by_group(statistic, data.weights, data.groups), strict=True):
        mine = np.array(members[name])
        enough = statistic.name != "certainty r" or int((~np.isnan(mistakes.bias[mine])).sum()) >= _CORRELATED
        error = _mean(mistakes.error[mine], np.ones(mine.size, np.bool_), data.weights[mine])
        rows.append(GroupRow(name, known(value) if enough else None, error, mine.size))
    # The worst first, what is not defined last, and there the farthest wrong first.
    return sorted(rows, key=lambda row: (row.value is None, row.value or 0.0, -(row.error or 0.0), row.group))


def _errors(data: LabelledData, answers: Answers, mistakes: Mistakes, of_base: Mistakes | None) -> Iterator[ErrorRow]:
    for row in reading_order(mistakes.error, mistakes.wrong, data.groups, _ERRORS):
        yield ErrorRow(
            data.places[row],
            data.groups[row],
            data.texts[row],
            mistakes.labelled[row],
            mistakes.found[row],
            None if of_base is None else of_base.found[row],
            float(mistakes.error[row]),
            "" if answers.cues is None else shown_cues(data.texts[row], answers.cues[row]),
        )


def _confusion(data: LabelledData, answers: Answers) -> Confusion | None:
    if data.labels is None or answers.classes is None:
        return None
    found = answers.classes
    columns = (*found.names, *([_NO_ANSWER] if None in found.labels else []))
    place = {name: number for number, name in enumerate(columns)}
    counts = np.zeros((len(data.classes), len(columns)))
    for wanted, got, weight in zip(data.labels, found.labels, data.weights.tolist(), strict=True):
        if wanted is not None:
            counts[data.classes.index(wanted), place[_NO_ANSWER if got is None else got]] += weight
    return Confusion(data.classes, columns, tuple(tuple(row) for row in counts.tolist()))


def _bins(data: LabelledData, systems: Sequence[Answers]) -> tuple[str | None, tuple[ReliabilityBin, ...]]:
    """What each system said against what was true, by the first kind of label that the model answers with a number."""
    for kind in ("hedged", "classes", "certainty"):
        pairs = {answers.name: _said_and_true(kind, data, answers) for answers in systems}
        if pairs[systems[0].name] is not None:
            bins = (
                ReliabilityBin(name, *item)
                for name, pair in pairs.items()
                if pair is not None
                for item in reliability(pair[0][pair[2]], pair[1][pair[2]], data.weights[pair[2]])
            )
            return kind, tuple(bins)
    return None, ()


def _said_and_true(kind: str, data: LabelledData, answers: Answers) -> tuple[Floats, Floats, Any] | None:
    if kind == "hedged":
        if data.hedged is None or answers.probability is None:
            return None
        rows = np.array([label is not None for label in data.hedged])
        return answers.probability, np.array([float(bool(label)) for label in data.hedged]), rows
    if kind == "classes":
        found = answers.classes
        if data.labels is None or found is None or found.probabilities is None:
            return None
        place = {name: number for number, name in enumerate(found.names)}
        said = [0.0 if label is None else found.probabilities[row, place[label]] for row, label in enumerate(found.labels)]
        right = [float(wanted == got) for wanted, got in zip(data.labels, found.labels, strict=True)]
        return np.array(said), np.array(right), np.array([label is not None for label in data.labels])
    if data.graded is None or answers.certainty is None:
        return None
    rows = ~np.isnan(data.graded) & ~np.isnan(answers.certainty)
    return (answers.certainty, data.graded, rows) if rows.any() else None


def _learning(model: CertaintyModel) -> Iterator[LearningPoint]:
    for point in model.info.get("learning_curve") or ():
        yield LearningPoint(int(point["n"]), str(point["figure"]), point.get("model"), point.get("bag of words"))


def _base(model: CertaintyModel, base: ModelLike | None, notes: list[str]) -> CertaintyModel | None:
    """The model to stand beside; one that nobody asked for by name may be missing."""
    if base != "auto":
        return None if base is None else loaded(base)
    name = model.info.get("base") or _GENERAL
    if name == model.name:
        return None
    try:
        return loaded(name)
    except ModelNotFoundError:
        notes.append(f"the base model {name!r} is not here, and left out; pass {option('base')} to name it by its path")
        return None


def _rival(data: LabelledData) -> tuple[Answers | None, str]:
    # scikit-learn is slow to import, and nothing else here needs it.
    from hedgekit.training.bag_of_words import bag_of_words

    return bag_of_words(data)
