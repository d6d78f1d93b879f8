"""How certain scientific findings sound to readers: the ``science`` recipe beside bags of words.

Run ``python -m benchmarks.findings --corpora FOLDER``; it fits the recipe five times, versions of one finding on one side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

import hedgekit
from benchmarks.tables import Table, save
from hedgekit.findings import Finding
from hedgekit.labels import ASPECTS
from hedgekit.training.measure import pearson
from hedgekit.training.science import by_aspect, cross_judged, groups, held_out_folds, judged, macro_f1, rated, read

Floats = npt.NDArray[np.float64]
Aspects = npt.NDArray[np.int64]

_SAMPLES = 1000
_NOTES = (
    "Five-fold, versions of one finding on one side. Pearson's r with the mean rating of each finding; aspects: F1 averaged over the three "
    "classes and the six aspects. 95 % bootstrap intervals, versions of one finding drawn together.",
    "`general` is not fitted on any rating. Bags of words: tf-idf of one to three words with ridge regression (alpha 1), of one and two "
    "words with logistic regression whose classes weigh the same (C 1).",
)


def run(corpora: Path, progress: Callable[[str], None] = lambda _: None) -> list[Table]:
    """Judge each fifth of the findings by what was fitted on the others."""
    findings = read(corpora)
    general = hedgekit.load("general")
    ours = cross_judged(findings, general.parameters, progress)
    bag = np.zeros(len(findings)), np.zeros((len(findings), len(ASPECTS)), dtype=np.int64)
    for train, mine in held_out_folds(findings):
        bag[0][mine], bag[1][mine] = bag_of_words(train, [findings[at] for at in mine.tolist()])
    names = groups(findings)
    rows = [
        ("hedgekit science", _certainty_cell(findings, names, ours[0]), _aspect_cell(findings, names, ours[1])),
        ("hedgekit general", _certainty_cell(findings, names, judged(general, findings)[0]), "-"),
        ("bag of words", _certainty_cell(findings, names, bag[0]), _aspect_cell(findings, names, bag[1])),
    ]
    share = beats(findings, names, ours[0], bag[0])
    notes = (*_NOTES, f"The certainty of `science` lies above the bag of words in {share:.1%} of {_SAMPLES} paired bootstrap samples.")
    title = f"Findings: {rated(findings)[0].size} rated as a whole, {by_aspect(findings)[0].size} by aspect, {len(set(names))} apart"
    return [Table(title, ("system", "certainty r", "aspects macro F1"), tuple(rows), notes)]


def bag_of_words(train: Sequence[Finding], test: Sequence[Finding]) -> tuple[Floats, Aspects]:
    """Certainty and aspects of the findings of ``test``."""
    texts = [finding.text for finding in test]
    known, ratings = rated(train)
    ridge = make_pipeline(TfidfVectorizer(ngram_range=(1, 3)), Ridge()).fit([train[at].text for at in known.tolist()], ratings)
    known, labels = by_aspect(train)
    told = [train[at].text for at in known.tolist()]
    found = np.zeros((len(test), len(ASPECTS)), dtype=np.int64)
    for number in range(len(ASPECTS)):
        logistic = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
        found[:, number] = make_pipeline(words, logistic).fit(told, labels[:, number]).predict(texts)
    return np.asarray(ridge.predict(texts)), found


def beats(findings: Sequence[Finding], names: Sequence[str], ours: Floats, theirs: Floats) -> float:
    """The share of paired bootstrap samples, drawn by group, in which our r is the higher one."""
    places, labels = rated(findings)
    wins = [
        pearson(ours[places[rows]], labels[rows]) > pearson(theirs[places[rows]], labels[rows])
        for rows in _drawn([names[at] for at in places.tolist()])
    ]
    return float(np.mean(wins))


def _drawn(names: Sequence[str]) -> Iterator[Aspects]:
    """Rows of bootstrap samples in which versions of one finding are drawn together."""
    members: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        members.setdefault(name, []).append(row)
    rows = [np.array(found) for found in members.values()]
    generator = np.random.default_rng(0)
    for _ in range(_SAMPLES):
        yield np.concatenate([rows[at] for at in generator.integers(len(rows), size=len(rows)).tolist()])


def _certainty_cell(findings: Sequence[Finding], names: Sequence[str], certainty: Floats) -> str:
    places, labels = rated(findings)
    scored = ~np.isnan(certainty[places])
    places, labels = places[scored], labels[scored]
    samples = [pearson(certainty[places[rows]], labels[rows]) for rows in _drawn([names[at] for at in places.tolist()])]
    return _cell(pearson(certainty[places], labels), samples)


def _aspect_cell(findings: Sequence[Finding], names: Sequence[str], aspects: Aspects) -> str:
    places, gold = by_aspect(findings)
    found = aspects[places]
    samples = [float(np.mean(macro_f1(gold[rows], found[rows]))) for rows in _drawn([names[at] for at in places.tolist()])]
    return _cell(float(np.mean(macro_f1(gold, found))), samples)


def _cell(value: float, samples: Sequence[float]) -> str:
    low, high = np.quantile(samples, (0.025, 0.975))
    return f"{value:.3f} ({low:.2f} to {high:.2f})"


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the corpora.")
@click.option("--save", "saved", is_flag=True, help="Keep the table in benchmarks/results.")
def main(corpora: Path, saved: bool) -> None:
    """Measure certainty and aspects of findings."""
    tables = run(corpora, lambda step: click.echo(step, err=True))
    for found in tables:
        click.echo(found.markdown())
    if saved:
        save("findings", tables)


if __name__ == "__main__":
    main()
