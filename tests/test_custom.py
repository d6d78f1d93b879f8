"""An estimator of a user's own as the last step: what it says is what the model says, and no file of it runs code unasked."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import re
import shutil
import sys
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import sklearn
import sklearn.base
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import TruncatedSVD
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import hedgekit
from hedgekit import estimator_bytes, persistence
from hedgekit.errors import DataWarning, ModelCorruptError, ModelError, NotBuiltError, OptionError, VersionWarning
from hedgekit.estimators import CueFeatures
from hedgekit.labelled import LabelledData
from hedgekit.model import CertaintyModel
from hedgekit.persistence import ARRAYS, CARD, ESTIMATORS, HEADER
from hedgekit.training.custom import fit_custom
from hedgekit.training.retrain import prepare

SUBJECTS = ("The bank", "The mill", "Our host", "A ferry", "The judge", "My aunt", "The team", "A guard", "The cook", "One door")
VERBS = ("closed on Monday", "may close on Monday", "will perhaps close")
TEXTS = tuple(f"{subject} {verb}." for subject in SUBJECTS for verb in VERBS)
KINDS = ("fact", "rumour", "guess")
HEDGED = ("certain", "uncertain", "uncertain")
GRADES = (0.95, 0.5, 0.4)
NEW = ["The bridge may close on Monday.", "The bridge closed.", "Perhaps nobody knows.", "", "Who sold the mill?"]
SKOPS, JOBLIB = ESTIMATORS["skops"], ESTIMATORS["joblib"]


class Own(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier that no library knows: always the first class. Notes the weights that it is given."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        self.classes_, self.weights_ = np.unique(y), sample_weight
        return self

    def predict_proba(self, X: Any) -> Any:
        return np.tile(np.arange(len(self.classes_)) == 0, (X.shape[0], 1)).astype(float)


class Unfit(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A regressor that must not be fitted."""

    def fit(self, X: Any, y: Any) -> Self:
        raise AssertionError("fitted")

    def predict(self, X: Any) -> Any:
        raise AssertionError("asked")


class Broken(Unfit):
    """A regressor that gives what is no number."""

    def fit(self, X: Any, y: Any) -> Self:
        return self

    def predict(self, X: Any) -> Any:
        return np.full(X.shape[0], np.nan)


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def labelled(
    labels: tuple[str, ...] | None = None, grades: tuple[float, ...] | None = None, weights: Any = None, texts: tuple[str, ...] = TEXTS
) -> LabelledData:
    """The invented sentences with labels in turn; each subject is a group."""
    n, each = len(texts), len(texts) // len(VERBS)
    return LabelledData(
        texts,
        tuple(f"row {number}" for number in range(n)),
        None if grades is None else np.array(grades * each),
        None if labels is None else labels * each,
        () if labels is None else tuple(dict.fromkeys(labels)),
        None,
        np.zeros(n, dtype=np.bool_),
        np.ones(n) if weights is None else weights,
        tuple(str(number // len(VERBS)) for number in range(n)),
        {},
    )


@pytest.fixture(scope="module")
def base(small_folder: Path) -> CertaintyModel:
    return hedgekit.load(small_folder)


@pytest.fixture(scope="module")
def train(base: CertaintyModel) -> Callable[..., CertaintyModel]:
    def fitted(estimator: Any, data: LabelledData, **options: Any) -> CertaintyModel:
        return hedgekit.train(data, base=base, estimator=estimator, **{"measured": False, **options})

    return fitted


@pytest.fixture(scope="module")
def three(train: Callable[..., CertaintyModel]) -> CertaintyModel:
    """Three classes of its own names."""
    return train(LogisticRegression(), labelled(KINDS))


@pytest.fixture(scope="module")
def two(train: Callable[..., CertaintyModel]) -> CertaintyModel:
    """Classes of which one says hedged."""
    return train(LogisticRegression(), labelled(HEDGED))


@pytest.fixture(scope="module")
def graded(train: Callable[..., CertaintyModel]) -> CertaintyModel:
    """A certainty."""
    return train(Ridge(), labelled(grades=GRADES))


@pytest.fixture(scope="module", params=["three", "two", "graded"])
def each(request: pytest.FixtureRequest) -> CertaintyModel:
    found: CertaintyModel = request.getfixturevalue(request.param)
    return found


def matrix_of(model: CertaintyModel, texts: list[str]) -> Any:
    """What the estimator is asked about, by way of the transformer."""
    assert model.custom is not None
    return CueFeatures(base=model).fit([]).transform(texts)[:, model.custom.columns]


def same(one: CertaintyModel, other: CertaintyModel) -> None:
    """Assert that two models cannot be told apart."""
    assert one.annotate(NEW) == other.annotate(NEW)
    np.testing.assert_array_equal(one.score(NEW), other.score(NEW))
    assert one.info == other.info


# What is said -----------------------------------------------------------------------------------------------------------


def test_classes_are_those_of_the_estimator(three: CertaintyModel) -> None:
    assert three.custom is not None
    wanted = three.custom.estimator.predict_proba(matrix_of(three, NEW))
    found = three.annotate(NEW)
    for row, sentence in zip(wanted.tolist(), found, strict=True):
        if sentence.text:
            assert sentence.label_probabilities == pytest.approx(dict(zip(KINDS, row, strict=True)), abs=1e-12)
            assert sentence.label == KINDS[int(np.argmax(row))]
    assert [found[0].label, found[1].label, found[3].label] == ["rumour", "fact", None]
    assert found[3].label_probabilities is None


def test_a_class_that_says_hedged(two: CertaintyModel, base: CertaintyModel) -> None:
    assert two.custom is not None
    wanted = two.custom.estimator.predict_proba(matrix_of(two, NEW))[:, 1]
    threshold = two.parameters.heads.threshold
    for value, sentence in zip(wanted.tolist(), two.annotate(NEW), strict=True):
        if sentence.certainty is None:
            assert (sentence.label, sentence.hedged_probability, sentence.hedged) == (None, 0.0, False)
        else:
            assert sentence.hedged_probability == pytest.approx(value, abs=1e-12)
            assert sentence.hedged == (value >= threshold)
            assert sentence.label == ("uncertain" if sentence.hedged else "certain")
            assert sentence.label_probabilities == {"certain": 1 - sentence.hedged_probability, "uncertain": sentence.hedged_probability}
    may, plain = two.annotate(NEW[:2])
    assert may.hedged
    assert may.hedged_probability > plain.hedged_probability
    # The threshold is that of held-out folds, and parts what was fitted on without a mistake.
    assert 0 < threshold < 1
    assert threshold != base.parameters.heads.threshold
    assert [sentence.label for sentence in two.annotate(TEXTS)] == list(HEDGED * len(SUBJECTS))


def test_a_certainty_is_that_of_the_estimator(graded: CertaintyModel, base: CertaintyModel) -> None:
    assert graded.custom is not None
    wanted = np.clip(graded.custom.estimator.predict(matrix_of(graded, NEW)), 0, 1)
    found = graded.score(NEW)
    claims = ~np.isnan(found)
    assert claims[:2].all()
    assert not claims[3]
    np.testing.assert_allclose(found[claims], wanted[claims], atol=1e-12)
    # What nobody labelled is the base's.
    assert [sentence.hedged_probability for sentence in graded.annotate(TEXTS)] == pytest.approx(
        [sentence.hedged_probability for sentence in base.annotate(TEXTS)], abs=1e-9
    )


@pytest.mark.parametrize(("value", "wanted"), [(2.5, 1.0), (-1.0, 0.0), (0.3, 0.3)])
def test_a_certainty_is_clipped(value: float, wanted: float, train: Callable[..., CertaintyModel]) -> None:
    model = train(DummyRegressor(strategy="constant", constant=value), labelled(grades=GRADES))
    assert model.score(NEW[0]) == wanted


def test_all_ways_agree(each: CertaintyModel) -> None:
    together = each.annotate(NEW)
    assert together == [each.annotate([text])[0] for text in NEW]
    np.testing.assert_array_equal(each.score(NEW), [each.score(text) for text in NEW])
    texts = [text for text in NEW if text]
    documents = [each.analyze(text) for text in texts]
    assert documents == list(each.analyze_many(texts))
    for text, document in zip(texts, documents, strict=True):
        [alone], [sentence] = each.annotate([text]), document
        for name in ("certainty", "hedged", "hedged_probability", "label", "label_probabilities"):
            assert getattr(sentence, name) == getattr(alone, name)
    assert len(each.analyze("")) == 0


def test_copies_say_the_same(each: CertaintyModel) -> None:
    same(each, pickle.loads(pickle.dumps(each)))
    assert each.with_lexicon({"scuttlebutt has it": "reportative"}).custom is each.custom
    [alone] = pickle.loads(pickle.dumps(each.annotate(NEW[:1])))
    assert alone == each.annotate(NEW[:1])[0]


@pytest.mark.parametrize("read", [lambda model: model.annotate(NEW[:1])[0], lambda model: model.analyze(NEW[0])[0]])
def test_no_explanation_of_what_is_no_sum(read: Callable[[CertaintyModel], Any], graded: CertaintyModel, three: CertaintyModel) -> None:
    with pytest.raises(NotBuiltError, match=r"estimator of the user's own, Ridge, whose answer is no sum.*train without estimator="):
        read(graded).explain()
    with pytest.raises(NotBuiltError, match="no sum"):
        pickle.loads(pickle.dumps(read(graded))).explain()
    assert read(three).explain().total == pytest.approx(three.score(NEW[0]), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "target", "works"), [("graded", "certainty", False), ("graded", "hedged", True), ("two", "hedged", False)]
)
def test_a_pipeline_only_of_what_is_linear(name: str, target: Any, works: bool, request: pytest.FixtureRequest) -> None:
    model: CertaintyModel = request.getfixturevalue(name)
    if works:
        assert model.to_sklearn(target).predict(NEW).shape == (len(NEW),)
    else:
        with pytest.raises(NotBuiltError, match=rf"{target} is told by an estimator of the user's own, (Ridge|LogisticRegression)"):
            model.to_sklearn(target)


def test_answers_that_are_no_numbers(train: Callable[..., CertaintyModel]) -> None:
    model = train(Broken(), labelled(grades=GRADES))
    with pytest.raises(ModelError, match=r"predict of the model's estimator Broken gave .* not finite; .* train with another estimator"):
        model.score(NEW)


# Fitting ----------------------------------------------------------------------------------------------------------------

_REFUSED = (
    (Ridge, GRADES, None, r"estimator is the class Ridge, not an object of it: pass Ridge\(\)"),
    ("ridge", GRADES, None, r"estimator is str \('ridge'\), which is none of scikit-learn's kind; pass an unfitted"),
    (MaxAbsScaler(), GRADES, None, "MaxAbsScaler is neither a classifier nor a regressor"),
    (LinearSVC(), None, KINDS, r"LinearSVC is a classifier without predict_proba.*CalibratedClassifierCV\(LinearSVC"),
    (make_pipeline(MaxAbsScaler(), LinearSVC()), None, KINDS, "Pipeline is a classifier without predict_proba"),
    (LogisticRegression(), GRADES, None, "LogisticRegression is a classifier, but the data have no classes; pass a regressor"),
    (Unfit(), None, KINDS, "Unfit is a regressor, but the data have no certainty; pass a classifier"),
    (Unfit(), None, HEDGED, "Unfit is a regressor, but the data have no certainty; pass a classifier"),
)


@pytest.mark.parametrize(("estimator", "grades", "labels", "match"), _REFUSED, ids=lambda value: None)
def test_the_wrong_kind_is_refused(estimator: Any, grades: Any, labels: Any, match: str, train: Callable[..., CertaintyModel]) -> None:
    with pytest.raises(OptionError, match=match):
        train(estimator, labelled(labels, grades), measured=True)


@pytest.mark.parametrize("estimator", [GaussianNB(), HistGradientBoostingRegressor()], ids=lambda value: type(value).__name__)
def test_what_cannot_be_fitted_says_why(estimator: Any, train: Callable[..., CertaintyModel]) -> None:
    with pytest.raises(OptionError, match=r"(?s)cannot be fitted on the sparse matrix of 30 sentences .*dense.*TruncatedSVD\(100\)"):
        train(estimator, labelled(KINDS, GRADES))


def test_the_estimator_is_cloned_and_seeded(train: Callable[..., CertaintyModel]) -> None:
    given = make_pipeline(TruncatedSVD(3), LogisticRegression())
    model = train(given, labelled(KINDS), seed=7)
    assert model.custom is not None
    assert not hasattr(given[-1], "coef_")
    assert given[0].random_state is None
    assert model.custom.estimator[0].random_state == 7
    assert model.info["estimator"].startswith("Pipeline(steps=[")
    same(model, train(given, labelled(KINDS), seed=7))


@pytest.mark.parametrize("wrap", [lambda own: own, lambda own: make_pipeline(MaxAbsScaler(), own)])
@pytest.mark.parametrize("weights", [np.ones(len(TEXTS)), np.linspace(0.5, 2, len(TEXTS))], ids=["alike", "unlike"])
def test_weights_count(wrap: Callable[[Any], Any], weights: Any, train: Callable[..., CertaintyModel]) -> None:
    model = train(wrap(Own()), labelled(KINDS, weights=weights))
    assert model.custom is not None
    last = model.custom.estimator if isinstance(model.custom.estimator, Own) else model.custom.estimator[-1]
    if weights[0] == 1:
        assert last.weights_ is None
    else:
        np.testing.assert_array_equal(last.weights_, weights)


def test_weights_that_cannot_count(train: Callable[..., CertaintyModel]) -> None:
    with pytest.warns(DataWarning, match="KNeighborsClassifier takes no sample_weight: the weights of the sentences do not count"):
        train(KNeighborsClassifier(3), labelled(KINDS, weights=np.linspace(0.5, 2, len(TEXTS))))


def test_one_of_two_kinds_of_label(train: Callable[..., CertaintyModel]) -> None:
    model = train(Ridge(), labelled(KINDS, GRADES))
    assert model.custom is not None
    assert model.parameters.classes is not None
    assert (model.custom.target, model.parameters.classes.names) == ("certainty", KINDS)
    assert [sentence.label for sentence in model.annotate(TEXTS[:3])] == list(KINDS)
    model = train(LogisticRegression(), labelled(KINDS, GRADES))
    assert model.custom is not None
    assert model.parameters.classes is None
    assert (model.custom.target, model.custom.names) == ("classes", KINDS)
    assert model.annotate(TEXTS[:1])[0].explain().total == pytest.approx(0.95, abs=0.1)


def test_classes_that_a_part_lacks(base: CertaintyModel) -> None:
    material = prepare(labelled(KINDS), base.parameters)
    rows = np.flatnonzero(np.arange(len(TEXTS)) % 3 == 1)
    parameters, head = fit_custom(material, rows, LogisticRegression(), "classes", 0)
    [sentence] = CertaintyModel(parameters, {"name": "part"}, head).annotate([TEXTS[0]])
    assert sentence.label_probabilities == {"fact": 0.0, "rumour": 1.0, "guess": 0.0}
    rows = np.flatnonzero(np.arange(len(TEXTS)) % 3 != 1)
    parameters, head = fit_custom(material, rows, LogisticRegression(), "classes", 0)
    [sentence] = CertaintyModel(parameters, {"name": "part"}, head).annotate([TEXTS[0]])
    assert sentence.label == "fact"
    assert sentence.label_probabilities is not None
    assert sentence.label_probabilities["rumour"] == 0 < sentence.label_probabilities["guess"]


def test_what_is_measured_is_the_estimator(train: Callable[..., CertaintyModel]) -> None:
    model = train(Own(), labelled(KINDS), measured=True)
    figures = {(row["part"], row["figure"]): row["value"] for row in model.info["metrics"]}
    # It always says the first of three.
    assert figures["held out", "accuracy"] == pytest.approx(1 / 3)
    assert figures["bag of words", "accuracy"] > 0.5
    assert {row["figure"] for row in model.info["learning_curve"]} == {model.info["learning_curve"][0]["figure"]}
    assert all(row["model"] < 0.5 < row["bag of words"] for row in model.info["learning_curve"][-1:])
    assert model.info["limits"][-1].startswith("Its classes come from an estimator of its user's own, Own")


def test_nothing_is_built_on_it(three: CertaintyModel) -> None:
    with pytest.raises(
        NotBuiltError, match=r"base 'retrained' ends in an estimator of its own, LogisticRegression.*pass its own base: base='small'"
    ):
        hedgekit.train(labelled(grades=GRADES), base=three)


# Keeping ----------------------------------------------------------------------------------------------------------------

_KEPT = (
    LogisticRegression(),
    CalibratedClassifierCV(LinearSVC(max_iter=20_000), cv=3),
    MLPClassifier((4,), solver="adam", max_iter=500, tol=0.05),
    KNeighborsClassifier(3),
    make_pipeline(TruncatedSVD(3), LogisticRegression()),
)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None] | None = None, **contents: bytes) -> None:
    """Put other bytes in the place of an estimator's and change what the header says of it, with right hashes."""
    outer = json.loads((folder / HEADER).read_text(encoding="utf-8"))
    noted = outer["header"]["estimator"]
    for kind, data in contents.items():
        (folder / ESTIMATORS[kind]).write_bytes(data)
        noted |= {"kind": kind, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if change is not None:
        change(noted)
    outer["header_sha256"] = persistence._header_hash(outer["header"])
    (folder / HEADER).write_text(json.dumps(outer), encoding="utf-8")


def tampered(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A skops file with other contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return stream.getvalue()


@pytest.fixture(scope="module")
def written(three: CertaintyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model that no test changes."""
    folder = tmp_path_factory.mktemp("written") / "model"
    three.save(folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A saved model to be spoilt."""
    return Path(shutil.copytree(written, tmp_path / "model"))


@pytest.mark.parametrize("estimator", _KEPT, ids=lambda value: type(value).__name__)
def test_known_types_are_kept_with_skops(estimator: Any, train: Callable[..., CertaintyModel], tmp_path: Path) -> None:
    model = train(estimator, labelled(HEDGED))
    model.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == sorted([HEADER, ARRAYS, CARD, SKOPS])
    same(model, hedgekit.load(tmp_path / "model"))


def test_each_kind_comes_back(each: CertaintyModel, tmp_path: Path) -> None:
    each.save(tmp_path / "model", trusted=True)
    assert (tmp_path / "model" / SKOPS).is_file()
    found = hedgekit.load(tmp_path / "model")
    same(each, found)
    assert each.custom is not None
    assert found.custom is not None
    assert (each.custom.target, each.custom.names, each.custom.hedged) == (found.custom.target, found.custom.names, found.custom.hedged)


@pytest.mark.parametrize(
    ("estimator", "named"),
    [
        (RandomForestClassifier(3), "sklearn.tree._tree.Tree"),
        (Own(), f"{__name__}.Own"),
        (DecisionTreeClassifier(), "sklearn.tree._tree.Tree"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_types_need_trust(estimator: Any, named: str, train: Callable[..., CertaintyModel], tmp_path: Path) -> None:
    model, folder = train(estimator, labelled(KINDS)), tmp_path / "model"
    with pytest.raises(ModelError, match=rf"skops cannot keep the estimator .*{re.escape(named)}.*model\.save\(path, trusted=True\)"):
        model.save(folder)
    assert list(tmp_path.iterdir()) == []
    model.save(folder, trusted=True)
    assert sorted(path.name for path in folder.iterdir()) == sorted([HEADER, ARRAYS, CARD, JOBLIB])
    with pytest.raises(ModelError, match=r"kept with joblib; such a file can run any code.*hedgekit\.load\(path, trusted=True\)"):
        hedgekit.load(folder)
    same(model, hedgekit.load(folder, trusted=True))


def test_what_not_even_joblib_keeps(three: CertaintyModel, tmp_path: Path) -> None:
    assert three.custom is not None
    odd = LogisticRegression()
    odd.callback = lambda: None
    model = replace(three, custom=replace(three.custom, estimator=odd))
    with pytest.raises(ModelError, match="joblib cannot keep the estimator LogisticRegression"):
        model.save(tmp_path / "model", trusted=True)
    assert list(tmp_path.iterdir()) == []


def test_no_estimator_is_left_behind(folder: Path, base: CertaintyModel) -> None:
    base.save(folder)
    assert not (folder / SKOPS).exists()
    assert hedgekit.load(folder).custom is None


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_trust_is_yes_or_no(value: Any, written: Path, base: CertaintyModel, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="trusted must be True or False"):
        hedgekit.load(written, trusted=value)
    with pytest.raises(OptionError, match="trusted must be True or False"):
        base.save(tmp_path / "model", trusted=value)


# Nothing is run ---------------------------------------------------------------------------------------------------------


def test_a_joblib_file_is_not_looked_into(folder: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    rewrite(folder, joblib=pickle.dumps(Touch(touched)))
    with pytest.raises(ModelError, match="can run any code"):
        hedgekit.load(folder)
    assert not touched.exists()
    # With another hash not even for those who trust it.
    (folder / JOBLIB).write_bytes(pickle.dumps([Touch(touched)]))
    with pytest.raises(ModelCorruptError, match="do not have the expected hash"):
        hedgekit.load(folder, trusted=True)
    assert not touched.exists()


@pytest.mark.parametrize("trusted", [False, True])
def test_a_joblib_file_under_the_name_of_the_other(trusted: bool, folder: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    rewrite(folder, skops=pickle.dumps(Touch(touched)))
    with pytest.raises(ModelCorruptError, match="the estimator is refused: it cannot be read"):
        hedgekit.load(folder, trusted=trusted)
    assert not touched.exists()


def test_a_file_that_the_header_does_not_name(small_folder: Path, tmp_path: Path) -> None:
    folder, touched = Path(shutil.copytree(small_folder, tmp_path / "model")), tmp_path / "touched"
    for name in ESTIMATORS.values():
        (folder / name).write_bytes(pickle.dumps(Touch(touched)))
    assert hedgekit.load(folder, trusted=True).custom is None
    assert not touched.exists()


@pytest.mark.parametrize(("module", "name"), [("subprocess", "Popen"), ("os", "system"), ("builtins", "eval"), ("no.such", "Thing")])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_skops_file_with_an_unknown_type(module: str, name: str, trusted: bool, folder: Path) -> None:
    def change(member: str, content: bytes) -> bytes:
        if member != "schema.json":
            return content
        return json.dumps({**json.loads(content), "__module__": module, "__class__": name}).encode()

    rewrite(folder, skops=tampered((folder / SKOPS).read_bytes(), change))
    with pytest.raises(ModelCorruptError, match=rf"the estimator is refused: it holds types that nobody vouches for: {module}\.{name}"):
        hedgekit.load(folder, trusted=trusted)


def test_a_matrix_that_points_out_of_itself(train: Callable[..., CertaintyModel], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    train(KNeighborsClassifier(3), labelled(KINDS)).save(folder)

    def change(member: str, content: bytes) -> bytes:
        if not member.endswith(".npz"):
            return content
        stream = io.BytesIO()
        with np.load(io.BytesIO(content)) as arrays:
            np.savez(stream, **{name: array + 1_000_000 if name == "indices" else array for name, array in arrays.items()})
        return stream.getvalue()

    rewrite(folder, skops=tampered((folder / SKOPS).read_bytes(), change))
    with pytest.raises(ModelCorruptError, match=r"it cannot be rebuilt \(ValueError"):
        hedgekit.load(folder)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_file_that_was_altered(place: int, folder: Path) -> None:
    data = bytearray((folder / SKOPS).read_bytes())
    data[place] ^= 1
    (folder / SKOPS).write_bytes(data)
    with pytest.raises(ModelCorruptError, match=rf"{SKOPS}: found \d+ bytes that do not have the expected hash"):
        hedgekit.load(folder)
    (folder / SKOPS).unlink()
    with pytest.raises(ModelCorruptError, match=rf"{SKOPS}: cannot be read"):
        hedgekit.load(folder)


_NOTES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "pickle"}, "does not tell what the estimator is"),
    ({"kind": "../skops"}, "does not tell what the estimator is"),
    ({"kind": ["skops"]}, "unhashable"),
    ({"target": "hedged"}, "does not tell what the estimator is"),
    ({"classes": "fact"}, "does not tell the classes"),
    ({"classes": ["fact", "rumour", 3]}, "does not tell the classes"),
    ({"classes": ["fact", "fact", "guess"]}, "do not fit with a hedged class"),
    ({"classes": []}, "do not fit with a hedged class"),
    ({"classes": ["fact", "rumour"]}, "the estimator tells other classes than 'fact', 'rumour'"),
    ({"hedged": 1}, "do not fit with a hedged class"),
    ({"hedged": True}, "does not tell the classes"),
    ({"hedged": -2}, "do not fit with a hedged class"),
    ({"target": "certainty"}, "do not fit with a hedged class"),
)


@pytest.mark.parametrize(("changed", "match"), _NOTES, ids=lambda value: str(value) if isinstance(value, dict) else "")
def test_a_header_that_cannot_be(changed: dict[str, Any], match: str, folder: Path) -> None:
    rewrite(folder, lambda noted: noted.update(changed))
    with pytest.raises(ModelCorruptError, match=match):
        hedgekit.load(folder)


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ([3, 2], "do not rise"),
        ([-1, 2], "are not all below"),
        ([0, 10_000_000], "are not all below"),
        ([0, 1], r"fitted on \d+ features, not on 2"),
    ],
)
def test_columns_that_cannot_be(columns: list[int], match: str, three: CertaintyModel, tmp_path: Path) -> None:
    assert three.custom is not None
    replace(three, custom=replace(three.custom, columns=np.array(columns, dtype=np.int32))).save(tmp_path / "model")
    with pytest.raises(ModelCorruptError, match=match):
        hedgekit.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("estimator", "target"), [(MaxAbsScaler(), "certainty"), (MaxAbsScaler(), "classes"), (LogisticRegression(), "classes")]
)
def test_an_estimator_that_cannot_be(estimator: Any, target: Any, three: CertaintyModel, tmp_path: Path) -> None:
    assert three.custom is not None
    names = three.custom.names if target == "classes" else ()
    replace(three, custom=replace(three.custom, estimator=estimator, target=target, names=names)).save(tmp_path / "model")
    with pytest.raises(ModelCorruptError, match=r"the estimator (MaxAbsScaler has no predict|tells other classes)"):
        hedgekit.load(tmp_path / "model")


# Packages ---------------------------------------------------------------------------------------------------------------


def test_without_skops(three: CertaintyModel, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops", None)
    for work in (lambda: three.save(tmp_path / "model"), lambda: hedgekit.load(written)):
        with pytest.raises(ImportError, match=r'needs skops; install it with: pip install "hedgekit\[estimators\]"'):
            work()
    three.save(tmp_path / "model", trusted=True)
    assert (tmp_path / "model" / JOBLIB).is_file()
    same(three, hedgekit.load(tmp_path / "model", trusted=True))


def test_with_a_skops_that_can_be_got_around(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import skops

    monkeypatch.setattr(skops, "__version__", "0.11.0")
    with pytest.raises(ImportError, match=r"skops 0\.11\.0 is installed.*0\.15 or later is needed.*hedgekit\[estimators\]"):
        hedgekit.load(written)


def test_the_oldest_skops_is_that_of_the_extra() -> None:
    text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert set(re.findall(r"skops>=([\d.]+)", text)) == {".".join(map(str, estimator_bytes._OLDEST_SKOPS))}


@pytest.mark.parametrize("trusted", [False, True])
def test_another_scikit_learn(trusted: bool, train: Callable[..., CertaintyModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = train(DecisionTreeClassifier() if trusted else LogisticRegression(), labelled(KINDS))
    with monkeypatch.context() as other:
        other.setattr(sklearn, "__version__", "1.2.3")
        other.setattr(sklearn.base, "__version__", "1.2.3")
        model.save(tmp_path / "model", trusted=trusted)
    with pytest.warns() as told:
        found = hedgekit.load(tmp_path / "model", trusted=trusted)
    [warning] = told
    assert warning.category is VersionWarning
    assert warning.filename == __file__
    assert re.search(
        rf"fitted with scikit-learn 1\.2\.3, and this is {re.escape(sklearn.__version__)}: its predictions may differ", str(warning.message)
    )
    same(model, found)


def test_another_patch_is_no_other_version(folder: Path) -> None:
    rewrite(folder, lambda noted: noted.update({"scikit-learn": ".".join([*sklearn.__version__.split(".")[:2], "99"])}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hedgekit.load(folder)


def test_a_sentence_shows_itself_all_the_same(graded: CertaintyModel) -> None:
    [sentence] = graded.annotate(["The bridge may close on Monday."])
    shown = sentence._repr_html_()
    assert "may" in shown
    assert "why:" not in shown


class Failing(Own):
    """Fails in a way of its own."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        raise KeyError("boom")


def test_whatever_fails_in_an_estimator_is_told(train: Callable[..., CertaintyModel]) -> None:
    with pytest.raises(OptionError, match=r"Failing cannot be fitted .*KeyError\('boom'\)"):
        train(Failing(), labelled(KINDS))


class Mute(Own):
    """Can be fitted, and fails when it is asked."""

    def predict_proba(self, X: Any) -> Any:
        raise LookupError("nothing comes to mind")


class MuteRegressor(Unfit):
    """The same for a certainty; answers what it is asked of many sentences alone."""

    def fit(self, X: Any, y: Any) -> Self:
        return self

    def predict(self, X: Any) -> Any:
        if X.shape[0] < 2:
            raise LookupError("nothing comes to mind")
        return np.full(X.shape[0], 0.5)


@pytest.mark.parametrize(
    ("estimator", "data", "method"),
    [(Mute(), (KINDS, None), "predict_proba"), (Mute(), (HEDGED, None), "predict_proba"), (MuteRegressor(), (None, GRADES), "predict")],
)
def test_an_estimator_that_fails_when_it_is_asked(
    estimator: Any, data: tuple[Any, Any], method: str, train: Callable[..., CertaintyModel]
) -> None:
    name = type(estimator).__name__
    wanted = rf"^{method} of the model's estimator {name} failed on the sparse matrix of \d+ sentences with \d+ features: LookupError\("
    with pytest.raises(ModelError, match=wanted) as caught:
        train(estimator, labelled(*data)).annotate(["The bridge may close."])
    assert "or train with another, such as LogisticRegression or Ridge" in str(caught.value)
    assert isinstance(caught.value.__cause__, LookupError)


def test_a_failure_is_told_where_scores_and_texts_are_asked_for(train: Callable[..., CertaintyModel]) -> None:
    model = train(MuteRegressor(), labelled(None, GRADES))
    calls: list[Callable[[], Any]] = [
        lambda: model.score("It may rain."),
        lambda: list(model.score_many(["It may rain."])),
        lambda: model.analyze("It may rain.").certainty,
        lambda: list(model.analyze_many(["It may rain."])),
    ]
    for call in calls:
        with pytest.raises(ModelError, match="estimator MuteRegressor failed"):
            call()
    assert model.score(["It may rain."] * 2).tolist() == [0.5, 0.5]


class Nameless(Own):
    """Does not tell its classes."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        return self


def test_an_estimator_without_classes(train: Callable[..., CertaintyModel]) -> None:
    with pytest.raises(OptionError, match=r"estimator Nameless cannot be fitted .*no attribute 'classes_'"):
        train(Nameless(), labelled(KINDS))
