"""How certain scientific findings sound to readers: the ``science`` recipe beside bags of words.

Run ``python -m benchmarks.findings --corpora FOLDER``; it fits the recipe five times, versions of one finding on one side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

import hedgekit
from benchmarks.tables import Table, save
from hedgekit.findings import Finding
from hedgekit.labels import ASPECT_CERTAINTIES, ASPECTS
from hedgekit.model import CertaintyModel
from hedgekit.training.folds import fold_of
from hedgekit.training.measure import pearson
from hedgekit.training.science import fit, groups, judged, read

Floats = npt.NDArray[np.float64]
Aspects = npt.NDArray[np.int64]

_FOLDS, _SAMPLES = 5, 1000
_NOTES = (
    "Five-fold, versions of one finding on one side. Pearson's r with the mean rating of each finding; aspects: F1 averaged over the three "
    "classes and the six aspects. 95 % bootstrap intervals over findings.",
    "`general` is not fitted on any rating. Bags of words: tf-idf of one to three words with ridge regression (alpha 1), of one and two "
    "words with logistic regression whose classes weigh the same (C 1).",
)


def run(corpora: Path, progress: Callable[[str], None] = lambda _: None) -> list[Table]:
    """Judge each fifth of the findings by what was fitted on the others."""
    findings = read(corpora)
    general = hedgekit.load("general")
    folds = fold_of(groups(findings), _FOLDS, salt="held out")
    n = len(findings)
    ours, bag = (np.zeros(n), np.zeros((n, len(ASPECTS)), np.int64)), (np.zeros(n), np.zeros((n, len(ASPECTS)), np.int64))
    for fold in range(_FOLDS):
        progress(f"fold {fold + 1} of {_FOLDS}")
        train = [finding for finding, at in zip(findings, folds, strict=True) if at != fold]
        mine = np.flatnonzero(folds == fold)
        test = [findings[at] for at in mine.tolist()]
        certainty, aspects = judged(CertaintyModel(fit(train, general.parameters), {"name": "held out"}), test)
        ours[0][mine], ours[1][mine] = certainty, np.array(aspects)
        bag[0][mine], bag[1][mine] = bag_of_words(train, test)
    plain = judged(general, findings)[0]
    rows = [
        ("hedgekit science", *_cells(findings, *ours)),
        ("hedgekit general", _certainty_cell(findings, plain), "-"),
        ("bag of words", *_cells(findings, *bag)),
    ]
    rated = sum(finding.certainty is not None for finding in findings)
    share = beats(findings, ours[0], bag[0])
    notes = (*_NOTES, f"The certainty of `science` lies above the bag of words in {share:.1%} of {_SAMPLES} paired bootstrap samples.")
    return [
        Table(
            f"Findings: {rated} rated as a whole, {n - rated} by aspect", ("system", "certainty r", "aspects macro F1"), tuple(rows), notes
        )
    ]


def bag_of_words(train: Sequence[Finding], test: Sequence[Finding]) -> tuple[Floats, Aspects]:
    """Certainty and aspects of the findings of ``test``."""
    texts = [finding.text for finding in test]
    rated = [finding for finding in train if finding.certainty is not None]
    ridge = make_pipeline(TfidfVectorizer(ngram_range=(1, 3)), Ridge())
    certainty = ridge.fit([finding.text for finding in rated], [finding.certainty for finding in rated]).predict(texts)
    by_aspect = [finding for finding in train if finding.aspects is not None]
    found = np.zeros((len(test), len(ASPECTS)), dtype=np.int64)
    for number, aspect in enumerate(ASPECTS):
        labels = [ASPECT_CERTAINTIES.index(finding.aspects[aspect]) for finding in by_aspect if finding.aspects is not None]
        logistic = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2), LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
        )
        found[:, number] = logistic.fit([finding.text for finding in by_aspect], labels).predict(texts)
    return np.asarray(certainty), found


def beats(findings: Sequence[Finding], ours: Floats, theirs: Floats) -> float:
    """The share of paired bootstrap samples in which our r is the higher one."""
    rated, labels = _rated(findings)
    drawn = np.random.default_rng(0).integers(rated.size, size=(_SAMPLES, rated.size))
    wins = [pearson(ours[rated[sample]], labels[sample]) > pearson(theirs[rated[sample]], labels[sample]) for sample in drawn]
    return float(np.mean(wins))


def _rated(findings: Sequence[Finding]) -> tuple[npt.NDArray[np.int64], Floats]:
    rows = [(number, finding.certainty) for number, finding in enumerate(findings) if finding.certainty is not None]
    return np.array([number for number, _ in rows]), np.array([certainty for _, certainty in rows])


def _certainty_cell(findings: Sequence[Finding], certainty: Floats) -> str:
    rated, labels = _rated(findings)
    known = ~np.isnan(certainty[rated])
    rated, labels = rated[known], labels[known]
    drawn = np.random.default_rng(0).integers(rated.size, size=(_SAMPLES, rated.size))
    low, high = np.quantile([pearson(certainty[rated[sample]], labels[sample]) for sample in drawn], (0.025, 0.975))
    return f"{pearson(certainty[rated], labels):.3f} ({low:.2f} to {high:.2f})"


def _cells(findings: Sequence[Finding], certainty: Floats, aspects: Aspects) -> tuple[str, str]:
    chosen = np.array([number for number, finding in enumerate(findings) if finding.aspects is not None])
    gold = np.array(
        [[ASPECT_CERTAINTIES.index(value) for value in finding.aspects.values()] for finding in findings if finding.aspects is not None]
    )
    drawn = np.random.default_rng(0).integers(chosen.size, size=(_SAMPLES // 5, chosen.size))
    low, high = np.quantile([_macro(gold[sample], aspects[chosen[sample]]) for sample in drawn], (0.025, 0.975))
    return _certainty_cell(findings, certainty), f"{_macro(gold, aspects[chosen]):.3f} ({low:.2f} to {high:.2f})"


def _macro(gold: Aspects, found: Aspects) -> float:
    return float(np.mean([f1_score(gold[:, at], found[:, at], average="macro", zero_division=0) for at in range(len(ASPECTS))]))


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
