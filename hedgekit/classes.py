"""Classes of a user's own: what a model that was trained on them says of a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.certainty import Judgement
from hedgekit.cues import softmax

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassModel:
    """A linear model over the features of the certainty; its scores are calibrated, so that their softmax gives probabilities.

    Attributes
    ----------
    names : tuple of str
        The classes, in the order in which they are reported.
    weights : ndarray of float32, shape (n_features, n_classes)
    bias : ndarray of float64, shape (n_classes,)
    hedged : int
        The class that says that a sentence is hedged, or -1. Where there is one, a sentence is of it from the threshold of the model
        on, and a sentence without a claim is of none; otherwise the likeliest class is told, claim or not.
    """

    names: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: Floats
    hedged: int = -1

    def probabilities(self, judgement: Judgement, told: npt.NDArray[np.bool_]) -> Floats:
        """Probabilities of the classes, shape ``(n_sentences, n_classes)``; NaN where none is told."""
        if self.hedged >= 0:
            return hedged_as_classes(judgement, told, self.hedged)
        scores = np.tile(self.bias, (told.size, 1))
        met = judgement.met
        np.add.at(scores, met.sentence, met.value[:, None] * self.weights[met.column])
        found = softmax(scores)
        found[~told] = np.nan
        return found

    def chosen(self, judgement: Judgement, probabilities: Floats) -> npt.NDArray[np.int16]:
        """The class of each sentence as an index into ``names``; -1 where none is told."""
        return chosen(judgement, probabilities, self.hedged)


def hedged_as_classes(judgement: Judgement, told: npt.NDArray[np.bool_], hedged: int) -> Floats:
    """Probabilities of two classes, one of which says hedged; NaN where none is told, or no claim is made."""
    found = np.empty((told.size, 2))
    found[:, hedged], found[:, 1 - hedged] = judgement.hedged_probability, 1 - judgement.hedged_probability
    found[~told | np.isnan(judgement.certainty)] = np.nan
    return found


def chosen(judgement: Judgement, probabilities: Floats, hedged: int) -> npt.NDArray[np.int16]:
    """The class of each sentence: the likeliest, or where one says hedged, as the threshold decided; -1 where none is told."""
    likeliest = np.nan_to_num(probabilities, nan=0.0).argmax(axis=1)
    found = np.where(judgement.hedged, hedged, 1 - hedged) if hedged >= 0 else likeliest
    found[np.isnan(probabilities[:, 0])] = -1
    return found.astype(np.int16)
