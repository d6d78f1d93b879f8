"""Aspects of a scientific finding: of what it is certain, and of what not (Pei and Jurgens 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.certainty import Judgement
from hedgekit.labels import ASPECT_CERTAINTIES, ASPECTS, AspectCertainty

Floats = npt.NDArray[np.float64]

# One score for each certainty of each aspect.
N_SCORES = len(ASPECTS) * len(ASPECT_CERTAINTIES)
_NOT_PRESENT = ASPECT_CERTAINTIES.index(AspectCertainty.NOT_PRESENT)


@dataclass(frozen=True, slots=True)
class AspectModel:
    """A linear model for each aspect, over the features of the certainty.

    Attributes
    ----------
    weights : ndarray of float32, shape (n_features, N_SCORES)
        Each of them a number of half precision.
    bias : ndarray of float64, shape (N_SCORES,)
    """

    weights: npt.NDArray[np.float32]
    bias: Floats

    def predict(self, judgement: Judgement) -> npt.NDArray[np.int8]:
        """How each sentence speaks of each aspect: index into ``ASPECT_CERTAINTIES``, shape ``(n_sentences, n_aspects)``.

        A sentence without a claim speaks of none.
        """
        n = judgement.certainty.size
        scores = np.tile(self.bias, (n, 1))
        met = judgement.met
        np.add.at(scores, met.sentence, met.value[:, None] * self.weights[met.column])
        found = scores.reshape(n, len(ASPECTS), len(ASPECT_CERTAINTIES)).argmax(axis=2)
        found[np.isnan(judgement.certainty)] = _NOT_PRESENT
        return np.asarray(found, dtype=np.int8)
