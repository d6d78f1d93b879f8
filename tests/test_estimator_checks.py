"""Every check that scikit-learn has for estimators, called one by one, or the reason why it does not apply.

``check_estimator`` runs a single check on an estimator whose input is text, so the functions are called here by themselves. What an
estimator wants, the checks do not know: they bring numbers where ``CueFeatures`` wants sentences, and targets on any scale where
``CertaintyRegressor`` wants certainties. Two thin classes below translate; nothing else of the estimators is changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.utils import estimator_checks
from sklearn.utils.validation import check_is_fitted

from hedgekit import CertaintyClassifier, CertaintyRegressor, CueFeatures
from hedgekit.estimators import _validated

_WORDS = ("it", "may", "rain", "perhaps", "she", "said", "nobody", "knew", "whether", "the", "bridge", "was", "closed", ",", "probably")


class WordedFeatures(CueFeatures):
    """Cue features of sentences that are made from rows of numbers."""

    def fit(self, X: Any, y: object = None) -> Any:
        return super().fit(self._sentences(X, reset=True))

    def transform(self, X: Any) -> Any:
        check_is_fitted(self, "model_")
        return super().transform(self._sentences(X, reset=False))

    def _sentences(self, X: Any, *, reset: bool) -> Any:
        rows = _validated(self, X, reset=reset)
        texts = [" ".join(_WORDS[int(abs(value) * 7) % len(_WORDS)] for value in row) for row in rows]
        return pd.Series(texts, index=X.index, dtype=object) if isinstance(X, pd.DataFrame) else texts

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = True, False
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"X_types": ["2darray"], "requires_fit": True}


class RangedRegressor(CertaintyRegressor):
    """The regressor with targets on any scale: they are brought to 0 to 1, and predictions back to their scale."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        values = None if y is None else np.asarray(y, dtype=np.float64)
        if values is None or not values.size or not np.isfinite(values).all():
            return super().fit(X, y, sample_weight)
        self.low_, self.width_ = float(values.min()), float(np.ptp(values)) or 1.0
        return super().fit(X, (values - self.low_) / self.width_, sample_weight)

    def predict(self, X: Any) -> Any:
        certainty = super().predict(X)
        return self.low_ + certainty * self.width_


RUNS = None
NO_CLUSTERS = "for clusterers"
NO_OUTLIERS = "for detectors of outliers"
ONLY_TRANSFORMERS = "for transformers"
ONLY_CLASSIFIERS = "for classifiers"
ONLY_REGRESSORS = "for regressors"
ONE_OUTPUT = "there is one label for each sentence, never several"
BINARY = "two labels, and no more, are told apart"
NO_CLASS_WEIGHT = "there is no class_weight; sample_weight does what it would do"
NO_ARRAY_API = "plain numpy and scipy, no array API"
NO_PAIRS = "features are no matrix of distances"
ANY_SIGN = "features may be negative"
NO_CONSTRAINTS = "parameters are checked in fit, by hedgekit's own errors, not by scikit-learn's private constraints"
NO_WEIGHTS = "nothing is learned from the sentences, so none has a weight"
NO_TARGET = "nothing is learned from the sentences, so y is ignored"
FROM_FIT = "the base model is loaded by fit"
NO_SPARSIFY = "there is no sparsify"
NO_DECISION = "there is no decision_function: predict_proba is calibrated, and its threshold is no half"
TEXTS_ARE_DENSE = "sentences are no sparse matrix"
TEXTS_HAVE_NO_NAMES = "sentences are no named columns, from which names of features would follow"
HELPER = "a helper of other checks, which takes more than an estimator"
ALL_CHECKS = "runs the others"
BY_FOLDS = "calibration folds are made of rows: one row of weight two lies in one fold, two equal rows may lie in two"
ONLY_1_5 = "for estimators that override scikit-learn 1.5's tags as a whole"
DTYPE_KEPT = "features are counts and probabilities, always of double precision, whatever the input"

Reason = str | None

# For each check: CueFeatures, CertaintyClassifier, CertaintyRegressor.
CHECKS: dict[str, tuple[Reason, Reason, Reason]] = {
    "check_all_zero_sample_weights_error": (NO_WEIGHTS, RUNS, RUNS),
    "check_array_api_input": (NO_ARRAY_API, NO_ARRAY_API, NO_ARRAY_API),
    "check_array_api_input_and_values": (NO_ARRAY_API, NO_ARRAY_API, NO_ARRAY_API),
    "check_array_api_mixed_inputs": (NO_ARRAY_API, NO_ARRAY_API, NO_ARRAY_API),
    "check_array_api_same_namespace": (NO_ARRAY_API, NO_ARRAY_API, NO_ARRAY_API),
    "check_class_weight_balanced_classifiers": (HELPER, HELPER, HELPER),
    "check_class_weight_balanced_linear_classifier": (ONLY_CLASSIFIERS, NO_CLASS_WEIGHT, ONLY_CLASSIFIERS),
    "check_class_weight_classifiers": (ONLY_CLASSIFIERS, NO_CLASS_WEIGHT, ONLY_CLASSIFIERS),
    "check_classifier_data_not_an_array": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_classifier_multioutput": (ONLY_CLASSIFIERS, ONE_OUTPUT, ONLY_CLASSIFIERS),
    "check_classifier_not_supporting_multiclass": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_classifiers_classes": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_classifiers_multilabel_output_format_decision_function": (ONLY_CLASSIFIERS, ONE_OUTPUT, ONLY_CLASSIFIERS),
    "check_classifiers_multilabel_output_format_predict": (ONLY_CLASSIFIERS, ONE_OUTPUT, ONLY_CLASSIFIERS),
    "check_classifiers_multilabel_output_format_predict_proba": (ONLY_CLASSIFIERS, ONE_OUTPUT, ONLY_CLASSIFIERS),
    "check_classifiers_multilabel_representation_invariance": (ONLY_CLASSIFIERS, ONE_OUTPUT, ONLY_CLASSIFIERS),
    "check_classifiers_one_label": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_classifiers_one_label_sample_weights": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_classifiers_predictions": (HELPER, HELPER, HELPER),
    "check_classifiers_regression_target": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_classifiers_train": (ONLY_CLASSIFIERS, RUNS, ONLY_CLASSIFIERS),
    "check_clusterer_compute_labels_predict": (NO_CLUSTERS, NO_CLUSTERS, NO_CLUSTERS),
    "check_clustering": (NO_CLUSTERS, NO_CLUSTERS, NO_CLUSTERS),
    "check_complex_data": (RUNS, RUNS, RUNS),
    "check_dataframe_column_names_consistency": (TEXTS_HAVE_NO_NAMES, RUNS, RUNS),
    "check_decision_proba_consistency": (ONLY_CLASSIFIERS, NO_DECISION, ONLY_CLASSIFIERS),
    "check_dict_unchanged": (RUNS, RUNS, RUNS),
    "check_do_not_raise_errors_in_init_or_set_params": (RUNS, RUNS, RUNS),
    "check_dont_overwrite_parameters": (RUNS, RUNS, RUNS),
    "check_dtype_object": (RUNS, RUNS, RUNS),
    "check_estimator": (ALL_CHECKS, ALL_CHECKS, ALL_CHECKS),
    "check_estimator_cloneable": (RUNS, RUNS, RUNS),
    "check_estimator_get_tags_default_keys": (ONLY_1_5, ONLY_1_5, ONLY_1_5),
    "check_estimator_repr": (RUNS, RUNS, RUNS),
    "check_estimator_sparse_array": (TEXTS_ARE_DENSE, RUNS, RUNS),
    "check_estimator_sparse_matrix": (TEXTS_ARE_DENSE, RUNS, RUNS),
    "check_estimator_sparse_tag": (TEXTS_ARE_DENSE, RUNS, RUNS),
    "check_estimator_tags_renamed": (RUNS, RUNS, RUNS),
    "check_estimators_data_not_an_array": (HELPER, HELPER, HELPER),
    "check_estimators_dtypes": (RUNS, RUNS, RUNS),
    "check_estimators_empty_data_messages": (RUNS, RUNS, RUNS),
    "check_estimators_fit_returns_self": (RUNS, RUNS, RUNS),
    "check_estimators_nan_inf": (RUNS, RUNS, RUNS),
    "check_estimators_overwrite_params": (RUNS, RUNS, RUNS),
    "check_estimators_partial_fit_n_features": (RUNS, RUNS, RUNS),
    "check_estimators_pickle": (RUNS, RUNS, RUNS),
    "check_estimators_unfitted": (RUNS, RUNS, RUNS),
    "check_f_contiguous_array_estimator": (RUNS, RUNS, RUNS),
    "check_fit1d": (RUNS, RUNS, RUNS),
    "check_fit2d_1feature": (RUNS, RUNS, RUNS),
    "check_fit2d_1sample": (RUNS, RUNS, RUNS),
    "check_fit2d_predict1d": (RUNS, RUNS, RUNS),
    "check_fit_check_is_fitted": (RUNS, RUNS, RUNS),
    "check_fit_idempotent": (RUNS, RUNS, RUNS),
    "check_fit_non_negative": (ANY_SIGN, ANY_SIGN, ANY_SIGN),
    "check_fit_score_takes_y": (RUNS, RUNS, RUNS),
    "check_get_feature_names_out_error": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_get_params_invariance": (RUNS, RUNS, RUNS),
    "check_global_output_transform_pandas": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_global_set_output_transform_polars": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_inplace_ensure_writeable": (RUNS, RUNS, RUNS),
    "check_is_fitted": (HELPER, HELPER, HELPER),
    "check_methods_sample_order_invariance": (RUNS, RUNS, RUNS),
    "check_methods_subset_invariance": (RUNS, RUNS, RUNS),
    "check_mixin_order": (RUNS, RUNS, RUNS),
    "check_n_features_in": (RUNS, RUNS, RUNS),
    "check_n_features_in_after_fitting": (RUNS, RUNS, RUNS),
    "check_no_attributes_set_in_init": (RUNS, RUNS, RUNS),
    "check_non_transformer_estimators_n_iter": (ONLY_CLASSIFIERS, RUNS, RUNS),
    "check_nonsquare_error": (NO_PAIRS, NO_PAIRS, NO_PAIRS),
    "check_outlier_contamination": (NO_OUTLIERS, NO_OUTLIERS, NO_OUTLIERS),
    "check_outlier_corruption": (NO_OUTLIERS, NO_OUTLIERS, NO_OUTLIERS),
    "check_outliers_fit_predict": (NO_OUTLIERS, NO_OUTLIERS, NO_OUTLIERS),
    "check_outliers_train": (NO_OUTLIERS, NO_OUTLIERS, NO_OUTLIERS),
    "check_param_validation": (NO_CONSTRAINTS, NO_CONSTRAINTS, NO_CONSTRAINTS),
    "check_parameters_default_constructible": (RUNS, RUNS, RUNS),
    "check_pipeline_consistency": (RUNS, RUNS, RUNS),
    "check_positive_only_tag_during_fit": (RUNS, RUNS, RUNS),
    "check_readonly_memmap_input": (RUNS, RUNS, RUNS),
    "check_regressor_data_not_an_array": (ONLY_REGRESSORS, ONLY_REGRESSORS, RUNS),
    "check_regressor_multioutput": (ONLY_REGRESSORS, ONLY_REGRESSORS, ONE_OUTPUT),
    "check_regressors_int": (ONLY_REGRESSORS, ONLY_REGRESSORS, RUNS),
    "check_regressors_no_decision_function": (ONLY_REGRESSORS, ONLY_REGRESSORS, RUNS),
    "check_regressors_train": (ONLY_REGRESSORS, ONLY_REGRESSORS, RUNS),
    "check_requires_y_none": (NO_TARGET, RUNS, RUNS),
    "check_sample_weight_equivalence_on_dense_data": (NO_WEIGHTS, BY_FOLDS, RUNS),
    "check_sample_weight_equivalence_on_sparse_data": (NO_WEIGHTS, BY_FOLDS, RUNS),
    "check_sample_weights_invariance": (NO_WEIGHTS, RUNS, RUNS),
    "check_sample_weights_list": (NO_WEIGHTS, RUNS, RUNS),
    "check_sample_weights_not_an_array": (NO_WEIGHTS, RUNS, RUNS),
    "check_sample_weights_not_overwritten": (NO_WEIGHTS, RUNS, RUNS),
    "check_sample_weights_pandas_series": (NO_WEIGHTS, RUNS, RUNS),
    "check_sample_weights_shape": (NO_WEIGHTS, RUNS, RUNS),
    "check_set_output_transform": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_set_output_transform_pandas": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_set_output_transform_polars": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_set_params": (RUNS, RUNS, RUNS),
    "check_sparsify_coefficients": (NO_SPARSIFY, NO_SPARSIFY, NO_SPARSIFY),
    "check_supervised_y_2d": (NO_TARGET, RUNS, RUNS),
    "check_supervised_y_no_nan": (NO_TARGET, RUNS, RUNS),
    "check_transformer_data_not_an_array": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformer_general": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformer_get_feature_names_out": (TEXTS_HAVE_NO_NAMES, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformer_get_feature_names_out_pandas": (TEXTS_HAVE_NO_NAMES, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformer_n_iter": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformer_preserve_dtypes": (DTYPE_KEPT, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformers_unfitted": (RUNS, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_transformers_unfitted_stateless": (FROM_FIT, ONLY_TRANSFORMERS, ONLY_TRANSFORMERS),
    "check_valid_tag_types": (RUNS, RUNS, RUNS),
}  # fmt: skip

# Checks that scikit-learn also calls with other arguments.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "check_estimators_pickle": ({}, {"readonly_memmap": True}),
    "check_classifiers_train": ({}, {"readonly_memmap": True}, {"readonly_memmap": True, "X_dtype": "float32"}),
    "check_regressors_train": ({}, {"readonly_memmap": True}, {"readonly_memmap": True, "X_dtype": "float32"}),
    "check_transformer_general": ({}, {"readonly_memmap": True}),
    # The other kind, that zero weights are as good as none, is asked for by the checks of equivalence since 1.6.
    "check_sample_weights_invariance": ({"kind": "ones"},),
}
INSTALLED: dict[str, Callable[..., None]] = {
    name: function for name, function in vars(estimator_checks).items() if name.startswith("check_") and inspect.isfunction(function)
}
KINDS = ("features", "classifier", "regressor")
RUNNING = [
    pytest.param(kind, name, options, id=f"{kind}-{name}{''.join(f'-{value}' for value in options.values())}")
    for name in sorted(INSTALLED)
    for kind, reason in zip(KINDS, CHECKS.get(name, ()), strict=False)
    if reason is RUNS
    for options in VARIANTS.get(name, ({},))
]


@pytest.fixture(scope="module")
def estimators(small_folder: Path) -> dict[str, BaseEstimator]:
    """What is checked. A dense matrix, because the checks compare frames with one; sparse frames are tested by themselves."""
    return {
        "features": WordedFeatures(str(small_folder), sparse_output=False),
        "classifier": CertaintyClassifier(),
        "regressor": RangedRegressor(alpha=0.1),
    }


def test_every_check_of_this_scikit_learn_is_in_the_table() -> None:
    assert len(INSTALLED) >= 90
    assert sorted(set(INSTALLED) - set(CHECKS)) == []
    assert len(RUNNING) >= 120


@pytest.mark.parametrize(("kind", "name", "options"), RUNNING)
@pytest.mark.filterwarnings("ignore")
def test_check(kind: str, name: str, options: dict[str, Any], estimators: dict[str, BaseEstimator]) -> None:
    estimator = clone(estimators[kind])
    partial(INSTALLED[name], **options)(type(estimator).__name__, estimator)


@pytest.mark.filterwarnings("ignore")
def test_what_is_said_not_to_hold_does_not(estimators: dict[str, BaseEstimator]) -> None:
    for name, reasons in CHECKS.items():
        if BY_FOLDS in reasons and name in INSTALLED:
            with pytest.raises(AssertionError, match="not equivalent"):
                INSTALLED[name]("CertaintyClassifier", clone(estimators["classifier"]))


@pytest.mark.parametrize("kind", [CertaintyClassifier, CertaintyRegressor, CueFeatures])
def test_only_the_input_is_translated(kind: type) -> None:
    for translated in (WordedFeatures, RangedRegressor):
        if issubclass(translated, kind):
            allowed = {"fit", "transform", "predict", "_sentences", "_more_tags", "__sklearn_tags__"}
            assert {name for name, value in vars(translated).items() if inspect.isfunction(value)} <= allowed
