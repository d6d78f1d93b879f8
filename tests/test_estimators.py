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
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

import hedgekit
from hedgekit import CertaintyClassifier, CertaintyRegressor, CueFeatures
from hedgekit.errors import DataError, InputTypeError, MissingTextError, ModelNotFoundError
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
        (["yes", "no"] * 3, "a label must be True, False or None .*got 'yes' at position 0"),
        ([False, True, 2, 0, 1, 1], "got 2 at position 2"),
        ([0.3, 0.9] * 3, "got 0.3 at position 0"),
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
    ("labels", "message"),
    [
        ([85, 42, 93, 42, 90, 52], "certainty must be 0 to 1 or NaN, got 42 to 93; divide by the end of the scale"),
        ([-0.5, 1, 0, 0, 0, 0], "got -0.5 to 1"),
        ([np.inf, 1, 0, 0, 0, 0], "certainty must be 0 to 1"),
        ([np.nan] * 6, "no row has a label"),
        ([0.5] * 5, "6 rows of features but 5 labels"),
        (["high"] * 6, "certainty must be numbers from 0 to 1"),
        ([[0.5]] * 6, "one number for each sentence"),
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
