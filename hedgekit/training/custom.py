"""Fitting an estimator of a user's own on labelled sentences, in place of the linear model for certainty or classes.

It sees the features of the sentences that :mod:`hedgekit.training.retrain` sees, as a sparse matrix without negative values: those that
were met in the sentences that it is fitted on. The scores of the base do not stand beside them.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from hedgekit.custom import CustomHead, Target, asked
from hedgekit.errors import DataWarning, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.parameters import Parameters
from hedgekit.training.adaptation import best_threshold, folds_of
from hedgekit.training.retrain import Material, class_numbers, fit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_WANTED = "pass an unfitted scikit-learn classifier with predict_proba for classes, or regressor for certainty"


def target_of(estimator: Any, data: LabelledData) -> Target:
    """What an estimator is to tell; refuses one that cannot, or whose labels are not there, and warns of weights that it cannot take.

    Raises
    ------
    OptionError
        With the reason, and what would do.
    """
    if isinstance(estimator, type):
        raise OptionError(f"estimator is the class {estimator.__name__}, not an object of it: pass {estimator.__name__}()")
    name = type(estimator).__name__
    if not (callable(getattr(estimator, "fit", None)) and callable(getattr(estimator, "get_params", None))):
        raise OptionError(f"estimator is {name} ({estimator!r:.60}), which is none of scikit-learn's kind; {_WANTED}")
    try:
        copy = clone(estimator)
        kinds = is_classifier(copy), is_regressor(copy)
    except Exception as error:  # whatever the user's own class raises
        raise OptionError(f"estimator {name} cannot be cloned by scikit-learn ({type(error).__name__}: {error}); {_WANTED}") from error
    if not any(kinds):
        raise OptionError(f"estimator {name} is neither a classifier nor a regressor; {_WANTED}")
    if not callable(getattr(copy, "predict_proba" if kinds[0] else "predict", None)):
        raise OptionError(
            f"estimator {name} is a classifier without predict_proba, but a model tells the probability of every class; wrap it: "
            f"sklearn.calibration.CalibratedClassifierCV({name}(...))"
            if kinds[0]
            else f"estimator {name} is a regressor without predict; {_WANTED}"
        )
    if kinds[0] and data.labels is None:
        raise OptionError(f"estimator {name} is a classifier, but the data have no classes; pass a regressor for their certainty, or none")
    if kinds[1] and data.graded is None:
        raise OptionError(f"estimator {name} is a regressor, but the data have no certainty; pass a classifier for their classes, or none")
    if _weight_name(copy) is None and np.unique(data.weights).size > 1:
        warnings.warn(
            f"estimator {name} takes no sample_weight: the weights of the sentences do not count for it", DataWarning, stacklevel=3
        )
    return "classes" if kinds[0] else "certainty"


def fit_custom(material: Material, rows: Ints, estimator: Any, target: Target, seed: int) -> tuple[Parameters, CustomHead]:
    """Fit what is labelled on some of the sentences, and an estimator for one kind of label.

    Parameters
    ----------
    material : Material
    rows : ndarray of int64
    estimator : object
        Is cloned; a random_state that is None becomes the seed.
    target : {"classes", "certainty"}
        As :func:`target_of` tells.
    seed : int

    Raises
    ------
    OptionError
        If the estimator cannot be fitted on the features; the message has its own reason.
    ModelError
        If it is fitted, but cannot answer.
    """
    parameters = fit(material, rows, target)
    data, matrix = material.data.take(rows), material.matrix[rows]
    met = np.flatnonzero(matrix.getnnz(axis=0))
    matrix = matrix[:, met]
    columns = parameters.heads.space.index.rows(material.space.index.keys[met]).astype(np.int32)
    if target == "certainty":
        assert data.graded is not None
        known = np.flatnonzero(~np.isnan(data.graded))
        fitted = _fitted(estimator, matrix[known], data.graded[known], data.weights[known], seed)
        return parameters, CustomHead(fitted, target, columns)
    labels, known = class_numbers(data)
    labels, matrix, weights = labels[known], matrix[known], data.weights[known]
    head = CustomHead(_fitted(estimator, matrix, labels, weights, seed), target, columns, data.classes, _hedged(data))
    if head.hedged < 0:
        return parameters, head
    held_out = np.full(known.size, np.nan)
    for train, test in folds_of([data.groups[row] for row in known.tolist()], "penalty"):
        try:
            part = _fitted(estimator, matrix[train], labels[train], weights[train], seed)
        except OptionError:  # what can be fitted on all may want more sentences than a fold has
            continue
        told = asked(part, "predict_proba", matrix[test], test.size, len(part.classes_))
        held_out[test] = told @ (part.classes_ == head.hedged)
    seen = np.flatnonzero(~np.isnan(held_out))
    hedged = labels[seen] == head.hedged
    threshold = best_threshold(held_out[seen], hedged) if np.unique(hedged).size == 2 else 0.5
    return replace(parameters, heads=replace(parameters.heads, threshold=threshold)), head


def _hedged(data: LabelledData) -> int:
    return -1 if data.hedged_class is None else data.classes.index(data.hedged_class)


def _fitted(estimator: Any, matrix: csr_matrix, wanted: Floats | Ints, weights: Floats, seed: int) -> Any:
    """A copy, fitted. Where only one class is met, as may be in a fold, that is what is said of everything."""
    if wanted.dtype.kind == "i" and np.unique(wanted).size == 1:
        return DummyClassifier().fit(matrix, wanted)
    # Whatever goes wrong in somebody else's code is told with what can be done about it.
    try:
        copy = clone(estimator)
        name = _weight_name(copy)
        passed = {name: weights} if name is not None and np.unique(weights).size > 1 else {}
        seeds = {key: seed for key, value in copy.get_params().items() if key.split("__")[-1] == "random_state" and value is None}
        fitted = copy.set_params(**seeds).fit(matrix, wanted, **passed)
        if wanted.dtype.kind == "i":
            len(fitted.classes_)  # what it is asked by
        return fitted
    except Exception as error:
        shape = f"{matrix.shape[0]} sentences with {matrix.shape[1]} features"
        raise OptionError(
            f"estimator {type(estimator).__name__} cannot be fitted on the sparse matrix of {shape}: {error!r}\nTake one that can, such as "
            "LogisticRegression or Ridge, or label more; before one that needs a dense matrix: make_pipeline(TruncatedSVD(100), estimator)"
        ) from error


def _weight_name(estimator: Any) -> str | None:
    """The argument of ``fit`` that takes the weights; that of the last step in a pipeline."""
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        inner = _weight_name(last)
        return None if inner is None else f"{name}__{inner}"
    return "sample_weight" if has_fit_parameter(estimator, "sample_weight") else None
