"""Fitting labels of a user's own on top of a model that is there already: whatever is labelled is learned, the rest is the base's."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from hedgekit.batch import from_sentences
from hedgekit.certainty import CertaintyHeads, FeatureSpace
from hedgekit.classes import ClassModel
from hedgekit.custom import Target
from hedgekit.estimators import feature_matrix
from hedgekit.keys import KeyIndex
from hedgekit.labelled import LabelledData
from hedgekit.parameters import Parameters
from hedgekit.training.adaptation import (
    Fitted,
    Leads,
    best_threshold,
    fit_certainty,
    fit_classes,
    joined_space,
    platt,
    sigmoid_knots,
    temperature,
    transferred,
    weighted_std,
)
from hedgekit.training.spans import adapted_detector, cross_fitted, has_cues
from hedgekit.training.threads import on_one_thread

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# If the base takes more than this share of the labelled sentences for no claim, it does not know what is one here.
_REFUSED = 0.02
_CLAIM_STRENGTH, _CLAIM_LEAD = 0.3, 3.0


@dataclass(frozen=True, slots=True)
class Material:
    """Labelled sentences as a base reads them.

    Attributes
    ----------
    data : LabelledData
    base : Parameters
    space : FeatureSpace
        The features of the base and of the sentences.
    matrix : csr_matrix, shape (n_sentences, n_features)
    leads : Leads
    """

    data: LabelledData
    base: Parameters
    space: FeatureSpace
    matrix: csr_matrix
    leads: Leads


@on_one_thread
def prepare(data: LabelledData, base: Parameters) -> Material:
    """Read all sentences once; which of their features mean anything is for the fits to say.

    Where cues are labelled the detector learns them first, and the sentences are read with cues of detectors that did not learn from
    them: what stands on cues must meet the errors that it will meet.
    """
    batch = from_sentences(data.texts, base.tables)
    if not has_cues(data):
        table = base.detector.table(batch)
        cues = base.cues(batch, table)
    else:
        table, cues = cross_fitted(batch, data, base.detector, base.tables)
        base = replace(base, detector=adapted_detector(data, base.detector, base.tables))
    space = joined_space(batch, table, cues, base.heads.space)
    matrix = feature_matrix(space, space.bag(batch, table, cues), len(data)).tocsr()
    return Material(data, base, space, matrix, Leads.of(base.heads, space, matrix, data.weights))


@on_one_thread
def fit(material: Material, rows: Ints, other: Target | None = None) -> Parameters:
    """Fit what is labelled on some of the sentences; the rest is the base's.

    What an estimator of the user's own tells is the ``other`` target: it is not fitted here, and every feature that was met is kept for it.
    """
    data, base = material.data.take(rows), material.base
    matrix, heads = material.matrix[rows], base.heads
    parts = [transferred(weights, heads.space, material.space) for weights in (heads.certainty, heads.hedged, heads.claim)]
    biases, calibration, threshold = heads.biases.copy(), heads.calibration, heads.threshold
    classes = None if base.classes is None else replace(base.classes, weights=_moved(base.classes.weights, heads.space, material.space))
    aspects = None if base.aspects is None else replace(base.aspects, weights=_moved(base.aspects.weights, heads.space, material.space))
    # Of a part of the data, as one that is measured is fitted on, nothing may be labelled: then the base's stays.
    known = _graded_rows(data)
    if data.graded is not None and known.size and other != "certainty":
        certainty = data.graded
        fitted = fit_certainty(material.leads, matrix[known], certainty[known], data.weights[known], _groups(data, known))
        parts[0], biases[0] = fitted.weights[0], fitted.biases[0]
    labels, known = class_numbers(data)
    if other == "classes":
        classes = None
    elif known.size:
        fitted = fit_classes(material.leads, matrix[known], labels[known], len(data.classes), data.weights[known], _groups(data, known))
        hedged = -1 if data.hedged_class is None else data.classes.index(data.hedged_class)
        classes = _class_model(fitted, data, labels[known], data.weights[known], hedged)
        if hedged >= 0:
            parts[1], biases[1], threshold = _hedged_head(fitted, labels[known] == hedged, data.weights[known], hedged)
            calibration = sigmoid_knots()
    parts[2], biases[2] = _claim(material, rows, parts[2], float(biases[2]))
    single = np.stack(parts).astype(np.float32)
    kept = (single != 0).any(axis=0)
    if other is not None:
        kept |= matrix.getnnz(axis=0) > 0
    for model in (classes, aspects):
        kept |= False if model is None else (model.weights != 0).any(axis=1)
    names = tuple(itertools.compress(material.space.names, kept.tolist()))
    space = replace(material.space, index=KeyIndex(material.space.index.keys[kept]), names=names)
    return replace(
        base,
        heads=CertaintyHeads(space, single[0, kept], single[1, kept], single[2, kept], biases, calibration, threshold),
        classes=None if classes is None else replace(classes, weights=classes.weights[kept]),
        aspects=None if aspects is None else replace(aspects, weights=aspects.weights[kept]),
    )


def _claim(material: Material, rows: Ints, weights: Floats, bias: float) -> tuple[Floats, float]:
    """Which sentences make a claim: as the base says, or as is labelled, or all where the base refuses what was labelled."""
    data = material.data.take(rows)
    # A certainty, and certain or uncertain, are said of claims; classes of another kind and cues may be of any sentence.
    claims = np.zeros(len(data), dtype=np.bool_)
    claims[_graded_rows(data)] = True
    if data.hedged is not None:
        claims |= np.array([label is not None for label in data.hedged])
    elif data.no_claim.any() and data.labels is not None:  # the reader was told that a sentence without a class makes no claim
        claims |= np.array([label is not None for label in data.labels])
    claims &= ~data.no_claim
    if not claims.any():
        return weights, bias
    known = claims | data.no_claim
    matrix, claims, counts = material.matrix[rows[known]], claims[known], data.weights[known]
    scores = np.asarray(matrix @ weights) + bias
    if claims.all():
        return (np.zeros_like(weights), 1.0) if np.average(scores < 0, weights=counts) > _REFUSED else (weights, bias)
    # Its own scale: the score of the base counts, and a word may add to it.
    lead = _CLAIM_LEAD / max(float(weighted_std(scores[:, None], counts)[0]), 1e-3)
    columns = hstack((matrix, csr_matrix(scores[:, None] * lead))).tocsr()
    fitted = LogisticRegression(C=_CLAIM_STRENGTH, max_iter=1000).fit(columns, claims, counts)
    lean = fitted.coef_[0, -1] * lead
    return fitted.coef_[0, :-1] + lean * weights, float(fitted.intercept_[0] + lean * bias)


def _moved(weights: npt.NDArray[np.float32], old: FeatureSpace, new: FeatureSpace) -> npt.NDArray[np.float32]:
    """Weights over the features of one space, shape ``(n_features, n)``, laid out for another."""
    return np.stack([transferred(column, old, new) for column in weights.T], axis=1).astype(np.float32)


def _groups(data: LabelledData, rows: Ints) -> list[str]:
    return [data.groups[row] for row in rows.tolist()]


def class_numbers(data: LabelledData) -> tuple[Ints, Ints]:
    """The class of each sentence as a number, -1 where it has none, and the rows that have one."""
    numbers = {name: number for number, name in enumerate(data.classes)}
    labels = np.array([-1 if label is None else numbers[label] for label in data.labels or ()], dtype=np.int64)
    return labels, np.flatnonzero(labels >= 0)


def _graded_rows(data: LabelledData) -> Ints:
    """The rows with a certainty."""
    return np.zeros(0, dtype=np.int64) if data.graded is None else np.flatnonzero(~np.isnan(data.graded))


def _class_model(fitted: Fitted, data: LabelledData, labels: Ints, weights: Floats, hedged: int) -> ClassModel:
    seen = ~np.isnan(fitted.held_out[:, 0])
    factor = temperature(fitted.held_out[seen], labels[seen], weights[seen]) if seen.any() and hedged < 0 else 1.0
    return ClassModel(data.classes, (factor * fitted.weights.T).astype(np.float32), factor * fitted.biases, hedged)


def _hedged_head(fitted: Fitted, labels: npt.NDArray[np.bool_], weights: Floats, hedged: int) -> tuple[Floats, float, float]:
    """Weights and bias whose sum is the calibrated log-odds of hedged, and the threshold."""
    other = 1 - hedged
    seen = ~np.isnan(fitted.held_out[:, 0])
    margins = fitted.held_out[:, hedged] - fitted.held_out[:, other]
    slope, offset, threshold = 1.0, 0.0, 0.5
    if np.unique(labels[seen]).size == 2:
        slope, offset = platt(margins[seen], labels[seen], weights[seen])
        if slope <= 0:  # what was held out says the opposite: too little is known to bend the scores
            slope, offset = 1.0, 0.0
        threshold = best_threshold(1 / (1 + np.exp(-(slope * margins[seen] + offset))), weights[seen])
    difference = fitted.weights[hedged] - fitted.weights[other]
    return slope * difference, slope * float(fitted.biases[hedged] - fitted.biases[other]) + offset, threshold
