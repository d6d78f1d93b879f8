"""What users would pick instead: a bag of words, or a list of phrases that is believed wherever it matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, PredefinedSplit, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline

from hedgekit.batch import from_sentences
from hedgekit.corpora import LabelledSentence
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.lexicon import Lexicon, PhraseTable, build_phrases, plain
from hedgekit.results import Columns, Sentence
from hedgekit.text.characters import CharacterTables
from hedgekit.training.folds import fold_of
from hedgekit.training.measure import f1

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rival = Callable[[Sequence[str]], list[Sentence]]

# The types that make a sentence hedged by the annotation guide; hearsay cannot be told from other reports by a list.
_HEDGING = frozenset(CUE_TYPES) - {CueType.REPORTATIVE, CueType.BOOSTER, CueType.APPROXIMATOR}
_TYPE_INDEX = {name: number for number, name in enumerate(CUE_TYPES)}
_STRENGTHS = {"logisticregression__C": [1.0, 10.0, 100.0], "ridge__alpha": [0.3, 1.0, 3.0]}
_FOLDS = 5


def tfidf_classifier(strength: float = 1.0) -> Pipeline:
    """The pipeline that everyone writes first, and the one that speed is measured against."""
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2), LogisticRegression(C=strength, max_iter=1000))


def tfidf_regressor(strength: float = 1.0) -> Pipeline:
    """The same words with ridge regression."""
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2), Ridge(alpha=strength))


def bag_of_words(train: Sequence[LabelledSentence]) -> Rival:
    """Certainty and hedged from words and word pairs; strength and threshold are chosen on folds of ``train`` by document."""
    claims = [sentence for sentence in train if sentence.certainty is not None]
    regressor = _tuned(tfidf_regressor(), claims, [sentence.certainty for sentence in claims], "ridge__alpha", "neg_mean_squared_error")
    hedged = np.array([sentence.hedged for sentence in train])
    classifier = _tuned(tfidf_classifier(), train, hedged, "logisticregression__C", "neg_log_loss")
    probability = cross_val_predict(classifier, _texts(train), hedged, cv=_split(train), method="predict_proba")[:, 1]
    threshold = best_threshold(probability, hedged)
    classifier.fit(_texts(train), hedged)

    def annotate(texts: Sequence[str]) -> list[Sentence]:
        certainty = np.clip(regressor.predict(texts), 0, 1)
        return sentences(texts, certainty=certainty, probability=classifier.predict_proba(texts)[:, 1], threshold=threshold)

    return annotate


def _tuned(pipeline: Pipeline, train: Sequence[LabelledSentence], labels: Any, parameter: str, scoring: str) -> Any:
    search = GridSearchCV(pipeline, {parameter: _STRENGTHS[parameter]}, scoring=scoring, cv=_split(train))
    return search.fit(_texts(train), labels).best_estimator_


def _split(train: Sequence[LabelledSentence]) -> PredefinedSplit:
    return PredefinedSplit(fold_of([sentence.group for sentence in train], _FOLDS, salt="bag of words"))


def _texts(labelled: Sequence[LabelledSentence]) -> list[str]:
    return [sentence.text for sentence in labelled]


def best_threshold(probability: Floats, label: Bools) -> float:
    """The threshold with the best F1.

    Examples
    --------
    >>> best_threshold(np.array([0.1, 0.4, 0.6]), np.array([False, True, True]))
    0.4
    """
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(label[order])
    scores = [f1(int(hits), int(label.sum()), found) for found, hits in enumerate(right, 1)]
    return float(probability[order[int(np.argmax(scores))]])


def seen_cues(train: Sequence[LabelledSentence]) -> list[tuple[str, CueType]]:
    """Every phrase that was a cue in ``train``, with its commonest type."""
    seen: dict[str, Counter[CueType]] = {}
    for sentence in train:
        for start, end, cue_type in sentence.cues:
            seen.setdefault(plain(sentence.text[start:end]), Counter())[cue_type] += 1
    return [(form, types.most_common(1)[0][0]) for form, types in seen.items()]


def reliable_cues(train: Sequence[LabelledSentence], tables: CharacterTables) -> list[tuple[str, CueType]]:
    """Those of :func:`seen_cues` that were a cue at least half of the times that the whole list matched them in ``train``."""
    forms = seen_cues(train)
    met: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for sentence, found in zip(train, phrase_list(forms, tables)(_texts(train)), strict=True):
        labelled = {(start, end) for start, end, _ in sentence.cues}
        for cue in found.cues:
            met[plain(cue.text)] += 1
            right[plain(cue.text)] += (cue.start, cue.end) in labelled
    return [(form, cue_type) for form, cue_type in forms if 2 * right[form] >= met[form] > 0]


def lexicon_cues(lexicon: Lexicon) -> list[tuple[str, CueType]]:
    """Every form of the lexicon, alone and with each modifier that may join it."""
    forms = lexicon.forms()
    for entry in lexicon.entries:
        words = [word for name in entry.modifiers for word in lexicon.modifiers[name]]
        forms += [(f"{word} {form}", entry.type) for form in entry.forms for word in words]
    return forms


def phrase_list(forms: Iterable[tuple[str, CueType]], tables: CharacterTables) -> Rival:
    """Every match is a cue, the longest first; a sentence is hedged when a cue of a hedging type stands in it."""
    phrases = build_phrases([(form, _TYPE_INDEX[cue_type] + 1) for form, cue_type in forms], tables)

    def annotate(texts: Sequence[str]) -> list[Sentence]:
        return _matched(texts, phrases, tables)

    return annotate


def _matched(texts: Sequence[str], phrases: PhraseTable, tables: CharacterTables) -> list[Sentence]:
    batch = from_sentences(texts, tables)
    first, length, value = phrases.find(batch)
    sentence = batch.sentence[first]
    base = batch.starts[sentence]
    types = value.astype(np.int64) - 1
    hedging = np.array([cue_type in _HEDGING for cue_type in CUE_TYPES])
    hedged = np.bincount(sentence, weights=hedging[types], minlength=len(texts)) > 0
    cues = (sentence, batch.tokens.starts[first] - base, batch.tokens.ends[first + length - 1] - base, types)
    return sentences(texts, hedged=hedged, cues=cues)


def sentences(
    texts: Sequence[str],
    *,
    certainty: Floats | None = None,
    probability: Floats | None = None,
    threshold: float = 0.5,
    hedged: Bools | None = None,
    cues: tuple[npt.NDArray[Any], ...] | None = None,
) -> list[Sentence]:
    """What a rival found, in the form that :mod:`hedgekit.training.measure` reads.

    Parameters
    ----------
    texts : sequence of str
    certainty, probability : ndarray of float64, optional
        NaN where not given.
    threshold : float
        Hedged from this probability on, where ``hedged`` is not given.
    hedged : ndarray of bool, optional
    cues : tuple of ndarray, optional
        Sentence, start, end and type of each, in order.
    """
    n = len(texts)
    missing, nothing = np.full(n, np.nan), np.zeros(0, np.int64)
    certainty = missing if certainty is None else certainty
    probability = missing if probability is None else probability
    row, start, end, types = cues if cues is not None else (nothing, nothing, nothing, nothing)
    columns = Columns(
        texts=tuple(texts),
        shared=False,
        start=np.zeros(n, np.int64),
        end=np.array([len(text) for text in texts], np.int64),
        certainty=certainty,
        hedged_probability=probability,
        hedged=probability >= threshold if hedged is None else hedged,
        voice=np.full(n, -1),
        cue_bounds=np.searchsorted(row, np.arange(n + 1)),
        cue_start=start,
        cue_end=end,
        cue_type=types,
        cue_probability=np.ones(row.size),
        cue_scope=np.full((row.size, 2), -1),
        attribution_bounds=np.zeros(n + 1, np.int64),
        attribution_spans=np.zeros((0, 4, 2), np.int64),
        attribution_kind=nothing,
        attribution_certainty=np.zeros(0),
    )
    return [Sentence(columns, number) for number in range(n)]
