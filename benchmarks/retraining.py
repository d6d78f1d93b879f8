"""What retraining on few labels is worth: ``hedgekit.train`` beside a bag of words and the model that it starts from.

Run ``python -m benchmarks.retraining --corpora FOLDER``; each fifth of the groups is judged by fits on parts of the other four.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

import hedgekit
from benchmarks.tables import Table, save
from hedgekit.conll2010 import read_columns
from hedgekit.labelled import LabelledData
from hedgekit.model import CertaintyModel
from hedgekit.training.adaptation import folds_of
from hedgekit.training.answers import Answers, answers_from, answers_of
from hedgekit.training.bag_of_words import bag_answers
from hedgekit.training.retrain import fit, prepare
from hedgekit.training.science import groups, read
from hedgekit.training.statistic import points, statistics_of

Ints = npt.NDArray[np.int64]
_DRAWS = 3
_NOTES = (
    "Five-fold by document, or by versions of one finding; mean over the folds and, for parts of them, over three drawings by group. "
    "In brackets the lowest and the highest mean of a fold.",
    "Findings: tf-idf of words and word pairs with ridge regression. Wikipedia: with logistic regression, and its threshold is the best on "
    "the very sentences that it is judged by, which hedgekit's is not.",
    "`general` alone has seen no label of these corpora, but was fitted on labels of the annotation guide for some of their sentences.",
)


@dataclass(frozen=True, slots=True)
class Task:
    """Labelled data, the figure that counts, and how many labels are tried; None is all."""

    title: str
    data: LabelledData
    figure: str
    sizes: tuple[int | None, ...]


def tasks(corpora: Path) -> Iterator[Task]:
    """Certainty of findings, and uncertain sentences of Wikipedia."""
    findings = [finding for finding in read(corpora) if finding.certainty is not None]
    certainty = np.array([finding.certainty for finding in findings], dtype=np.float64)
    data = _columns([finding.text for finding in findings], groups(findings), certainty, None)
    yield Task("Findings, Pearson's r", data, "certainty r", (100, 300, None))
    sentences = read_columns(corpora / "wikipedia" / "tokens")
    labels = tuple("uncertain" if sentence.hedged else "certain" for sentence in sentences)
    data = _columns([sentence.text for sentence in sentences], [sentence.group for sentence in sentences], None, labels)
    yield Task("Wikipedia sentences, F1 of uncertain", data, "hedged F1", (200, 1000))


def _columns(texts: list[str], names: list[str], certainty: npt.NDArray[np.float64] | None, labels: tuple[str, ...] | None) -> LabelledData:
    n = len(texts)
    places = tuple(f"sentence {number}" for number in range(1, n + 1))
    classes = ("certain", "uncertain") if labels else ()
    return LabelledData(tuple(texts), places, certainty, labels, classes, None, np.zeros(n, np.bool_), np.ones(n), tuple(names), {})


def run(corpora: Path, progress: Callable[[str], None] = lambda _: None) -> list[Table]:
    """A table for each task."""
    base = hedgekit.load("general")
    found = []
    for task in tasks(corpora):
        rows = []
        material = prepare(task.data, base.parameters)
        for size in task.sizes:
            progress(f"{task.title}, {size or 'all'} labels")
            values: list[tuple[list[float], ...]] = []
            for train, test in folds_of(task.data.groups, "held out"):
                held_out = task.data.take(test)
                scores: tuple[list[float], ...] = ([], [], [])
                for draw in range(_DRAWS if size else 1):
                    some = drawn(task.data, train, size, draw)
                    model = CertaintyModel(fit(material, some), {"name": "held out"})
                    own = answers_from(model.annotate(list(held_out.texts)), held_out, "train")
                    for kept, answers in zip(
                        scores, (own, bag_answers(task.data.take(some), held_out), answers_of(base, held_out)), strict=True
                    ):
                        kept.append(value(held_out, answers, task.figure))
                values.append(scores)
            rows.append((str(size or "all"), *(_cell([float(np.mean(fold[system])) for fold in values]) for system in range(3))))
        found.append(Table(task.title, ("labels", "hedgekit.train", "bag of words", "general alone"), tuple(rows), _NOTES))
    return found


def drawn(data: LabelledData, rows: Ints, size: int | None, draw: int) -> Ints:
    """Some of the rows, group after group in a drawn order, until there are enough."""
    if size is None:
        return rows
    names = sorted({data.groups[row] for row in rows.tolist()})
    place = {name: at for at, name in enumerate(np.random.default_rng(draw).permutation(names).tolist())}
    order = sorted(rows.tolist(), key=lambda row: (place[data.groups[row]], row))
    return np.array(sorted(order[:size]), dtype=np.int64)


def value(data: LabelledData, answers: Answers | None, figure: str) -> float:
    """One figure of a system; 0 where it gives none."""
    if answers is None:
        return 0.0
    [statistic] = [item for item in statistics_of(data, answers) if item.name == figure]
    return float(points([statistic], data.weights)[0])


def _cell(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ({min(values):.2f} to {max(values):.2f})"


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the corpora.")
@click.option("--save", "saved", is_flag=True, help="Keep the tables in benchmarks/results.")
def main(corpora: Path, saved: bool) -> None:
    """Measure what few labels are worth."""
    tables = run(corpora, lambda step: click.echo(step, err=True))
    for found in tables:
        click.echo(found.markdown())
    if saved:
        save("retraining", tables)


if __name__ == "__main__":
    main()
