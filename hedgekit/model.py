"""The model: composes segmentation, cues, attribution and certainty, and gives their results."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from hedgekit import inputs, persistence, streams
from hedgekit.attribution import Attributions
from hedgekit.batch import Batch, from_sentences, from_spans
from hedgekit.certainty import Judgement
from hedgekit.cues import Cues, TokenTable
from hedgekit.custom import CustomHead
from hedgekit.discourse import across_sentences
from hedgekit.errors import NotBuiltError, OptionError
from hedgekit.evidence import own_certainty, voices
from hedgekit.given import checked_spans
from hedgekit.inputs import OnError
from hedgekit.keys import Ints
from hedgekit.parameters import Parameters
from hedgekit.parcels import Parcel, cut, pack, unpacked
from hedgekit.results import Columns, Document, Sentence
from hedgekit.scope import CueSpans
from hedgekit.user_lexicon import compile_lexicon
from hedgekit.waiting import Group, Spans

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Floats = npt.NDArray[np.float64]

# How many sentences, and about how many characters, are worked on at once: enough to spread the cost of a call to numpy,
# few enough to stay in the processor's cache.
_CHUNK_SENTENCES = 512
_CHUNK_CHARACTERS = 120_000


@dataclass(frozen=True)
class CertaintyModel:
    """A fitted model.

    Load one with :func:`hedgekit.load`, or fit your own.

    Attributes
    ----------
    parameters : Parameters
        What was learned.
    info : dict
        What the model was trained on and how it was measured.
    custom : CustomHead or None
        An estimator of the user's own that tells the certainty or the classes; see :func:`hedgekit.train`.
    """

    parameters: Parameters
    info: dict[str, Any]
    custom: CustomHead | None = None
    _group: Group = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_group", Group(self._cut_columns))

    def __reduce__(self) -> tuple[type[CertaintyModel], tuple[Parameters, dict[str, Any], CustomHead | None]]:
        return CertaintyModel, (self.parameters, self.info, self.custom)

    @property
    def name(self) -> str:
        """The name of the model; a score belongs to the label set that it names."""
        return str(self.info["name"])

    @overload
    def score(self, sentences: str, *, missing: Literal["raise", "nan"] | None = None) -> float: ...
    @overload
    def score(self, sentences: Iterable[Any], *, missing: Literal["raise", "nan"] | None = None) -> Floats: ...
    def score(self, sentences: str | Iterable[Any], *, missing: Literal["raise", "nan"] | None = None) -> float | Floats:
        """Certainty of each sentence.

        Parameters
        ----------
        sentences : str, or list, tuple, array or Series of str
            Each string is one sentence as it stands.
        missing : {"raise", "nan"}, optional
            What to do with ``None`` and NaN among the sentences: refuse them, naming their position, or give NaN. The
            default is "nan" for a pandas Series and "raise" otherwise.

        Returns
        -------
        float or ndarray of float64, shape (n,)
            0 to 1; how strongly the sentence, as worded, commits its reader to its main claim being true or false. NaN
            where no claim is made.

        Raises
        ------
        InputTypeError
            If something is no string, with its position.
        MissingTextError
            If a value is missing and missing values are refused.

        Examples
        --------
        >>> import hedgekit
        >>> model = hedgekit.load("general")
        >>> model.score("The bridge was closed.") > model.score("The bridge may be closed.")
        True
        >>> model.score(["When does it open?"])
        array([nan])
        """
        if isinstance(sentences, str):
            return float(self._certainty([sentences])[0])
        texts, present = inputs.texts(sentences, missing)
        if present.all():
            return self._certainty(texts)
        scores = np.full(present.size, np.nan)
        scores[present] = self._certainty([text for text, here in zip(texts, present, strict=True) if here])
        return scores

    def annotate(self, sentences: Sequence[str]) -> list[Sentence]:
        """Annotate strings that are one sentence each; none is split.

        Parameters
        ----------
        sentences : sequence of str
            Offsets count in each string by itself.

        Returns
        -------
        list of Sentence
            In the order of the input.

        Raises
        ------
        InputTypeError
            For a bare string (use :meth:`analyze` for running text), or an element that is no string.

        Examples
        --------
        >>> import hedgekit
        >>> [sentence] = hedgekit.load("general").annotate(["Six were reportedly hurt."])
        >>> [(cue.text, str(cue.type)) for cue in sentence.cues]
        [('reportedly', 'reportative')]
        """
        if isinstance(sentences, str):
            raise inputs.bare_string("annotate")
        texts, _ = inputs.texts(sentences, "raise")
        return [Sentence(columns, row) for columns in self.annotated_columns(texts) for row in range(len(columns))]

    def analyze(self, text: str, *, sentences: Iterable[tuple[int, int]] | None = None) -> Document:
        """Split running text into sentences and annotate them.

        The text is split at once. Its sentences are judged when they are first looked at, together with those of other
        texts that wait; what is found does not depend on that.

        Parameters
        ----------
        text : str
            Any text. A blank line ends a paragraph; a single line break inside a sentence counts as a space.
        sentences : iterable of (int, int), optional
            Where the sentences begin and end, if you know better: offsets in order, which leave out nothing but white space. White
            space at their edges does not count.

        Returns
        -------
        Document
            Offsets count in ``text``.

        Raises
        ------
        InputTypeError
            If ``text`` is no string.
        OptionError
            If ``sentences`` overlap, leave something out, or part a word.

        Examples
        --------
        >>> import hedgekit
        >>> document = hedgekit.load("general").analyze("The dam broke. Officials said repairs may take years.")
        >>> [sentence.text for sentence in document]
        ['The dam broke.', 'Officials said repairs may take years.']
        """
        if not isinstance(text, str):
            raise inputs.wrong_type("analyze", text)
        spans = self.parameters.segmenter.spans(text) if sentences is None else checked_spans(text, sentences, self.parameters.tables)
        return Document(self._group.add(text, spans))

    def analyze_many(
        self, texts: Iterable[str], *, n_jobs: int = 1, on_error: OnError = "raise", progress: bool = False
    ) -> Iterator[Document]:
        """Analyse many texts, lazily and in their order.

        Parameters
        ----------
        texts : iterable of str
            May be endless: only a few are held at a time. It is read in the thread that asks for the documents.
        n_jobs : int
            Processes to work in, through joblib; -1 uses all processors. Inside ``joblib.parallel_config(backend=...)`` they are
            those of that backend, such as a Dask cluster.
        on_error : {"raise", "skip"} or callable
            What to do with something that is no str. "raise" gives the documents of all texts before it, and then the error, which
            names its position. "skip" leaves it out, and tells the positions of all such texts in a :class:`SkippedWarning` at the end.
            A function is called with the position and the error, and the text is left out.
        progress : bool
            Whether to show a progress bar.

        Yields
        ------
        Document

        Raises
        ------
        InputTypeError
            If something is no str.
        WorkerError
            If a worker process died.
        Exception
            Whatever ``texts`` raises itself, after the documents of all texts before that.

        Examples
        --------
        >>> import hedgekit
        >>> model = hedgekit.load("general")
        >>> [len(document) for document in model.analyze_many(["One. Two.", "Three."])]
        [2, 1]
        >>> skipped = []
        >>> texts = ["It rained.", None, "It may rain."]
        >>> documents = list(model.analyze_many(texts, on_error=lambda position, error: skipped.append(position)))
        >>> len(documents), skipped
        (2, [1])
        """
        if isinstance(texts, str):
            raise inputs.bare_string("analyze_many")
        streams.check_jobs(n_jobs)
        return streams.shown(self._many(inputs.checked(texts, on_error), n_jobs), progress, texts, " texts")

    def score_many(
        self,
        sentences: Iterable[str],
        *,
        n_jobs: int = 1,
        batch_size: int = 4096,
        missing: Literal["raise", "nan"] = "raise",
        progress: bool = False,
    ) -> Iterator[Floats]:
        """Certainty of each sentence of a stream, lazily and in order, in arrays.

        Parameters
        ----------
        sentences : iterable of str
            Each string is one sentence as it stands. May be endless: only a few batches are held at a time.
        n_jobs : int
            As in :meth:`analyze_many`.
        batch_size : int
            How many scores each array holds; the last may hold fewer.
        missing : {"raise", "nan"}
            As in :meth:`score`.
        progress : bool
            Whether to show a progress bar.

        Yields
        ------
        ndarray of float64
            As from :meth:`score`.

        Examples
        --------
        >>> import hedgekit
        >>> model = hedgekit.load("general")
        >>> stream = (f"Tank {number} may leak." for number in range(10))
        >>> [scores.size for scores in model.score_many(stream, batch_size=4)]
        [4, 4, 2]
        """
        if isinstance(sentences, str):
            raise inputs.bare_string("score_many")
        streams.check_jobs(n_jobs)
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise OptionError(f"batch_size must be a whole number from 1 on; got {batch_size!r}")
        batches = streams.gather(inputs.passed(sentences, missing), batch_size)
        if n_jobs == 1:
            found = (_scores(self, batch) for batch in batches)
        else:
            found = (scores for _, scores in streams.spread(_scores, self, batches, n_jobs))
        return streams.shown(found, progress, sentences, " sentences", len)

    def save(self, path: str | os.PathLike[str], *, trusted: bool = False) -> None:
        """Write the model to a folder, whole or not at all.

        Parameters
        ----------
        path : str or path
            A new folder, or one that holds a model, which is replaced.
        trusted : bool, default=False
            Whether an estimator of your own that skops cannot keep may be kept with joblib. Reading such a file can run any code, so
            ``hedgekit.load`` too must be told that it is trusted. Other models are written alike either way.

        Raises
        ------
        ModelError
            If something else stands there or the disk refuses, or the estimator is not one that skops can keep; what stood there is
            unchanged.
        ImportError
            If an estimator of your own is to be kept and skops is not installed.
        """
        persistence.write(path, self.parameters, self.info, custom=self.custom, trusted=trusted)

    def with_lexicon(
        self,
        cues: Mapping[str, str] | str | os.PathLike[str] | None = None,
        *,
        off: Iterable[str] = (),
        types_off: Iterable[str] = (),
    ) -> CertaintyModel:
        """A model with words of your own; this one stays as it is.

        Your phrases are cues wherever they stand, with probability 1 and the type that you give, whatever the model thinks of
        them; a phrase that it knows already is replaced. Where phrases overlap the longest wins, then the first; a cue of the
        model's that touches one of yours goes. Upper and lower case do not matter, and inflections are phrases of their own.

        Parameters
        ----------
        cues : mapping of phrase to type, or path, optional
            A path is that of a TOML file with ``off = [...]``, ``types_off = [...]`` and a table ``[cues]`` of
            ``"phrase" = "type"``, all of them optional.
        off : iterable of str
            Phrases that are never cues, nor part of one.
        types_off : iterable of str
            Types of which no cue is reported.

        Returns
        -------
        CertaintyModel
            It replaces the words that were added to this model before. It can be saved.

        Raises
        ------
        LexiconError
            With the place and the reason.

        Examples
        --------
        >>> import hedgekit
        >>> model = hedgekit.load("general").with_lexicon({"scuttlebutt has it": "reportative"}, off=["may"])
        >>> [sentence] = model.annotate(["Scuttlebutt has it that the mill may close."])
        >>> [(cue.text, str(cue.type)) for cue in sentence.cues]
        [('Scuttlebutt has it', 'reportative')]
        """
        own = compile_lexicon(cues, off, types_off, self.parameters.tables)
        detector = replace(self.parameters.detector, own=own)
        return CertaintyModel(replace(self.parameters, detector=detector), self.info, self.custom)

    def to_sklearn(self, target: Literal["hedged", "certainty"] = "hedged") -> Pipeline:
        """The fitted scikit-learn Pipeline, rebuilt.

        Parameters
        ----------
        target : {"hedged", "certainty"}
            A classifier whose ``predict_proba`` gives ``hedged_probability``, or a regressor whose ``predict`` gives
            ``certainty`` before it is set to None for want of a claim.

        Returns
        -------
        sklearn.pipeline.Pipeline
            From a list of sentences; agrees with this model to 1e-9.

        Raises
        ------
        NotBuiltError
            If an estimator of the user's own tells what was asked for; it is ``model.custom.estimator``.
        """
        from hedgekit.estimators import pipeline

        if self.custom is not None and (self.custom.target == target or (target == "hedged" and self.custom.hedged >= 0)):
            raise NotBuiltError(
                f"{target} is told by an estimator of the user's own, {self.custom.kind}, and not by a linear model that could be rebuilt; "
                "take it from model.custom.estimator"
            )
        return pipeline(self, target)

    def _certainty(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.empty(0)
        return np.concatenate([self._judged(from_sentences(chunk, self.parameters.tables))[1].certainty for chunk in _chunks(texts)])

    def _many(self, texts: Iterator[str], n_jobs: int) -> Iterator[Document]:
        if n_jobs == 1:
            chunks = streams.gather(texts, _CHUNK_SENTENCES, _CHUNK_CHARACTERS, len)
            return (document for chunk in chunks for document in self._documents(chunk))
        calls = streams.gather(texts, streams.CALL_TEXTS, streams.CALL_CHARACTERS, len)
        found = streams.spread(_parcels, self, calls, n_jobs)
        return (Document(columns) for chunk, parcels in found for columns in unpacked(parcels, chunk, self._scopes, self.parameters))

    def _judged(self, batch: Batch, *, explained: bool = False) -> tuple[TokenTable, Judgement, Cues]:
        table = self.parameters.detector.table(batch)
        cues = self.parameters.cues(batch, table)
        judgement = self.parameters.heads.predict(batch, table, cues, explained=explained)
        # Scores alone need no classes.
        if self.custom is not None and (explained or self.custom.target == "certainty"):
            judgement = self.custom.judged(judgement, self.parameters.heads.threshold)
        return table, judgement, cues

    def annotated_columns(self, texts: Sequence[str]) -> list[Columns]:
        """The arrays behind :meth:`annotate`, for tables: one set for each chunk of the texts, at least one."""
        return [self._annotated(chunk) for chunk in (_chunks(texts) if texts else [texts])]

    def _annotated(self, texts: Sequence[str]) -> Columns:
        batch = from_sentences(texts, self.parameters.tables)
        return self._columns(batch, tuple(texts), batch.starts, shared=False)

    def _documents(self, texts: Sequence[str]) -> list[Document]:
        """Analyse texts in one batch."""
        return [Document(columns) for columns in self._cut_columns(texts, self._spans(texts))]

    def _spans(self, texts: Sequence[str]) -> list[Spans]:
        return [self.parameters.segmenter.spans(text) for text in texts]

    def _cut_columns(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Columns]:
        """Judge texts, given the spans of their sentences, in one batch, and cut its columns apart."""
        columns, counts = self._judged_texts(texts, spans)
        return [columns] if len(texts) == 1 else cut(columns, counts, texts)

    def _judged_texts(self, texts: Sequence[str], spans: Sequence[Spans]) -> tuple[Columns, Ints]:
        """The columns of texts in one batch, given the spans of their sentences, and how many sentences each has."""
        counts = np.array([len(found) for found in spans])
        flat = np.array([pair for found in spans for pair in found], dtype=np.int64).reshape(-1, 2)
        if len(texts) == 1:
            batch = from_spans(texts[0], flat[:, 0], flat[:, 1], self.parameters.tables, document=np.zeros(len(flat), np.int64))
            return self._columns(batch, (texts[0],), np.zeros(len(batch), dtype=np.int64), shared=True), counts
        sizes = [len(text) + 1 for text in texts]
        base = np.cumsum([0, *sizes[:-1]]).repeat(counts)
        document = np.arange(counts.size).repeat(counts)
        batch = from_spans("\n".join(texts), flat[:, 0] + base, flat[:, 1] + base, self.parameters.tables, document=document)
        return self._columns(batch, (batch.text,), base, shared=True), counts

    def _columns(self, batch: Batch, texts: tuple[str, ...], base: npt.NDArray[np.int64], *, shared: bool) -> Columns:
        table, judgement, cues = self._judged(batch, explained=True)
        found = self.parameters.attribution.predict(batch, table, cues)
        refers = np.full((found.sentence.size, 2), -1)
        if shared:
            found, refers = across_sentences(batch, table, found)
        voice = voices(batch, table, found)
        voice[np.isnan(judgement.certainty)] = -1
        tokens, n = batch.tokens, len(batch)
        cue_base = base.take(cues.sentence)
        edges = np.arange(n + 1)
        # Small integers are sorted by radix, in linear time.
        met = judgement.met
        assert met.origin is not None
        order = met.sentence.astype(np.int16 if n < 1 << 15 else np.int64).argsort(kind="stable")
        return Columns(
            texts=texts,
            shared=shared,
            start=batch.starts - base,
            end=batch.ends - base,
            certainty=judgement.certainty,
            hedged_probability=judgement.hedged_probability,
            hedged=judgement.hedged,
            voice=voice,
            cue_bounds=cues.sentence.searchsorted(edges),
            cue_start=tokens.starts.take(cues.first) - cue_base,
            cue_end=tokens.ends.take(cues.last) - cue_base,
            cue_type=cues.type.astype(np.int8),
            cue_probability=cues.probability,
            cue_scope=self._scopes,
            attribution_bounds=found.sentence.searchsorted(edges),
            attribution_spans=_attribution_spans(batch, found, refers, base),
            attribution_kind=found.kind.astype(np.int8),
            attribution_certainty=own_certainty(batch, table, cues, found, self.parameters.heads),
            explanation_bounds=met.sentence.take(order).searchsorted(edges),
            explanation_feature=met.column.take(order).astype(np.int32),
            explanation_value=judgement.contribution.take(order),
            explanation_span=_origins(batch, cues, met.origin.take(order), base),
            explanation_baseline=float(self.parameters.heads.biases[0]),
            feature_names=self.parameters.heads.space.names,
            **self._of_few(judgement, batch),
        )

    def _of_few(self, judgement: Judgement, batch: Batch) -> dict[str, Any]:
        """The columns that only some models give: aspects of findings, and a user's own classes."""
        found: dict[str, Any] = {}
        if self.parameters.aspects is not None:
            found["aspects"] = self.parameters.aspects.predict(judgement)
        own = self.custom
        classes = own if own is not None and own.target == "classes" else self.parameters.classes
        if classes is not None:
            probabilities = classes.probabilities(judgement, batch.lengths > 0)
            label = classes.chosen(judgement, probabilities)
            found |= {"label": label, "label_probabilities": probabilities, "classes": classes.names}
        if own is not None and own.target == "certainty":
            found["unexplained"] = (
                f"the certainty comes from an estimator of the user's own, {own.kind}, whose answer is no sum over cues and words; train "
                "without estimator= to have it explained, or ask a model without one, such as hedgekit.load('general')"
            )
        return found

    def _scopes(self, columns: Columns) -> npt.NDArray[np.int64]:
        """The scopes of the cues in the columns. Few look at them, so they are not found with the cues but out of the text again."""
        if columns.shared:
            base = np.zeros(len(columns), dtype=np.int64)
            batch = from_spans(columns.texts[0], columns.start, columns.end, self.parameters.tables)
        else:
            batch = from_sentences(columns.texts, self.parameters.tables)
            base = batch.starts
        sentence = np.arange(len(columns)).repeat(np.diff(columns.cue_bounds))
        shift, tokens = base.take(sentence), batch.tokens
        cues = CueSpans(
            tokens.starts.searchsorted(columns.cue_start + shift),
            tokens.ends.searchsorted(columns.cue_end + shift),
            sentence,
            columns.cue_type.astype(np.int64),
        )
        first, last = self.parameters.scope.predict(batch, self.parameters.detector.table(batch), cues)
        spans = np.stack((tokens.starts.take(first) - shift, tokens.ends.take(last) - shift), axis=1)
        spans[first < 0] = -1
        return spans


def _attribution_spans(
    batch: Batch, found: Attributions, refers: npt.NDArray[np.int64], base: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Start and end of source, cue, content and earlier mention of each attribution, -1 where there is none."""
    shift = base.take(found.sentence)[:, None]
    first = np.stack((found.source_first, found.cue_first, found.content_first), axis=1)
    last = np.stack((found.source_last, found.cue_last, found.content_last), axis=1)
    spans = np.stack((batch.tokens.starts.take(first, mode="wrap"), batch.tokens.ends.take(last, mode="wrap")), axis=2)
    spans[first < 0] = -1
    spans = np.concatenate((spans, refers[:, None]), axis=1)
    return np.asarray(np.where(spans < 0, -1, spans - shift[:, :, None]))


def _origins(batch: Batch, cues: Cues, origin: npt.NDArray[np.int32], base: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Start and end of the word or the cue that each feature comes from (:class:`Bag`), -1 for features of a whole sentence."""
    tokens, n = batch.tokens, len(batch.tokens)
    # One list, read with the origin as it is: the cues, then the tokens from the last to the first, and at its end the whole sentence.
    spans = np.empty((2, len(cues) + n + 1), dtype=np.int32)
    spans[0, : len(cues)] = tokens.starts.take(cues.first) - base.take(cues.sentence)
    spans[1, : len(cues)] = tokens.ends.take(cues.last) - base.take(cues.sentence)
    shift = base.take(batch.sentence)
    spans[0, len(cues) : -1] = (tokens.starts - shift)[::-1]
    spans[1, len(cues) : -1] = (tokens.ends - shift)[::-1]
    spans[:, -1] = -1
    return np.asarray(spans.take(origin, axis=1, mode="wrap").T)


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, 0
    for position, text in enumerate(texts):
        if position > start and (position - start >= _CHUNK_SENTENCES or size + len(text) > _CHUNK_CHARACTERS):
            yield texts[start:position]
            start, size = position, 0
        size += len(text)
    if start < len(texts):
        yield texts[start:]


def _parcels(model: CertaintyModel, texts: Sequence[str]) -> list[Parcel]:
    """What a worker sends back of texts."""
    return [pack(*model._judged_texts(chunk, model._spans(chunk))) for chunk in _chunks(texts)]


def _scores(model: CertaintyModel, sentences: Sequence[str | None]) -> Floats:
    return model.score(sentences, missing="nan")
