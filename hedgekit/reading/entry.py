"""Labelled sentences of a user's own, from whatever holds them."""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from hedgekit.errors import DataError, DataWarning, InputTypeError, OptionError
from hedgekit.inputs import is_missing
from hedgekit.labelled import LabelledData
from hedgekit.options import in_shell, option
from hedgekit.options import named as named_option
from hedgekit.reading import tables
from hedgekit.reading.brat import read_brat
from hedgekit.reading.checks import Classes, check_scale
from hedgekit.reading.columns import Column, find_columns
from hedgekit.reading.conll_columns import read_conll
from hedgekit.reading.hedging_xml import read_hedging_xml
from hedgekit.reading.label_studio import is_label_studio, read_label_studio
from hedgekit.reading.labelling import Missing, label_table
from hedgekit.reading.tables import Table, count

_MISSING = ("raise", "drop", "no claim", "keep")
_READERS: Mapping[str, Callable[[Path], Table]] = {
    "csv": tables.read_delimited,
    "tsv": lambda path: tables.read_delimited(path, "\t"),
    "jsonl": tables.read_json_lines,
    "guide": lambda path: tables.read_json_lines(path, guide=True),
    "json": lambda path: _read_json(path),
    "label-studio": read_label_studio,
    "parquet": tables.read_parquet,
    "conll": read_conll,
    "conll2010": lambda path: read_hedging_xml(path, "conll2010"),
    "bioscope": lambda path: read_hedging_xml(path, "bioscope"),
    "brat": read_brat,
}
FORMATS = tuple(_READERS)
_SUFFIXES: Mapping[str, str | None] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".conll": "conll",
    ".bio": "conll",
    ".iob": "conll",
    ".xml": None,  # one of two, told apart by what is in it
}


def read_labelled(
    data: Any,
    *,
    text: Column = None,
    certainty: Column = None,
    label: Column = None,
    cues: Column = None,
    group: Column = None,
    weight: Column = None,
    annotator: Column = None,
    scale: tuple[float, float] | None = None,
    classes: Classes | None = None,
    missing: Missing = "raise",
    format: str | None = None,
) -> LabelledData:
    """Read labelled sentences from a file, a table or lists, and check them.

    Everything is checked before anything is returned; all mistakes of a kind are told together.

    Parameters
    ----------
    data : str, path, DataFrame, pair, list of dict, or LabelledData
        A file (CSV, TSV, JSON lines, a JSON array, Parquet, CoNLL columns, the XML of CoNLL-2010 or BioScope, the JSON export of
        Label Studio), a brat folder, a pandas or polars DataFrame, or a pair of sentences and labels: numbers from 0 to 1,
        bools (hedged or not), strings (classes), or lists of cues. LabelledData is returned as it is.
    text, certainty, label, cues, group, weight, annotator : str or False, optional
        The column of each; of a Label Studio export, the control. By default they are found by well-known names: text, sentence,
        finding; certainty; label, class, hedged; cues; group, document, doc, author; weight, sample_weight; annotator, rater.
        False: there is none. Where one of the labels is named, the others are not looked for.
    scale : (float, float), optional
        The ends of the scale of ``certainty``, the least certain first: (1, 6), or (6, 1) if 1 is most certain. By default (0, 1).
    classes : sequence of str or mapping, optional
        The classes in the order in which they shall be reported; a mapping renames what the data hold:
        ``{"0": "certain", "1": "uncertain"}``. By default levels of certainty go from absolute to uncertain, the plain class comes
        before the hedged, and others are sorted. Yes and no (or true and false, 1 and 0) in a column such as "hedged" become
        "hedged" and "not hedged".
    missing : {"raise", "drop", "no claim", "keep"}
        What becomes of a row whose certainty or class is empty: an error; left out; a sentence that makes no claim, as a question;
        or kept with what other labels it has, and left out if it has none. Empty ``cues`` count only where they are the only
        labels; otherwise the row was not labelled for cues. ``[]`` says that there are none.
    format : str, optional
        For a file whose suffix does not tell: "csv", "tsv", "jsonl", "guide", "json", "label-studio", "parquet", "conll",
        "conll2010", "bioscope" or "brat".

    Returns
    -------
    LabelledData
        A cue is ``{"start", "end", "type"}``, ``{"text", "nth", "type"}`` or ``[start, end, type]``; one without a type gets that
        which the lexicon has for its words, else epistemic. Rows of several annotators on one sentence become one: mean
        certainty, the class of most, cues that more than half marked alike; ``notes["agreement"]`` has Krippendorff's alpha.
        The same sentence in two rows, or in two groups, stays in one group.

    Raises
    ------
    DataError
        If the data cannot be used: the message says where, what is valid and what to do.
    OptionError
        If an option is not valid.
    InputTypeError
        If ``data`` is of another type.
    ImportError
        If a file needs an extra that is not installed.

    Warns
    -----
    DataWarning
        If the same sentence stands twice with labels that contradict each other.

    Examples
    --------
    >>> data = read_labelled((["It rained.", "It may rain."], [5, 2]), scale=(1, 6))
    >>> data.certainty
    array([0.8, 0.2])
    >>> read_labelled((["It rained.", "It may rain."], [False, True])).labels
    ('not hedged', 'hedged')
    """
    named: dict[str, Column] = {
        "text": text,
        "certainty": certainty,
        "label": label,
        "cues": cues,
        "group": group,
        "weight": weight,
        "annotator": annotator,
    }
    if missing not in _MISSING:
        raise OptionError(f"{named_option('missing')} must be {', '.join(map(repr, _MISSING[:-1]))} or {_MISSING[-1]!r}, got {missing!r}")
    if isinstance(data, LabelledData):
        given = [*(name for name, value in named.items() if value is not None)]
        given += [name for name, value in (("scale", scale), ("classes", classes), ("format", format)) if value is not None]
        if given or missing != "raise":
            raise OptionError(
                f"{', '.join(given) or 'missing'} cannot be applied to LabelledData, which was read before; pass it when reading"
            )
        return data
    check_scale(scale)
    table = _table(data, format, scale, classes)
    found, warned = label_table(table, find_columns(table, named), scale, classes, missing)
    for message in warned:
        warnings.warn(message, DataWarning, stacklevel=2)
    return found


# What may be passed on to it by whoever reads labelled data.
OPTIONS = tuple(parameter.name for parameter in signature(read_labelled).parameters.values() if parameter.kind is parameter.KEYWORD_ONLY)


def _table(data: Any, form: str | None, scale: tuple[float, float] | None, classes: Classes | None) -> Table:
    if form is not None and form not in FORMATS:
        raise OptionError(f"{named_option('format')} must be one of {', '.join(FORMATS)}; got {form!r}")
    if isinstance(data, str | os.PathLike):
        return _from_path(Path(data), form)
    if form is not None:
        raise OptionError(f"format={form!r} is for files; the data are {_kind(data)}")
    library = type(data).__module__.partition(".")[0]
    if library == "pandas" and hasattr(data, "iloc") and hasattr(data, "columns"):
        return tables.from_pandas(data)
    if library == "polars" and hasattr(data, "to_dict"):
        return tables.from_polars(data)
    if isinstance(data, list) and data and all(isinstance(row, Mapping) for row in data):
        return tables.from_records(data, [f"row {number}" for number in range(len(data))], "the rows")
    if isinstance(data, tuple | list) and len(data) == 2 and not any(isinstance(part, str | Mapping) for part in data):
        return _from_pair(*data, scale=scale, classes=classes)
    hint = "; call .collect() first" if library == "polars" and hasattr(data, "collect") else ""
    raise InputTypeError(
        f"labelled data are a path, a pandas or polars DataFrame, a list of dicts, or a pair (sentences, labels); got {_kind(data)}{hint}"
    )


def _kind(data: Any) -> str:
    size = f" of {len(data)}" if isinstance(data, list | tuple) else ""
    return f"{type(data).__name__}{size}"


def _from_path(path: Path, form: str | None) -> Table:
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError:  # a name that no file can have
        is_folder = is_there = False
    if not is_there:
        pair = "" if in_shell() else ", or pass sentences and labels as a pair"
        raise DataError(f"{str(path)[:100]}: no such file{_similar(path)}; give the path of labelled data{pair}")
    if is_folder:
        if form not in (None, "brat", "conll"):
            raise DataError(f"{path}: is a folder; {option('format', form)} is for single files, and only brat and conll read folders")
        return _READERS[form or "brat"](path)
    suffix = path.suffix.lower()
    if form is None and suffix == ".ann":
        raise DataError(f"{path}: give the folder that holds the .ann and .txt files, {path.parent}")
    if form is None and suffix not in _SUFFIXES:
        raise DataError(
            f"{path}: the suffix {path.suffix!r} tells no format; pass {option('format')}, one of {', '.join(FORMATS)}; "
            f"the suffixes that do are {', '.join(_SUFFIXES)}"
        )
    form = form or _SUFFIXES[suffix]
    if form == "brat":
        raise DataError(f"{path}: brat data are a folder with NAME.txt and NAME.ann; give the folder, {path.parent}")
    return read_hedging_xml(path) if form is None else _READERS[form](path)


def _similar(path: Path) -> str:
    try:
        names = sorted(item.name for item in path.parent.iterdir())
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {str(path.with_name(close[0]))!r}?" if close else ""


def _read_json(path: Path) -> Table:
    rows = tables.load_json(path)
    if not isinstance(rows, list):
        hint = "; a frame is written so with to_json(orient='records')" if isinstance(rows, dict) else ""
        raise DataError(f"{path}: a list of objects is wanted, one for each sentence; found {type(rows).__name__}{hint}")
    if is_label_studio(rows):
        return read_label_studio(path, rows)
    return tables.from_records(rows, [f"{path}, item {number}" for number in range(1, len(rows) + 1)], str(path))


def _from_pair(sentences: Any, labels: Any, *, scale: tuple[float, float] | None, classes: Classes | None) -> Table:
    ours, theirs = getattr(sentences, "index", None), getattr(labels, "index", None)
    if hasattr(ours, "equals") and hasattr(theirs, "equals") and not ours.equals(theirs):  # type: ignore[union-attr]
        raise DataError("sentences and labels have different indexes, so rows may not belong together; align them, or pass lists")
    try:
        texts, values = list(sentences), list(labels)
    except TypeError:
        raise InputTypeError(f"a pair holds sentences and labels, each a sequence; got {_kind(sentences)} and {_kind(labels)}") from None
    if len(texts) != len(values):
        raise DataError(f"{count(len(texts), 'sentence')} and {count(len(values), 'label')}; give one label for each sentence")
    kind = _kind_of_labels(values, scale, classes)
    role = "label" if kind == "hedged" else kind
    places = tuple(f"row {number}" for number in range(len(texts)))
    return Table("the pair", {"text": texts, kind: values}, places, {"text": ("text",), role: (kind,)})


def _kind_of_labels(values: Sequence[Any], scale: tuple[float, float] | None, classes: Classes | None) -> str:
    """The column that labels without a name belong to: certainty, label, hedged or cues."""
    there = [value for value in values if not is_missing(value)]
    if all(isinstance(value, bool | np.bool_) for value in there):
        return "label" if classes is not None else "hedged"
    if all(isinstance(value, str) for value in there):
        return "label"
    if all(isinstance(value, list | tuple | np.ndarray) for value in there):
        return "cues"
    if not all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in there):
        names = sorted({type(value).__name__ for value in there})
        raise DataError(f"labels must all be numbers, all bools, all strings, or all lists of cues; got {', '.join(names)}")
    if classes is not None and scale is None:
        return "label"
    if scale is None and all(isinstance(value, int | np.integer) and value in (0, 1) for value in there):
        raise DataError(
            "labels 0 and 1 could be classes or certainty; pass bools (True for hedged), or name the classes: "
            "classes={0: 'certain', 1: 'uncertain'}; for certainty pass floats, or scale=(0, 1)"
        )
    return "certainty"
