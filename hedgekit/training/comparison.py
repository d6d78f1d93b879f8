"""Whether one model is better than another on labelled data, beyond what noise can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hedgekit.errors import DataError
from hedgekit.labelled import LabelledData
from hedgekit.report import BETTER, EVEN, WORSE, ChangeRow, Comparison, DifferenceRow
from hedgekit.training.answers import Answers, Bools, Floats, answers_of
from hedgekit.training.evaluation import (
    ModelLike,
    check_sampling,
    known,
    labelled_data,
    loaded,
    main_figure,
    nothing_to_measure,
    refuse_unknown,
    told,
    training_overlap,
)
from hedgekit.training.mistakes import mistakes_of
from hedgekit.training.statistic import HEADLINES, LEVEL, Kind, Statistic, ends, points, resampled, statistics_of

_CHANGES = 20
# Two answers nearer than this are the same.
_SAME = 1e-9


def compare(a: ModelLike, b: ModelLike, data: Any, *, n_samples: int = 1000, seed: int = 0, **columns: Any) -> Comparison:
    """Compare two models on the same labelled data.

    In each bootstrap sample whole groups are drawn, the same for both, and the difference of each figure is taken: what both get
    wrong together cannot make a difference. It is one beyond noise when the 95 % interval leaves out 0.

    Parameters
    ----------
    a, b : CertaintyModel, name or path
        What is asked is whether ``b`` is better than ``a``.
    data : LabelledData, or anything that :func:`hedgekit.read_labelled` reads
        Sentences that neither was fitted on.
    n_samples : int, default=1000
        Bootstrap samples.
    seed : int, default=0
        The same seed gives the same intervals.
    **columns
        Passed on to :func:`hedgekit.read_labelled`.

    Returns
    -------
    Comparison
        With the figures for which there are labels and both answer. Correlation and mean absolute error are over the sentences to
        which both give a certainty.

    Raises
    ------
    DataError
        If the data are empty, or hold no label of a kind that both answer.
    OptionError
        If an option has a value that it cannot have.
    ModelNotFoundError
        If there is no such model.

    Warns
    -----
    DataWarning
        If sentences stand in the training data of one of the models.

    Examples
    --------
    >>> import numpy as np
    >>> import hedgekit
    >>> from hedgekit.labelled import LabelledData
    >>> texts = ("It rained.", "It may rain.", "It snowed.", "It might snow.")
    >>> data = LabelledData(
    ...     texts, ("row 1", "row 2", "row 3", "row 4"), np.array([0.9, 0.4, 0.9, 0.4]), None, (),
    ...     None, np.zeros(4, dtype=bool), np.ones(4), texts, {},
    ... )
    >>> hedgekit.compare("general", "general", data, n_samples=100).verdict
    'no difference beyond noise'
    """
    check_sampling(n_samples, seed)
    refuse_unknown("compare", compare, columns)
    labelled = labelled_data(data, columns)
    models = [loaded(a), loaded(b)]
    names = ["A", "B"] if models[0].name == models[1].name else [model.name for model in models]
    notes: list[str] = []
    for model in models:
        training_overlap(model, labelled, notes)
    both = [answers_of(model, labelled, name) for model, name in zip(models, names, strict=True)]
    scored = np.logical_and(*(~np.isnan(answers.certainty) for answers in both if answers.certainty is not None))
    tables = [{item.name: item for item in statistics_of(labelled, answers, scored=scored)} for answers in both]
    pairs = [(item, tables[1][name]) for name, item in tables[0].items() if name in tables[1]]
    if not pairs:
        raise DataError(nothing_to_measure(labelled, next(name for name, table in zip(names, tables, strict=True) if not table)))
    flat = [item for pair in pairs for item in pair]
    values = points(flat, labelled.weights)
    samples = resampled(flat, labelled.weights, labelled.groups, n_samples, seed)
    if len(set(labelled.groups)) == 1:
        samples[:] = np.nan
    rows = tuple(_difference(*pair, values[2 * k : 2 * k + 2], samples[:, 2 * k : 2 * k + 2]) for k, pair in enumerate(pairs))
    headline = main_figure(flat, np.where(np.isnan(values[0::2] + values[1::2]), np.nan, 0.0).repeat(2))
    gained, lost = _changes(HEADLINES[headline], labelled, *both)
    alone = [name for table, other in (tables, tables[::-1]) for name in table if name not in other]
    if alone:
        notes.append(f"left out, because only one of the two models answers: {', '.join(alone)}")
    return Comparison(
        a=models[0].name,
        b=models[1].name,
        n=len(labelled),
        n_groups=len(set(labelled.groups)),
        n_samples=n_samples,
        level=LEVEL,
        figures=rows,
        headline=headline,
        gained=gained,
        lost=lost,
        notes=(*_told(labelled, scored, both), *notes),
    )


def _told(data: LabelledData, scored: Bools, both: list[Answers]) -> Iterator[str]:
    yield from dict.fromkeys(told(data, *both))
    if data.graded is not None:
        alone = int((~np.isnan(data.graded) & ~scored).sum())
        if alone:
            yield f"correlation and mean absolute error leave out {alone} sentences to which not both models give a certainty"


def _difference(of_a: Statistic, of_b: Statistic, values: Floats, samples: Floats) -> DifferenceRow:
    a, b = known(values[0]), known(values[1])
    differences = samples[:, 1] - samples[:, 0]
    difference = float(values[1] - values[0])
    low, high = ends(differences, difference)
    sure = differences[~np.isnan(differences)]
    better = sure > _SAME if of_a.rising else sure < -_SAME
    share = float(better.mean()) if sure.size and low is not None else None
    verdict = _verdict(low, high, rising=of_a.rising)
    return DifferenceRow(of_a.name, a, b, known(difference), low, high, share, verdict, max(of_a.n, of_b.n), of_a.rising)


def _verdict(low: float | None, high: float | None, *, rising: bool) -> str:
    if low is None or high is None or (low <= _SAME and high >= -_SAME):
        return EVEN
    return BETTER if (low > 0) == rising else WORSE


def _changes(kind: Kind, data: LabelledData, a: Answers, b: Answers) -> tuple[tuple[ChangeRow, ...], tuple[ChangeRow, ...]]:
    """Sentences that b gets right, or nearer, and a does not, and the reverse; of classes only those of which one is wrong."""
    of_a, of_b = mistakes_of(kind, data, a), mistakes_of(kind, data, b)
    assert of_a is not None
    assert of_b is not None
    change = of_a.error - of_b.error
    counts = np.abs(change) > _SAME
    if kind not in ("certainty", "cues"):
        counts = of_a.wrong != of_b.wrong
        # By the class that was given; the probabilities may disagree with it near the threshold.
        change = np.where(of_b.wrong, -np.abs(change), np.abs(change))

    def rows(order: Floats, chosen: Bools) -> tuple[ChangeRow, ...]:
        ranked = [int(row) for row in np.argsort(order, kind="stable") if chosen[row]]
        return tuple(
            ChangeRow(
                data.places[row],
                data.groups[row],
                data.texts[row],
                of_a.labelled[row],
                of_a.found[row],
                of_b.found[row],
                float(change[row]),
            )
            for row in ranked[:_CHANGES]
        )

    return rows(-change, counts & (change > 0)), rows(change, counts & (change < 0))
