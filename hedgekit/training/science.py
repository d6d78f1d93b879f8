"""The recipe of the ``science`` model: how certain a scientific finding sounds to its readers, and each aspect of it.

Cues, attributions and scopes are those of ``general``. The certainty leans on the scores of ``general``, corrected by cues, words
and pairs of words (:mod:`hedgekit.training.adaptation`). Each aspect has a logistic
regression over the same features, in which its three classes weigh the same: a wording that is rare must not be lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from hedgekit.aspects import AspectModel
from hedgekit.batch import from_sentences
from hedgekit.certainty import FeatureSpace
from hedgekit.estimators import feature_matrix
from hedgekit.findings import Finding, read_findings
from hedgekit.labels import ASPECT_CERTAINTIES, ASPECTS
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.training import general
from hedgekit.training.adaptation import Leads, fit_certainty, joined_space, transferred
from hedgekit.training.certainty import SHORT_NAME
from hedgekit.training.folds import fold_of
from hedgekit.training.measure import Figure, pearson
from hedgekit.training.threads import on_one_thread

NAME = "science"
Progress = Callable[[str], None]
Floats = npt.NDArray[np.float64]

_FILES = ("sentence-level-certainty.jsonl", "aspect-level-certainty.jsonl")
_ASPECT_STRENGTH = 1.0
# Findings with the same first or last letters are versions of one, and stay on one side of every split.
_TELLING = 30
_LIMITS = (
    "Ratings are means of few readers of news stories and abstracts; they see less difference in hedges than the annotation guide does.",
    "Cues, attributions and scope are those of the general model, and so is hedged, but that every sentence with a word in it is taken "
    "to be a finding: its certainty is never None.",
    "Aspects are told apart by wording alone; uncertain conditions are too rare in the data to be found well.",
)


def groups(findings: Sequence[Finding]) -> list[str]:
    """A name for each finding, shared by versions of one."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    ends = []
    for finding in findings:
        letters = re.sub(r"\W", "", finding.text.lower())
        ends.append(f"begins {letters[:_TELLING]}")
        parent[root(ends[-1])] = root(f"ends {letters[-_TELLING:]}")
    return [root(end) for end in ends]


@on_one_thread
def fit(findings: Sequence[Finding], base: Parameters) -> Parameters:
    """Fit certainty and aspects on findings; everything else is that of ``base``.

    Parameters
    ----------
    findings : sequence of Finding
        Some rated as a whole, some by aspect.
    base : Parameters
        Those of ``general``.
    """
    whole, parts = ([finding for finding in findings if (finding.aspects is None) == told] for told in (True, False))
    space = _joined_space(findings, base)
    graded = _features(space, whole, base)
    leads = Leads.of(base.heads, space, graded, np.ones(len(whole)))
    fitted = fit_certainty(leads, graded, rated(whole)[1], np.ones(len(whole)), groups(whole))
    heads = replace(
        base.heads,
        space=space,
        certainty=fitted.weights[0].astype(np.float32),
        hedged=transferred(base.heads.hedged, base.heads.space, space).astype(np.float32),
        # Whatever has a word in it is taken to be a finding.
        claim=np.zeros(len(space), dtype=np.float32),
        biases=np.array([fitted.biases[0], base.heads.biases[1], 1.0]),
    )
    # Findings are seldom short: single words of short ones tell nothing of an aspect.
    own = diags(np.array([not name.startswith(SHORT_NAME) for name in space.names], dtype=np.float64))
    return replace(base, heads=heads, aspects=_fit_aspects(_features(space, parts, base) @ own, parts))


def _fit_aspects(columns: csr_matrix, findings: Sequence[Finding]) -> AspectModel:
    weights = np.zeros((columns.shape[1], len(ASPECTS), len(ASPECT_CERTAINTIES)), dtype=np.float32)
    bias = np.full((len(ASPECTS), len(ASPECT_CERTAINTIES)), -30.0)
    for number, labels in enumerate(by_aspect(findings)[1].T):
        if np.unique(labels).size < len(ASPECT_CERTAINTIES):
            bias[number, np.unique(labels)] = 0.0
            continue
        fitted = LogisticRegression(C=_ASPECT_STRENGTH, class_weight="balanced", max_iter=2000).fit(columns, labels)
        weights[:, number], bias[number] = fitted.coef_.T, fitted.intercept_
    # They are kept in half precision, which is enough to compare three classes.
    return AspectModel(weights.reshape(columns.shape[1], -1).astype(np.float16).astype(np.float32), bias.reshape(-1))


def _joined_space(findings: Sequence[Finding], base: Parameters) -> FeatureSpace:
    batch = from_sentences([finding.text for finding in findings], base.tables)
    table = base.detector.table(batch)
    return joined_space(batch, table, base.cues(batch, table), base.heads.space)


def _features(space: FeatureSpace, findings: Sequence[Finding], base: Parameters) -> csr_matrix:
    batch = from_sentences([finding.text for finding in findings], base.tables)
    table = base.detector.table(batch)
    return feature_matrix(space, space.bag(batch, table, base.cues(batch, table)), len(findings))


def judged(model: CertaintyModel, findings: Sequence[Finding]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The certainty that a model finds in each finding, and its aspects, each an index into ``ASPECT_CERTAINTIES``, if it gives any."""
    found = model.annotate([finding.text for finding in findings])
    certainty = np.array([np.nan if sentence.certainty is None else sentence.certainty for sentence in found])
    aspects = [[ASPECT_CERTAINTIES.index(value) for value in (sentence.aspects or {}).values()] for sentence in found]
    return certainty, np.array(aspects, dtype=np.int64).reshape(len(found), -1)


def rated(findings: Sequence[Finding]) -> tuple[npt.NDArray[np.int64], Floats]:
    """Places and ratings of the findings that were rated as a whole."""
    rows = [(number, finding.certainty) for number, finding in enumerate(findings) if finding.certainty is not None]
    return np.array([number for number, _ in rows], dtype=np.int64), np.array([certainty for _, certainty in rows], dtype=np.float64)


def by_aspect(findings: Sequence[Finding]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places and labels of the findings that were rated by aspect, the labels of shape ``(n, n_aspects)``."""
    rows = [(number, finding.aspects) for number, finding in enumerate(findings) if finding.aspects is not None]
    labels = [[ASPECT_CERTAINTIES.index(aspects[aspect]) for aspect in ASPECTS] for _, aspects in rows]
    return np.array([number for number, _ in rows], dtype=np.int64), np.array(labels, dtype=np.int64).reshape(-1, len(ASPECTS))


def macro_f1(gold: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> list[float]:
    """F1 of each aspect, averaged over its three classes."""
    pairs = zip(gold.T, found.T, strict=True)
    return [float(f1_score(wanted, got, average="macro", zero_division=0)) for wanted, got in pairs]


def figures_of(certainty: Floats, aspects: npt.NDArray[np.int64], findings: Sequence[Finding], part: str) -> list[Figure]:
    """Pearson's r of the certainty, and F1 of the aspects, averaged over the three classes of each and then over the aspects."""
    chosen, labels = rated(findings)
    figures = [Figure(part, "certainty r", pearson(certainty[chosen], labels), chosen.size)]
    figures.append(Figure(part, "certainty mean absolute error", float(np.abs(certainty[chosen] - labels).mean()), chosen.size))
    chosen, gold = by_aspect(findings)
    scores = macro_f1(gold, aspects[chosen])
    figures += [Figure(part, f"aspect {aspect}, macro F1", score, chosen.size) for aspect, score in zip(ASPECTS, scores, strict=True)]
    return [*figures, Figure(part, "aspects, macro F1", float(np.mean(scores)), len(scores))]


def read(root: Path) -> list[Finding]:
    """The rated findings of the corpora, those rated as a whole first."""
    return [finding for name in _FILES for finding in read_findings(general.existing(root / "science" / name))]


def cross_judged(
    findings: Sequence[Finding], base: Parameters, progress: Progress = lambda _: None
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Certainty and aspects of each fifth of the findings by a model that was fitted on the other four.

    ``base`` has seen some findings, labelled by the annotation guide, but no reader's rating.

    Returns
    -------
    certainty : ndarray of float64, shape (n,)
    aspects : ndarray of int64, shape (n, n_aspects)
        Index into ``ASPECT_CERTAINTIES``.
    """
    certainty, aspects = np.zeros(len(findings)), np.zeros((len(findings), len(ASPECTS)), dtype=np.int64)
    for number, (train, mine) in enumerate(held_out_folds(findings), 1):
        progress(f"held out {number} of {general.HELD_OUT_FOLDS}")
        model = CertaintyModel(fit(train, base), {"name": "held out"})
        certainty[mine], aspects[mine] = judged(model, [findings[at] for at in mine.tolist()])
    return certainty, aspects


def held_out_folds(findings: Sequence[Finding]) -> Iterator[tuple[list[Finding], npt.NDArray[np.int64]]]:
    """For each fifth of the findings: those of the other four, and the places of its own."""
    folds = fold_of(groups(findings), general.HELD_OUT_FOLDS, salt="held out")
    for fold in range(general.HELD_OUT_FOLDS):
        yield [finding for finding, at in zip(findings, folds, strict=True) if at != fold], np.flatnonzero(folds == fold)


def build(corpora: str | Path, *, measured: bool = True, progress: Progress = lambda _: None) -> CertaintyModel:
    """Fit the ``science`` model on all findings, with held-out figures from five fits on four fifths each.

    Parameters
    ----------
    corpora : str or Path
        The folder of labelled corpora.
    measured : bool
        Whether to take the held-out figures.
    progress : callable
        Is told each step.
    """
    from hedgekit import load

    root, base = Path(corpora), load("general")
    findings = read(root)
    figures = figures_of(*cross_judged(findings, base.parameters, progress), findings, "findings") if measured else []
    progress("all findings")
    parameters = fit(findings, base.parameters)
    data = [
        general.described(f"Pei and Jurgens 2021, {name.removesuffix('.jsonl').replace('-', ' ')}", [root / "science" / name], n, "MIT")
        for name, n in zip(_FILES, (sum(f.aspects is None for f in findings), sum(f.aspects is not None for f in findings)), strict=True)
    ]
    return CertaintyModel(parameters, _info([*data, *base.info["data"]], figures))


def _info(data: list[dict[str, Any]], figures: Sequence[Figure]) -> dict[str, Any]:
    split = "Five-fold, versions of one finding on one side: each fifth judged by the recipe fitted on the other four; then fitted on all."
    return {
        "name": NAME,
        "description": "Scientific findings in abstracts and news: how certain readers find them, and each aspect of them.",
        "data": data,
        **general.measured(figures),
        **({"split": split} if figures else {}),
        "limits": list(_LIMITS),
        "versions": general.versions(),
        "seed": 0,
    }
