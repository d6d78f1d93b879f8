"""Reading labelled data of a user's own from tables and lists: what is understood, what is refused, and how it is told."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgekit
from hedgekit.errors import DataError, DataWarning, InputTypeError, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.labels import CueType
from hedgekit.reading import FORMATS, read_labelled
from hedgekit.reading.checks import check_certainty, check_classes
from hedgekit.reading.tables import where
from hedgekit.training.annotators import alpha_of

RAIN, MAY = "It rained.", "It may rain."
PAIR = ([RAIN, MAY], [0.9, 0.2])


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def _frame(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"text": [RAIN, MAY, "Perhaps."][: len(next(iter(columns.values())))], **columns})


def _columns(data: LabelledData) -> tuple[Any, ...]:
    """Everything but places and notes, to be compared."""
    certainty = None if data.certainty is None else [None if math.isnan(value) else value for value in data.certainty.tolist()]
    return data.texts, certainty, data.labels, data.classes, data.cues, data.no_claim.tolist(), data.weights.tolist()


# The forms of data


def test_a_table_in_every_form_is_the_same(tmp_path: Path) -> None:
    commas = _write(tmp_path / "a.csv", f"\ufefftext,certainty,label\r\n{RAIN},0.9,plain\r\n\r\n{MAY},0.2,soft\r\n")
    semicolons = _write(tmp_path / "b.csv", f"text;certainty;label\n{RAIN};0.9;plain\n{MAY};0.2;soft\n")
    tsv = _write(tmp_path / "a.tsv", f"text\tcertainty\tlabel\n{RAIN}\t0.9\tplain\n{MAY}\t0.2\tsoft\n")
    rows = [{"text": RAIN, "certainty": 0.9, "label": "plain"}, {"text": MAY, "certainty": 0.2, "label": "soft"}]
    lines = _write(tmp_path / "a.jsonl", "\ufeff" + "\n\n".join(map(json.dumps, rows)))
    array = _write(tmp_path / "a.json", json.dumps(rows))
    found = [read_labelled(data) for data in (commas, str(semicolons), tsv, lines, array, rows, pd.DataFrame(rows, index=[7, 3]))]
    assert {repr(_columns(data)) for data in found} == {repr(_columns(found[0]))}
    assert _columns(found[0]) == ((RAIN, MAY), [0.9, 0.2], ("plain", "soft"), ("plain", "soft"), None, [False, False], [1.0, 1.0])
    assert found[0].places == (f"{commas}:2", f"{commas}:4")
    assert found[4].places == (f"{array}, item 1", f"{array}, item 2")
    assert found[6].places == found[6].groups == ("row 0", "row 1")
    assert found[0].notes == {"source": str(commas), "columns": {"text": "text", "certainty": "certainty", "label": "label"}, "rows": 2}


def test_a_cell_of_several_lines_is_one(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", f'text,certainty\n"It rained,\nthey ""said"".",0.5\n{MAY},0.2\n')
    data = read_labelled(path)
    assert data.texts == ('It rained,\nthey "said".', MAY)
    assert data.places == (f"{path}:2", f"{path}:4")


def test_polars() -> None:
    polars = pytest.importorskip("polars")
    rows = {"text": [RAIN, MAY], "certainty": [0.9, None], "cues": [[], [{"start": 3, "end": 6, "type": "modal"}]]}
    data = read_labelled(polars.DataFrame(rows), missing="keep")
    assert _columns(data) == ((RAIN, MAY), [0.9, None], None, (), ((), ((3, 6, CueType.MODAL),)), [False, False], [1.0, 1.0])
    with pytest.raises(InputTypeError, match=r"got LazyFrame; call \.collect\(\) first"):
        read_labelled(polars.LazyFrame(rows))


def test_parquet(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    cues = [[{"text": "rained", "nth": None, "type": "booster"}], [{"text": "may", "nth": 1, "type": None}]]
    path = tmp_path / "a.parquet"
    polars.DataFrame({"sentence": [RAIN, MAY], "certainty": [0.9, 0.2], "cues": cues}).write_parquet(path)
    data = read_labelled(path)
    assert data.cues == (((3, 9, CueType.BOOSTER),), ((3, 6, CueType.MODAL),))
    assert data.places == (f"{path}, row 0", f"{path}, row 1")
    assert _columns(read_labelled(pd.read_parquet(path))) == _columns(data)
    _write(tmp_path / "b.parquet", "no such thing")
    with pytest.raises(DataError, match=r"b\.parquet: cannot be read as Parquet"):
        read_labelled(tmp_path / "b.parquet")


def test_parquet_needs_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match=r'pip install "hedgekit\[tables\]"'):
        read_labelled(_write(tmp_path / "a.parquet", "x"))


GUIDE = [
    {"id": "a", "text": RAIN, "certainty": 0.93, "hedged": False, "cues": []},
    {
        "id": "b",
        "doc": "d",
        "text": MAY,
        "certainty": 0.42,
        "hedged": True,
        "cues": [{"text": "may", "type": "modal", "scope": "may rain"}],
    },
    {"id": "c", "doc": "d", "text": "Why?", "certainty": None, "hedged": False, "cues": []},
]


@pytest.mark.parametrize("form", [None, "guide"])
def test_the_guides_own_form(form: str | None, tmp_path: Path) -> None:
    data = read_labelled(_write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, GUIDE))), format=form)
    assert data.labels == ("not hedged", "hedged", "not hedged")
    assert data.hedged == (False, True, False)
    assert data.cues == ((), ((3, 6, CueType.MODAL),), ())
    assert data.no_claim.tolist() == [False, False, True]
    assert data.groups == ("a", "d", "d")
    assert data.notes["form"] == "guide"
    assert data.notes["no claim"] == 1


def test_the_guides_form_asked_for_in_vain(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl", "\n".join(json.dumps({"text": RAIN, "certainty": 0.5}) for _ in range(2)))
    with pytest.raises(DataError, match=r"a\.jsonl:1, 2: 2 rows without one of the fields of the guide, text, cues, certainty, hedged"):
        read_labelled(path, format="guide")


def test_the_projects_own_sentences(seeds: Path) -> None:
    from hedgekit.corpora import read_guide

    path = seeds / "answers.jsonl"
    data, same = read_labelled(path), read_guide(path)
    assert data.texts == tuple(sentence.text for sentence in same)
    assert data.cues == tuple(sentence.cues for sentence in same)
    assert data.hedged == tuple(sentence.hedged for sentence in same)
    assert data.certainty is not None
    assert [None if math.isnan(value) else value for value in data.certainty] == [sentence.certainty for sentence in same]
    assert data.no_claim.tolist() == [sentence.certainty is None for sentence in same]


@pytest.mark.parametrize(
    ("labels", "options", "expected"),
    [
        ([0.9, 0.2], {}, ([0.9, 0.2], None, ())),
        ([1.0, 0.0], {}, ([1.0, 0.0], None, ())),
        (np.array([6, 1]), {"scale": (1, 6)}, ([1.0, 0.0], None, ())),
        ((1, 6), {"scale": (6, 1)}, ([1.0, 0.0], None, ())),
        ([0, 1], {"scale": (0, 1)}, ([0.0, 1.0], None, ())),
        ([False, True], {}, (None, ("not hedged", "hedged"), ("not hedged", "hedged"))),
        (np.array([True, False]), {}, (None, ("hedged", "not hedged"), ("not hedged", "hedged"))),
        ([0, 1], {"classes": {0: "certain", 1: "uncertain"}}, (None, ("certain", "uncertain"), ("certain", "uncertain"))),
        ([True, False], {"classes": {True: "soft", False: "firm"}}, (None, ("soft", "firm"), ("soft", "firm"))),
        (["uncertain", "certain"], {}, (None, ("uncertain", "certain"), ("certain", "uncertain"))),
        (pd.Series(["Low", "High"]), {}, (None, ("Low", "High"), ("High", "Low"))),
        (["b", " a "], {}, (None, ("b", "a"), ("a", "b"))),
        (["10", "9"], {}, (None, ("10", "9"), ("9", "10"))),
        (["b", "a"], {"classes": ["b", "c", "a"]}, (None, ("b", "a"), ("b", "c", "a"))),
    ],
)
def test_pairs(labels: Any, options: dict[str, Any], expected: tuple[Any, ...]) -> None:
    data = read_labelled((pd.Series([RAIN, MAY]), labels), **options)
    assert _columns(data)[1:4] == expected


def test_a_pair_with_cues() -> None:
    data = read_labelled(([RAIN, MAY], [[], [[3, 6, "Modal"]]]))
    assert (data.certainty, data.labels, data.cues) == (None, None, ((), ((3, 6, CueType.MODAL),)))


def test_what_was_read_is_passed_through() -> None:
    data = read_labelled(PAIR)
    assert read_labelled(data) is data
    assert isinstance(data, hedgekit.LabelledData)
    assert hedgekit.read_labelled is read_labelled
    with pytest.raises(OptionError, match="label, scale cannot be applied to LabelledData"):
        read_labelled(data, label="class", scale=(1, 6))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (None, InputTypeError, "labelled data are a path, .* got NoneType"),
        ([RAIN, MAY], InputTypeError, "got list of 2"),
        (([RAIN, MAY], [0.1, 0.2], []), InputTypeError, "got tuple of 3"),
        (([RAIN, MAY], 3), InputTypeError, "each a sequence; got list of 2 and int"),
        (([RAIN, MAY], [0.1]), DataError, "2 sentences and 1 label; give one label for each"),
        (([RAIN, MAY], [0, 1]), DataError, "labels 0 and 1 could be classes or certainty; pass bools"),
        (([RAIN, MAY], ["a", 0.2]), DataError, "must all be numbers, .* got float, str"),
        (([RAIN], [0.2]), DataError, "1 row of data; at least 2"),
        (([], []), DataError, "0 rows of data; at least 2"),
        ((pd.Series([RAIN, MAY]), pd.Series([0.1, 0.2], index=[1, 2])), DataError, "different indexes, so rows may not belong together"),
        (
            [{"text": RAIN}, {"text": MAY}],
            DataError,
            r"the rows: no column of labels found; the columns are 'text'; name it with certainty",
        ),
    ],
)
def test_data_of_another_kind(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_labelled(data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "skip"}, "missing must be 'raise', 'drop', 'no claim' or 'keep', got 'skip'"),
        ({"format": "excel"}, f"format must be one of {', '.join(FORMATS)}; got 'excel'"),
        ({"format": "csv"}, "format='csv' is for files; the data are tuple of 2"),
        ({"scale": 6}, "scale must be two numbers"),
        ({"scale": (1, 1)}, "two different finite numbers"),
        ({"scale": (0, math.inf)}, "two different finite numbers"),
        ({"classes": ["a", "b"], "scale": (0, 1)}, "classes= is for a column of classes, and the pair has none"),
        ({"text": True}, "text must be the name of a column, or False for none, got True"),
    ],
)
def test_options_that_are_not_valid(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read_labelled(PAIR, **options)


def test_options_for_labels_that_are_not_there() -> None:
    with pytest.raises(OptionError, match=r"scale=\(1, 6\) is for certainty, and the pair has no such column"):
        read_labelled(([RAIN, MAY], ["a", "b"]), scale=(1, 6))
    wrong: list[Any] = ["ab", ["a", 2], [" a"], []]
    for classes in wrong:
        with pytest.raises(OptionError, match="classes must be a list of names, or a mapping"):
            read_labelled(([RAIN, MAY], ["a", "b"]), classes=classes)


# Columns


@pytest.mark.parametrize(
    ("names", "options", "found"),
    [
        (("text", "certainty"), {}, {"text": "text", "certainty": "certainty"}),
        ((" Sentence ", "Certainty"), {}, {"text": " Sentence ", "certainty": "Certainty"}),
        (("finding", "rating"), {"certainty": "rating"}, {"text": "finding", "certainty": "rating"}),
        (("text", "body", "certainty"), {"text": "body"}, {"text": "body", "certainty": "certainty"}),
        (("text", "class", "certainty"), {"certainty": "certainty"}, {"text": "text", "certainty": "certainty"}),
        (("text", "certainty", "author"), {}, {"text": "text", "certainty": "certainty", "group": "author"}),
        (("text", "certainty", "author"), {"group": False}, {"text": "text", "certainty": "certainty"}),
        (("text", "certainty", "sample_weight"), {}, {"text": "text", "certainty": "certainty", "weight": "sample_weight"}),
    ],
)
def test_columns_are_found(names: tuple[str, ...], options: dict[str, Any], found: dict[str, str]) -> None:
    frame = pd.DataFrame(
        {name: [RAIN, MAY] if name.strip().lower() in ("text", "sentence", "finding", "body") else [0.9, 0.2] for name in names}
    )
    assert read_labelled(frame, **options).notes["columns"] == found


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (("txt", "certainty"), {}, "no column of sentences found; the columns are 'txt', 'certainty'; did you mean text='txt'"),
        (
            ("q1", "certainty"),
            {},
            "no column of sentences found; .* name it with text='...'; a file of a table names its columns in the first",
        ),
        (("text", "certainity"), {}, "no column of labels found; .* did you mean certainty='certainity'"),
        (("text", "my_label"), {}, "no column of labels found; .* did you mean label='my_label'"),
        (
            ("text", "rating"),
            {"certainty": "ratings"},
            "certainty='ratings' is no column; the columns are 'text', 'rating'; did you mean 'rating'",
        ),
        (("text", "x"), {"certainty": "score"}, "certainty='score' is no column; .* name one of them with certainty="),
        (("text", "label", "hedged"), {}, "'label' and 'hedged' could each be the column of label; name one with label="),
        (("text", "certainty"), {"label": "certainty", "certainty": "certainty"}, "'certainty' cannot be certainty and label at once"),
        (("text", "certainty"), {"text": False}, "no column of sentences found"),
    ],
)
def test_columns_that_cannot_be_found(names: tuple[str, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled(pd.DataFrame({name: ["a", "b"] for name in names}), **options)


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    frame = pd.DataFrame([[RAIN, MAY, 0.5]] * 2, columns=["text", "text", "certainty"])
    with pytest.raises(DataError, match="the DataFrame: column 'text' stands 2 times"):
        read_labelled(frame)
    with pytest.raises(DataError, match=r"a\.csv:1: column 'certainty' stands 2 times"):
        read_labelled(_write(tmp_path / "a.csv", "text,certainty,certainty\n"))


# Files that cannot be read


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", r"a\.csv: the file is empty"),
        ("a.csv", b"\xef\xbb\xbf \n", r"a\.csv: the file is empty"),
        ("a.csv", b'""', r"a\.csv: the file holds no cell; the first line must name the columns"),
        ("a.csv", b"text,certainty\n", "0 rows of data; at least 2"),
        ("a.csv", b"text,certainty\nA.,1\n", "1 row of data; at least 2"),
        ("a.csv", b"text,certainty\nA.,1\nB\0,2\n", r"a\.csv:3: holds a NUL byte"),
        ("a.csv", b"\xff\xfet\0e\0", r"a\.csv: is UTF-16, .* iconv -f UTF-16 -t UTF-8 a\.csv > a-utf8\.csv"),
        (
            "a.csv",
            b"text,certainty\nCaf\xe9.,1\nCaf\xc3\xa9.,1\nna\xefve,1",
            r"a\.csv:2, 4: 2 of 4 lines not in UTF-8 \(the first at byte 18: 0xE9\); .* iconv -f WINDOWS-1252 .* mixed",
        ),
        (
            "a.csv",
            b"text,certainty\nA, b.,1\nB.,1\nC\n",
            r"a\.csv:2, 4: 2 rows with another number of cells than the header, which names 2 \(text, certainty\); the first has 3",
        ),
        ("a.csv", b'text,certainty\n"A" b,1\n', r"a\.csv:2: not a valid table"),
        ("a.csv", b'text,certainty\nA,1\n"B,1\n', r"a\.csv:3: not a valid table \(unexpected end of data\)"),
        (
            "a.jsonl",
            b'{"text": "A."}\n{"text": \n[1]\n',
            r"2 lines: .*a\.jsonl:2: not valid JSON: .*; .*a\.jsonl:3: a line holds one JSON object",
        ),
        ("a.jsonl", b'[\n{"text": "A."}\n]', r"a\.jsonl: holds a JSON array .* pass format='json'"),
        ("a.json", b'[{"text": "A."},\n{"text" "B."}]', r"a\.json:2: not valid JSON: Expecting ':' delimiter, column 9"),
        ("a.json", b'{"text": "A."}\n{"text": "B."}', r"a\.json:2: not valid JSON: Extra data, column 1; .* format='jsonl'"),
        ("a.json", b'{"text": {"0": "A."}}', r"a list of objects is wanted, .* found dict; .* to_json\(orient='records'\)"),
        ("a.json", b'[{"text": "A."}, 3]', r"a\.json, item 2: every row must be an object"),
        ("a.json", b"[" * 100_000, r"a\.json: not usable JSON: nested too deeply"),
        ("a.txt", b"A.", r"the suffix '\.txt' tells no format; pass format=, one of csv, tsv, .*; the suffixes that do are \.csv"),
        ("a.ann", b"T1", r"a\.ann: give the folder that holds the \.ann and \.txt files"),
    ],
)
def test_files_that_cannot_be_read(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_labelled(path)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    _write(tmp_path / "reviews.csv", "x")
    with pytest.raises(DataError, match=r"review\.csv: no such file; did you mean '.*reviews\.csv'\?"):
        read_labelled(tmp_path / "review.csv")
    with pytest.raises(DataError, match="no such file; give the path of labelled data, or pass sentences and labels as a pair"):
        read_labelled("It may rain. " * 100)
    with pytest.raises(DataError, match="is a folder; format='csv' is for single files"):
        read_labelled(tmp_path, format="csv")
    with pytest.raises(DataError, match="brat data are a folder"):
        read_labelled(tmp_path / "reviews.csv", format="brat")


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = _write(tmp_path / "data.txt", f"text\tcertainty\n{RAIN}\t0.9\n{MAY}\t0.2\n")
    assert _columns(read_labelled(path, format="tsv")) == _columns(read_labelled(PAIR))


# Values


@pytest.mark.parametrize("value", [None, math.nan, "", " \n", 3, b"It rained."])
def test_texts_that_are_none(value: Any) -> None:
    with pytest.raises(DataError, match=r"rows 0, 2 \(counted from 0\): 2 rows without a sentence, the first is"):
        read_labelled([{"text": text, "certainty": 0.5} for text in (value, RAIN, value)])


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (
            [1, 6, 0.5],
            {},
            r"row 1 \(counted from 0\): certainty is outside the scale 0 to 1 in 1 row; the values go from 0\.5 to 6; .*scale=\(0, 10\)",
        ),
        (
            [3, 7, 0],
            {"scale": (1, 6)},
            r"rows 1, 2 \(counted from 0\): certainty is outside the scale 1 to 6 in 2 rows; .* scale=\(0, 10\)",
        ),
        ([0.5, math.inf, 0.1], {}, "certainty is outside the scale 0 to 1 in 1 row"),
        ([0.5, "low", 0.1], {}, "row 1 .* certainty is no number in 1 row, the first is 'low'; pass label= for a column of classes"),
        ([0.5, "20%", 0.1], {}, r"the first is '20%'; leave the sign out, and pass scale=\(0, 100\)"),
        ([0.5, "0,2", 0.1], {}, "the first is '0,2'; write a decimal point"),
        ([0.5, True, 0.1], {}, "certainty is no number in 1 row, the first is True; give numbers"),
        ([0.5, [1], 0.1], {}, "certainty is no number in 1 row"),
    ],
)
def test_certainties_that_are_none(values: list[Any], options: dict[str, Any], message: str) -> None:
    rows = [{"text": text, "certainty": value} for text, value in zip((RAIN, MAY, "Perhaps."), values, strict=True)]
    with pytest.raises(DataError, match=message):
        read_labelled(rows, **options)


def test_numbers_of_any_type_are_certainties() -> None:
    from decimal import Decimal

    values = [1, 0.5, "0.25", Decimal("0.75"), np.float32(0.5), np.int64(0), None, "NA", math.nan, pd.NA]
    found = check_certainty(values, ["row 0"] * len(values), None)
    assert found.tolist()[:6] == [1.0, 0.5, 0.25, 0.75, 0.5, 0.0]
    assert np.isnan(found[6:]).all()


@pytest.mark.parametrize(
    ("column", "values", "labels", "classes"),
    [
        ("hedged", [True, False, None], ("hedged", "not hedged", None), ("not hedged", "hedged")),
        ("is_hedge", ["1", "0", ""], ("hedged", "not hedged", None), ("not hedged", "hedged")),
        ("uncertain", [1.0, 0.0, math.nan], ("hedged", "not hedged", None), ("not hedged", "hedged")),
        ("hedged", ["Yes", "no", "no"], ("hedged", "not hedged", "not hedged"), ("not hedged", "hedged")),
        ("hedged", ["true", "false", "maybe"], ("true", "false", "maybe"), ("false", "maybe", "true")),
        ("label", [1, 0, 1], ("1", "0", "1"), ("0", "1")),
        ("label", [1.0, 0.0, np.float64(2.5)], ("1", "0", "2.5"), ("0", "1", "2.5")),
        ("label", [True, False, True], ("True", "False", "True"), ("False", "True")),
        ("class", ["low", "absolute", "high"], ("low", "absolute", "high"), ("absolute", "high", "low")),
    ],
)
def test_classes(column: str, values: list[Any], labels: tuple[Any, ...], classes: tuple[str, ...]) -> None:
    assert check_classes(values, ["row 0", "row 1", "row 2"], column, None) == (labels, classes)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        (
            "hedged",
            ["yes", "no", "no", "on", *["yes", "no"] * 4],
            "row 3 (counted from 0): 'on' in 1 row of 'hedged', which says yes or no (or true or false, 1 or 0) in all others; put it "
            "right, or leave the cell empty and say what that means with missing=; if it is a class of its own, name all classes: "
            "classes=['no', 'on', 'yes']",
        ),
        (
            "is_hedged",
            ["1", "0", "2", None, "1.0"],
            "row 2 (counted from 0): '2' in 1 row of 'is_hedged', which says yes or no (or true or ",
        ),
        (
            "uncertain",
            [True, False, "ture", "fasle", *[True] * 6],
            "rows 2, 3 (counted from 0): 'fasle', 'ture' in 2 rows of 'uncertain', ",
        ),
        (
            "label",
            ["yes", "no"] * 10 + ["ja"],
            "row 20 (counted from 0): 'ja' in 1 row of 'label', which says yes or no (or true or false) in ",
        ),
    ],
)
def test_a_slip_in_a_column_of_yes_and_no(column: str, values: list[Any], message: str) -> None:
    places = [f"row {number}" for number in range(len(values))]
    with pytest.raises(DataError, match=f"^{re.escape(message)}"):
        check_classes(values, places, column, None)
    # Of names that are meant, none is a slip.
    names = list(dict.fromkeys(str(value) for value in values if value is not None))
    found, order = check_classes(values, places, column, [*names, "1", "0"] if "2" in names else names)
    assert {name for name in found if name is not None} <= set(order)


@pytest.mark.parametrize(
    ("column", "values", "classes", "labels"),
    [
        ("label", ["0", "1"] * 20 + ["2"], None, ("0", "1", "2")),
        ("label", ["yes", "no"] * 5 + ["partly"], None, ("no", "partly", "yes")),
        ("hedged", ["yes", "no", "partly"] * 5, None, ("no", "partly", "yes")),
        ("hedged", ["yes", "no"] * 5, ["yes", "no"], ("yes", "no")),
        ("hedged", ["yes", "no"] * 5, ["not hedged", "hedged"], ("not hedged", "hedged")),
    ],
)
def test_classes_beside_yes_and_no(column: str, values: list[str], classes: list[str] | None, labels: tuple[str, ...]) -> None:
    found, order = check_classes(values, [f"row {number}" for number in range(len(values))], column, classes)
    assert (order, set(found)) == (labels, set(labels))


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (
            ["Firm", "soft", "firm"],
            {},
            r"classes 'Firm' \(row 0\) and 'firm' \(row 2\) of 'label' differ in case or blanks alone; .*classes=",
        ),
        (["firm ", "soft", "firm"], {}, "classes 'firm ' .* and 'firm' .* differ in case or blanks"),
        (["firm", "firm", "firm"], {}, "all sentences have one class, 'firm'; at least 2"),
        (
            ["firm", "soft", "odd"],
            {"classes": ["firm", "soft"]},
            "row 2 .*'odd' in 1 row of 'label' is not among the classes 'firm', 'soft'",
        ),
        (["firm", "soft", "odd"], {"classes": {"firm": "a", "soft": "b"}}, "row 2 .*: classes= has no name for 'odd' in 1 row of 'label'"),
        (
            ["firm", ["soft"], "odd"],
            {},
            r"row 1 .*: no class in 1 row of 'label', the first is \['soft'\]; .* for spans of cues pass cues='label'",
        ),
    ],
)
def test_classes_that_are_none(values: list[Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled(_frame(label=values), **options)


def test_classes_that_differ_in_case_can_be_joined() -> None:
    data = read_labelled(_frame(label=["Firm", "soft", "firm"]), classes={"firm": "plain", "Firm": "plain", "SOFT": "vague"})
    assert (data.labels, data.classes) == (("plain", "vague", "plain"), ("plain", "vague"))


@pytest.mark.parametrize("kind", [float, str])
def test_a_scale_is_no_set_of_classes(kind: type) -> None:
    frame = pd.DataFrame({"text": [f"It rained {n} times." for n in range(12)], "label": [kind(n / 11) for n in range(12)]})
    with pytest.raises(DataError, match=r"column 'label' holds 12 different numbers, from 0 to 1: .* pass certainty='label'"):
        read_labelled(frame)


@pytest.mark.parametrize(
    ("cue", "span"),
    [
        ({"start": 3, "end": 6, "type": "modal"}, (3, 6, CueType.MODAL)),
        ({"start": 3.0, "end": np.int64(6), "text": "may", "type": " MODAL "}, (3, 6, CueType.MODAL)),
        ({"text": "may", "type": "weasel"}, (3, 6, CueType.WEASEL)),
        ({"text": "may", "nth": 2, "type": "modal"}, (14, 17, CueType.MODAL)),
        ([3, 6, "modal"], (3, 6, CueType.MODAL)),
        ((3, 6), (3, 6, CueType.MODAL)),
        ("may", (3, 6, CueType.MODAL)),
        ({"start": 3, "end": 6, "type": None}, (3, 6, CueType.MODAL)),
        ({"text": "very probably"}, (18, 31, CueType.EPISTEMIC)),
        ("Anna", (32, 36, CueType.EPISTEMIC)),
    ],
)
def test_cues(cue: Any, span: tuple[int, int, CueType]) -> None:
    text = "It may, or it may very probably Anna."
    data = read_labelled([{"text": text, "cues": [cue]}, {"text": RAIN, "cues": []}])
    assert data.cues == ((span,), ())


def test_cues_in_a_table(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.tsv", 'text\tcertainty\tcues\nIt may rain.\t0.2\t[{"text": "may"}, [7, 11]]\nIt rained.\t0.9\t[]\nSo.\t0.9\t\n'
    )
    data = read_labelled(path)
    assert data.cues == (((3, 6, CueType.MODAL), (7, 11, CueType.EPISTEMIC)), (), None)
    assert data.notes["cue types"] == {"from the lexicon": 1, "epistemic by default": 1}
    assert data.notes["rows not labelled for cues"] == 1


@pytest.mark.parametrize(
    ("cues", "message"),
    [
        (
            [[3, 60, "modal"]],
            r"row 0: span 3 to 60 leaves the sentence 'It may rain\.', which has 12 characters; offsets count the characters of the "
            "sentence itself from 0, and the end is the first character after the span$",
        ),
        ([{"start": -3, "end": 2, "text": None}], "row 0: span -3 to 2 leaves the sentence"),
        ([[6, 3]], "row 0: span 6 to 3 holds nothing; offsets count the characters"),
        ([{"start": 3, "end": 6, "text": "might", "type": "modal"}], "row 0: span 3 to 6 does not hold 'might' but 'may'"),
        ([{"text": "might"}], "row 0: 'might' number 1 does not stand in the sentence"),
        ([[3, 6, "modal"], [5, 8, "modal"]], "row 0: cues 'may' and 'y r' overlap"),
        ([[3, 6, "mood"]], "row 0: unknown cue type 'mood'; valid are reportative"),
        ([[2, 3]], "row 0: the cue from 2 to 3 holds no word but ' '; give the offsets of its words$"),
        ([{"start": "3", "end": "6"}], "row 0: start and end of a span must be whole numbers, got '3' and '6'"),
        ([3], r"row 0: a cue is \{'start', 'end', 'type'\}, .* got 3"),
        (3, "row 0: cues must be a list, got 3"),
        ("may", "row 0: cues must be a JSON list, got 'may'"),
    ],
)
def test_cues_that_are_none(cues: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled([{"text": MAY, "cues": cues}, {"text": RAIN, "cues": []}])


def test_wrong_cues_are_told_together() -> None:
    with pytest.raises(
        DataError, match=r"cues cannot be used in 7 rows; the first are: row 0: .*; row 4: unknown cue type 'x'; valid[^;]*$"
    ):
        read_labelled([{"text": MAY, "cues": [[3, 6, "x"]]}] * 7)


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, "much", None])
def test_weights_that_are_none(weight: Any) -> None:
    with pytest.raises(DataError, match=r"row 1 \(counted from 0\): weight is no number above 0 and up to 1e\+09 in 1 row"):
        read_labelled(_frame(certainty=[0.9, 0.2, 0.3], weight=[1.0, weight, 2]))


def test_weights_and_groups() -> None:
    data = read_labelled(_frame(certainty=[0.9, 0.2, 0.3], weight=["1", 0.5, 2], document=[1.0, "b", 1]))
    assert data.weights.tolist() == [1.0, 0.5, 2.0]
    assert data.groups == ("1", "b", "1")
    with pytest.raises(DataError, match=r"rows 0, 2 .*: no group in 2 rows; fill it in, or pass group=False"):
        read_labelled(_frame(certainty=[0.9, 0.2, 0.3], document=[None, "b", ""]))


# Labels that are missing


def _gaps() -> pd.DataFrame:
    return _frame(certainty=[0.9, math.nan, None], label=["firm", "soft", None])


def test_missing_labels_are_refused() -> None:
    with pytest.raises(DataError, match=r"rows 1, 2 .*: 2 rows with an empty label; pass missing='drop' .*'no claim' .*'keep'"):
        read_labelled(_gaps())
    with pytest.raises(DataError, match=r"row 1 .*: 1 row with an empty label"):
        read_labelled(_frame(cues=[[], None]))


@pytest.mark.parametrize(
    ("missing", "texts", "certainty", "no_claim", "notes"),
    [
        ("no claim", (RAIN, MAY, "Perhaps."), [0.9, None, None], [False, True, True], {"no claim": 2}),
        ("keep", (RAIN, MAY), [0.9, None], [False, False], {"dropped": 1, "partly labelled": {"certainty": 1}}),
    ],
)
def test_what_becomes_of_missing_labels(
    missing: Any, texts: tuple[str, ...], certainty: list[Any], no_claim: list[bool], notes: dict[str, Any]
) -> None:
    data = read_labelled(_gaps(), missing=missing)
    assert _columns(data)[:2] == (texts, certainty)
    assert data.no_claim.tolist() == no_claim
    assert {name: value for name, value in data.notes.items() if name not in ("source", "columns", "rows")} == notes


def test_missing_labels_dropped() -> None:
    frame = pd.concat([_gaps(), pd.DataFrame({"text": ["So."], "certainty": [0.5], "label": ["soft"]})])
    data = read_labelled(frame, missing="drop")
    assert data.texts == (RAIN, "So.")
    assert data.places == ("row 0", "row 3")
    assert data.notes["dropped"] == 2
    with pytest.raises(DataError, match="1 labelled sentence left; at least 2"):
        read_labelled(_gaps(), missing="drop")


def test_a_class_alone_that_is_missing_may_be_no_claim() -> None:
    data = read_labelled(_frame(label=["firm", "soft", ""]), missing="no claim")
    assert (data.labels, data.no_claim.tolist()) == (("firm", "soft", None), [False, False, True])


# Rows about one sentence


def _by_annotators(**columns: list[Any]) -> LabelledData:
    return read_labelled(pd.DataFrame({"text": [RAIN, RAIN, RAIN, MAY, MAY, "So."], "rater": ["A", "B", "C", "A", "B", "A"], **columns}))


def test_annotators_are_merged() -> None:
    labels = ["soft", "firm", "soft", "firm", "soft", "soft"]
    may = [[3, 6, "modal"]]
    cues = [[], [[3, 9, "booster"]], [[3, 9, "doxastic"]], may, [], None]
    data = _by_annotators(certainty=[0.5, 0.8, 0.8, 0.2, 0.4, 0.3], label=labels, cues=cues, weight=[1, 2, 3, 4, 4, 1])
    assert _columns(data) == (
        (RAIN, MAY, "So."),
        [pytest.approx(0.7), pytest.approx(0.3), 0.3],
        ("soft", "firm", "soft"),
        ("firm", "soft"),
        # Of two types named as often the first in the guide's order; half is not most.
        (((3, 9, CueType.DOXASTIC),), (), None),
        [False, False, False],
        [2.0, 4.0, 1.0],
    )
    assert data.places == ("row 0", "row 3", "row 5")
    assert (data.notes["annotators"], data.notes["merged rows"], data.notes["ties"]) == (3, 3, 1)
    agreement = data.notes["agreement"]
    assert (agreement["certainty"]["distance"], agreement["certainty"]["sentences"]) == ("interval", 2)
    # Observed disagreement: all pairs within sentences; expected: all pairs of 0.5, 0.8, 0.8, 0.2, 0.4.
    values = np.array([0.5, 0.8, 0.8, 0.2, 0.4])
    expected = np.square(values[:, None] - values).sum() / 20
    observed = (3 * 0.36 / 6 + 2 * 0.08 / 2) / 5
    assert agreement["certainty"]["alpha"] == pytest.approx(1 - observed / expected)
    assert agreement["label"]["distance"] == "nominal"


def test_most_say_that_there_is_no_claim() -> None:
    rows = [
        {"text": text, "rater": rater, "certainty": certainty}
        for text, ratings in (("Why?", (None, None, 0.5)), (RAIN, (0.9, 0.8, None)), (MAY, (None, 0.2)))
        for rater, certainty in zip("ABC", ratings, strict=False)
    ]
    data = read_labelled(rows, missing="no claim")
    assert data.no_claim.tolist() == [True, False, False]
    assert _columns(data)[1] == [None, pytest.approx(0.85), 0.2]


def test_one_annotator_twice_and_groups_apart() -> None:
    rows = [
        {"text": RAIN, "rater": "A", "certainty": 0.2, "doc": "x"},
        {"text": RAIN, "rater": "A", "certainty": 0.4, "doc": "x"},
        {"text": RAIN, "rater": "B", "certainty": 0.3, "doc": "y"},
    ]
    with pytest.warns(DataWarning, match="1 sentence with labels that contradict") as caught:
        data = read_labelled([*rows, {"text": RAIN, "rater": "B", "certainty": 0.9, "doc": "y"}])
    assert "annotator=" not in str(caught[0].message)
    assert _columns(data)[1] == [pytest.approx(0.3), pytest.approx(0.6)]
    assert data.groups == ("x", "x")
    assert data.notes["rows by one annotator on one sentence"] == 2
    assert data.notes["agreement"]["certainty"] == {"alpha": None, "distance": "interval", "sentences": 0}
    assert data.notes["joined groups"] == 1


def test_a_single_annotator_is_none(recwarn: pytest.WarningsRecorder) -> None:
    data = read_labelled([{"text": text, "rater": "A", "certainty": 0.5} for text in (RAIN, MAY, RAIN)])
    assert (len(data), data.notes["duplicates"], "agreement" in data.notes) == (3, 1, False)
    assert not recwarn.list
    with pytest.raises(DataError, match=r"row 1 .*: no annotator in 1 row"):
        read_labelled([{"text": text, "rater": rater, "certainty": 0.5} for text, rater in ((RAIN, "A"), (MAY, None))])


@pytest.mark.parametrize(
    ("judgements", "distance", "alpha", "sentences"),
    [
        ([("A", 0, "x"), ("B", 0, "x"), ("A", 1, "x"), ("B", 1, "x")], "nominal", 1.0, 2),
        ([("A", 0, "x"), ("B", 0, "y"), ("A", 1, "y"), ("B", 1, "x")], "nominal", -0.5, 2),
        ([("A", 0, None), ("B", 1, "*")], "nominal", None, 0),
        ([("A", 0, 0.1), ("B", 0, 0.1), ("A", 1, 0.9), ("B", 1, 0.9), ("A", 2, 0.5)], "interval", 1.0, 2),
    ],
)
def test_agreement(judgements: Any, distance: Any, alpha: float | None, sentences: int) -> None:
    assert alpha_of(judgements, distance) == {"alpha": alpha, "distance": distance, "sentences": sentences}


def test_duplicates_stay_together(recwarn: pytest.WarningsRecorder) -> None:
    data = read_labelled(([RAIN, MAY, "It  rained. "], [0.9, 0.2, 0.9]))
    assert data.groups == ("row 0", "row 1", "row 0")
    assert data.notes["duplicates"] == 1
    assert not {"contradictions", "joined groups"} & data.notes.keys()
    assert not recwarn.list


def test_contradictions_are_warned_of() -> None:
    texts = [f"It rained {n} times." for n in range(4) for _ in range(2)]
    with pytest.warns(DataWarning) as caught:
        data = read_labelled(([*texts, MAY, MAY], ["firm", "soft"] * 4 + ["soft"] * 2))
    message = str(caught[0].message)
    assert message.startswith(
        "4 sentences with labels that contradict each other: 'It rained 0 times.' (row 0: firm, row 1: soft); 'It rained 1"
    )
    assert "It rained 2 times.' (row 4" in message
    assert "It rained 3" not in message
    assert message.endswith("all are kept, in one group; if several people labelled them, name the column that says who with annotator=")
    assert (len(data), data.notes["contradictions"], data.notes["duplicates"]) == (10, 4, 5)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("rows", "contradict"),
    [
        ([{"certainty": 0.5}, {"certainty": None}], False),
        ([{"cues": []}, {"cues": [[3, 9, "modal"]]}], True),
        ([{"cues": [[3, 9, "modal"]]}, {"cues": [[3, 9, "doxastic"]]}], True),
        ([{"cues": [[3, 9, "modal"]]}, {"cues": [[3, 9, "modal"]]}], False),
    ],
)
def test_what_contradicts(rows: list[dict[str, Any]], contradict: bool) -> None:
    rows = [{"label": "a", "text": RAIN, **rows[0]}, {"label": "a", "text": RAIN, **rows[1]}, {"label": "b", "text": MAY, "certainty": 0.3}]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_labelled(rows, missing="keep")
    assert bool(caught) == contradict


def test_groups_that_share_a_sentence_are_joined() -> None:
    texts = ["A b.", "C d.", "C d.", "E f.", "E f.", "G h."]
    data = read_labelled(pd.DataFrame({"text": texts, "certainty": [0.5] * 6, "group": ["w", "x", "y", "y", "w", "z"]}))
    assert data.groups == ("w", "w", "w", "w", "w", "z")
    assert (data.notes["joined groups"], data.notes["duplicates"]) == (2, 2)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (["row 3"], "row 3 (counted from 0)"),
        (["a.parquet, row 3", "a.parquet, row 4"], "a.parquet, rows 3, 4 (counted from 0)"),
        (["a.csv:3"], "a.csv:3"),
        ([f"a.csv:{n}" for n in range(2, 9)], "a.csv:2, 3, 4, 5, 6 and 2 more"),
        (["a:1", "b:1"], "a:1; b:1"),
        (["a, task 3, annotation 1", "a, task 4, annotation 1"], "a, task 3, annotation 1; a, task 4, annotation 1"),
    ],
)
def test_places_in_a_few_words(places: list[str], expected: str) -> None:
    assert where(places) == expected


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20).filter(lambda text: text.strip())
_ROWS = st.lists(
    st.tuples(_TEXTS, st.floats(0, 1, allow_subnormal=False)), min_size=2, max_size=6, unique_by=lambda row: " ".join(row[0].split())
)


@settings(max_examples=30)
@given(rows=_ROWS)
def test_a_table_comes_back_as_it_was(rows: list[tuple[str, float]]) -> None:
    texts, certainty = [text for text, _ in rows], [certainty for _, certainty in rows]
    frame = pd.DataFrame({"text": texts, "certainty": certainty})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for suffix, separator in ((".csv", ","), (".tsv", "\t")):
            with (folder / f"a{suffix}").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, delimiter=separator).writerows([("text", "certainty"), *rows])
        _write(folder / "a.jsonl", frame.to_json(orient="records", lines=True, double_precision=15))
        _write(folder / "a.json", json.dumps(frame.to_dict(orient="records")))
        for data in (frame, (texts, certainty), folder / "a.csv", folder / "a.tsv", folder / "a.json"):
            assert _columns(read_labelled(data))[:2] == (tuple(texts), certainty), data
        found = _columns(read_labelled(folder / "a.jsonl"))
        assert found[:2] == (tuple(texts), pytest.approx(certainty))


_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 7), st.floats(), st.text(max_size=3), st.binary(max_size=1), st.decimals(), st.dates()
)
_JUNK = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "text", "type"]), inner),
    max_leaves=4,
)
_GOOD: dict[str, Any] = {"text": RAIN, "certainty": 0.5, "label": "a", "cues": [[3, 9]], "group": "x", "weight": 1, "annotator": "A"}


@settings(max_examples=150)
@given(column=st.sampled_from(list(_GOOD)), value=_JUNK, missing=st.sampled_from(["raise", "drop", "no claim", "keep"]))
def test_whatever_stands_in_a_cell_is_read_or_refused(column: str, value: Any, missing: Any) -> None:
    rows = [_GOOD, {**_GOOD, "text": MAY, "label": "b", "cues": []}, {**_GOOD, "text": "So.", "cues": None, column: value}]
    refused = ""
    try:
        data = read_labelled(rows, missing=missing)
    except DataError as error:
        refused = str(error)
    if refused:
        assert re.search("row 2|in case or blanks", refused)
        assert "\n" not in refused
    else:
        assert data.certainty is not None
        assert len(data) in (2, 3)
        assert not ((data.certainty < 0) | (data.certainty > 1)).any()
        assert data.take([1]).texts == (MAY,)
        json.dumps(data.notes)


def test_no_message_is_of_several_lines() -> None:
    with pytest.raises(DataError) as caught:
        read_labelled([{"text": MAY, "cues": [[3, 6, "x\ny"]]}, {"text": RAIN, "cues": "\n"}])
    assert re.search("\n", str(caught.value)) is None


@pytest.mark.parametrize(
    "classes", [{True: "soft", False: "firm"}, {"hedged": "soft", "not hedged": "firm"}, {"TRUE": "soft", "false": "firm"}]
)
def test_a_column_that_says_hedged_can_be_renamed(classes: dict[Any, str]) -> None:
    assert read_labelled(_frame(hedged=["true", "false", "true"]), classes=classes).labels == ("soft", "firm", "soft")


# Documentation and package

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "labelled-data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("form", "text"), [block for block in BLOCKS if block[0] != "python"])
def test_files_in_the_documentation_can_be_read(form: str, text: str, tmp_path: Path) -> None:
    assert len(read_labelled(_write(tmp_path / f"a.{form}", text))) >= 2


def test_the_documentation_names_every_format() -> None:
    assert all(re.search(rf"\b{form}\b", PAGE) for form in FORMATS)


def test_reading_imports_nothing_heavy(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "text,certainty\nIt rained.,0.9\nIt may rain.,0.2\n")
    code = (
        f"import sys, hedgekit; hedgekit.read_labelled({str(path)!r})\n"
        "print([name for name in ('sklearn', 'nltk', 'pandas', 'polars', 'pyarrow', 'click') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("labels", "classes", "error", "message"),
    [
        (
            ["firm", "so\ud800ft"],
            None,
            DataError,
            r"row 1 .*: a class with half of a character \(a lone surrogate\), 'so\\ud800ft', in 1 row",
        ),
        (
            ["firm", "soft"],
            ["firm", "so\udfff"],
            OptionError,
            r"classes must be names that a file can hold; 'so\\udfff' has half of a char",
        ),
        (["firm", "soft"], {"firm": "a", "soft": "\ud800"}, OptionError, "classes must be names that a file can hold"),
    ],
)
def test_half_of_a_character_in_a_class(labels: list[str], classes: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        read_labelled(([RAIN, MAY], labels), classes=classes)
    # The message itself can be printed.
    str(caught.value).encode()
