"""Training on labels of a user's own: what is labelled is learned, the rest is the base's, and bad data are refused before a fit."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import labelled, sentences
from joblib import parallel_config

import hedgekit
from hedgekit.errors import DataError, DataWarning, InputTypeError, ModelNotFoundError, OptionError
from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.labels import LEVELS, CueType
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.training import train as training
from hedgekit.training.adaptation import best_threshold, folds_of, temperature
from hedgekit.training.folds import even_fold_of, fold_of
from hedgekit.training.retrain import prepare

TEXTS, VALUES, HEDGED, GROUPS = sentences()
NEW = ("The castle may close in May.", "The castle closed in May.", "Perhaps the castle closed too early.", "When did the castle close?")
QUESTIONS = [f"When did {name} {verb}?" for name in ("it", "she", "they", "the man") for verb in ("close", "come", "stop")]
_MAY = CueType.MODAL


def spans(text: str) -> CueSpans:
    """The cues of an invented sentence; "early" is one that no base knows."""
    words = (("may", _MAY), ("certainly", CueType.BOOSTER), ("reportedly", CueType.REPORTATIVE), ("early", CueType.EPISTEMIC))
    found = ((text.find(f" {word}"), word, kind) for word, kind in words)
    return tuple(sorted((at + 1, at + 1 + len(word), kind) for at, word, kind in found if at >= 0))


def levels() -> list[str]:
    return [str(LEVELS[0] if value > 0.9 else LEVELS[2] if value > 0.5 else LEVELS[3]) for value in VALUES]


def data(*kinds: str) -> LabelledData:
    """The forty invented sentences with labels of some kinds."""
    columns: dict[str, Any] = {
        "certainty": {"certainty": VALUES},
        "hedged": {"labels": ["uncertain" if each else "certain" for each in HEDGED], "classes": ("certain", "uncertain")},
        "levels": {"labels": levels(), "classes": tuple(str(level) for level in LEVELS if level in levels())},
        "own": {"labels": ["rumour" if "erhaps" in text or "report" in text else "fact" for text in TEXTS], "classes": ("fact", "rumour")},
        "cues": {"cues": [spans(text) for text in TEXTS]},
    }
    return labelled(TEXTS, groups=GROUPS, **{key: value for kind in kinds for key, value in columns[kind].items()})


def fitted(given: Any, base: Any = "general", **options: Any) -> CertaintyModel:
    return hedgekit.train(given, base=base, measured=False, **options)


@pytest.fixture(scope="module")
def own(model: CertaintyModel) -> CertaintyModel:
    """A model with two classes of a user's own."""
    return fitted(data("own"), model, name="own")


@pytest.fixture(scope="module")
def measured(model: CertaintyModel) -> CertaintyModel:
    return hedgekit.train(data("certainty", "hedged"), base=model, name="mine")


def cues(model: CertaintyModel, texts: tuple[str, ...] = NEW) -> list[list[dict[str, Any]]]:
    return [[cue.to_dict() for cue in sentence.cues] for sentence in model.annotate(texts)]


# What is labelled is learned, and nothing else -----------------------------------------------------------------------


def test_certainty_alone(model: CertaintyModel) -> None:
    mine = fitted(labelled(TEXTS, certainty=[1 - value for value in VALUES], groups=GROUPS), model)
    may, plain, _, question = mine.score(NEW)
    assert may > plain
    assert np.isnan(question)
    assert cues(mine) == cues(model)
    before, after = model.annotate(NEW), mine.annotate(NEW)
    assert [each.hedged for each in after] == [each.hedged for each in before]
    assert [each.hedged_probability for each in after] == pytest.approx([each.hedged_probability for each in before], abs=1e-6)
    assert {each.label for each in after} == {None}


def test_a_scale(model: CertaintyModel) -> None:
    one = fitted((TEXTS, [1 + 5 * value for value in VALUES]), model, scale=(1, 6))
    np.testing.assert_allclose(one.score(NEW), fitted((TEXTS, VALUES), model).score(NEW), atol=1e-6)


def test_certain_and_uncertain_say_hedged(model: CertaintyModel) -> None:
    mine = fitted(data("hedged"), model)
    for sentence, hedged in zip(mine.annotate(NEW), (True, False, True), strict=False):
        assert sentence.hedged is hedged
        assert sentence.label == ("uncertain" if hedged else "certain")
        assert sentence.label_probabilities is not None
        assert sentence.label_probabilities["uncertain"] == sentence.hedged_probability
        assert sum(sentence.label_probabilities.values()) == pytest.approx(1)
    [question] = mine.annotate([NEW[-1]])
    assert (question.hedged, question.label, question.label_probabilities) == (False, None, None)
    np.testing.assert_allclose(mine.score(NEW), model.score(NEW), atol=1e-6)


def test_labels_may_say_the_opposite_of_the_base(model: CertaintyModel) -> None:
    mine = fitted(labelled(TEXTS, labels=["certain" if each else "uncertain" for each in HEDGED], classes=("certain", "uncertain")), model)
    assert [sentence.hedged for sentence in mine.annotate(NEW[:3])] == [False, True, False]


def test_five_levels_teach_certainty_too(model: CertaintyModel) -> None:
    mine = fitted(data("levels"), model)
    assert mine.annotate(NEW)[1].label == str(LEVELS[0])
    may, plain, *_ = mine.score(NEW)
    assert may < 0.6 < 0.85 < plain


def test_own_classes(own: CertaintyModel, model: CertaintyModel) -> None:
    found = own.annotate(NEW)
    assert [sentence.label for sentence in found[:3]] == ["fact", "fact", "rumour"]
    for sentence in found:
        assert sentence.label_probabilities is not None
        assert sum(sentence.label_probabilities.values()) == pytest.approx(1, abs=1e-9)
        assert sentence.label == max(sentence.label_probabilities, key=sentence.label_probabilities.__getitem__)
    assert cues(own) == cues(model)
    np.testing.assert_allclose(own.score(NEW), model.score(NEW), atol=1e-6)


def test_many_classes_one_of_which_is_rare(model: CertaintyModel) -> None:
    names = ["closing" if "closed in" in text else "plan" if "will" in text or "may" in text else "other" for text in TEXTS]
    names[-1] = "seldom"
    with pytest.warns(DataWarning, match=r"fewer than 5 sentences of the class 'seldom' \(1\)"):
        mine = fitted((TEXTS, names), model)
    assert mine.info["classes"] == ["closing", "other", "plan", "seldom"]
    assert [sentence.label for sentence in mine.annotate(NEW[:3])] == ["plan", "closing", "other"]


def test_classes_of_questions_leave_claims_to_the_base(model: CertaintyModel) -> None:
    """A question may be of any class; that it has one does not make it a claim."""
    mine = fitted(([*TEXTS, *QUESTIONS], ["told"] * len(TEXTS) + ["asked"] * len(QUESTIONS)), model)
    assert mine.annotate([NEW[-1]])[0].label == "asked"
    assert np.isnan(mine.score(NEW[-1]))


def test_cue_spans(model: CertaintyModel) -> None:
    assert "early" not in [cue.text for cue in model.annotate([NEW[2]])[0].cues]
    found = fitted(data("cues"), model).annotate(NEW)
    assert [(cue.text, cue.type) for cue in found[0].cues] == [("may", _MAY)]
    assert ("early", CueType.EPISTEMIC) in [(cue.text, cue.type) for cue in found[2].cues]


def test_no_claim(model: CertaintyModel) -> None:
    texts, values = [*TEXTS, *QUESTIONS], [*VALUES, *[None] * len(QUESTIONS)]
    mine = fitted((texts, values), model, missing="no claim")
    assert np.isnan(mine.score(NEW)).tolist() == [False, False, False, True]


def test_claims_that_the_base_does_not_take_for_one(model: CertaintyModel) -> None:
    assert np.isnan(model.score(QUESTIONS)).all()
    mine = fitted(([*TEXTS, *QUESTIONS], [*VALUES, *[0.1] * len(QUESTIONS)]), model)
    assert mine.score(NEW[-1]) < 0.4


def test_all_kinds_at_once_and_a_row_without_some(model: CertaintyModel) -> None:
    given = data("certainty", "own", "cues")
    assert given.labels is not None
    assert given.cues is not None
    partly = labelled(
        [*TEXTS, *QUESTIONS],
        certainty=[*VALUES[:-1], np.nan, *[np.nan] * len(QUESTIONS)],
        labels=[*given.labels[:-2], None, given.labels[-1], *[None] * len(QUESTIONS)],
        classes=given.classes,
        cues=[*given.cues[:-3], None, *given.cues[-2:], *[None] * len(QUESTIONS)],
        no_claim=[*[False] * len(TEXTS), *[True] * len(QUESTIONS)],
        groups=[*GROUPS, *QUESTIONS],
    )
    mine = fitted(partly, model)
    found = mine.annotate(NEW)
    assert [sentence.label for sentence in found[:3]] == ["fact", "fact", "rumour"]
    assert found[0].certainty is not None
    assert found[0].certainty < 0.6
    assert found[3].certainty is None


# Like any other model ------------------------------------------------------------------------------------------------


def test_explanations_add_up(own: CertaintyModel, measured: CertaintyModel) -> None:
    for mine in (own, measured):
        for sentence in mine.annotate(NEW[:3]):
            why = sentence.explain()
            assert sentence.certainty == pytest.approx(min(max(why.total, 0.0), 1.0), abs=1e-9)
            assert why.baseline + sum(item.value for item in why.features) == pytest.approx(why.total, abs=1e-9)


def test_a_saved_model_says_the_same(own: CertaintyModel, tmp_path: Path) -> None:
    # tests/test_persistence.py kills a save half way.
    own.save(tmp_path / "own")
    again = hedgekit.load(tmp_path / "own")
    np.testing.assert_array_equal(again.score(TEXTS), own.score(TEXTS))
    assert [each.to_dict() for each in again.annotate(NEW)] == [each.to_dict() for each in own.annotate(NEW)]
    assert again.info == own.info


def test_the_same_data_twice_give_the_same_bytes(own: CertaintyModel, model: CertaintyModel, tmp_path: Path) -> None:
    own.save(tmp_path / "one")
    fitted(data("own"), model, name="own").save(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("kinds", [("certainty", "hedged"), ("own",)])
def test_the_order_of_rows_does_not_matter(kinds: tuple[str, ...], model: CertaintyModel) -> None:
    given = data(*kinds)
    shuffled = given.take(np.random.default_rng(0).permutation(len(given)))
    for one, other in zip(fitted(given, model).annotate(NEW[:3]), fitted(shuffled, model).annotate(NEW[:3]), strict=True):
        assert one.certainty == pytest.approx(other.certainty, abs=1e-6)
        assert one.hedged_probability == pytest.approx(other.hedged_probability, abs=1e-6)
        assert one.label_probabilities == pytest.approx(other.label_probabilities, abs=1e-6)


def test_a_weight_of_two_is_the_row_twice(model: CertaintyModel) -> None:
    twice = [*range(len(TEXTS)), *range(0, len(TEXTS), 3)]
    for kinds in (("certainty", "hedged"), ("own",)):
        given = data(*kinds)
        weights = np.bincount(twice).astype(np.float64)
        heavy = LabelledData(**{name: getattr(given, name) for name in given.__slots__ if name != "weights"}, weights=weights)
        one, other = fitted(heavy, model), fitted(given.take(twice), model)
        np.testing.assert_allclose(one.score(TEXTS), other.score(TEXTS), atol=1e-6)
        for this, that in zip(one.annotate(NEW[:3]), other.annotate(NEW[:3]), strict=True):
            assert this.hedged_probability == pytest.approx(that.hedged_probability, abs=1e-6)
            assert this.label_probabilities == pytest.approx(that.label_probabilities, abs=1e-6)


def test_weights_count_for_cues(model: CertaintyModel) -> None:
    """Half of the sentences mark "closed" as a cue; their weight decides."""
    marked = [((text.index("closed"), text.index("closed") + 6, CueType.EPISTEMIC),) for text in TEXTS if "closed in" in text]
    texts = [text for text in TEXTS if "closed in" in text] * 4
    given: list[CueSpans] = [*marked, *marked, *[() for _ in marked], *[() for _ in marked]]
    found = []
    for heavy, light in ((20.0, 0.05), (0.05, 20.0)):
        half = len(texts) // 2
        mine = fitted(labelled(texts, cues=given, groups=texts, weights=[heavy] * half + [light] * half), model)
        found.append([cue.text for cue in mine.annotate(["The castle closed in May."])[0].cues])
    assert found == [["closed"], []]


# Bases ---------------------------------------------------------------------------------------------------------------


def test_science_keeps_its_aspects() -> None:
    base = hedgekit.load("science")
    mine = fitted(data("own"), base)
    texts = ["These results suggest that about 30% of patients may benefit.", "The drug reduced mortality in all trials."]
    assert [each.aspects for each in mine.annotate(texts)] == [each.aspects for each in base.annotate(texts)]
    assert mine.annotate(texts)[0].aspects is not None
    assert mine.annotate(NEW)[2].label == "rumour"


def test_biomedical_as_a_base() -> None:
    base = hedgekit.load("biomedical")
    mine = fitted(data("hedged"), base)
    assert cues(mine) == cues(base)
    assert [sentence.hedged for sentence in mine.annotate(NEW[:3])] == [True, False, True]


def test_retraining_a_retrained_model(own: CertaintyModel, model: CertaintyModel) -> None:
    again = fitted(labelled(TEXTS, certainty=[1 - value for value in VALUES], groups=GROUPS), own, name="again")
    assert [sentence.label for sentence in again.annotate(NEW)] == [sentence.label for sentence in own.annotate(NEW)]
    may, plain, *_ = again.score(NEW)
    assert may > plain
    assert again.info["base"] == "own"
    assert again.info["classes"] == ["fact", "rumour"]
    assert [row["name"][:8] for row in again.info["data"][:2]] == ["labelled"] * 2
    new = fitted((QUESTIONS, ["when", "how"] * 6), own)
    assert new.info["classes"] == ["how", "when"]
    assert set(own.info["text_hashes"]) < set(new.info["text_hashes"])


def test_a_base_that_knows_the_sentences_is_told(own: CertaintyModel) -> None:
    with pytest.warns(DataWarning, match=r"40 of 40 sentences stand in the training data of the base 'own'.*base='general'"):
        mine = hedgekit.train(data("own"), base=own)
    assert any("the held-out figures flatter" in limit for limit in mine.info["limits"])


# Held-out figures ----------------------------------------------------------------------------------------------------


def test_figures_stand_beside_base_and_bag_of_words(measured: CertaintyModel) -> None:
    info = measured.info
    assert (info["name"], info["base"], info["seed"], info["classes"]) == ("mine", "general", 0, ["certain", "uncertain"])
    figures = {(row["part"], row["figure"]): row["value"] for row in info["metrics"]}
    assert {part for part, _ in figures} == {"held out", "base general", "bag of words"}
    assert figures["held out", "certainty r"] > 0.9
    sizes = [point["n"] for point in info["learning_curve"]]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 32
    assert {point["figure"] for point in info["learning_curve"]} == {"certainty r"}
    assert "8 groups of 40 sentences" in info["split"]


def test_measuring_does_not_change_the_model(measured: CertaintyModel, model: CertaintyModel) -> None:
    plain = fitted(data("certainty", "hedged"), model)
    np.testing.assert_array_equal(plain.score(TEXTS), measured.score(TEXTS))
    assert plain.info["metrics"] == plain.info["learning_curve"] == []
    assert "It was not measured." in plain.info["limits"]


def test_processes_do_not_change_the_figures(measured: CertaintyModel, model: CertaintyModel) -> None:
    with parallel_config(backend="threading"):  # a process takes long to start
        assert hedgekit.train(data("certainty", "hedged"), base=model, name="mine", n_jobs=2).info == measured.info
    material = prepare(data("certainty"), model.parameters)
    sent = pickle.loads(pickle.dumps(material))
    np.testing.assert_array_equal(sent.matrix.toarray(), material.matrix.toarray())


def test_no_fit_that_is_measured_sees_the_groups_that_it_is_judged_on(model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    judged, met = training._judged, []

    def noted(given: LabelledData, base: Parameters, shared: Any, last: Any, train: Any, test: Any) -> Any:
        met.append((sorted({given.groups[row] for row in train}), sorted({given.groups[row] for row in test})))
        return judged(given, base, shared, last, train, test)

    monkeypatch.setattr(training, "_judged", noted)
    hedgekit.train(data("certainty"), base=model)
    assert len(met) >= 5
    assert all(not set(one) & set(other) for one, other in met)
    assert sorted(name for _, test in met[:5] for name in test) == sorted(set(GROUPS))


@pytest.mark.parametrize("groups", [["a", "b"], ["a", "c"], ["x1", "x7"]], ids="-".join)
def test_two_groups_are_enough(groups: list[str], model: CertaintyModel) -> None:
    """Whatever their names: two groups may fall in one fold by chance."""
    given = labelled(TEXTS, certainty=VALUES, groups=[groups[number % 2] for number in range(len(TEXTS))])
    mine = hedgekit.train(given, base=model)
    assert {row["n"] for row in mine.info["metrics"] if row["part"] == "held out" and row["figure"] == "certainty r"} == {40}


def test_labels_that_stand_in_one_group_alone(model: CertaintyModel) -> None:
    """The fits without that group have nothing to learn from, and say what the base says."""
    given = labelled(
        [*TEXTS, *QUESTIONS],
        certainty=[*VALUES, *[np.nan] * len(QUESTIONS)],
        no_claim=[False] * len(TEXTS) + [True] * len(QUESTIONS),
        groups=["claims"] * len(TEXTS) + ["questions"] * len(QUESTIONS),
    )
    figures = {(row["part"], row["figure"]): row["value"] for row in hedgekit.train(given, base=model).info["metrics"]}
    assert figures["held out", "certainty r"] == pytest.approx(figures["base general", "certainty r"], abs=1e-6)


def test_progress(model: CertaintyModel, capsys: pytest.CaptureFixture[str]) -> None:
    hedgekit.train(data("certainty"), base=model, progress=True)
    told = capsys.readouterr()
    assert told.out == ""
    assert "train" in told.err
    hedgekit.train(data("certainty"), base=model)
    assert capsys.readouterr().err == ""


# What is refused, before anything is fitted --------------------------------------------------------------------------


@pytest.fixture
def _unfit(monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(*arguments: Any) -> None:
        raise AssertionError("something was fitted")

    monkeypatch.setattr(training, "prepare", prepare)


def _csv(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "mine.csv").write_text(text, encoding="utf-8")
        return folder / "mine.csv"

    return write


_ROWS = "".join(f'"{text}",{value}\n' for text, value in zip(TEXTS, VALUES, strict=True))


@pytest.mark.usefixtures("_unfit")
@pytest.mark.parametrize(
    ("text", "columns", "error", "message"),
    [
        ("", {}, DataError, "mine.csv: the file is empty"),
        ("text,certainty\n", {}, DataError, "0 rows of data"),
        ("text,certainty\nIt rained.,0.9\n", {}, DataError, "1 row of data"),
        ("text,certainty\nIt rained.,0.9\nIt may rain.,0.4\n", {}, DataError, "2 labelled sentences; at least 10 are needed"),
        (f"text,certainty\n{_ROWS}It may rain.,4\n", {}, DataError, r"mine.csv:42: certainty is outside the scale 0 to 1"),
        (f"text,certainty\n{_ROWS}It may rain.,\n", {}, DataError, r"mine.csv:42: 1 row with an empty label; pass missing="),
        (f"text,certainty\n{_ROWS}It may rain.,nan\n", {}, DataError, r"mine.csv:42: 1 row with an empty label; pass missing="),
        (f"text,certainty\n{_ROWS}It may rain.,often\n", {}, DataError, r"mine.csv:42: certainty is no number"),
        (f"text,certainty\n{_ROWS},0.4\n", {}, DataError, "mine.csv:42: 1 row without a sentence"),
        (f"text,certainly\n{_ROWS}", {}, DataError, "no column of labels found.*did you mean certainty='certainly'"),
        (f"text,score\n{_ROWS}", {"certainty": "scores"}, DataError, "certainty='scores' is no column.*did you mean 'score'"),
        (f"text,certainty\n{_ROWS}", {"scale": (1, 1)}, OptionError, "two different finite numbers"),
        (f"text,certainty\n{_ROWS}", {"missing": "guess"}, OptionError, "missing must be"),
    ],
)
def test_bad_files(text: str, columns: dict[str, Any], error: type[Exception], message: str, model: CertaintyModel, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        hedgekit.train(_csv(text)(tmp_path), base=model, **columns)


@pytest.mark.usefixtures("_unfit")
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ((TEXTS, ["fact"] * 40), DataError, "all sentences have one class, 'fact'"),
        (labelled(TEXTS, labels=["fact"] * 40, classes=("fact", "rumour")), DataError, "every label is 'fact'; at least two classes"),
        (labelled(TEXTS, certainty=[0.5] * 40), DataError, "every certainty is 0.5"),
        (labelled(TEXTS, certainty=VALUES, groups=["all"] * 40), DataError, "all sentences are of one group, 'all'"),
        (labelled(TEXTS, certainty=VALUES, weights=[0] * 40), DataError, "all weights are 0"),
        (labelled(TEXTS), DataError, "0 labelled sentences"),
        (labelled(TEXTS, cues=[()] * 40), DataError, "no sentence has a cue; mark"),
        (labelled([], certainty=[]), DataError, "no sentence"),
        ((TEXTS, VALUES[:-1]), DataError, "40 sentences and 39 labels"),
        ((TEXTS, [[[0, 999, "modal"]], *[[]] * 39]), DataError, "row 0: .*999"),
        ((TEXTS, [[{"text": "perchance"}], *[[]] * 39]), DataError, "row 0: .*'perchance'"),
        ((TEXTS, [[[0, 3, "guess"]], *[[]] * 39]), DataError, "row 0: unknown cue type 'guess'"),
        (7, InputTypeError, "labelled data are a path"),
    ],
)
def test_bad_data(given: Any, error: type[Exception], message: str, model: CertaintyModel) -> None:
    with pytest.raises(error, match=message):
        hedgekit.train(given, base=model)


@pytest.mark.usefixtures("_unfit")
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"name": " "}, OptionError, "name must be a text"),
        ({"n_jobs": 0}, OptionError, "n_jobs must be"),
        ({"n_jobs": True}, OptionError, "n_jobs must be"),
        ({"seed": -1}, OptionError, "seed must be"),
        ({"base": "nowhere"}, ModelNotFoundError, "no model 'nowhere'"),
        ({"base": None}, InputTypeError, "name or path is needed"),
        ({"certainty": "score"}, OptionError, "options of reading do not fit LabelledData"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        hedgekit.train(data("certainty"), **options)


def test_warnings(model: CertaintyModel) -> None:
    with pytest.warns(DataWarning, match="1 sentence with labels that contradict each other: 'The ferry closed in May.'"):
        fitted(([*TEXTS, TEXTS[0]], [*VALUES, 0.1]), model)
    labels = ["rumour" if group == "The mill" else "fact" for group in GROUPS]
    with pytest.warns(DataWarning, match="all sentences of the class 'rumour' are of one group"):
        fitted(labelled(TEXTS, labels=labels, classes=("fact", "rumour"), groups=GROUPS), model)


def test_nothing_is_told_of_good_data(model: CertaintyModel) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted(data("certainty", "hedged"), model)


# Parts ---------------------------------------------------------------------------------------------------------------


def _names(count: int) -> Iterator[list[str]]:
    for start in range(40):
        yield [f"author {number}" for number in range(start, start + count)]


@pytest.mark.parametrize("count", [2, 3, 5, 9, 60])
def test_every_fold_that_can_be_filled_is(count: int) -> None:
    for names in _names(count):
        folds = even_fold_of(names * 2, 5, "held out")
        assert np.unique(folds).size == min(count, 5)
        np.testing.assert_array_equal(folds[:count], folds[count:])
        np.testing.assert_array_equal(even_fold_of(names[::-1], 5, "held out")[::-1], folds[:count])
        assert sorted(np.concatenate([test for _, test in folds_of(names, "held out")]).tolist()) == list(range(count))


def test_many_groups_fall_as_ever() -> None:
    names = [f"author {number}" for number in range(100)]
    np.testing.assert_array_equal(even_fold_of(names, 5, "x"), fold_of(names, 5, "x"))


def test_one_group_cannot_be_held_out() -> None:
    assert list(folds_of(["a", "a"], "held out")) == []


def test_no_threshold_is_zero() -> None:
    """A sentence without a claim has the probability 0, and is not hedged."""
    assert best_threshold(np.array([0.0001, 0.0002, 0.0003]), np.ones(3)) == 0.001


def test_the_threshold_counts_weights() -> None:
    rng = np.random.default_rng(0)
    found = set()
    for _ in range(20):
        probabilities, weights = rng.random(12).round(2), rng.integers(1, 9, 12)
        threshold = best_threshold(probabilities, weights.astype(np.float64))
        assert threshold == best_threshold(probabilities.repeat(weights), np.ones(weights.sum()))
        found.add(threshold != best_threshold(probabilities, np.ones(12)))
    assert found == {True, False}


def test_few_clean_labels_make_nothing_sure() -> None:
    """Held-out sentences told apart without a mistake do not stretch the scores without end."""
    scores, labels = np.array([[2.0, -2.0], [-2.0, 2.0]] * 10), np.array([0, 1] * 10)
    factor = temperature(scores, labels, np.ones(20))
    sure = 1 / (1 + np.exp(-4 * factor))
    assert 0.85 < sure < 0.96
    assert temperature(scores, labels, np.full(20, 100.0)) > factor


@pytest.mark.parametrize("option", ["name", "description"])
def test_half_of_a_character_in_a_name(option: str) -> None:
    with pytest.raises(OptionError, match=f"^{option} must be a text that a file can hold; '.*' has half of a character"):
        fitted(([], []), **{option: "mi\ud800ne"})
    with pytest.raises(OptionError, match=f"^{option} must be a text"):
        fitted(([], []), **{option: 3})


def test_the_card_says_why_no_bag_of_words_stands_there(tmp_path: Path) -> None:
    names = ("The bank", "The mill", "Our host", "A ferry", "The judge", "The mayor")
    texts = [f"{name} {verb}." for name in names for verb in ("left", "may leave")]
    model = hedgekit.train((texts, ["fact", "rumour"] * 6))
    model.save(tmp_path / "mine")
    card = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    reason = "bag of words left out: 12 labelled sentences are too few to learn from; it needs 20"
    assert model.info["bag_of_words"] == reason
    assert f"then fitted on all. B{reason[1:]}.\n" in card
    assert "Bag of words: the same folds" not in card
