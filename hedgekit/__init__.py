"""How certain English text sounds, which words make it so, and on whose word it rests.

>>> import hedgekit
>>> hedgekit.score("Six were killed.") > hedgekit.score("Six were reportedly killed.")
True
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, overload

from hedgekit import persistence as _persistence
from hedgekit.errors import HedgekitError, SkippedWarning, WorkerError
from hedgekit.inputs import OnError
from hedgekit.labelled import LabelledData
from hedgekit.labels import Aspect, AspectCertainty, AttributionKind, CueType, Level, Voice
from hedgekit.likelihood import Likelihood
from hedgekit.model import CertaintyModel, Floats
from hedgekit.results import Attribution, Contribution, Cue, Document, Explanation, Sentence, Source, Sources, Span

if TYPE_CHECKING:
    from hedgekit.displays import CertaintyDisplay, CueProfileDisplay
    from hedgekit.estimators import CertaintyClassifier, CertaintyRegressor, CueFeatures
    from hedgekit.reading import read_labelled
    from hedgekit.report import Comparison, Report
    from hedgekit.tables import add_columns
    from hedgekit.training.comparison import compare
    from hedgekit.training.evaluation import evaluate
    from hedgekit.training.suggestion import Suggestions, suggest
    from hedgekit.training.train import train

__version__ = "0.1.0"
__all__ = [
    "Aspect",
    "AspectCertainty",
    "Attribution",
    "AttributionKind",
    "CertaintyClassifier",
    "CertaintyDisplay",
    "CertaintyModel",
    "CertaintyRegressor",
    "Comparison",
    "Contribution",
    "Cue",
    "CueFeatures",
    "CueProfileDisplay",
    "CueType",
    "Document",
    "Explanation",
    "HedgekitError",
    "LabelledData",
    "Level",
    "Likelihood",
    "Report",
    "Sentence",
    "SkippedWarning",
    "Source",
    "Sources",
    "Span",
    "Suggestions",
    "Voice",
    "WorkerError",
    "add_columns",
    "analyze",
    "analyze_many",
    "annotate",
    "compare",
    "evaluate",
    "load",
    "read_labelled",
    "score",
    "score_many",
    "suggest",
    "train",
]


def load(name_or_path: str | os.PathLike[str] = "general", *, trusted: bool = False) -> CertaintyModel:
    """Load a shipped model by name, or a saved one by the path of its folder.

    Parameters
    ----------
    name_or_path : str or path
        ``"general"``, the default, is for news and everyday prose; ``hedgekit models`` and the README name the others.
    trusted : bool, default=False
        Whether an estimator of a user's own that was kept with joblib may be read. Reading it can run any code that whoever made the file
        put there; no other file of a model can.

    Returns
    -------
    CertaintyModel

    Raises
    ------
    ModelNotFoundError
        If there is no such model.
    ModelCorruptError, ModelFormatError, ModelFeaturesError
        If it cannot be used; the message says what was found, what was expected and what to do.
    ModelError
        If it holds an estimator that was kept with joblib, and ``trusted`` is false.
    ImportError
        If it holds one that was kept with skops, which is not installed.

    Warns
    -----
    VersionWarning
        If such an estimator was fitted with another version of scikit-learn.

    Examples
    --------
    >>> load("general").name
    'general'
    """
    return CertaintyModel(*_persistence.read(_persistence.locate(name_or_path), trusted=trusted))


@lru_cache(maxsize=1)
def _general() -> CertaintyModel:
    return load("general")


@overload
def score(sentences: str, *, missing: Literal["raise", "nan"] | None = None) -> float: ...
@overload
def score(sentences: Iterable[Any], *, missing: Literal["raise", "nan"] | None = None) -> Floats: ...
def score(sentences: str | Iterable[Any], *, missing: Literal["raise", "nan"] | None = None) -> float | Floats:
    """Certainty of one sentence, or of each of many, by the ``general`` model; see :meth:`CertaintyModel.score`.

    Examples
    --------
    >>> score("It will certainly rain.") > score("It could possibly rain.")
    True
    """
    return _general().score(sentences, missing=missing)


def annotate(sentences: Sequence[str]) -> list[Sentence]:
    """Annotate strings that are one sentence each, by the ``general`` model; see :meth:`CertaintyModel.annotate`.

    Examples
    --------
    >>> [sentence] = annotate(["The minister said the talks may resume."])
    >>> [cue.text for cue in sentence.cues]
    ['said', 'may']
    """
    return _general().annotate(sentences)


def analyze(text: str) -> Document:
    """Split running text into sentences and annotate them, by the ``general`` model; see :meth:`CertaintyModel.analyze`.

    Examples
    --------
    >>> len(analyze("It rained. It may rain again."))
    2
    """
    return _general().analyze(text)


def analyze_many(texts: Iterable[str], *, n_jobs: int = 1, on_error: OnError = "raise", progress: bool = False) -> Iterator[Document]:
    """Analyse many texts, lazily and in order, by the ``general`` model; see :meth:`CertaintyModel.analyze_many`.

    Examples
    --------
    >>> [len(document) for document in analyze_many(["It rained.", "It may rain. It may snow."])]
    [1, 2]
    """
    return _general().analyze_many(texts, n_jobs=n_jobs, on_error=on_error, progress=progress)


def score_many(
    sentences: Iterable[str],
    *,
    n_jobs: int = 1,
    batch_size: int = 4096,
    missing: Literal["raise", "nan"] = "raise",
    progress: bool = False,
) -> Iterator[Floats]:
    """Certainty of each sentence of a stream, in arrays, by the ``general`` model; see :meth:`CertaintyModel.score_many`.

    Examples
    --------
    >>> [scores.size for scores in score_many(["It rained."] * 5, batch_size=3)]
    [3, 2]
    """
    return _general().score_many(sentences, n_jobs=n_jobs, batch_size=batch_size, missing=missing, progress=progress)


# What is loaded when it is first asked for. The estimators need scikit-learn, whose import takes longer than reading a long article.
_LATER = {
    "add_columns": "tables",
    "CueFeatures": "estimators",
    "CertaintyClassifier": "estimators",
    "CertaintyDisplay": "displays",
    "CertaintyRegressor": "estimators",
    "Comparison": "report",
    "CueProfileDisplay": "displays",
    "Report": "report",
    "Suggestions": "training.suggestion",
    "compare": "training.comparison",
    "evaluate": "training.evaluation",
    "read_labelled": "reading",
    "suggest": "training.suggestion",
    "train": "training.train",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"hedgekit.{_LATER[name]}"), name)
    raise AttributeError(f"module 'hedgekit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
