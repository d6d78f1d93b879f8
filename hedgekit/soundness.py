"""Whether what a model file holds can be what a fit left there: what cannot be is refused before anything is computed from it.

A file with right hashes is not always one that hedgekit wrote. What is checked here is all that a computation relies on: sorted keys,
numbers within bounds, tables as long as one another. Loading must stay quick, so every array is read once or twice and none copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hedgekit.attribution import AttributionModel
from hedgekit.certainty import CertaintyHeads
from hedgekit.cues import STRENGTHS, CueDetector
from hedgekit.custom import CustomHead
from hedgekit.keys import KeyIndex
from hedgekit.labels import CUE_TYPES
from hedgekit.lexicon import MAX_TOKENS, PhraseTable
from hedgekit.parameters import Arrays, Parameters
from hedgekit.text.characters import CODE_POINTS, MOST_CLASSES, CharacterTables
from hedgekit.vocabulary import ALL_FLAGS
from hedgekit.windows import BOUND, LinearTable

# No fitted number is anywhere near.
_LARGEST = 1e9
_FLOATS = ("certainty.", "aspects.")
_FLOAT_ENDS = (".bias", ".threshold")
_KEY_ENDS = (".keys", ".firsts", ".pairs")
# Only these have rows and columns; some hold a single number.
_TABLE_END = ".weights"
_SINGLE = ("certainty.threshold", "cues.threshold", "features.whole", "scope.amounts")
_INTEGERS = ("attribution.", "characters.", "cues.", "features.", "own.", "phrases.", "scope.", "segmenter.", "words.")


def check_types(arrays: Arrays) -> None:
    """Refuse arrays of other dimensions or numbers than those of this name have, and numbers that are not finite, or immense.

    Raises
    ------
    ValueError
        With the name of the array.
    """
    for name, array in arrays.items():
        if array.ndim != 1 + name.endswith(_TABLE_END) or (name in _SINGLE and array.size != 1):
            raise ValueError(f"{name} has shape {array.shape}")
        real = array.dtype.kind == "f"
        # A NaN passes on to both ends.
        if real and array.size and not (float(array.min()) >= -_LARGEST and float(array.max()) <= _LARGEST):
            raise ValueError(f"{name} holds numbers that are not finite, or immense")
        if name.startswith(_INTEGERS + _FLOATS):
            fits = (
                array.dtype == np.uint64 if name.endswith(_KEY_ENDS) else real == (name.startswith(_FLOATS) or name.endswith(_FLOAT_ENDS))
            )
            if not fits:
                raise ValueError(f"{name} has type {array.dtype.str}{', not <u8' if name.endswith(_KEY_ENDS) else ''}")


def check_parameters(parameters: Parameters) -> None:
    """Refuse parameters that no fit leaves.

    Raises
    ------
    ValueError
        With the part and the reason.
    """
    _check_tables(parameters.tables)
    _check_detector(parameters.detector)
    _check_heads(parameters.heads)
    for name, table in _linear_tables(parameters):
        _check_linear(name, table)


def check_columns(columns: np.ndarray[Any, Any], n_features: int) -> None:
    """Refuse columns of an estimator that are no rising numbers of features.

    Raises
    ------
    ValueError
    """
    if columns.dtype != np.int32 or not (columns[1:] > columns[:-1]).all():
        raise ValueError("the columns of the estimator do not rise")
    if columns.size and not (columns[0] >= 0 and columns[-1] < n_features):
        raise ValueError(f"the columns of the estimator are not all below {n_features}")


def check_custom(head: CustomHead, n_told: int | None) -> None:
    """Refuse an estimator that cannot have been fitted for what its model says of it.

    Parameters
    ----------
    head : CustomHead
    n_told : int or None
        For how many columns the estimator says that it was fitted, if it says so.

    Raises
    ------
    ValueError
    """
    if n_told is not None and n_told != head.columns.size:
        raise ValueError(f"the estimator was fitted on {n_told} features, not on {head.columns.size}")
    if head.target == "certainty":
        if not callable(getattr(head.estimator, "predict", None)):
            raise ValueError(f"the estimator {head.kind} has no predict")
        return
    if not callable(getattr(head.estimator, "predict_proba", None)):
        raise ValueError(f"the estimator {head.kind} has no predict_proba")
    classes = np.asarray(getattr(head.estimator, "classes_", None))
    if classes.dtype.kind not in "iu" or classes.ndim != 1 or not set(classes.tolist()) <= set(range(len(head.names))):
        raise ValueError(f"the estimator tells other classes than {', '.join(map(repr, head.names))}")


def _linear_tables(parameters: Parameters) -> Iterator[tuple[str, LinearTable]]:
    detector, attribution, scope = parameters.detector, parameters.attribution, parameters.scope
    yield "cues.tags", detector.tags
    yield "cues.types", detector.types
    if detector.everywhere is not None:
        yield "cues.everywhere", detector.everywhere
    if detector.company is not None:
        yield "cues.company", detector.company
    if isinstance(attribution, AttributionModel):
        yield "attribution.ascribes", attribution.ascribes
    else:
        yield "attribution.speech", attribution.roles.speech.weights
        yield "attribution.roles_first", attribution.roles.first
        yield "attribution.roles_second", attribution.roles.second
    yield "attribution.links", attribution.links
    yield "attribution.kind", attribution.kind
    if parameters.heads.space.bearing is not None:
        yield "features.bearing", parameters.heads.space.bearing
    yield "scope.begins", scope.begins
    yield "scope.ends", scope.ends


def _check_linear(name: str, table: LinearTable) -> None:
    # Weights are added in fields of one word, where greater ones would run into each other.
    if not (table.weights.min() > -BOUND and table.weights.max() < BOUND):
        raise ValueError(f"{name} has weights beyond {BOUND}")


def _check_tables(tables: CharacterTables) -> None:
    if tables.classes.size != CODE_POINTS or tables.classes.max() >= MOST_CLASSES:
        raise ValueError(f"the classes of characters are not {CODE_POINTS} numbers below {MOST_CLASSES}")
    if tables.folds.max() >= CODE_POINTS:
        raise ValueError(f"characters are folded to numbers from {CODE_POINTS} on")


def _check_detector(detector: CueDetector) -> None:
    _check_phrases("phrases", detector.phrases, STRENGTHS * len(CUE_TYPES))
    _check_phrases("own", detector.own.phrases, len(CUE_TYPES) + 1)
    words, n = detector.words, len(detector.words.index) + 1
    _check_sorted("words", words.index)
    if not words.classes.shape == words.clusters.shape == words.flags.shape == (n,):
        raise ValueError(f"words has {n - 1} keys, but {words.classes.size}, {words.clusters.size} and {words.flags.size} values")
    if words.flags.max() > ALL_FLAGS:
        raise ValueError(f"words has flags above {ALL_FLAGS}")
    if not 0 < detector.threshold < 1:
        raise ValueError(f"cues.threshold is {detector.threshold}, not between 0 and 1")


def _check_phrases(name: str, table: PhraseTable, most: int) -> None:
    _check_sorted(name, table.phrases)
    _check_sorted(f"{name}.firsts", table.firsts)
    _check_sorted(f"{name}.pairs", table.pairs)
    for part, array, bound in (("lengths", table.lengths, MAX_TOKENS), ("values", table.values, most), ("reach", table.reach, MAX_TOKENS)):
        if array.size and not (array.min() >= 1 and array.max() <= bound):
            raise ValueError(f"{name}.{part} has values out of 1 to {bound}")


def _check_heads(heads: CertaintyHeads) -> None:
    _check_sorted("features", heads.space.index)
    if len(heads.space.names) != len(heads.space):
        raise ValueError(f"features has {len(heads.space)} keys, but {len(heads.space.names)} names")
    scores, probabilities = heads.calibration.scores, heads.calibration.probabilities
    if not (scores.ndim == 1 and scores.size and scores.shape == probabilities.shape):
        raise ValueError(f"the calibration has {scores.size} scores and {probabilities.size} probabilities")
    if (scores[1:] < scores[:-1]).any() or (probabilities[1:] < probabilities[:-1]).any():
        raise ValueError("the calibration does not rise")
    if probabilities[0] < 0 or probabilities[-1] > 1:
        raise ValueError("the calibration has probabilities out of 0 to 1")
    if not 0 <= heads.threshold <= 1:
        raise ValueError(f"certainty.threshold is {heads.threshold}, not 0 to 1")


def _check_sorted(name: str, index: KeyIndex) -> None:
    keys = index.keys
    if keys.ndim != 1 or not (keys[1:] > keys[:-1]).all():
        raise ValueError(f"the keys of {name} are not sorted")
