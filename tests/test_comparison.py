"""Two models on the same labelled data: differences, what noise can do to them, and the sentences they rest on."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from invented import OwnClasses, everything, labelled, sentences

import hedgekit
from hedgekit.errors import DataError, DataWarning, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.model import CertaintyModel
from hedgekit.report import Comparison

LESS_IS_BETTER = {
    "certainty mean absolute error",
    "hedged Brier score",
    "hedged calibration error",
    "hedged log loss",
    "class Brier score",
    "class calibration error",
}


@pytest.fixture(scope="module")
def own(model: CertaintyModel) -> tuple[LabelledData, OwnClasses, OwnClasses, OwnClasses]:
    """Data with classes of their own, and models that give all, all but every fifth, and every fourth rightly, in every group."""
    texts, _, _, groups = sentences()
    gold = [("fact", "guess")[k % 2] for k in range(len(texts))]
    wrong = {"fact": "guess", "guess": "fact"}

    def answering(right: list[bool], name: str) -> OwnClasses:
        said = [label if each else wrong[label] for label, each in zip(gold, right, strict=True)]
        return OwnClasses.of(
            model, {text: (label, {label: 0.9, wrong[label]: 0.1}) for text, label in zip(texts, said, strict=True)}, name=name
        )

    data = labelled(texts, labels=gold, classes=("fact", "guess"), groups=groups)
    rights = ([True] * 40, [k % 5 > 0 for k in range(40)], [k % 4 == 0 for k in range(40)])
    perfect, good, bad = (answering(right, name) for right, name in zip(rights, ("perfect", "good", "bad"), strict=True))
    return data, perfect, good, bad


def test_a_model_is_never_worse_than_itself(model: CertaintyModel) -> None:
    comparison = hedgekit.compare(model, model, everything(), n_samples=100)
    assert not comparison.worse
    for row in comparison.figures:
        assert (row.difference, row.low, row.high, row.share_better) == (0, 0, 0, 0)
        assert row.verdict == "no difference beyond noise"
    assert comparison.gained == comparison.lost == ()


def test_a_worse_model_is_worse_and_the_reverse_better(own: tuple[LabelledData, OwnClasses, OwnClasses, OwnClasses]) -> None:
    data, _, good, bad = own
    down, up = (hedgekit.compare(*pair, data, n_samples=200) for pair in ((good, bad), (bad, good)))
    assert (down.headline, down.verdict, down.worse) == ("macro F1", "worse", True)
    assert (up.verdict, up.worse) == ("better", False)
    for row, reverse in zip(down.figures, up.figures, strict=True):
        assert row.rising == (row.figure not in LESS_IS_BETTER)
        assert (row.a, row.b) == (reverse.b, reverse.a)
        assert row.difference == pytest.approx(-(reverse.difference or 0))
        assert (row.low, row.high) == pytest.approx((-(reverse.high or 0), -(reverse.low or 0)))
    assert down["accuracy"].difference == pytest.approx(0.25 - 0.8)
    # All groups are alike.
    assert (down["accuracy"].share_better, up["accuracy"].share_better) == (0, 1)


def test_figures_are_those_of_evaluate(model: CertaintyModel) -> None:
    data = everything()
    comparison = hedgekit.compare(model, "biomedical", data, n_samples=50)
    for place, each in enumerate((model, hedgekit.load("biomedical"))):
        report = hedgekit.evaluate(each, data, base=None, bag_of_words=False, n_samples=5)
        for row in comparison.figures:
            assert (row.a, row.b)[place] == report[row.figure].value


def test_what_was_gained_and_lost(own: tuple[LabelledData, OwnClasses, OwnClasses, OwnClasses]) -> None:
    data, perfect, good, _ = own
    comparison = hedgekit.compare(perfect, good, data, n_samples=50)
    assert comparison.gained == ()
    assert [row.place for row in comparison.lost] == [f"row {number}" for number in range(1, 41, 5)]
    assert {(row.labelled, row.a, row.b) for row in comparison.lost} == {("fact", "fact", "guess"), ("guess", "guess", "fact")}
    assert [row.change for row in comparison.lost] == pytest.approx([-0.8] * 8)


def test_gained_and_lost_by_certainty(model: CertaintyModel) -> None:
    texts = ["The mill may close.", "The mill closed.", "Who is it?"]
    mine, other = hedgekit.load("biomedical").score(texts).tolist(), model.score(texts).tolist()
    data = labelled(texts, certainty=[other[0], mine[1], 0.5])
    comparison = hedgekit.compare("biomedical", model, data, n_samples=10)
    assert [row.text for row in comparison.gained] == [texts[0]]
    assert texts[1] in [row.text for row in comparison.lost]
    assert comparison.gained[0].change == pytest.approx(abs(mine[0] - other[0]))
    assert (comparison.gained[0].a, comparison.gained[0].b) == pytest.approx((mine[0], other[0]))


def test_certainty_is_compared_on_the_same_sentences(model: CertaintyModel) -> None:
    texts = ["The mill may close.", "The mill closed.", "It will certainly close.", "Who is it?"]
    biomedical = hedgekit.load("biomedical")
    assert np.isnan(model.score(texts)).tolist() == [False, False, False, True]
    assert not np.isnan(biomedical.score(texts)).any()
    data = labelled(texts, certainty=[0.4, 0.9, 0.95, 0.1])
    comparison = hedgekit.compare(biomedical, model, data, n_samples=10)
    shared = hedgekit.evaluate(biomedical, data.take([0, 1, 2]), base=None, n_samples=5)
    assert comparison["certainty r"].a == pytest.approx(shared["certainty r"].value)
    assert (comparison["share of claims scored"].a, comparison["share of claims scored"].b) == (1.0, 0.75)
    assert any("leave out 1 sentences" in note for note in comparison.notes)


def test_only_what_both_answer_is_compared(own: tuple[LabelledData, OwnClasses, OwnClasses, OwnClasses], model: CertaintyModel) -> None:
    data, perfect, _, _ = own
    with pytest.raises(DataError, match="'general' does not give"):
        hedgekit.compare(perfect, model, data)
    texts, values, _, groups = sentences()
    both = labelled(texts, certainty=values, labels=data.labels, classes=data.classes, groups=groups)
    comparison = hedgekit.compare(perfect, model, both, n_samples=10)
    assert [row.figure for row in comparison.figures] == ["certainty r", "certainty mean absolute error", "share of claims scored"]
    assert any("only one of the two models answers: accuracy, macro F1" in note for note in comparison.notes)


def test_a_comparison_is_a_value(model: CertaintyModel) -> None:
    one, other = (hedgekit.compare(model, "biomedical", everything(), n_samples=20, seed=3) for _ in range(2))
    assert one == other
    assert pickle.loads(pickle.dumps(one)) == one
    assert json.loads(json.dumps(one.to_dict(), allow_nan=False)) == one.to_dict()
    assert len(one.to_frame()) == len(one.figures)
    assert list(one.to_frame("gained").columns) == ["place", "group", "text", "labelled", "a", "b", "change"]
    with pytest.raises(OptionError, match="figures, gained, lost; got 'errors'"):
        one.to_frame("errors")


def test_text(own: tuple[LabelledData, OwnClasses, OwnClasses, OwnClasses]) -> None:
    data, perfect, good, bad = own
    comparison = hedgekit.compare(good, bad, data, n_samples=50)
    first, _, head, *rows = str(comparison).splitlines()
    assert first.startswith("B (bad) is worse than A (good) on 40 sentences: macro F1 0.8")
    assert head.split("  ")[0] == "figure"
    assert rows[0].startswith("accuracy")
    assert "Lost: A is right or nearer, 5 of 20" in str(comparison)
    assert repr(comparison) == "Comparison('good', 'bad', 40 sentences, macro F1: worse)"
    assert str(hedgekit.compare(perfect, perfect, data, n_samples=5)).startswith("A (perfect) and B (perfect): no difference beyond noise")


def test_one_group_shows_no_difference(model: CertaintyModel) -> None:
    data = labelled(["It rained.", "It may rain."], certainty=[0.1, 0.9], groups=["a", "a"])
    comparison: Comparison = hedgekit.compare(model, "biomedical", data, n_samples=10)
    assert (comparison.main.low, comparison.main.share_better, comparison.worse) == (None, None, False)


def test_training_data_are_told_of_both(model: CertaintyModel) -> None:
    from hedgekit.corpora import checksum

    data = labelled(["It rained.", "It may rain."], certainty=[0.9, 0.4])
    mine = CertaintyModel(model.parameters, {**model.info, "name": "mine", "text_hashes": [checksum("It rained.")]})
    with pytest.warns(DataWarning, match="1 of 2 sentences stand in the training data of 'mine'"):
        assert any("'mine'" in note for note in hedgekit.compare(model, mine, data, n_samples=5).notes)
