"""The scikit-learn estimators: they agree with the model, and behave as scikit-learn expects."""

from __future__ import annotations

import ast
import importlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import hedgekit
from hedgekit import CertaintyClassifier, CertaintyRegressor, CueFeatures
from hedgekit.errors import DataError, InputTypeError, MissingTextError, ModelNotFoundError, OptionError
from hedgekit.model import CertaintyModel

ESTIMATORS: list[Any] = [CueFeatures(), CertaintyClassifier(), CertaintyRegressor()]
TEXTS = ["It rained.", "It may rain.", "It snowed.", "It might snow.", "The sun shone.", "Perhaps it froze."]
HEDGED = [False, True, False, True, False, True]


@pytest.fixture(scope="module")
def rows(seeds: Path) -> list[dict[str, Any]]:
    lines = (seeds / "sentences.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.fixture(scope="module")
def everything(model: CertaintyModel) -> Any:
    return CueFeatures(model).fit(TEXTS).transform(TEXTS)


@pytest.fixture(scope="module")
def matrix(everything: Any) -> Any:
    """Only the features that occur: fitting is faster."""
    return everything[:, np.flatnonzero(everything.sum(axis=0))]


# Agreement with the model


def test_the_classifier_agrees_with_the_model(model: CertaintyModel, seed_texts: list[str]) -> None:
    assert len(seed_texts) >= 200
    rebuilt = model.to_sklearn("hedged")
    found = model.annotate(seed_texts)
    probabilities = rebuilt.predict_proba(seed_texts)
    np.testing.assert_allclose(probabilities[:, 1], [sentence.hedged_probability for sentence in found], atol=1e-9, rtol=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    assert rebuilt.predict(seed_texts).tolist() == [sentence.hedged for sentence in found]
    assert rebuilt.classes_.tolist() == [False, True]


def test_the_regressor_agrees_with_the_model(model: CertaintyModel, seed_texts: list[str]) -> None:
    predicted = model.to_sklearn("certainty").predict(seed_texts)
    scores = model.score(seed_texts)
    assert np.isnan(predicted).tolist() == np.isnan(scores).tolist()
    np.testing.assert_allclose(predicted, scores, atol=1e-9, rtol=0)


def test_they_agree_on_odd_texts(model: CertaintyModel) -> None:
    texts = ["", " ", "?", "may", "\ud800", "[" * 50, "Zxqv vbnw.", "😀"]
    np.testing.assert_allclose(model.to_sklearn("certainty").predict(texts), model.score(texts), atol=1e-9, rtol=0)
    probabilities = [sentence.hedged_probability for sentence in model.annotate(texts)]
    np.testing.assert_allclose(model.to_sklearn().predict_proba(texts)[:, 1], probabilities, atol=1e-9, rtol=0)


def test_a_rebuilt_pipeline_survives_pickle(model: CertaintyModel) -> None:
    rebuilt = model.to_sklearn()
    again = pickle.loads(pickle.dumps(rebuilt))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), rebuilt.predict_proba(TEXTS))


# Features


def test_features_are_named_once_each(model: CertaintyModel) -> None:
    features = CueFeatures(model).fit(TEXTS)
    names = features.get_feature_names_out()
    assert names.dtype == object
    assert len(set(names)) == len(names) == features.n_features_out_ == features.transform(TEXTS).shape[1]
    assert all(isinstance(name, str) and name for name in names)


def test_features_of_many_are_those_of_each(model: CertaintyModel) -> None:
    features = CueFeatures(model).fit(TEXTS)
    together = features.transform(TEXTS)
    assert issparse(together)
    assert together.shape[0] == len(TEXTS)
    for number, text in enumerate(TEXTS):
        difference = features.transform([text]) - together[[number]]
        assert abs(difference).max() <= 1e-12


def test_dense_output(model: CertaintyModel, everything: Any) -> None:
    dense = CueFeatures(model, sparse_output=False).fit_transform(TEXTS)
    assert isinstance(dense, np.ndarray)
    np.testing.assert_array_equal(dense, everything.toarray())


@pytest.mark.parametrize("container", [tuple, np.array, pd.Series])
def test_features_of_any_sequence(container: Any, model: CertaintyModel, everything: Any) -> None:
    found = CueFeatures(model).fit(container(TEXTS)).transform(container(TEXTS))
    assert (found != everything).nnz == 0


def test_features_of_nothing(model: CertaintyModel) -> None:
    features = CueFeatures(model).fit([])
    assert features.transform([]).shape == (0, features.n_features_out_)


def test_the_base_is_named_or_given(everything: Any) -> None:
    assert (CueFeatures("general").fit(TEXTS).transform(TEXTS) != everything).nnz == 0
    with pytest.raises(ModelNotFoundError, match="no_such_model"):
        CueFeatures("no_such_model").fit(TEXTS)


# As scikit-learn expects


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_parameters(estimator: Any) -> None:
    parameters = estimator.get_params()
    assert parameters
    copy = clone(estimator)
    assert copy is not estimator
    assert copy.get_params() == parameters
    for name in parameters:
        mark = object()
        assert copy.set_params(**{name: mark}) is copy
        assert copy.get_params()[name] is mark
    assert estimator.get_params() == parameters
    with pytest.raises(ValueError, match="no_such_parameter"):
        estimator.set_params(no_such_parameter=1)
    assert type(estimator).__name__ in repr(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS[1:], ids=lambda estimator: type(estimator).__name__)
def test_fit_returns_self_and_leaves_parameters_alone(estimator: Any, matrix: Any) -> None:
    fitted = clone(estimator)
    before = fitted.get_params()
    assert fitted.fit(matrix, [0.0, 1.0] * 3 if isinstance(fitted, CertaintyRegressor) else HEDGED) is fitted
    assert fitted.get_params() == before
    assert [name for name in vars(clone(estimator)) if name.endswith("_")] == []
    assert fitted.n_features_in_ == matrix.shape[1]


def test_nothing_works_before_fit(matrix: Any) -> None:
    with pytest.raises(NotFittedError):
        CueFeatures().transform(TEXTS)
    with pytest.raises(NotFittedError):
        CueFeatures().get_feature_names_out()
    with pytest.raises(NotFittedError):
        CertaintyClassifier().predict(matrix)
    with pytest.raises(NotFittedError):
        CertaintyRegressor().predict(matrix)


def test_fitting_twice_gives_the_same(matrix: Any) -> None:
    one, two = (CertaintyClassifier(n_folds=2).fit(matrix, HEDGED) for _ in range(2))
    np.testing.assert_array_equal(one.coef_, two.coef_)
    np.testing.assert_array_equal(one.predict_proba(matrix), two.predict_proba(matrix))
    assert one.threshold_ == two.threshold_


def test_the_features_serve_other_estimators(model: CertaintyModel) -> None:
    fitted = make_pipeline(CueFeatures(model), LogisticRegression()).fit(TEXTS, HEDGED)
    assert fitted.predict(["It may thaw.", "It thawed."]).tolist() == [True, False]


def test_cross_validation_on_the_seeds(model: CertaintyModel, rows: list[dict[str, Any]]) -> None:
    chosen = [row for row in rows if row["certainty"] is not None][::10]
    texts = np.array([row["text"] for row in chosen], dtype=object)
    hedged = np.array([row["hedged"] for row in chosen])
    certainty = np.array([row["certainty"] for row in chosen])
    # The features know these sentences; what counts here is that the folds run and learn.
    classifier = Pipeline([("features", CueFeatures(model)), ("hedged", CertaintyClassifier(n_folds=3))])
    accuracy = cross_val_score(classifier, texts, hedged, cv=KFold(3, shuffle=True, random_state=0), error_score="raise")
    assert accuracy.min() > max(hedged.mean(), 1 - hedged.mean())
    regressor = make_pipeline(CueFeatures(model), CertaintyRegressor())
    folds = GroupKFold(3)
    r2 = cross_val_score(regressor, texts, certainty, cv=folds, groups=[row["register"] for row in chosen], error_score="raise")
    assert r2.min() > 0.2


def test_rows_without_a_label_teach_what_makes_no_claim(model: CertaintyModel, rows: list[dict[str, Any]]) -> None:
    chosen = rows[::8]
    certainty = [np.nan if row["certainty"] is None else row["certainty"] for row in chosen]
    hedged = [None if row["certainty"] is None else row["hedged"] for row in chosen]
    features = CueFeatures(model).fit_transform([row["text"] for row in chosen])
    matrix = features[:, np.flatnonzero(features.sum(axis=0))]
    silent = np.isnan(certainty)
    regressor = CertaintyRegressor().fit(matrix, certainty)
    assert np.mean(np.isnan(regressor.predict(matrix)) == silent) > 0.9
    classifier = CertaintyClassifier(n_folds=3).fit(matrix, hedged)
    probabilities = classifier.predict_proba(matrix)[:, 1]
    np.testing.assert_array_equal(probabilities == 0, np.isnan(regressor.predict(matrix)))


def test_a_row_without_features_makes_no_claim(matrix: Any) -> None:
    regressor = CertaintyRegressor().fit(matrix, [0.9, 0.4] * 3)
    assert np.isnan(regressor.predict(np.zeros((1, matrix.shape[1])))).all()


# In the company of other estimators; on a small model, whose features are few


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("asked", ["by the estimator", "everywhere"])
def test_features_as_a_frame(sparse: bool, asked: str, small_folder: Path) -> None:
    features = CueFeatures(small_folder, sparse_output=sparse).fit(TEXTS)
    expected = CueFeatures(small_folder, sparse_output=False).fit(TEXTS).transform(TEXTS)
    texts = pd.Series(TEXTS, index=list("abcdef"))
    if asked == "everywhere":
        with config_context(transform_output="pandas"):
            frame, plain = features.transform(texts), features.transform(TEXTS)
    else:
        frame, plain = features.set_output(transform="pandas").transform(texts), features.transform(TEXTS)
        assert clone(features).fit(TEXTS).transform(texts).equals(frame)
        assert not isinstance(features.set_output(transform="default").transform(texts), pd.DataFrame)
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns.tolist() == features.get_feature_names_out().tolist()
    assert frame.index.tolist() == list("abcdef")
    assert plain.index.tolist() == list(range(6))
    assert all(isinstance(kind, pd.SparseDtype) == sparse for kind in frame.dtypes)
    np.testing.assert_array_equal(frame.to_numpy(), expected)


def test_a_polars_frame_wants_dense_features(small_folder: Path) -> None:
    pytest.importorskip("polars")
    features = CueFeatures(small_folder).fit(TEXTS).set_output(transform="polars")
    with pytest.raises(OptionError, match=r"polars has no sparse columns; use CueFeatures\(sparse_output=False\)"):
        features.transform(TEXTS)
    dense = CueFeatures(small_folder, sparse_output=False).fit(TEXTS).set_output(transform="polars").transform(TEXTS)
    assert dense.shape == (6, features.n_features_out_)


def test_frames_go_through_a_pipeline(small_folder: Path) -> None:
    plain = make_pipeline(CueFeatures(small_folder), CertaintyClassifier(n_folds=2)).fit(TEXTS, HEDGED)
    framed = make_pipeline(CueFeatures(small_folder), CertaintyClassifier(n_folds=2)).set_output(transform="pandas").fit(TEXTS, HEDGED)
    assert framed[-1].feature_names_in_.tolist() == framed[0].get_feature_names_out().tolist()
    np.testing.assert_allclose(framed.predict_proba(TEXTS), plain.predict_proba(TEXTS), rtol=1e-9)


def test_grid_search(small_folder: Path) -> None:
    texts, hedged = TEXTS * 3, HEDGED * 3
    chain = Pipeline([("features", CueFeatures(small_folder)), ("hedged", CertaintyClassifier(n_folds=2))])
    search = GridSearchCV(chain, {"hedged__strength": [1e-4, 1.0], "features__sparse_output": [True, False]}, cv=3, error_score="raise")
    search.fit(texts, hedged)
    assert search.best_score_ == 1
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(["It may thaw."]).tolist() == [True]
    grades = GridSearchCV(make_pipeline(CueFeatures(small_folder), CertaintyRegressor()), {"certaintyregressor__alpha": [0.1, 1e6]}, cv=3)
    assert grades.fit(texts, [0.4 if row else 0.9 for row in hedged]).best_params_ == {"certaintyregressor__alpha": 0.1}


def test_beside_other_features(small_folder: Path) -> None:
    n = CueFeatures(small_folder).fit(TEXTS).n_features_out_
    union = FeatureUnion([("cues", CueFeatures(small_folder)), ("words", CountVectorizer())])
    matrix = union.fit_transform(TEXTS)
    names = union.get_feature_names_out()
    assert matrix.shape == (6, len(names))
    assert [name.startswith("cues__") for name in names] == [True] * n + [False] * (len(names) - n)
    frame = pd.DataFrame({"text": TEXTS, "year": [1990.0, 1991, 1992, 1993, 1994, 1995]})
    columns = ColumnTransformer([("cues", CueFeatures(small_folder), "text"), ("year", StandardScaler(), ["year"])])
    chain = make_pipeline(columns, CertaintyClassifier(n_folds=2)).fit(frame, HEDGED)
    assert chain[0].transform(frame).shape == (6, n + 1)
    assert chain[0].get_feature_names_out()[-1] == "year__year"
    again = pickle.loads(pickle.dumps(clone(chain).fit(frame, HEDGED)))
    np.testing.assert_array_equal(again.predict_proba(frame), chain.predict_proba(frame))
    framed = clone(columns).set_output(transform="pandas").fit_transform(frame)
    assert framed.shape == (6, n + 1)
    with pytest.raises(InputTypeError, match="a column of str is needed, got a DataFrame"):
        ColumnTransformer([("cues", CueFeatures(small_folder), ["text"])]).fit(frame)


def test_cross_validation_with_weights_and_other_labels(small_folder: Path) -> None:
    labels = np.array(["cautious" if row else "plain" for row in HEDGED * 3])
    features = CueFeatures(small_folder).fit_transform(TEXTS * 3)
    classifier = CertaintyClassifier(n_folds=2, hedged="cautious")
    assert cross_val_score(classifier, features, labels, cv=3, scoring="roc_auc", error_score="raise").min() == 1
    fitted = classifier.fit(features, labels, sample_weight=np.linspace(0.5, 2, labels.size))
    assert fitted.score(features, labels, sample_weight=np.linspace(0.5, 2, labels.size)) == 1


# Errors


@pytest.mark.parametrize("method", ["fit", "transform"])
def test_texts_are_checked(method: str, model: CertaintyModel) -> None:
    call = getattr(CueFeatures(model).fit(TEXTS), method)
    with pytest.raises(InputTypeError, match="got a single str"):
        call("It may rain.")
    with pytest.raises(InputTypeError, match="at position 1"):
        call(["It may rain.", 3])
    with pytest.raises(MissingTextError, match="position 0"):
        call([None])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([True] * 6, "all sentences have the same class"),
        ([None] * 6, "all sentences have the same class"),
        ([True, False], "6 rows of features but 2 labels"),
        (["yes", "no", "maybe"] * 2, "Only binary classification is supported. Two labels are wanted, got 3: 'maybe', 'no', 'yes'"),
        ([False, True, 2, 0, 1, 1], "got 3: False, True, 2"),
        (["yes", 0, 1, 0, 1, 1], "labels must be all strings or all numbers, got 'yes', 0, 1"),
        ([b"yes", b"no"] * 3, "a label must be True, False or None .*got b'yes' at position 0"),
        ([0.3, 0.9] * 3, "got 0.3 at position 0, which is continuous"),
        (None, "CertaintyClassifier requires y to be passed, but the target y is None; give one label for each sentence"),
        (np.ones((6, 2)), r"y should be a 1d array: one label for each sentence; got an array of shape \(6, 2\)"),
        ([np.nan, True, False, True, False, True], "got nan at position 0"),
    ],
)
def test_bad_classes(labels: list[Any], message: str, matrix: Any) -> None:
    with pytest.raises(DataError, match=message):
        CertaintyClassifier().fit(matrix, labels)


@pytest.mark.parametrize("labels", [[0, 1] * 3, np.array([False, True] * 3), np.array([0, 1] * 3), pd.Series([False, True] * 3)])
def test_good_classes(labels: Any, matrix: Any) -> None:
    fitted = CertaintyClassifier(n_folds=2).fit(matrix, labels)
    np.testing.assert_array_equal(fitted.predict_proba(matrix), CertaintyClassifier(n_folds=2).fit(matrix, HEDGED).predict_proba(matrix))


@pytest.mark.parametrize(
    ("labels", "hedged", "classes"),
    [
        (["certain", "hedged"] * 3, None, ["certain", "hedged"]),
        (["no", "yes"] * 3, "yes", ["no", "yes"]),
        (["plain", "cautious"] * 3, "cautious", ["cautious", "plain"]),
        ([-1, 1] * 3, None, [-1, 1]),
        ([2.0, 1.0] * 3, 1, [1.0, 2.0]),
        (pd.Series(["a", "b"] * 3, dtype="category"), None, ["a", "b"]),
        (np.array(["a", "b"] * 3, dtype=object), None, ["a", "b"]),
        (pd.Series([1, 2] * 3), None, [1, 2]),
    ],
)
def test_any_two_labels(labels: Any, hedged: Any, classes: list[Any], matrix: Any) -> None:
    by_truth = CertaintyClassifier(n_folds=2).fit(matrix, HEDGED)
    fitted = CertaintyClassifier(n_folds=2, hedged=hedged).fit(matrix, labels)
    says_hedged = list(labels)[1]
    assert fitted.classes_.tolist() == classes
    assert fitted.hedged_ == says_hedged
    np.testing.assert_array_equal(fitted.coef_, by_truth.coef_)
    assert fitted.threshold_ == by_truth.threshold_
    assert [label == says_hedged for label in fitted.predict(matrix)] == by_truth.predict(matrix).tolist()
    columns = fitted.predict_proba(matrix)
    np.testing.assert_array_equal(columns[:, classes.index(says_hedged)], by_truth.predict_proba(matrix)[:, 1])
    np.testing.assert_allclose(columns.sum(axis=1), 1)
    assert fitted.score(matrix, labels) == by_truth.score(matrix, HEDGED)


def test_the_label_that_says_hedged_is_one_of_them(matrix: Any) -> None:
    with pytest.raises(DataError, match="hedged must be one of the labels 'no', 'yes', got 'maybe'"):
        CertaintyClassifier(hedged="maybe").fit(matrix, ["no", "yes"] * 3)


def test_other_labels_beside_none(matrix: Any) -> None:
    fitted = CertaintyClassifier(n_folds=2).fit(matrix, ["certain", "hedged", None, "hedged", "certain", None])
    assert fitted.classes_.tolist() == ["certain", "hedged"]
    silent = CertaintyClassifier(n_folds=2).fit(matrix, [False, True, None, True, False, None])
    np.testing.assert_array_equal(fitted.predict_proba(matrix), silent.predict_proba(matrix))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 1, 1, 1, 1], r"one number for each of 6 sentences, got an array of shape \(5,\)"),
        ([1, 1, 1, 1, 1, -1], "sample_weight must be numbers from 0 on, got -1 to 1"),
        ([1, 1, 1, 1, 1, np.nan], "sample_weight must be numbers from 0 on"),
        (["heavy"] * 6, "sample_weight must be numbers from 0 on"),
        ([0] * 6, "sample_weight is zero everywhere"),
    ],
)
def test_bad_weights(weights: list[Any], message: str, matrix: Any) -> None:
    with pytest.raises(DataError, match=message):
        CertaintyClassifier(n_folds=2).fit(matrix, HEDGED, sample_weight=weights)
    with pytest.raises(DataError, match=message):
        CertaintyRegressor().fit(matrix, [0.9, 0.4] * 3, weights)
    with pytest.raises(DataError, match=message):
        CertaintyRegressor().fit(matrix, [0.9, 0.4] * 3).score(matrix, [0.9, 0.4] * 3, weights)


def test_weights_of_one_change_nothing_and_others_do(matrix: Any) -> None:
    plain = CertaintyClassifier(n_folds=2).fit(matrix, HEDGED)
    same = CertaintyClassifier(n_folds=2).fit(matrix, HEDGED, sample_weight=np.ones(6))
    other = CertaintyClassifier(n_folds=2).fit(matrix, HEDGED, sample_weight=[1, 9, 1, 9, 1, 9])
    np.testing.assert_allclose(same.coef_, plain.coef_, rtol=1e-6)
    assert same.threshold_ == plain.threshold_
    assert other.intercept_ > plain.intercept_
    with pytest.raises(DataError, match="all sentences have the same class"):
        CertaintyClassifier(n_folds=2).fit(matrix, HEDGED, sample_weight=[1, 0, 1, 0, 1, 0])


def test_rows_without_a_certainty_are_left_out_of_the_score(matrix: Any) -> None:
    grades = [0.9, 0.4] * 3
    regressor = CertaintyRegressor(alpha=0.1).fit(matrix, grades)
    assert regressor.score(matrix, grades) > 0.8
    assert regressor.score(matrix, [0.9, 0.4, 0.9, 0.4, np.nan, np.nan]) == pytest.approx(regressor.score(matrix[:4], grades[:4]))
    assert np.isnan(regressor.score(matrix, [np.nan] * 6))


def test_a_column_of_labels_is_taken_with_a_warning(matrix: Any) -> None:
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        fitted = CertaintyRegressor().fit(matrix, np.array([[0.9], [0.4]] * 3))
    np.testing.assert_array_equal(fitted.coef_, CertaintyRegressor().fit(matrix, [0.9, 0.4] * 3).coef_)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([85, 42, 93, 42, 90, 52], "certainty must be 0 to 1 or NaN, got 42 to 93; divide by the end of the scale"),
        ([-0.5, 1, 0, 0, 0, 0], "got -0.5 to 1"),
        ([np.inf, 1, 0, 0, 0, 0], "certainty must be 0 to 1"),
        ([np.nan] * 6, "no row has a label"),
        ([0.5] * 5, "6 rows of features but 5 labels"),
        (["high"] * 6, "certainty must be numbers from 0 to 1"),
        ([[0.5, 0.5]] * 6, "one number for each sentence"),
        (np.full((6, 2), 0.5), r"one label for each sentence; got an array of shape \(6, 2\)"),
        (None, "CertaintyRegressor requires y to be passed"),
    ],
)
def test_bad_certainties(labels: list[Any], message: str, matrix: Any) -> None:
    with pytest.raises(DataError, match=message):
        CertaintyRegressor().fit(matrix, labels)


def test_too_little_to_calibrate(matrix: Any) -> None:
    with pytest.raises(DataError, match=r"too few sentences or groups .*lower n_folds"):
        CertaintyClassifier().fit(matrix, HEDGED, groups=["one"] * 6)


def test_only_public_names_of_scikit_learn_are_used() -> None:
    used = set()
    for path in sorted(Path(hedgekit.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sklearn"):
                used |= {(node.module, alias.name) for alias in node.names}
    assert used
    for module, name in used:
        assert module is not None
        assert not any(part.startswith("_") for part in (*module.split("."), name))
        assert hasattr(importlib.import_module(module), name)
