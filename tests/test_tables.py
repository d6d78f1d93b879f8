"""Tables: a document's own, columns as input, and columns added to a user's table."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import hedgekit
from hedgekit.errors import InputTypeError, ModelNotFoundError, OptionError, SkippedWarning
from hedgekit.model import CertaintyModel

TEXTS = ["It rained.", "Officials said the dam may break.", "Why?", "The mayor reportedly left, and perhaps for good."]
LONG = ["It rained. It may snow, he said.", "Why?", "", "According to police, six were hurt. Police said it may be seven."]
NAMES = ["certainty", "level", "hedged", "hedged_probability", "cues", "cue_types", "sources", "voice"]
OF_TEXT = ["certainty", "main_certainty", "level", "sentences", "hedged_sentences", "cues", "cue_types", "sources"]
MAKERS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
KINDS = pytest.mark.parametrize("kind", MAKERS)


def columns(frame: Any) -> dict[str, list[Any]]:
    """Any table as plain values; what is missing is None."""
    if isinstance(frame, pd.DataFrame):
        plain = {str(name): frame[name].tolist() for name in frame.columns}
    else:
        plain = frame.to_pydict() if isinstance(frame, pa.Table) else frame.to_dict(as_series=False)
    return {name: [None if isinstance(value, float) and math.isnan(value) else value for value in values] for name, values in plain.items()}


# A document's own


def test_cues_of_a_document(model: CertaintyModel) -> None:
    document = model.analyze(" ".join(TEXTS))
    frame = document.to_frame("cues")
    cues = [(number, cue) for number, sentence in enumerate(document) for cue in sentence.cues]
    assert frame["sentence"].tolist() == [number for number, _ in cues]
    assert frame["type"].tolist() == [str(cue.type) for _, cue in cues]
    np.testing.assert_array_equal(frame["probability"], [cue.probability for _, cue in cues])
    assert [document.text[start:end] for start, end in zip(frame["start"], frame["end"], strict=True)] == frame["text"].tolist()
    for row, (_, cue) in zip(frame.to_dict("records"), cues, strict=True):
        assert (None if cue.scope is None else cue.scope.start) == (None if row["scope_start"] is pd.NA else row["scope_start"])
        assert (cue.likelihood is None) == math.isnan(row["likelihood"])
    assert str(frame["scope_start"].dtype) == "Int64"


def test_attributions_of_a_document(model: CertaintyModel) -> None:
    document = model.analyze(" ".join(TEXTS))
    frame = document.to_frame("attributions")
    found = [(number, one) for number, sentence in enumerate(document) for one in sentence.attributions]
    assert frame["sentence"].tolist() == [number for number, _ in found]
    assert frame["kind"].tolist() == [str(one.kind) for _, one in found]
    for part in ("source", "cue", "content", "refers_to"):
        for text, start, end in zip(frame[part], frame[f"{part}_start"], frame[f"{part}_end"], strict=True):
            assert (text is None or text != text) if start is pd.NA else text == document.text[start:end]


@pytest.mark.parametrize("of", ["sentences", "cues", "attributions"])
def test_an_empty_document_has_all_columns(of: Any, model: CertaintyModel) -> None:
    empty, full = model.analyze("").to_frame(of), model.analyze(" ".join(TEXTS)).to_frame(of)
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)


def test_of_is_known(model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match="of must be one of 'sentences', 'cues', 'attributions'; got 'words'"):
        model.analyze("It rained.").to_frame("words")  # type: ignore[arg-type]


def test_pandas_is_named_where_it_is_missing(model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    document = model.analyze("It may rain.")
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ImportError, match=r'pip install "hedgekit\[pandas\]"'):
        document.to_frame("cues")


# Columns as input


@pytest.mark.parametrize("index", [[0, 1, 2, 3], [3, 1, 0, 2], [5, 5, 5, 5], list("dcba")])
def test_scores_keep_the_order_of_a_column(index: list[Any], model: CertaintyModel) -> None:
    np.testing.assert_array_equal(hedgekit.score(pd.Series(TEXTS, index=index)), model.score(TEXTS))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([*TEXTS, None], dtype="str"),
        pd.Series([*TEXTS, pd.NA], dtype="string"),
        pd.Series([*TEXTS, math.nan], dtype=object),
        pd.Series([*TEXTS, None], dtype="category"),
        pl.Series([*TEXTS, None]),
        pa.array([*TEXTS, None]),
        pa.chunked_array([TEXTS[:1], [*TEXTS[1:], None]]),
        pa.array([*TEXTS, None]).dictionary_encode(),
    ],
    ids=lambda column: f"{type(column).__module__.split('.')[0]} {getattr(column, 'dtype', getattr(column, 'type', ''))}",
)
def test_columns_of_any_library(column: Any, model: CertaintyModel) -> None:
    scores = hedgekit.score(column)
    np.testing.assert_array_equal(scores[:-1], model.score(TEXTS))
    assert np.isnan(scores[-1])


# Columns added


@KINDS
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_columns_of_sentences(kind: str, n_jobs: int, model: CertaintyModel) -> None:
    frame = MAKERS[kind]({"id": [1, 2, 3, 4], "text": TEXTS})
    found = hedgekit.add_columns(frame, n_jobs=n_jobs)
    assert type(found) is type(frame)
    plain = columns(found)
    assert list(plain) == ["id", "text", *NAMES]
    assert list(columns(frame)) == ["id", "text"]
    sentences = model.annotate(TEXTS)
    assert plain["text"] == TEXTS
    assert plain["certainty"] == [sentence.certainty for sentence in sentences]
    assert plain["level"] == [sentence.level and str(sentence.level) for sentence in sentences]
    assert plain["hedged"] == [sentence.hedged for sentence in sentences]
    assert plain["hedged_probability"] == [sentence.hedged_probability for sentence in sentences]
    assert plain["cues"] == [", ".join(cue.text for cue in sentence.cues) for sentence in sentences]
    assert plain["cue_types"] == [", ".join(str(cue.type) for cue in sentence.cues) for sentence in sentences]
    assert plain["sources"] == [", ".join(a.source.text for a in sentence.attributions if a.source) for sentence in sentences]
    assert plain["voice"] == [sentence.voice and str(sentence.voice) for sentence in sentences]


@KINDS
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_columns_of_texts(kind: str, n_jobs: int, model: CertaintyModel) -> None:
    plain = columns(hedgekit.add_columns(MAKERS[kind]({"body": LONG}), "body", of="text", n_jobs=n_jobs))
    assert list(plain) == ["body", *OF_TEXT]
    documents = [model.analyze(text) for text in LONG]
    assert plain["main_certainty"] == [document.main_certainty for document in documents]
    assert plain["certainty"] == [document.certainty for document in documents]
    assert plain["sentences"] == [2, 1, 0, 2]
    assert plain["hedged_sentences"] == [sum(one.hedged for one in document) for document in documents]
    assert plain["sources"] == [", ".join(source.name for source in document.sources()) for document in documents]


def test_added_columns_are_those_of_a_document(model: CertaintyModel) -> None:
    frame = model.analyze("It may rain.").to_frame()
    again = hedgekit.add_columns(frame[["text"]])
    pd.testing.assert_frame_equal(again, frame[again.columns], check_dtype=False)


def test_the_order_of_rows_is_kept_over_chunks(model: CertaintyModel) -> None:
    texts = [f"The dam {verb} break, said officer {number}." for number in range(1_100) for verb in ("could perhaps", "did")]
    found = hedgekit.add_columns(pl.DataFrame({"text": texts}), n_jobs=2)
    np.testing.assert_allclose(found["certainty"].to_numpy(), model.score(texts), atol=1e-9, rtol=0)
    assert found["cues"].to_list() == [", ".join(cue.text for cue in sentence.cues) for sentence in model.annotate(texts)]


@pytest.mark.parametrize(
    "index", [[3, 1, 0, 2], [5, 5, 5, 5], pd.MultiIndex.from_product([[1, 2], ["a", "b"]]), pd.date_range("2020", periods=4)]
)
def test_the_index_is_kept(index: Any, model: CertaintyModel) -> None:
    frame = pd.DataFrame({"text": TEXTS}, index=index)
    found = hedgekit.add_columns(frame)
    assert found.index.equals(frame.index)
    np.testing.assert_array_equal(found["certainty"].to_numpy(), model.score(TEXTS))
    assert list(frame.columns) == ["text"]


@KINDS
@pytest.mark.parametrize("of", ["sentence", "text"])
def test_missing_texts_keep_their_rows(kind: str, of: Any) -> None:
    frame = MAKERS[kind]({"text": [None, TEXTS[0], None, TEXTS[1]]})
    with pytest.warns(SkippedWarning, match="2 of 4 texts are missing; their rows are kept, without certainty: at position 0, 2") as caught:
        plain = columns(hedgekit.add_columns(frame, of=of))
    assert caught[0].message.positions == (0, 2)  # type: ignore[union-attr]
    for name in ("certainty", "level", "cues", "sources"):
        assert [value is None for value in plain[name]] == [True, False, True, False], name
    if of == "sentence":
        assert plain["hedged"] == [False, False, False, True]
        assert plain["voice"][::2] == [None, None]


@pytest.mark.parametrize("gap", [None, math.nan, pd.NA, pd.NaT])
def test_any_gap_is_one(gap: object) -> None:
    with pytest.warns(SkippedWarning, match="1 of 2 texts"):
        found = hedgekit.add_columns(pd.DataFrame({"text": pd.Series([gap, "It may rain."], dtype=object)}))
    assert math.isnan(found["certainty"].iloc[0])


@KINDS
@pytest.mark.parametrize("of", ["sentence", "text"])
def test_types_do_not_depend_on_the_rows(kind: str, of: Any) -> None:
    def types(frame: Any) -> Any:
        found = hedgekit.add_columns(frame, of=of)
        return found.schema.types if kind == "pyarrow" else list(map(str, found.dtypes))

    make = MAKERS[kind]
    full = types(make({"text": TEXTS}))
    none = make({"text": pd.Series([], dtype="str") if kind == "pandas" else pa.array([], type=pa.string())})
    assert types(none) == full
    with pytest.warns(SkippedWarning, match="1 of 2"):
        assert types(make({"text": ["Why?", None]})) == full


def test_null_is_passed_over_by_means() -> None:
    found = hedgekit.add_columns(pl.DataFrame({"text": TEXTS}))
    assert found["certainty"].null_count() == 1
    assert found["certainty"].mean() == pytest.approx(np.nanmean(hedgekit.score(TEXTS)))


def test_prefix_and_model() -> None:
    frame = pd.DataFrame({"text": TEXTS})
    science = hedgekit.add_columns(frame, model="science", prefix="s_")
    assert [name for name in science.columns if name.startswith("s_aspect_")]
    both = hedgekit.add_columns(science, model=hedgekit.load(), prefix="g_")
    assert list(both.columns) == ["text", *science.columns[1:], *(f"g_{name}" for name in NAMES)]


@KINDS
def test_classes_have_columns(kind: str, class_model: CertaintyModel) -> None:
    plain = columns(hedgekit.add_columns(MAKERS[kind]({"text": TEXTS}), model=class_model))
    assert plain["label"] == [sentence.label for sentence in class_model.annotate(TEXTS)]
    names = [name for name in plain if name.startswith("probability_")]
    assert names
    np.testing.assert_allclose(np.sum([plain[name] for name in names], axis=0), 1.0)


@KINDS
@pytest.mark.parametrize(
    ("values", "held"), [([1, 2], r"int \(1\) in row 0"), ([1.5, math.nan], r"float \(1\.5\) in row 0"), ([b"a", b"b"], r"bytes \(b'a'\)")]
)
def test_a_column_that_is_no_text(kind: str, values: list[Any], held: str) -> None:
    with pytest.raises(InputTypeError, match=rf"column 'year' must hold text, but holds {held}.*; its type is \S+"):
        hedgekit.add_columns(MAKERS[kind]({"year": values}), "year")


def test_a_column_that_is_text_in_part() -> None:
    with pytest.raises(InputTypeError, match=r"holds int \(7\) in row 1501, counted from 0; its type is object"):
        hedgekit.add_columns(pd.DataFrame({"text": pd.Series(["It rained."] * 1_501 + [7], dtype=object)}))


@KINDS
def test_a_column_that_is_not_there(kind: str) -> None:
    frame = MAKERS[kind]({"texts": TEXTS, "id": [1, 2, 3, 4]})
    with pytest.raises(OptionError, match=r"no column 'text'; did you mean 'texts'[?] it has 'texts', 'id'"):
        hedgekit.add_columns(frame)


@KINDS
def test_nothing_is_overwritten(kind: str) -> None:
    frame = MAKERS[kind]({"text": TEXTS, "level": [1, 2, 3, 4], "cues": TEXTS})
    with pytest.raises(OptionError, match="has 'level', 'cues' already; drop or rename them, or pass prefix="):
        hedgekit.add_columns(frame)


def test_a_column_that_stands_twice() -> None:
    with pytest.raises(OptionError, match="2 columns of the table are called 'text'"):
        hedgekit.add_columns(pd.DataFrame([["a", "b"]], columns=["text", "text"]))


@pytest.mark.parametrize(
    ("value", "told"), [({"text": TEXTS}, "got dict"), (TEXTS, "got list"), (pl.LazyFrame({"text": TEXTS}), r"LazyFrame; call collect\(\)")]
)
def test_other_tables(value: Any, told: str) -> None:
    with pytest.raises(InputTypeError, match=f"a pandas or polars DataFrame, or a pyarrow Table is needed, {told}|{told}"):
        hedgekit.add_columns(value)


def test_options_are_known() -> None:
    frame = pd.DataFrame({"text": TEXTS})
    with pytest.raises(OptionError, match="of must be 'sentence' or 'text'; got 'word'"):
        hedgekit.add_columns(frame, of="word")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="n_jobs"):
        hedgekit.add_columns(frame, n_jobs=0)
    with pytest.raises(ModelNotFoundError):
        hedgekit.add_columns(frame, model="nowhere")
