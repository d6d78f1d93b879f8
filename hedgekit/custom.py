"""An estimator of a user's own as the last step of a model: its answers stand in place of those of a linear model.

What it is fitted on and asked about are the features of the certainty that were met when it was fitted. Any scikit-learn classifier or
regressor will do; scikit-learn and SciPy are imported when it is asked, and never for a model without one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hedgekit.certainty import Judgement, Met
from hedgekit.classes import chosen, hedged_as_classes
from hedgekit.errors import ModelError

Floats = npt.NDArray[np.float64]
Target = Literal["classes", "certainty"]
Method = Literal["predict", "predict_proba"]


@dataclass(frozen=True, slots=True, eq=False)
class CustomHead:
    """A fitted estimator and what its answers mean.

    Attributes
    ----------
    estimator : object
        A classifier with ``predict_proba`` over the numbers of the classes, or a regressor.
    target : {"classes", "certainty"}
        What it tells.
    columns : ndarray of int32, shape (n_columns,)
        Its columns, as rising numbers of features of the model.
    names : tuple of str
        The classes, in the order in which they are reported; empty for a certainty.
    hedged : int
        The class that says that a sentence is hedged, or -1; as in :class:`hedgekit.classes.ClassModel`.
    """

    estimator: Any
    target: Target
    columns: npt.NDArray[np.int32]
    names: tuple[str, ...] = ()
    hedged: int = -1

    @property
    def kind(self) -> str:
        """The name of the estimator's class."""
        return type(self.estimator).__name__

    def judged(self, judgement: Judgement, threshold: float) -> Judgement:
        """A judgement with what the estimator says of certainty or hedged; whether a claim is made is left as it is."""
        silent = np.isnan(judgement.certainty)
        if self.target == "certainty":
            certainty = self._answers("predict", judgement.met, silent.size)
            certainty = np.minimum(np.maximum(certainty, 0.0), 1.0)
            certainty[silent] = np.nan
            return replace(judgement, certainty=certainty)
        if self.hedged < 0:
            return judgement
        probability = self._all_classes(judgement.met, silent.size)[:, self.hedged]
        probability[silent] = 0.0
        return replace(judgement, hedged_probability=probability, hedged=probability >= threshold)

    def probabilities(self, judgement: Judgement, told: npt.NDArray[np.bool_]) -> Floats:
        """Probabilities of the classes, shape ``(n_sentences, n_classes)``; NaN where none is told."""
        if self.hedged >= 0:
            return hedged_as_classes(judgement, told, self.hedged)
        found = self._all_classes(judgement.met, told.size)
        found[~told] = np.nan
        return found

    def chosen(self, judgement: Judgement, probabilities: Floats) -> npt.NDArray[np.int16]:
        """The class of each sentence as an index into ``names``; -1 where none is told."""
        return chosen(judgement, probabilities, self.hedged)

    def _all_classes(self, met: Met, n: int) -> Floats:
        """A column for every class, 0 for those that the estimator was not fitted on."""
        found = np.zeros((n, len(self.names)))
        if n:
            found[:, self.estimator.classes_] = self._answers("predict_proba", met, n, len(self.estimator.classes_))
        return found

    def _answers(self, method: Method, met: Met, *shape: int) -> Floats:
        if not shape[0]:  # scikit-learn refuses a matrix without rows
            return np.empty(shape)
        from scipy.sparse import csr_matrix

        at = self.columns.searchsorted(met.column)
        known = (self.columns.take(at, mode="clip") == met.column).nonzero()[0] if self.columns.size else np.empty(0, np.int64)
        places = met.sentence.take(known), at.take(known)
        matrix = csr_matrix((met.value.take(known), places), shape=(shape[0], self.columns.size))
        return asked(self.estimator, method, matrix, *shape)


def asked(estimator: Any, method: Method, matrix: Any, *shape: int) -> Floats:
    """What an estimator answers.

    Parameters
    ----------
    estimator : object
    method : {"predict", "predict_proba"}
    matrix : csr_matrix
        A row for each sentence.
    *shape : int
        That of the array which is wanted.

    Raises
    ------
    ModelError
        If it fails, with its own error as the cause, or answers something else.
    """
    name = type(estimator).__name__
    size = f"{matrix.shape[0]} sentences with {matrix.shape[1]} features"
    # Whatever goes wrong in somebody else's code is told with what can be done about it.
    try:
        found = np.array(getattr(estimator, method)(matrix), dtype=np.float64)
    except Exception as error:
        raise ModelError(
            f"{method} of the model's estimator {name} failed on the sparse matrix of {size}: {error!r}\nMake it answer such a matrix, of "
            "one row too, or train with another, such as LogisticRegression or Ridge; before one that needs a dense matrix: "
            "make_pipeline(TruncatedSVD(100), estimator)"
        ) from error
    if found.size != np.prod(shape) or not np.isfinite(found).all():
        raise ModelError(
            f"{method} of the model's estimator {name} gave an array of shape {found.shape} for {shape[0]} sentences, or numbers "
            f"that are not finite; finite numbers of shape {shape} are needed: train with another estimator"
        )
    return found.reshape(shape)
