"""hedgekit as a component of spaCy pipelines.

``nlp.add_pipe("hedgekit")`` finds it by its entry point, without an import. Results go into attributes of the document and
its sentences, and into groups of spans:

=============================  =============================================================================================
``doc._.hedgekit``             the :class:`hedgekit.Document`
``sent._.hedgekit``            the :class:`hedgekit.Sentence`; of any other span, that in which it begins
``sent._.certainty``           its certainty, None where no claim is made
``sent._.hedged``              whether it is hedged
``doc.spans`` of these names   ``hedgekit_cues`` and ``hedgekit_scopes`` (label: type of the cue), ``hedgekit_sources``,
                               ``hedgekit_reports`` and ``hedgekit_contents`` (label: kind of the attribution)
=============================  =============================================================================================

The sentences are spaCy's. A document that has none gets hedgekit's. Spans are widened to whole tokens of spaCy; the exact offsets
are those of ``doc._.hedgekit``.

Results live in ``doc.user_data["hedgekit"]`` as arrays, so that documents can be turned to bytes and back, and pass between
processes. To look at such documents where no pipeline has the component, import this module.

Examples
--------
>>> import spacy
>>> nlp = spacy.blank("en")
>>> _ = nlp.add_pipe("sentencizer")
>>> _ = nlp.add_pipe("hedgekit")
>>> doc = nlp("It rained. The minister said the talks may resume.")
>>> [sent._.hedged for sent in doc.sents]
[False, True]
>>> [(cue.text, cue.label_) for cue in doc.spans["hedgekit_cues"]]
[('said', 'reportative'), ('may', 'modal')]
"""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

try:
    import srsly
    from spacy.language import Language
    from spacy.tokens import Doc, Span
except ImportError as error:
    raise ImportError('hedgekit.integrations.spacy needs spaCy: pip install "hedgekit[spacy]"') from error

import hedgekit
from hedgekit.errors import ModelNotFoundError
from hedgekit.given import whole_words
from hedgekit.model import CertaintyModel
from hedgekit.results import Columns, Document, Sentence
from hedgekit.results import Span as Stretch

KEY = "hedgekit"
_GROUPS = ("cues", "scopes", "sources", "reports", "contents")


class HedgekitComponent:
    """Runs a model over documents of spaCy.

    Parameters
    ----------
    model : str
        The name or path of a model, as :func:`hedgekit.load` takes it.
    """

    def __init__(self, model: str = "general") -> None:
        self._name = model
        self._loaded: CertaintyModel | None = None
        try:
            self._loaded = hedgekit.load(model)
        except ModelNotFoundError:
            # A pipeline on disk carries its model with it; the path from which it came need not exist any longer.
            if model.isidentifier():
                raise

    @property
    def model(self) -> CertaintyModel:
        """The model; an unknown path is told when it is first needed."""
        if self._loaded is None:
            self._loaded = hedgekit.load(self._name)
        return self._loaded

    def __call__(self, doc: Doc) -> Doc:
        """Annotate a document."""
        return self._noted(doc, self._analyzed(doc))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate documents, in batches."""
        held: list[tuple[Doc, Document]] = []
        for doc in stream:
            # Documents wait, and are judged together.
            held.append((doc, self._analyzed(doc)))
            if len(held) >= batch_size:
                yield from (self._noted(*pair) for pair in held)
                held = []
        yield from (self._noted(*pair) for pair in held)

    def _analyzed(self, doc: Doc) -> Document:
        if not doc.has_annotation("SENT_START"):
            document = self.model.analyze(doc.text)
            _set_sentences(doc, document)
            return document
        spans = [(sent.start_char, sent.end_char) for sent in doc.sents]
        return self.model.analyze(doc.text, sentences=whole_words(doc.text, spans, self.model.parameters.tables))

    def _noted(self, doc: Doc, document: Document) -> Doc:
        doc.user_data[KEY] = _plain(document)
        groups: dict[str, list[Span]] = {name: [] for name in _GROUPS}

        def add(name: str, span: Stretch | None, label: str) -> None:
            if span is not None:
                groups[name].append(doc.char_span(span.start, span.end, label=label, alignment_mode="expand"))

        for sentence in document:
            for cue in sentence.cues:
                add("cues", cue.span, str(cue.type))
                add("scopes", cue.scope, str(cue.type))
            for found in sentence.attributions:
                add("sources", found.source, str(found.kind))
                add("reports", found.cue, str(found.kind))
                add("contents", found.content, str(found.kind))
        for name, spans in groups.items():
            doc.spans[f"{KEY}_{name}"] = spans
        return doc

    def to_disk(self, path: str | os.PathLike[str], *, exclude: Iterable[str] = ()) -> None:
        """Write the model into a folder."""
        self.model.save(path)

    def from_disk(self, path: str | os.PathLike[str], *, exclude: Iterable[str] = ()) -> HedgekitComponent:
        """Read the model from a folder."""
        self._loaded = hedgekit.load(Path(path))
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The files of the model."""
        with tempfile.TemporaryDirectory() as folder:
            self.to_disk(Path(folder) / "model")
            files = {path.name: path.read_bytes() for path in sorted((Path(folder) / "model").iterdir())}
        return bytes(srsly.msgpack_dumps(files))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> HedgekitComponent:
        """Read the model from the files that :meth:`to_bytes` gave."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in srsly.msgpack_loads(data).items():
                (Path(folder) / Path(name).name).write_bytes(content)
            self._loaded = hedgekit.load(Path(folder))
        return self


def _set_sentences(doc: Doc, document: Document) -> None:
    """Give a document without sentences those of hedgekit."""
    starts = [token.idx for token in doc]
    # A token holds the first character of a sentence; the first token of all begins one too.
    first = {max(0, bisect_right(starts, sentence.start) - 1) for sentence in document} | {0}
    for token in doc:
        token.is_sent_start = token.i in first


def _plain(document: Document) -> dict[str, Any]:
    """The columns of a document as arrays and lists of strings, which spaCy can turn to bytes; the text is the document's own."""
    columns = document._columns.compact()
    found = {item.name: getattr(columns, item.name) for item in fields(columns) if item.name not in ("texts", "shared")}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _document(doc: Doc) -> Document | None:
    plain = doc.user_data.get(KEY)
    if plain is None:
        return None
    columns: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return Document(Columns((doc.text,), True, **columns))


def _sentence(span: Span) -> Sentence | None:
    document = _document(span.doc)
    if document is None or not len(document):
        return None
    # White space before the first word belongs to no sentence of hedgekit.
    token = next((token for token in span if not token.is_space), None)
    if token is None:
        return None
    # By its last character: a sentence may begin inside a token of spaCy's.
    row = int(np.searchsorted(document._columns.start, token.idx + len(token) - 1, side="right")) - 1
    return document[max(row, 0)]


def _certainty(span: Span) -> float | None:
    sentence = _sentence(span)
    return None if sentence is None else sentence.certainty


def _hedged(span: Span) -> bool:
    sentence = _sentence(span)
    return sentence is not None and sentence.hedged


def _register() -> None:
    """Make the attributes known; once in a process."""
    if not Doc.has_extension(KEY):
        Doc.set_extension(KEY, getter=_document)
    for name, getter in {KEY: _sentence, "certainty": _certainty, "hedged": _hedged}.items():
        if not Span.has_extension(name):
            Span.set_extension(name, getter=getter)


def make(nlp: Language, name: str, model: str) -> HedgekitComponent:
    """The component, for spaCy."""
    return HedgekitComponent(model)


_register()
Language.factory(
    KEY,
    default_config={"model": "general"},
    assigns=[f"doc._.{KEY}", f"span._.{KEY}", "span._.certainty", "span._.hedged", "doc.spans"],
    func=make,
)
