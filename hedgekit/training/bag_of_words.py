"""What anyone would try first, as a yardstick: words and word pairs with a linear model, cross-validated on the labelled data itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from hedgekit.labelled import LabelledData
from hedgekit.training.answers import Answers, Bools, ClassAnswers, Floats
from hedgekit.training.threads import on_one_thread

NAME = "bag of words"
_FOLDS = 5
_ENOUGH = 20
_STRENGTHS = (1.0, 10.0, 100.0)
_PENALTIES = (0.3, 1.0, 3.0)
_WHAT = (
    "bag of words: tf-idf of words and word pairs with a linear model, each fifth of the groups answered by a fit on the other four. "
    "It has seen labels of these very data, and its strength and threshold are the best on them: that is in its favour"
)


class _Unfit(Exception):
    """The data do not do for a bag of words; says why."""


@on_one_thread
def bag_of_words(data: LabelledData) -> tuple[Answers | None, str]:
    """The answers of a bag of words, and a sentence that says how it came by them, or why there are none.

    Parameters
    ----------
    data : LabelledData

    Returns
    -------
    answers : Answers or None
        NaN and None for sentences without a label.
    note : str
    """
    try:
        certainty = _certainty(data)
        classes = _classes(data)
    except _Unfit as reason:
        return None, f"bag of words left out: {reason}"
    if certainty is None and classes is None:
        return None, "bag of words left out: it answers neither cues nor the lack of a claim"
    probability = hedged = None
    if classes is not None and data.hedged is not None and classes.probabilities is not None:
        probability, hedged = _hedged(data, classes.probabilities)
    return Answers(NAME, certainty, probability, hedged, classes, own_classes=classes is not None), _WHAT


@on_one_thread
def bag_answers(train: LabelledData, test: LabelledData) -> Answers | None:
    """The answers of a bag of words fitted on some sentences to others; None where these are too few. Its threshold is the best on them."""
    try:
        certainty, probability, hedged, classes = None, None, None, None
        graded = train.graded
        if graded is not None:
            rows = np.flatnonzero(~np.isnan(graded))
            fitted = _fitted(Ridge(alpha=1.0), train, rows, graded[rows])
            certainty = np.clip(fitted.predict(list(test.texts)), 0.0, 1.0)
        labels = np.array(train.labels if train.labels is not None else (), dtype=object)
        rows = np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)
        if len(set(labels[rows])) > 1:
            fitted = _fitted(LogisticRegression(C=10.0, max_iter=2000), train, rows, labels[rows].astype(str))
            found = np.zeros((len(test), len(train.classes)))
            found[:, [train.classes.index(name) for name in fitted.classes_]] = fitted.predict_proba(list(test.texts))
            classes = ClassAnswers(train.classes, tuple(train.classes[top] for top in found.argmax(axis=1).tolist()), found)
            if test.hedged is not None and any(label is not None for label in test.hedged):
                probability, hedged = _hedged(test, found)
    except _Unfit:
        return None
    return Answers(NAME, certainty, probability, hedged, classes, own_classes=classes is not None)


def _certainty(data: LabelledData) -> Floats | None:
    wanted = data.graded
    if wanted is None or np.isnan(wanted).all():
        return None
    rows = np.flatnonzero(~np.isnan(wanted))
    folds = list(_folds(data, rows))
    best, least = np.zeros(0), np.inf
    for penalty in _PENALTIES:
        found = np.full(len(data), np.nan)
        for train, test in folds:
            fitted = _fitted(Ridge(alpha=penalty), data, train, wanted[train])
            found[test] = np.clip(fitted.predict(_texts(data, test)), 0.0, 1.0)
        loss = float(np.average((found[rows] - wanted[rows]) ** 2, weights=data.weights[rows]))
        if loss < least:
            best, least = found, loss
    return best


def _classes(data: LabelledData) -> ClassAnswers | None:
    if data.labels is None or all(label is None for label in data.labels):
        return None
    labels = np.array(data.labels, dtype=object)
    rows = np.array([row for row, label in enumerate(data.labels) if label is not None])
    folds = list(_folds(data, rows))
    for train, _ in folds:
        if len(set(labels[train])) == 1:
            raise _Unfit(f"a fold to fit on holds only the class {labels[train[0]]!r}; label more groups")
    place = {name: number for number, name in enumerate(data.classes)}
    wanted = [place[label] for label in labels[rows]]
    best, least = np.zeros((0, 0)), np.inf
    for strength in _STRENGTHS:
        found = np.zeros((len(data), len(place)))
        for train, test in folds:
            fitted = _fitted(LogisticRegression(C=strength, max_iter=2000), data, train, labels[train].astype(str))
            known = np.array([place[name] for name in fitted.classes_])
            found[test[:, None], known] = fitted.predict_proba(_texts(data, test))
        sure = np.clip(found[rows, wanted], np.finfo(np.float64).eps, 1.0)
        loss = float(np.average(-np.log(sure), weights=data.weights[rows]))
        if loss < least:
            best, least = found, loss
    answered = set(rows.tolist())
    said = tuple(data.classes[top] if row in answered else None for row, top in enumerate(best.argmax(axis=1).tolist()))
    return ClassAnswers(data.classes, said, best)


def _hedged(data: LabelledData, probabilities: Floats) -> tuple[Floats, Bools]:
    """Probability of hedged, and hedged at the threshold with the best F1."""
    assert data.hedged is not None
    assert data.hedged_class is not None
    probability = probabilities[:, data.classes.index(data.hedged_class)]
    rows = np.array([label is not None for label in data.hedged])
    order = np.flatnonzero(rows)[np.argsort(-probability[rows], kind="stable")]
    weights = data.weights[order]
    wanted = np.array([bool(data.hedged[row]) for row in order]) * weights
    scores = 2 * np.cumsum(wanted) / np.maximum(np.cumsum(weights) + wanted.sum(), np.finfo(np.float64).tiny)
    return probability, probability >= probability[order[int(np.argmax(scores))]]


def _folds(data: LabelledData, rows: npt.NDArray[np.int64]) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    groups = [data.groups[row] for row in rows.tolist()]
    if rows.size < _ENOUGH:
        raise _Unfit(f"{rows.size} labelled sentences are too few to learn from; it needs {_ENOUGH}")
    if len(set(groups)) < _FOLDS:
        raise _Unfit(f"{len(set(groups))} groups cannot be cut into {_FOLDS} folds; name at least {_FOLDS} groups")
    for train, test in GroupKFold(_FOLDS).split(rows, groups=groups):
        yield rows[train], rows[test]


def _fitted(linear: Any, data: LabelledData, train: npt.NDArray[np.int64], labels: Any) -> Any:
    texts = _texts(data, train)
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), linear)
    name = type(linear).__name__.lower()
    try:
        return pipeline.fit(texts, labels, **{f"{name}__sample_weight": data.weights[train]})
    except ValueError as error:
        if "empty vocabulary" in str(error):
            raise _Unfit("the sentences hold no words of two letters or more") from None
        raise


def _texts(data: LabelledData, rows: Sequence[int] | npt.NDArray[np.int64]) -> list[str]:
    return [data.texts[row] for row in rows]
