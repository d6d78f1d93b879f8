"""Measuring a model on labelled data: the figures, their intervals, what stands beside them, and the mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import OwnClasses, everything, labelled, sentences
from sklearn import metrics

import hedgekit
from hedgekit.corpora import checksum
from hedgekit.errors import DataError, DataWarning, ModelNotFoundError, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.labels import CueType
from hedgekit.model import CertaintyModel
from hedgekit.report import Report
from hedgekit.training import measure
from hedgekit.training.answers import Answers, ClassAnswers
from hedgekit.training.bag_of_words import bag_of_words
from hedgekit.training.mistakes import reading_order
from hedgekit.training.statistic import points, reliability, statistics_of

THREE = ("fact", "guess", "rumour")


@pytest.fixture(scope="module")
def report(model: CertaintyModel) -> Report:
    return hedgekit.evaluate(model, everything(), base="biomedical", n_samples=200)


def figures(data: LabelledData, answers: Answers) -> dict[str, float]:
    found = statistics_of(data, answers)
    return dict(zip([item.name for item in found], points(found, data.weights).tolist(), strict=True))


def random_labels(seed: int, n: int) -> tuple[LabelledData, Answers]:
    """Labels and answers of every kind but cues, at random, with weights."""
    rng = np.random.default_rng(seed)
    probability = rng.random(n)
    data = labelled(
        [f"Sentence {number}." for number in range(n)],
        certainty=rng.random(n).tolist(),
        labels=[("certain", "uncertain")[k] for k in rng.integers(2, size=n)],
        classes=("certain", "uncertain"),
        weights=(rng.integers(1, 4, size=n)).tolist(),
        groups=[str(k) for k in rng.integers(max(n // 3, 2), size=n)],
    )
    return data, Answers("any", rng.random(n), probability, probability > 0.6, tells_claims=True)


# Figures -------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(12, 60))
def test_figures_equal_those_of_scikit_learn(seed: int, n: int) -> None:
    data, answers = random_labels(seed, n)
    found, weights = figures(data, answers), data.weights
    assert data.certainty is not None
    assert answers.certainty is not None
    assert answers.probability is not None
    wanted, said = np.array([bool(label) for label in data.hedged or ()]), answers.hedged
    covariance = np.cov(data.certainty, answers.certainty, fweights=weights.astype(int))
    assert found["certainty r"] == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    error = metrics.mean_absolute_error(data.certainty, answers.certainty, sample_weight=weights)
    assert found["certainty mean absolute error"] == pytest.approx(error)
    for name, function in (("precision", metrics.precision_score), ("recall", metrics.recall_score), ("F1", metrics.f1_score)):
        expected = function(wanted, said, sample_weight=weights, zero_division=np.nan)
        assert found[f"hedged {name}"] == pytest.approx(expected, nan_ok=True)
    assert found["hedged Brier score"] == pytest.approx(metrics.brier_score_loss(wanted, answers.probability, sample_weight=weights))
    loss = metrics.log_loss(wanted, answers.probability, sample_weight=weights, labels=[False, True])
    assert found["hedged log loss"] == pytest.approx(loss)


@given(st.integers(0, 10_000))
def test_figures_of_classes_equal_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    gold = [THREE[k] for k in rng.integers(3, size=n)]
    table = rng.dirichlet(np.ones(3), size=n)
    said = [THREE[k] for k in table.argmax(axis=1)]
    weights = rng.integers(1, 4, size=n)
    data = labelled([str(k) for k in range(n)], labels=gold, classes=THREE, weights=weights.tolist())
    found = figures(data, Answers("any", classes=ClassAnswers(THREE, tuple(said), table), own_classes=True))
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(gold, said, sample_weight=weights))
    assert found["macro F1"] == pytest.approx(metrics.f1_score(gold, said, average="macro", sample_weight=weights, zero_division=0))
    indicator = np.array([[label == name for name in THREE] for label in gold])
    assert found["class Brier score"] == pytest.approx(np.average(((table - indicator) ** 2).sum(axis=1), weights=weights))
    right = np.array([a == b for a, b in zip(gold, said, strict=True)])
    assert 0 <= found["class calibration error"] <= 1
    if (weights == 1).all():
        assert found["class calibration error"] == pytest.approx(measure.calibration_error(table.max(axis=1), right))


@given(st.integers(0, 10_000))
def test_calibration_error_is_the_one_of_the_models(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probability, gold = rng.permutation(50) / 50, rng.random(50) < 0.4
    labels = ["uncertain" if each else "certain" for each in gold]
    data = labelled([str(k) for k in range(50)], labels=labels, classes=("certain", "uncertain"))
    found = figures(data, Answers("any", probability=probability, hedged=probability > 0.5))
    assert found["hedged calibration error"] == pytest.approx(measure.calibration_error(probability, gold))
    bins = reliability(probability, gold.astype(float), data.weights)
    assert [weight for _, _, weight in bins] == pytest.approx([5.0] * 10)
    assert sum(abs(p - y) for p, y, _ in bins) / 10 == pytest.approx(found["hedged calibration error"])


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_a_weight_of_two_is_the_row_twice(seed: int, n: int) -> None:
    data, answers = random_labels(seed, n)
    twice = np.repeat(np.arange(n), data.weights.astype(int))
    doubled = data.take(twice)
    doubled = labelled(
        doubled.texts,
        certainty=None if doubled.certainty is None else doubled.certainty.tolist(),
        labels=doubled.labels,
        classes=doubled.classes,
    )
    assert answers.certainty is not None
    assert answers.probability is not None
    assert answers.hedged is not None
    again = Answers("any", answers.certainty[twice], answers.probability[twice], answers.hedged[twice], tells_claims=True)
    assert figures(doubled, again) == pytest.approx(figures(data, answers), nan_ok=True)


def test_weights_matter_in_a_whole_report(model: CertaintyModel) -> None:
    data = everything()
    rows = [*range(len(data)), 3, 3, 7]
    weights = np.bincount(rows).astype(float).tolist()
    options: dict[str, Any] = {"base": None, "bag_of_words": False, "n_samples": 10}
    twice = hedgekit.evaluate(model, data.take(rows), **options)
    weighted = hedgekit.evaluate(model, labelled_like(data, weights), **options)
    assert [row.value for row in weighted.figures] == pytest.approx([row.value for row in twice.figures])
    assert [row.f1 for row in weighted.by_class] == pytest.approx([row.f1 for row in twice.by_class])
    assert weighted.answers == twice.answers


def labelled_like(data: LabelledData, weights: list[float]) -> LabelledData:
    return labelled(
        data.texts,
        certainty=None if data.certainty is None else data.certainty.tolist(),
        labels=data.labels,
        classes=data.classes,
        no_claim=data.no_claim.tolist(),
        weights=weights,
        groups=data.groups,
    )


def test_own_answers_as_labels_are_perfect(model: CertaintyModel) -> None:
    texts, _, _, groups = sentences()
    texts, groups = [*texts, "Who closed it?"], [*groups, "question"]
    found = model.annotate(texts)
    data = labelled(
        texts,
        certainty=[np.nan if each.certainty is None else each.certainty for each in found],
        labels=[None if each.certainty is None else "hedged" if each.hedged else "not hedged" for each in found],
        classes=("not hedged", "hedged"),
        cues=[tuple((cue.start, cue.end, cue.type) for cue in each.cues) for each in found],
        no_claim=[each.certainty is None for each in found],
        groups=groups,
    )
    report = hedgekit.evaluate(model, data, n_samples=50)
    for name in (
        "certainty r",
        "share of claims scored",
        "hedged F1",
        "accuracy",
        "macro F1",
        "cue span F1",
        "cue typed F1",
        "no claim F1",
    ):
        row = report[name]
        assert (row.value, row.low, row.high) == pytest.approx((1.0, 1.0, 1.0)), name
    assert report["certainty mean absolute error"].value == 0
    assert {row.f1 for row in report.by_type} == {1.0}
    assert report.errors == ()
    assert report.base is None


def test_cues_are_counted_by_hand(model: CertaintyModel) -> None:
    texts = ["The mill may close.", "The mill closed.", "Perhaps it closed."]
    modal, epistemic = CueType.MODAL, CueType.EPISTEMIC
    said = (((9, 12, modal),), ((4, 8, modal),), ((0, 7, modal),))
    data = labelled(texts, cues=[((9, 12, modal),), (), ((0, 7, epistemic),)])
    found = figures(data, Answers("any", cues=said))
    assert found == pytest.approx(
        {"cue span precision": 2 / 3, "cue span recall": 1.0, "cue span F1": 4 / 5, "cue typed F1": 2 / 5},
    )
    # A row that was not labelled for cues counts for nothing.
    data = labelled(texts, cues=[((9, 12, modal),), None, ((0, 7, epistemic),)])
    assert figures(data, Answers("any", cues=said))["cue span precision"] == 1.0


def test_claims_without_a_certainty_are_told() -> None:
    data = labelled(["a", "b", "c", "d"], certainty=[0.1, 0.9, 0.5, np.nan])
    answers = Answers("any", np.array([0.2, 0.8, np.nan, 0.3]), tells_claims=True)
    found = {item.name: item for item in statistics_of(data, answers)}
    values = figures(data, answers)
    assert values["share of claims scored"] == pytest.approx(2 / 3)
    assert found["share of claims scored"].n == 3
    assert values["certainty mean absolute error"] == pytest.approx(0.1)
    assert found["certainty mean absolute error"].n == 2


def test_an_unscored_claim_is_told_in_a_note_and_read_among_the_errors(model: CertaintyModel) -> None:
    data = labelled(["Who is it?", "It rained.", "It may rain."], certainty=[0.9, 0.93, 0.42])
    report = hedgekit.evaluate(model, data, base=None, n_samples=10)
    assert any("1 of 3 sentences with a certainty got none" in note for note in report.notes)
    assert (report.errors[0].text, report.errors[0].found, report.errors[0].error) == ("Who is it?", None, 0.9)


def test_no_claim_is_counted_among_what_is_known() -> None:
    data = labelled(["a", "b", "c", "d"], certainty=[0.5, np.nan, np.nan, np.nan], no_claim=[False, True, True, False])
    found = figures(data, Answers("any", np.array([np.nan, np.nan, 0.5, np.nan]), tells_claims=True))
    assert (found["no claim precision"], found["no claim recall"]) == (0.5, 0.5)


# A report ------------------------------------------------------------------------------------------------------------


def test_what_is_labelled_decides_what_is_told(report: Report) -> None:
    names = [row.figure for row in report.figures]
    assert names[:3] == ["certainty r", "certainty mean absolute error", "share of claims scored"]
    assert {"hedged F1", "accuracy", "no claim F1"} <= set(names)
    assert not [name for name in names if name.startswith(("cue", "class"))]
    assert report.main.figure == "certainty r"
    assert (report.n, report.n_groups, report.base) == (42, 9, "biomedical")


def test_intervals_hold_their_value(report: Report) -> None:
    for row in report.figures:
        assert row.value is not None
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high


def test_the_same_seed_gives_the_same_report(model: CertaintyModel, report: Report) -> None:
    assert hedgekit.evaluate(model, everything(), base="biomedical", n_samples=200) == report
    other = hedgekit.evaluate(model, everything(), base="biomedical", n_samples=200, seed=1)
    assert [row.value for row in other.figures] == [row.value for row in report.figures]
    assert [row.low for row in other.figures] != [row.low for row in report.figures]


def test_intervals_draw_whole_groups(model: CertaintyModel) -> None:
    texts, values, _, _ = sentences()
    apart = hedgekit.evaluate(model, labelled(texts, certainty=values), base=None, bag_of_words=False, n_samples=300)
    # Copies of a sentence within one group bring no news: the interval stays as wide.
    groups = [str(number) for number in range(len(texts))]
    copies = hedgekit.evaluate(
        model, labelled(texts * 5, certainty=values * 5, groups=groups * 5), base=None, bag_of_words=False, n_samples=300
    )
    for one, other in zip(apart.figures, copies.figures, strict=True):
        assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


def test_groups_stand_the_worst_first(report: Report) -> None:
    values = [row.value for row in report.by_group if row.value is not None]
    assert values == sorted(values)
    assert report.by_group[-1].group == "questions"
    assert report.by_group[-1].value is None
    assert sum(row.n for row in report.by_group) == 42


def test_sentences_that_are_groups_of_their_own_have_no_table(model: CertaintyModel) -> None:
    texts, values, _, _ = sentences()
    assert hedgekit.evaluate(model, labelled(texts, certainty=values), base=None, n_samples=10).by_group == ()


def test_one_group_has_no_interval(model: CertaintyModel) -> None:
    data = labelled(["It rained.", "It may rain."], certainty=[0.9, 0.4], groups=["a", "a"])
    report = hedgekit.evaluate(model, data, base=None, n_samples=10)
    assert (report.main.low, report.main.high) == (None, None)
    assert any("one group" in note for note in report.notes)


def test_by_type_tells_the_error_of_certainty(model: CertaintyModel) -> None:
    data = labelled(["The mill may close.", "The mill closed."], certainty=[1.0, 0.9])
    report = hedgekit.evaluate(model, data, base=None, n_samples=10)
    [row] = report.by_type
    certainty = float(model.score("The mill may close."))
    assert (row.type, row.sentences, row.f1, row.n) == ("modal", 1, None, 0)
    assert row.error == pytest.approx(1 - certainty)
    assert row.bias == pytest.approx(certainty - 1)


@pytest.mark.parametrize(
    ("labels", "headline"),
    [
        ({"certainty": [0.9, 0.4], "labels": ["certain", "uncertain"], "classes": ("certain", "uncertain")}, "certainty r"),
        ({"labels": ["certain", "uncertain"], "classes": ("certain", "uncertain")}, "hedged F1"),
        ({"labels": ["absolute", "low"], "classes": ("absolute", "low")}, "certainty r"),
        ({"cues": [(), ((3, 6, CueType.MODAL),)]}, "cue typed F1"),
        ({"no_claim": [True, False]}, "no claim F1"),
        # A correlation is not defined where all labels are one number.
        ({"certainty": [0.9, 0.9], "labels": ["certain", "uncertain"], "classes": ("certain", "uncertain")}, "hedged F1"),
    ],
)
def test_the_headline(model: CertaintyModel, labels: dict[str, Any], headline: str) -> None:
    data = labelled(["It rained.", "It may rain."], **labels)
    assert hedgekit.evaluate(model, data, base=None, n_samples=10).headline == headline


def test_levels_are_classes_that_every_model_gives(model: CertaintyModel) -> None:
    data = labelled(["It rained.", "It may rain."], labels=["Absolute", "Low"], classes=("Absolute", "Low"))
    found = model.annotate(list(data.texts))
    report = hedgekit.evaluate(model, data, base=None, n_samples=10)
    right = [str(each.level) == str(label).lower() for each, label in zip(found, data.labels or (), strict=True)]
    assert report["accuracy"].value == sum(right) / 2


# Own classes ---------------------------------------------------------------------------------------------------------


def test_own_classes(model: CertaintyModel) -> None:
    texts = ["It rained.", "It may rain.", "They say it rained.", "Well?"]
    own = OwnClasses.of(
        model,
        {
            texts[0]: ("fact", {"fact": 0.8, "guess": 0.1, "rumour": 0.1}),
            texts[1]: ("rumour", {"fact": 0.1, "guess": 0.2, "rumour": 0.7}),
            texts[2]: ("rumour", {"fact": 0.0, "guess": 0.1, "rumour": 0.9}),
        },
    )
    data = labelled(texts, labels=["fact", "guess", "rumour", "guess"], classes=THREE)
    report = hedgekit.evaluate(own, data, n_samples=20)
    assert report.headline == "macro F1"
    assert report["accuracy"].value == 0.5
    assert report["class Brier score"].value == pytest.approx((0.06 + 1.14 + 0.02 + 1.0) / 4)
    assert {row.label: row.f1 for row in report.by_class} == {"fact": 1.0, "guess": 0.0, "rumour": pytest.approx(2 / 3)}
    assert [row.text for row in report.errors] == ["Well?", "It may rain."]
    assert report.errors[1].error == pytest.approx(0.8)
    assert report.answers is not None
    assert report.answers.found == (*THREE, "no answer")
    assert report.answers.counts == ((1, 0, 0, 0), (0, 0, 1, 1), (0, 0, 1, 0))
    assert any("1 labelled sentences got no class" in note for note in report.notes)
    # General, its base, knows no such classes.
    assert report.base == "general"
    assert [row.base for row in report.figures] == [None] * len(report.figures)


def test_unknown_classes_are_refused(model: CertaintyModel) -> None:
    data = labelled(["It rained."], labels=["fact"], classes=THREE)
    with pytest.raises(DataError, match=r"'fact', 'guess', 'rumour'.*'general' does not give; train one"):
        hedgekit.evaluate(model, data)


# Beside the model ----------------------------------------------------------------------------------------------------


def test_the_bag_of_words_is_held_out(report: Report) -> None:
    row = report["hedged F1"]
    assert row.bag_of_words is not None
    assert report["no claim F1"].bag_of_words is None
    assert any("It has seen labels of these very data" in note for note in report.notes)
    # It cannot know by heart what it was not fitted on.
    rng = np.random.default_rng(0)
    noise = labelled(sentences()[0], certainty=rng.random(40).tolist(), groups=sentences()[3])
    answers, _ = bag_of_words(noise)
    assert answers is not None
    assert figures(noise, answers)["certainty r"] < 0.6


@pytest.mark.parametrize(
    ("rows", "groups", "reason"),
    [
        (range(12), None, "12 labelled sentences are too few"),
        (range(40), ["a", "b"] * 20, "2 groups cannot be cut into 5 folds"),
        ([0] * 24, None, "holds only the class 'certain'"),
    ],
)
def test_the_bag_of_words_is_left_out_with_a_reason(rows: list[int], groups: list[str] | None, reason: str) -> None:
    texts, _, hedged, _ = sentences()
    data = labelled(
        [texts[row] for row in rows],
        labels=["uncertain" if hedged[row] else "certain" for row in rows],
        classes=("certain", "uncertain"),
        groups=groups,
    )
    answers, note = bag_of_words(data)
    assert answers is None
    assert reason in note


def test_words_of_one_letter_make_no_bag() -> None:
    data = labelled(["a b ?"] * 20, certainty=[0.1, 0.9] * 10)
    assert bag_of_words(data) == (None, "bag of words left out: the sentences hold no words of two letters or more")


@pytest.mark.parametrize(
    ("info", "base", "expected"),
    [({}, "auto", None), ({}, None, None), ({"name": "mine"}, "auto", "general"), ({"name": "mine", "base": "science"}, "auto", "science")],
)
def test_the_base(model: CertaintyModel, info: dict[str, str], base: str | None, expected: str | None) -> None:
    mine = CertaintyModel(model.parameters, {**model.info, **info})
    data = labelled(["It rained.", "It may rain."], certainty=[0.9, 0.4])
    report = hedgekit.evaluate(mine, data, base=base, n_samples=10)
    assert report.base == expected
    assert (report.main.base is None) == (expected is None)


def test_a_base_that_is_gone_is_told_unless_it_was_asked_for(model: CertaintyModel) -> None:
    mine = CertaintyModel(model.parameters, {**model.info, "name": "mine", "base": "no-such-model"})
    data = labelled(["It rained.", "It may rain."], certainty=[0.9, 0.4])
    report = hedgekit.evaluate(mine, data, n_samples=10)
    assert report.base is None
    assert any("'no-such-model' is not here" in note for note in report.notes)
    with pytest.raises(ModelNotFoundError):
        hedgekit.evaluate(mine, data, base="no-such-model")


def test_sentences_of_the_training_data_are_told(model: CertaintyModel) -> None:
    data = labelled(["It rained.", "It may rain.", "It snowed."], certainty=[0.9, 0.4, 0.9])
    mine = CertaintyModel(model.parameters, {**model.info, "name": "mine", "text_hashes": [checksum(text) for text in data.texts[:2]]})
    with pytest.warns(DataWarning, match="2 of 3 sentences stand in the training data of 'mine'"):
        report = hedgekit.evaluate(mine, data, base=None, n_samples=10)
    assert report.overlap == 2
    assert any("2 of 3" in note for note in report.notes)


# Mistakes ------------------------------------------------------------------------------------------------------------


def test_the_first_ten_errors_come_of_ten_groups() -> None:
    error = np.arange(30, 0, -1) / 30
    groups = ["a"] * 12 + [str(number) for number in range(18)]
    order = reading_order(error, np.ones(30, dtype=np.bool_), groups, 20)
    assert order == [0, *range(12, 21), *range(1, 11)]


def test_errors_are_ranked_and_shown_with_the_base(report: Report) -> None:
    errors = [row.error for row in report.errors]
    assert errors[10:] == sorted(errors[10:], reverse=True)
    assert all(isinstance(row.base, float) for row in report.errors)
    assert all(row.place.startswith("row ") for row in report.errors)


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "value"), [("n_samples", 0), ("n_samples", 1.5), ("n_samples", True), ("seed", -1)])
def test_numbers_are_checked(model: CertaintyModel, option: str, value: Any) -> None:
    with pytest.raises(OptionError, match=f"{option} must be a whole number"):
        hedgekit.evaluate(model, everything(), **{option: value})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (labelled([]), "no sentence to measure on"),
        (labelled(["It rained."]), "no sentence has a label"),
        (labelled(["It rained."], certainty=[np.nan]), "no sentence has a label"),
        (labelled(["It rained."], certainty=[0.5], weights=[0.0]), "all weights are 0"),
    ],
)
def test_data_without_labels_are_refused(model: CertaintyModel, data: LabelledData, message: str) -> None:
    with pytest.raises(DataError, match=message):
        hedgekit.evaluate(model, data)


def test_columns_are_for_reading(model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="certainty, text: options of reading do not fit LabelledData"):
        hedgekit.evaluate(model, everything(), text="sentence", certainty="score")
    seen: dict[str, Any] = {}

    def read_labelled(data: Any, **columns: Any) -> LabelledData:
        seen.update(columns, data=data)
        return everything()

    monkeypatch.setattr("hedgekit.training.evaluation.read_labelled", read_labelled)
    hedgekit.evaluate(model, "my.csv", base=None, bag_of_words=False, n_samples=1, text="sentence", scale=(1, 6))
    assert seen == {"data": "my.csv", "text": "sentence", "scale": (1, 6)}
