"""Tables of results: documents as data frames, and a user's own table with columns added.

pandas, polars and pyarrow are imported by whoever made the table that comes in; a document's own table needs pandas.
"""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from hedgekit import inputs, streams
from hedgekit.errors import InputTypeError, OptionError
from hedgekit.labels import ASPECT_CERTAINTIES, ASPECTS, CUE_TYPES, LEVELS, VOICES
from hedgekit.model import CertaintyModel
from hedgekit.results import Array, Columns, Document, Sentence, Span

if TYPE_CHECKING:
    import pandas as pd

Frame = TypeVar("Frame")
Of = Literal["sentence", "text"]

# The certainties at which the next level begins, from below; the levels themselves are listed from above.
_FLOORS = np.array([0.30, 0.50, 0.75, 0.90])
# Rows, and characters, that are worked on at once; those that a worker gets at once are more, for the frame is in memory anyway.
_READ, _ROOM = 1024, 150_000
_SENT, _SENT_ROOM = 4096, 600_000
_KINDS = {("pandas", "DataFrame"): "pandas", ("polars", "DataFrame"): "polars", ("pyarrow", "Table"): "pyarrow"}
_TABLES = "a pandas or polars DataFrame, or a pyarrow Table"


# A column of results, whatever the library


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one name for consecutive rows.

    Attributes
    ----------
    values : ndarray, or list of str and None
        Numbers, NaN where there are none; or indices into ``labels``, -1 where there is none; or strings.
    labels : tuple of str, optional
        What indices mean.
    """

    values: Array | list[str | None]
    labels: tuple[str, ...] = ()

    def spread_out(self, present: Array) -> Column:
        """The same with rows for what is missing."""
        if isinstance(self.values, list):
            found = iter(self.values)
            return Column([next(found) if here else None for here in present.tolist()])
        gap: Any = -1 if self.labels else math.nan if self.values.dtype.kind == "f" else 0
        values = np.full(present.size, gap, dtype=self.values.dtype)
        values[present] = self.values
        return replace(self, values=values)

    def strings(self) -> list[str | None]:
        """Strings, or the labels behind the indices."""
        if isinstance(self.values, list):
            return self.values
        names = [*self.labels, None]
        return [names[code] for code in self.values.tolist()]


def _joined(parts: Sequence[Column]) -> Column:
    first = parts[0]
    if isinstance(first.values, list):
        return Column([value for part in parts for value in part.values])
    return replace(first, values=np.concatenate([part.values for part in parts]))


def _level(certainty: Array) -> Column:
    codes = np.int8(len(LEVELS) - 1) - np.digitize(certainty, _FLOORS).astype(np.int8)
    codes[np.isnan(certainty)] = -1
    return Column(codes, tuple(map(str, LEVELS)))


def _sentence_columns(columns: Columns) -> dict[str, Column]:
    """What :meth:`Document.to_frame` says of each sentence, without its text and place."""
    n = len(columns)
    names = np.array([str(kind) for kind in CUE_TYPES])[columns.cue_type].tolist()
    cue_of, source_of = (bounds.tolist() for bounds in (columns.cue_bounds, columns.attribution_bounds))
    texts = [columns.text_of(row) for row in range(n)]
    cues = list(zip(columns.cue_start.tolist(), columns.cue_end.tolist(), strict=True))
    sources = columns.attribution_spans[:, 0].tolist()

    def named(row: int, spans: Sequence[Sequence[int]], bounds: Sequence[int]) -> str:
        text = texts[row]
        return ", ".join([text[start:end] for start, end in spans[bounds[row] : bounds[row + 1]] if start >= 0])

    return {
        "certainty": Column(columns.certainty),
        "level": _level(columns.certainty),
        "hedged": Column(columns.hedged),
        "hedged_probability": Column(columns.hedged_probability),
        "cues": Column([named(row, cues, cue_of) for row in range(n)]),
        "cue_types": Column([", ".join(names[cue_of[row] : cue_of[row + 1]]) for row in range(n)]),
        "sources": Column([named(row, sources, source_of) for row in range(n)]),
        "voice": Column(columns.voice.astype(np.int8), tuple(map(str, VOICES))),
        **_of_few(columns),
    }


def _of_few(columns: Columns) -> dict[str, Column]:
    """What only some models give: classes, and aspects of findings."""
    found: dict[str, Column] = {}
    if columns.classes:
        found["label"] = Column(columns.label, columns.classes)
        found |= {f"probability_{name}": Column(columns.label_probabilities[:, i]) for i, name in enumerate(columns.classes)}
    certainties = tuple(map(str, ASPECT_CERTAINTIES))
    found |= {f"aspect_{ASPECTS[i]}": Column(columns.aspects[:, i], certainties) for i in range(columns.aspects.shape[1])}
    return found


def _text_columns(documents: Sequence[Document]) -> dict[str, Column]:
    certainty = _numbers([document.certainty for document in documents])
    return {
        "certainty": Column(certainty),
        "main_certainty": Column(_numbers([document.main_certainty for document in documents])),
        "level": _level(certainty),
        "sentences": Column(np.array([len(document) for document in documents], dtype=np.int64)),
        "hedged_sentences": Column(np.array([sum(one.hedged for one in document) for document in documents], dtype=np.int64)),
        "cues": Column([", ".join(cue.text for one in document for cue in one.cues) for document in documents]),
        "cue_types": Column([", ".join(str(cue.type) for one in document for cue in one.cues) for document in documents]),
        "sources": Column([", ".join(source.name for source in document.sources()) for document in documents]),
    }


def _numbers(values: Sequence[float | None]) -> Array:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _rows(model: CertaintyModel, texts: Sequence[str | None], of: Of) -> dict[str, Column]:
    """The new columns of some rows; what a worker sends back."""
    present = np.array([text is not None for text in texts], dtype=np.bool_)
    known = [text for text in texts if text is not None]
    if of == "sentence":
        parts = [_sentence_columns(columns) for columns in model.annotated_columns(known)]
        found = {name: _joined([part[name] for part in parts]) for name in parts[0]}
    else:
        found = _text_columns(list(model.analyze_many(known)))
    return found if present.all() else {name: column.spread_out(present) for name, column in found.items()}


# A user's own table


def add_columns(
    frame: Frame,
    column: str = "text",
    *,
    model: str | os.PathLike[str] | CertaintyModel = "general",
    of: Of = "sentence",
    prefix: str = "",
    n_jobs: int = 1,
    progress: bool = False,
) -> Frame:
    """A copy of a table with what a model finds in one of its columns.

    Parameters
    ----------
    frame : pandas or polars DataFrame, or pyarrow Table
        It stays as it is.
    column : str
        The column of texts. Missing ones (None, NaN, NA) keep their row: a :class:`SkippedWarning` counts them.
    model : str, path or CertaintyModel
        The name or path of a model, or the model itself.
    of : {"sentence", "text"}
        Whether each row holds one sentence as it stands, or running text.
    prefix : str
        What the names of new columns begin with.
    n_jobs : int
        As in :meth:`CertaintyModel.analyze_many`.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    the same kind of table
        Rows, their order and their index are those of ``frame``. Of a sentence: ``certainty``, ``level``, ``hedged``,
        ``hedged_probability``, ``cues``, ``cue_types``, ``sources``, ``voice``, and, where the model gives them, ``label``, the
        probabilities of classes and aspects. Of a text: ``certainty`` (the mean over its sentences), ``main_certainty``, ``level``
        (of ``certainty``), ``sentences`` and ``hedged_sentences`` (how many), ``cues``, ``cue_types`` and ``sources``. Where there
        is no certainty it is NaN in pandas and null in the others, whose means pass over null but not over NaN.

    Raises
    ------
    InputTypeError
        If ``frame`` is no table, or the column holds no text.
    OptionError
        If there is no such column, or a new column has the name of one that is there.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"text": ["It rained.", "It may rain."]}, index=[7, 7])
    >>> add_columns(frame, prefix="h_")[["text", "h_hedged", "h_cue_types"]].query("h_hedged")
               text  h_hedged h_cue_types
    7  It may rain.      True       modal
    """
    kind = _kind(frame)
    if of not in ("sentence", "text"):
        raise OptionError(f"of must be 'sentence' or 'text'; got {of!r}")
    streams.check_jobs(n_jobs)
    table: Any = frame
    texts = _column(table, kind, column)
    judge = model if isinstance(model, CertaintyModel) else _load(model)
    names = list(_rows(judge, ["It may rain."], of))
    _check_free(_names(table, kind), [prefix + name for name in names])
    parts = list(_parts(judge, _read(texts, kind, column), of, n_jobs, progress, len(texts)))
    found = {prefix + name: _joined([part[name] for part in parts]) for name in names}
    return {"pandas": _to_pandas, "polars": _to_polars, "pyarrow": _to_pyarrow}[kind](table, found)  # type: ignore[no-any-return]


def _load(model: str | os.PathLike[str]) -> CertaintyModel:
    from hedgekit import load

    return load(model)


def _parts(model: CertaintyModel, values: Iterator[object], of: Of, n_jobs: int, progress: bool, n: int) -> Iterator[dict[str, Column]]:
    missing: list[int] = []
    chunks = streams.gather(
        _noted(values, missing), *((_READ, _ROOM) if n_jobs == 1 else (_SENT, _SENT_ROOM)), lambda text: len(text or "")
    )
    if n_jobs == 1:
        found = (_rows(model, chunk, of) for chunk in chunks)
    else:
        found = (part for _, part in streams.spread(_rows, model, chunks, n_jobs, of))
    # No rows have columns too, of the right types.
    empty = {name: Column(column.values[:0], column.labels) for name, column in _rows(model, ["It may rain."], of).items()}
    yield empty
    yield from streams.shown(found, progress, range(n), " rows", lambda part: len(part["certainty"].values))
    if missing:
        inputs.warn_skipped(missing, n, "are missing; their rows are kept, without certainty")


def _noted(values: Iterator[object], missing: list[int]) -> Iterator[str | None]:
    """Strings as they are, missing values as None, with their position noted."""
    for position, value in enumerate(inputs.passed(values, "nan")):
        if value is None:
            missing.append(position)
        yield value


def _kind(frame: object) -> str:
    bases = {(base.__module__.partition(".")[0], base.__name__) for base in type(frame).__mro__}
    for base, kind in _KINDS.items():
        if base in bases:
            return kind
    hint = "; call collect() first" if ("polars", "LazyFrame") in bases else ""
    raise InputTypeError(f"{_TABLES} is needed, got {type(frame).__name__}{hint}")


def _names(table: Any, kind: str) -> list[Any]:
    return list(table.column_names if kind == "pyarrow" else table.columns)


def _column(table: Any, kind: str, column: str) -> Any:
    names = _names(table, kind)
    if column not in names:
        close = difflib.get_close_matches(str(column), [str(name) for name in names], n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        raise OptionError(f"the table has no column {column!r}; {meant}it has {', '.join(map(repr, names)) or 'none'}")
    if names.count(column) > 1:
        raise OptionError(f"{names.count(column)} columns of the table are called {column!r}; rename all but one")
    return table[column]


def _check_free(present: Sequence[Any], new: Sequence[str]) -> None:
    taken = [name for name in new if name in present]
    if taken:
        raise OptionError(f"the table has {', '.join(map(repr, taken))} already; drop or rename them, or pass prefix='hedgekit_'")


def _read(texts: Any, kind: str, column: str) -> Iterator[object]:
    """The values of a column, a slice at a time."""
    dtype = texts.type if kind == "pyarrow" else texts.dtype
    for start in range(0, len(texts), _READ):
        if kind == "pandas":
            part = texts.iloc[start : start + _READ].tolist()
        elif kind == "polars":
            part = texts.slice(start, _READ).to_list()
        else:
            part = texts.slice(start, _READ).to_pylist()
        for position, value in enumerate(part, start):
            if not isinstance(value, str) and not inputs.is_missing(value):
                held = f"{type(value).__name__} ({value!r:.40}) in row {position}, counted from 0"
                raise InputTypeError(f"column {column!r} must hold text, but holds {held}; its type is {dtype}")
        yield from part


def _to_pandas(table: Any, found: dict[str, Column]) -> Any:
    import pandas as pd

    # Strings are of the type that this release of pandas gives to strings, also where all are missing.
    dtype: Any = pd.Series(["x"]).dtype
    table = table.copy(deep=False)
    for name, column in found.items():
        # Arrays go by position, whatever the index.
        is_number = isinstance(column.values, np.ndarray) and not column.labels
        strings: Any = () if is_number else column.strings()
        table[name] = column.values if is_number else pd.array(strings, dtype=dtype)
    return table


def _to_polars(table: Any, found: dict[str, Column]) -> Any:
    import polars as pl

    def series(name: str, column: Column) -> Any:
        if isinstance(column.values, list) or column.labels:
            return pl.Series(name, column.strings(), dtype=pl.String)
        return pl.Series(name, column.values, nan_to_null=column.values.dtype.kind == "f")

    return table.with_columns([series(name, column) for name, column in found.items()])


def _to_pyarrow(table: Any, found: dict[str, Column]) -> Any:
    import pyarrow as pa

    for name, column in found.items():
        if isinstance(column.values, list) or column.labels:
            values = pa.array(column.strings(), type=pa.string())
        else:
            values = pa.array(column.values, from_pandas=True)
        table = table.append_column(name, values)
    return table


# A document's own tables


def document_frame(document: Document, of: str) -> pd.DataFrame:
    """See :meth:`Document.to_frame`."""
    tables = {"sentences": _sentences, "cues": _cues, "attributions": _attributions}
    if of not in tables:
        raise OptionError(f"of must be one of {', '.join(map(repr, tables))}; got {of!r}")
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('tables need pandas: pip install "hedgekit[pandas]"') from error
    rows, names = tables[of](document)
    frame = pd.DataFrame(rows, columns=names)
    # Offsets stay whole numbers where some are missing.
    offsets = [name for name in names if name.endswith(("_start", "_end"))]
    return frame.astype(dict.fromkeys(offsets, "Int64"))


def _sentences(document: Document) -> tuple[list[dict[str, Any]], list[str]]:
    rows = [
        {
            "text": sentence.text,
            "start": sentence.start,
            "end": sentence.end,
            "certainty": math.nan if sentence.certainty is None else sentence.certainty,
            "level": None if sentence.level is None else str(sentence.level),
            "hedged": sentence.hedged,
            "hedged_probability": sentence.hedged_probability,
            "cues": ", ".join(cue.text for cue in sentence.cues),
            "cue_types": ", ".join(str(cue.type) for cue in sentence.cues),
            "sources": ", ".join(a.source.text for a in sentence.attributions if a.source is not None),
            "voice": None if sentence.voice is None else str(sentence.voice),
            **extra_values(sentence),
        }
        for sentence in document
    ]
    names = ["text", "start", "end", "certainty", "level", "hedged", "hedged_probability", "cues", "cue_types", "sources", "voice"]
    return rows, list(dict.fromkeys([*names, "label", *extra_names(document)]))


def extra_names(document: Document) -> list[str]:
    """The names of the columns that only some models fill: a class and the probabilities of all, aspects of findings."""
    columns = document._columns
    classes = ["label", *(f"probability_{name}" for name in columns.classes)] if columns.classes else []
    return [*classes, *(f"aspect_{aspect}" for aspect in ASPECTS[: columns.aspects.shape[1]])]


def extra_values(sentence: Sentence) -> dict[str, str | float | None]:
    """What a sentence has in the columns of :func:`extra_names`; those for which it has nothing may be missing."""
    return {
        "label": sentence.label,
        **{f"probability_{name}": value for name, value in (sentence.label_probabilities or {}).items()},
        **{f"aspect_{aspect}": str(certainty) for aspect, certainty in (sentence.aspects or {}).items()},
    }


def _cues(document: Document) -> tuple[list[dict[str, Any]], list[str]]:
    rows = [
        {
            "sentence": number,
            **_placed("", cue.span),
            "type": str(cue.type),
            "probability": cue.probability,
            **_placed("scope", cue.scope),
            "likelihood": math.nan if cue.likelihood is None else cue.likelihood.median,
        }
        for number, sentence in enumerate(document)
        for cue in sentence.cues
    ]
    return rows, ["sentence", "text", "start", "end", "type", "probability", "scope", "scope_start", "scope_end", "likelihood"]


def _attributions(document: Document) -> tuple[list[dict[str, Any]], list[str]]:
    parts = ("source", "cue", "content", "refers_to")
    rows = [
        {
            "sentence": number,
            **{name: value for part in parts for name, value in _placed(part, getattr(attribution, part)).items()},
            "kind": str(attribution.kind),
            "certainty": math.nan if attribution.certainty is None else attribution.certainty,
        }
        for number, sentence in enumerate(document)
        for attribution in sentence.attributions
    ]
    places = [name for part in parts for name in (part, f"{part}_start", f"{part}_end")]
    return rows, ["sentence", *places, "kind", "certainty"]


def _placed(name: str, span: Span | None) -> dict[str, Any]:
    """Text and offsets of a span under their names."""
    names = (name, f"{name}_start", f"{name}_end") if name else ("text", "start", "end")
    return dict(zip(names, (None, None, None) if span is None else (span.text, span.start, span.end), strict=True))
