"""What people mean by words that name a likelihood."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

import hedgekit
from hedgekit.errors import DataError
from hedgekit.likelihood import likelihood_of
from hedgekit.training.likelihood import survey, written

_FILES = {
    "zonination_probly.csv": (["Likely", "Probably Not", "We Believe"], [["70", "20", "60"], ["80", "30", "70"], ["", "25", "900"]]),
    "wadefagen_survey-results.csv": (['"Likely"', "Age Range"], [["60", "18-25"]]),
    "mauboussin_probability_survey_results.csv": (["age_bin", "gender", "esl", "often", "might_happen"], [["25-30", "F", "E", "80", "40"]]),
    "uci_humans_experiment1_proc.csv": (
        ["uncertainty_expression", "response", "include_participant"],
        [["very likely", "90", "True"], ["very likely", "5", "False"], ["control", "50", "True"]],
    ),
    "uci_humans_experiment2_proc.csv": (
        ["uncertainty_expression", "response", "include_participant"], [["very likely", "80", "True"]],
    ),
    "capphrase_absolute_judgements.csv": (
        ["response_id", "term", "probability", "order"], [["1", "Likely", "100", "1"], ["2", "May Happen", "101", "2"]],
    ),
}  # fmt: skip


@pytest.fixture
def surveys(tmp_path: Path) -> Path:
    folder = tmp_path / "estimative_probability"
    folder.mkdir()
    for name, (header, rows) in _FILES.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return tmp_path


def test_answers_of_all_surveys_are_put_together(surveys: Path) -> None:
    rows = {row.forms[0]: row for row in survey(surveys)}
    assert rows.keys() == {"likely", "probably not", "might", "very likely"}
    likely = rows["likely"]  # 60, 70, 80, 100
    assert (likely.median, likely.low, likely.high, likely.answers) == (0.75, 0.675, 0.85, 4)
    assert likely.surveys == ("zonination", "wadefagen", "capphrase")
    assert (rows["very likely"].median, rows["very likely"].answers) == (0.85, 2)
    assert rows["probably not"].median == 0.25
    assert [row.median for row in survey(surveys)] == sorted(row.median for row in survey(surveys))


def test_the_table_can_be_read_again(surveys: Path) -> None:
    read = tomllib.loads(written(survey(surveys)))
    assert [row["forms"] for row in read["phrase"]] == [list(row.forms) for row in survey(surveys)]
    assert set(read["surveys"]) == {"zonination", "wadefagen", "mauboussin", "belem", "capphrase"}


def test_a_missing_or_wrong_survey_is_named(surveys: Path) -> None:
    path = surveys / "estimative_probability" / "capphrase_absolute_judgements.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"capphrase_absolute_judgements\.csv: is not the file of that survey"):
        survey(surveys)
    path.write_text("response_id,term,probability\n1,Likely\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no answer from 0 to 100|is not the file of that survey"):
        survey(surveys)
    path.write_text("response_id,term,probability\n1,Likely,unknown\n", encoding="utf-8")
    with pytest.raises(DataError, match="no answer from 0 to 100"):
        survey(surveys)
    path.unlink()
    with pytest.raises(DataError, match="not found"):
        survey(surveys)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [("almost certainly", "likely"), ("highly likely", "likely"), ("likely", "somewhat likely"), ("probably", "possibly"),
     ("might", "unlikely"), ("unlikely", "highly unlikely"), ("little chance", "almost no chance"), ("probably", "probably not")],
)  # fmt: skip
def test_likelihoods_are_in_the_order_of_their_words(stronger: str, weaker: str) -> None:
    more, less = likelihood_of(stronger), likelihood_of(weaker)
    assert more is not None
    assert less is not None
    assert more.median > less.median
    for found in (more, less):
        assert 0 <= found.low <= found.median <= found.high <= 1


@pytest.mark.parametrize(
    ("words", "following", "same"),
    [("a remote chance", "", "remote chance"), ("HIGHLY  LIKELY", "", "highly likely"), ("isn’t likely", "", "not likely"),
     ("probably", " won't", "probably not"), ("probably not", "", "probably not"),
     ("likely", " to", "likely"), ("the real possibility", "", "real possibility")],
)  # fmt: skip
def test_forms_of_one_wording(words: str, following: str, same: str) -> None:
    assert likelihood_of(words, following) == likelihood_of(same)
    assert likelihood_of(same) is not None


@pytest.mark.parametrize(
    ("words", "following"),
    [
        ("quite likely", ""),
        ("often", ""),
        ("believe", ""),
        ("may", " not"),
        ("could", " not"),
        ("", ""),
        ("said", ""),
        ("not unlikely", ""),
    ],
)
def test_what_nobody_asked_for_has_none(words: str, following: str) -> None:
    assert likelihood_of(words, following) is None


def test_not_behind_an_adverb_turns_it_round() -> None:
    asked, turned = likelihood_of("almost certainly"), likelihood_of("almost certainly", " not")
    assert asked is not None
    assert turned is not None
    assert (turned.median, turned.low, turned.high) == tuple(round(1 - value, 4) for value in (asked.median, asked.high, asked.low))


@pytest.mark.parametrize(
    ("sentence", "cue", "low", "high"),
    [
        ("Rain is highly likely by noon.", "highly likely", 0.8, 0.95),
        ("There is little chance of rain.", "little chance", 0.05, 0.2),
        ("The bridge will almost certainly not open this year.", "almost certainly", 0.0, 0.15),
        ("The ferry may sail tonight.", "may", 0.3, 0.5),
        ("They will probably lose.", "probably", 0.6, 0.8),
    ],
)
def test_a_cue_carries_what_people_mean_by_it(sentence: str, cue: str, low: float, high: float) -> None:
    found = {item.text: item.likelihood for item in hedgekit.annotate([sentence])[0].cues}
    assert cue in found
    likelihood = found[cue]
    assert likelihood is not None
    assert low <= likelihood.median <= high


def test_the_next_sentence_turns_nothing_round() -> None:
    document = hedgekit.analyze("It will rain. Probably\n\nNot everybody agrees with that.")
    assert [cue.likelihood for sentence in document for cue in sentence.cues if cue.text == "Probably"] == [likelihood_of("probably")]


@pytest.mark.parametrize(
    ("words", "following", "preceding", "same"),
    [
        ("likely", " not only to rain but to pour", "It is ", "likely"),
        ("probably", " not just cheap", "It was ", "probably"),
        ("likely", " to win", "Nobody is ", None),
        ("likely", "", "It is no longer ", None),
        ("likely", " to come", "He is never ", None),
        ("likely", " to come", "They did not vote, and he is ", "likely"),
        ("unlikely", " not to come", "He is ", None),
        ("not likely", " to come", "He is ", "not likely"),
    ],
)
def test_negations_around_a_cue(words: str, following: str, preceding: str, same: str | None) -> None:
    assert likelihood_of(words, following, preceding) == (None if same is None else likelihood_of(same))
