"""Which sentences to label next: those of which the model is unsure, none like another, none that is labelled."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from invented import labelled, sentences

import hedgekit
from hedgekit.errors import DataError, DataWarning, InputTypeError, ModelNotFoundError, OptionError
from hedgekit.model import CertaintyModel
from hedgekit.reading.pool import read_pool
from hedgekit.training import suggestion
from hedgekit.training.suggestion import Suggestions

TEXTS = sentences()[0]
SUBJECTS = ("The pilot", "A nurse", "Our baker", "The new king", "Some clerk", "That guide")
VERBS = ("left the house", "sold four boats", "may marry", "would seem to sleep", "can hear us", "reportedly sang", "lost", "could win")
POOL = [f"{subject} {verb}." for subject in SUBJECTS for verb in VERBS]


@pytest.fixture(scope="module")
def own(model: CertaintyModel) -> CertaintyModel:
    """Tells water from land."""
    texts = [f"{name} was seen {place}." for name in SUBJECTS for place in ("in the river", "in the sea", "on the road", "on the hill")]
    return hedgekit.train((texts, ["water", "water", "land", "land"] * len(SUBJECTS)), base=model, measured=False, name="places")


@pytest.fixture(scope="module")
def found(model: CertaintyModel) -> Suggestions:
    return hedgekit.suggest(POOL, 8, model=model)


def test_what_is_suggested(found: Suggestions, model: CertaintyModel) -> None:
    assert len(found) == len(set(found.texts)) == 8
    assert (found.model, found.n_pool) == ("general", len(POOL))
    for item, sentence in zip(found, model.annotate(found.texts), strict=True):
        assert POOL[item.row] == item.text
        assert item.place == f"row {item.row}"
        assert 0 <= item.uncertainty <= 1
        assert item.certainty == pytest.approx(sentence.certainty)
        assert item.label is None
        assert item.why
    assert found[0] == found.items[0]
    assert found[:2] == found.items[:2]


def test_the_most_uncertain_comes_first(found: Suggestions, model: CertaintyModel) -> None:
    everything = suggestion._judged(POOL, model.parameters).uncertainty
    assert found[0].uncertainty == pytest.approx(everything.max())
    assert np.mean([item.uncertainty for item in found]) > everything.mean()
    assert not [text for text in found.texts if text.endswith("left the house.")], "a plain report teaches nothing"


def test_they_differ(found: Suggestions) -> None:
    """Of six ways to say the same of another subject no more than a few are taken."""
    ends = [next(verb for verb in VERBS if verb in text) for text in found.texts]
    assert len(set(ends)) >= 4


def test_the_same_twice(found: Suggestions, model: CertaintyModel) -> None:
    assert hedgekit.suggest(POOL, 8, model=model) == found


def test_another_seed_chooses_among_equals(model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    n = len(POOL)
    equal = suggestion._Doubts(np.full(n, 0.5), np.full(n, 0.5), ["hedged or not?"] * n, [None] * n)
    monkeypatch.setattr(suggestion, "_judged", lambda texts, parameters: equal)
    first = [hedgekit.suggest(POOL, 1, model=model, seed=seed).rows for seed in (*range(5), 0)]
    assert len(set(first)) > 1
    assert first[0] == first[-1]


def test_own_classes_count_where_there_are_some(own: CertaintyModel) -> None:
    pool = [
        "A nurse was seen in the river.",
        "A nurse was seen on the road.",
        "A nurse may have been seen.",
        "That guide was seen on the sea.",
    ]
    found = hedgekit.suggest(pool, 4, model=own)
    assert found[0].text in pool[2:]
    assert sorted(item.text for item in found) == sorted(pool)
    assert {item.label for item in found} == {"water", "land"}
    assert {item.why for item in found} <= {"water or land?", "land or water?"}
    [near] = [item for item in found if item.text == pool[3]]
    probabilities = own.annotate([pool[3]])[0].label_probabilities
    assert probabilities is not None
    assert near.uncertainty == pytest.approx(1 - abs(probabilities["water"] - probabilities["land"]))


def test_certain_or_uncertain_is_told_by_the_line_between_them(model: CertaintyModel) -> None:
    texts, _, hedged, groups = sentences()
    mine = hedgekit.train(
        labelled(texts, labels=["uncertain" if each else "certain" for each in hedged], classes=("certain", "uncertain"), groups=groups),
        base=model,
        measured=False,
    )
    found = hedgekit.suggest([*POOL, "What now?"], len(POOL), model=mine)
    assert {item.label for item in found} - {None} == {"certain", "uncertain"}


# What is never suggested ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again", [POOL[0], POOL[0].upper(), f"  {POOL[0]}  ", "“The pilot left the house!”", "The pilot, left the house"], ids=range(5)
)
def test_the_same_words_are_one_sentence(again: str, model: CertaintyModel) -> None:
    with pytest.warns(DataWarning, match="3 sentences were asked for, and the pool holds 2"):
        found = hedgekit.suggest([POOL[0], "Nothing else is here.", again], 3, model=model)
    assert sorted(found.rows) == [0, 1]
    assert found.left_out["alike"] == 1


def test_nearly_the_same_words_are_one_sentence(model: CertaintyModel) -> None:
    long = "The committee may have seen on page {} that the old bridge over the river {} was closed to all cars."
    pool = [long.format(3, "Arno"), long.format(12, "Tiber"), "Perhaps it was."]
    with pytest.warns(DataWarning, match="holds 2"):
        found = hedgekit.suggest(pool, 3, model=model)
    assert found.left_out == {"blank": 0, "labelled": 0, "alike": 1}


def test_those_alike_do_not_use_up_the_candidates(model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestion, "_BLOCK", 4)
    monkeypatch.setattr(suggestion, "_CANDIDATES", 1)
    long = "It would seem, some say, that the {} bridge over the river may perhaps have been closed to all of the cars."
    pool = [*(long.format(word) for word in ("old", "new", "red", "long", "wide", "high")), *POOL[:3]]
    with pytest.warns(DataWarning, match="holds 4"):
        found = hedgekit.suggest(pool, 6, model=model)
    assert sum(row < 6 for row in found.rows) == 1


@pytest.mark.parametrize("form", ["list", "pair", "LabelledData", "frame", "csv", "jsonl", "brat"])
def test_what_is_labelled_is_not_suggested(form: str, model: CertaintyModel, tmp_path: Path) -> None:
    known = POOL[:24]
    values = np.linspace(1, 6, len(known))
    given: Any = {
        "list": known,
        "pair": (known, values.tolist()),
        "LabelledData": labelled(known, certainty=(values / 6).tolist()),
        "frame": pd.DataFrame({"sentence": known, "score": values}),
    }.get(form)
    if form == "csv":
        given = tmp_path / "mine.csv"
        pd.DataFrame({"text": known, "score": values}).to_csv(given, index=False)
    elif form == "jsonl":
        given = tmp_path / "mine.jsonl"
        given.write_text("".join(json.dumps({"words": text, "score": 9}) + "\n" for text in known))
    elif form == "brat":
        given = tmp_path / "brat"
        given.mkdir()
        (given / "one.txt").write_text("\n".join(known))
        at = "\n".join(known).index("may")
        (given / "one.ann").write_text(f"T1\tmodal {at} {at + 3}\tmay\n")
    frame = pd.DataFrame({"words": POOL})
    found = hedgekit.suggest(frame, 8, model=model, labelled=given, text="words")
    assert not set(found.texts) & set(known)
    assert found.left_out["labelled"] == len(known)


def test_labelled_sentences_make_those_like_them_less_worth(model: CertaintyModel) -> None:
    pool = ["The clerk may leave.", "It could rain."]
    for labels, first in ((["The king may leave.", "The cook may leave."], 1), (["It could snow.", "It could freeze."], 0)):
        assert hedgekit.suggest(pool, 1, model=model, labelled=labels).rows == (first,)


# What a pool may be --------------------------------------------------------------------------------------------------


def _file(name: str, text: str, folder: Path) -> Path:
    (folder / name).write_bytes(text.encode())
    return folder / name


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("pool.txt", "It rained.\r\n\nIt may rain.\n", ["pool.txt:1", "pool.txt:2", "pool.txt:3"]),
        ("pool.csv", 'id,Sentence\n1,It rained.\n2,\n3,"It may rain."\n', ["pool.csv:2", "pool.csv:3", "pool.csv:4"]),
        ("pool.tsv", "text\tn\nIt rained.\t1\n \t2\nIt may rain.\t3\n", ["pool.tsv:2", "pool.tsv:3", "pool.tsv:4"]),
        ("pool.jsonl", '{"text":"It rained."}\n{"text":null}\n{"text":"It may rain."}\n', ["pool.jsonl:1", "pool.jsonl:2", "pool.jsonl:3"]),
    ],
)
def test_files(name: str, text: str, places: list[str], tmp_path: Path) -> None:
    path = _file(name, text, tmp_path)
    assert read_pool(path) == (["It rained.", "", "It may rain."], [str(tmp_path / place) for place in places])
    assert read_pool(str(path)) == read_pool(path)


@pytest.mark.parametrize("kind", ["pandas", "polars", "records", "series", "tuple", "generator", "parquet"])
def test_tables(kind: str, tmp_path: Path) -> None:
    texts = ["It rained.", None, "It may rain."]
    given: Any = {
        "pandas": pd.DataFrame({"n": [1, 2, 3], "text": texts}, index=[7, 8, 9]),
        "polars": pl.DataFrame({"text": texts}),
        "records": [{"text": text} for text in texts],
        "series": pd.Series(texts),
        "tuple": tuple(texts),
        "generator": (text for text in texts),
    }.get(kind)
    if kind == "parquet":
        given = tmp_path / "pool.parquet"
        pl.DataFrame({"text": texts}).write_parquet(given)
    found, places = read_pool(given)
    assert found == ["It rained.", "", "It may rain."]
    assert places[2].endswith("row 2")


@pytest.mark.parametrize(
    ("pool", "options", "error", "message"),
    [
        ([], {}, DataError, "the pool holds no sentence to label"),
        (["", " ", None], {}, DataError, r"no sentence to label \(3 blank\)"),
        (["It rained."], {"labelled": ["it rained"]}, DataError, r"no sentence to label \(1 labelled\)"),
        (["It rained.", 7], {}, DataError, r"row 1 \(counted from 0\): no sentence but 7"),
        (pd.DataFrame({"words": ["It rained."]}), {}, DataError, "no column of sentences found; the columns are 'words'"),
        (pd.DataFrame({"text": ["It rained."]}), {"text": "words"}, DataError, "text='words' is no column; the columns are 'text'"),
        (7, {}, InputTypeError, "sentences are a path, a DataFrame or a sequence of str; got int"),
        ("pool.docx", {}, DataError, "the suffix '.docx' tells no form"),
        ("gone.txt", {}, DataError, "gone.txt: cannot be read"),
        (["It rained."], {"n": 0}, OptionError, "n must be a whole number of sentences from 1 on; got 0"),
        (["It rained."], {"n": True}, OptionError, "got True"),
        (["It rained."], {"n": 2.0}, OptionError, "got 2.0"),
        (["It rained."], {"seed": -1}, OptionError, "seed must be"),
        (["It rained."], {"model": "nowhere"}, ModelNotFoundError, "no model 'nowhere'"),
    ],
)
def test_refused(pool: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        hedgekit.suggest(pool, **options)


def test_more_than_there_are_gives_all(model: CertaintyModel) -> None:
    with pytest.warns(DataWarning, match="9 sentences were asked for, and the pool holds 2 that are not labelled and differ: all"):
        found = hedgekit.suggest(["It rained.", "", "It may snow.", "It rained."], 9, model=model)
    assert sorted(found.rows) == [0, 2]
    assert found.left_out == {"blank": 1, "labelled": 0, "alike": 1}


def test_sentences_of_signs_alone(model: CertaintyModel) -> None:
    assert set(hedgekit.suggest(["...", "!", "It may rain."], 3, model=model).texts) == {"...", "!", "It may rain."}


# The table to label in -----------------------------------------------------------------------------------------------


def test_the_table(found: Suggestions, tmp_path: Path) -> None:
    header, *rows = csv.reader(io.StringIO(found.to_csv()))
    assert header == ["text", "certainty_of_model", "why", "label"]
    assert [row[0] for row in rows] == list(found.texts)
    assert {row[3] for row in rows} == {""}
    assert found.to_csv(tmp_path / "next.csv") is None
    assert (tmp_path / "next.csv").read_text(encoding="utf-8") == found.to_csv()
    frame = found.to_frame()
    assert frame.columns.tolist() == header
    assert frame.index.tolist() == list(found.rows)
    assert str(frame["certainty_of_model"].dtype) == "float64"
    assert str(found).startswith("8 of 48 sentences, by general\n- ")


def test_a_table_that_was_filled_in_can_be_trained_on(model: CertaintyModel, tmp_path: Path) -> None:
    """What the model said of a sentence is not taken for a label."""
    path = tmp_path / "next.csv"
    hedgekit.suggest(POOL, 20, model=model).to_csv(path)
    with pytest.raises(DataError, match=r"next.csv:2, 3, 4, 5, 6 and 15 more: 20 rows with an empty label"):
        hedgekit.read_labelled(path)
    frame = pd.read_csv(path)
    frame["label"] = ["hedged" if number % 2 else "not hedged" for number in range(len(frame))]
    frame.to_csv(path, index=False)
    data = hedgekit.read_labelled(path)
    assert (data.classes, data.certainty) == (("not hedged", "hedged"), None)
    rest = hedgekit.suggest(POOL, 5, model=model, labelled=path)
    assert not set(rest.texts) & set(data.texts)


# At length -----------------------------------------------------------------------------------------------------------


def test_only_the_most_uncertain_are_compared(model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long pool all are judged, and a few for each that is wanted are read again."""
    read: list[int] = []
    hashed = suggestion._hashed

    def noted(texts: Any, parameters: Any) -> Any:
        read.append(len(texts))
        return hashed(texts, parameters)

    monkeypatch.setattr(suggestion, "_hashed", noted)
    pool = [f"{name} {number} {verb} {other}." for name in SUBJECTS for verb in VERBS for number in "abcd" for other in ("now", "then")]
    assert len(hedgekit.suggest(pool * 4, 3, model=model)) == 3
    assert max(read) <= 256


def test_pieces_do_not_matter(found: Suggestions, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestion, "_CHUNK", 7)
    again = hedgekit.suggest(POOL, 8, model=model)
    assert again.rows == found.rows
    assert [item.uncertainty for item in again] == pytest.approx([item.uncertainty for item in found])
