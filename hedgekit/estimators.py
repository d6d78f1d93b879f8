"""The same features and judgement as scikit-learn estimators."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt
import sklearn
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import Pipeline
from sklearn.utils import validation
from sklearn.utils.validation import check_is_fitted

from hedgekit import inputs, targets
from hedgekit.batch import from_sentences
from hedgekit.certainty import Bag, Calibration, FeatureSpace
from hedgekit.errors import DataError, OptionError
from hedgekit.training.folds import fold_of

if TYPE_CHECKING:
    from hedgekit.model import CertaintyModel

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# So often are the rows weighed anew by their errors; more changes hardly anything.
_ROUNDS = 4
# Few sentences make no claim, and single words tell them: this model is held less tightly than the others.
_CLAIM_STRENGTH = 2.0
# Its threshold gives up this share of the claims, to find more of the sentences that make none; with few claims it stays at even odds.
_CLAIMS_LOST, _CLAIMS_NEEDED, _CLAIM_FOLDS = 0.008, 200, 5


def feature_matrix(space: FeatureSpace, bag: Bag, n: int) -> csr_matrix:
    """The features of ``n`` sentences as a sparse matrix; a feature met twice counts twice."""
    met = space.look_up(bag)
    return csr_matrix((met.value, (met.sentence, met.column)), shape=(n, len(space)))


def _validated(estimator: Any, X: Any, *, reset: bool) -> Any:
    """The matrix as scikit-learn wants it: number and names of its features are noted by ``fit`` and compared later."""
    if hasattr(validation, "validate_data"):
        return validation.validate_data(estimator, X, accept_sparse="csr", reset=reset)
    # scikit-learn 1.5
    return estimator._validate_data(X, accept_sparse="csr", reset=reset)


def _column(y: Any, name: str) -> Any:
    """Labels in one dimension, as scikit-learn takes them: a single column is taken as such, with its warning."""
    if y is None:
        raise DataError(f"{name} requires y to be passed, but the target y is None; give one label for each sentence")
    values = y if hasattr(y, "__len__") and hasattr(y, "__getitem__") else np.asarray(y)
    if getattr(values, "ndim", 1) == 2 and values.shape[1] == 1:
        message = "A column-vector y was passed when a 1d array was expected; pass y.ravel() instead."
        warnings.warn(message, DataConversionWarning, stacklevel=3)
        return np.asarray(values).ravel()
    if getattr(values, "ndim", 1) != 1:
        raise DataError(f"y should be a 1d array: one label for each sentence; got an array of shape {values.shape}")
    return values


class CueFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Named features of sentences: their cues by type, wording, place and neighbours, and their words.

    Parameters
    ----------
    base : str, path or CertaintyModel, default="general"
        The model whose cue detector and features are used.
    sparse_output : bool, default=True
        Whether ``transform`` gives a sparse matrix, or after ``set_output(transform="pandas")`` a frame of sparse columns. Polars
        has no sparse columns: it wants ``sparse_output=False``.

    Attributes
    ----------
    model_ : CertaintyModel
        The base model.
    n_features_out_ : int

    Examples
    --------
    >>> features = CueFeatures().fit(["It may rain."])
    >>> matrix = features.transform(["It may rain.", "It rained."])
    >>> names = list(features.get_feature_names_out())
    >>> matrix[:, [names.index("type modal")]].toarray().ravel().round() == [1, 0]
    array([ True,  True])
    """

    def __init__(self, base: Any = "general", *, sparse_output: bool = True) -> None:
        self.base = base
        self.sparse_output = sparse_output

    def fit(self, X: Iterable[str], y: object = None) -> Self:
        """Load the base model; nothing is learned from the sentences."""
        inputs.texts(_not_bare(X), "raise")
        self.model_ = _model(self.base)
        self.n_features_out_ = len(self.model_.parameters.heads.space)
        return self

    def transform(self, X: Iterable[str]) -> Any:
        """Features of each sentence, shape ``(n_sentences, n_features)``: a matrix, or a frame where ``set_output`` asks for one."""
        check_is_fitted(self, "model_")
        texts, _ = inputs.texts(_not_bare(X), "raise")
        parameters = self.model_.parameters
        batch = from_sentences(texts, parameters.tables)
        table = parameters.detector.table(batch)
        space = parameters.heads.space
        bag = space.bag(batch, table, parameters.cues(batch, table))
        matrix = feature_matrix(space, bag, len(texts))
        found = matrix if self.sparse_output else matrix.toarray()
        wanted = self._wanted()
        if wanted == "polars" and self.sparse_output:
            raise OptionError("polars has no sparse columns; use CueFeatures(sparse_output=False), or set_output(transform='pandas')")
        return self._frame(found, getattr(X, "index", None)) if wanted == "pandas" else found

    def _wanted(self) -> str:
        """The kind of container that ``set_output`` or scikit-learn's configuration asks for."""
        own = getattr(self, "_sklearn_output_config", {}).get("transform")
        return str(own or sklearn.get_config()["transform_output"])

    def _frame(self, found: csr_matrix | Floats, index: Any) -> Any:
        # scikit-learn refuses to make frames of sparse matrices, and before 1.7 forgets the index of a Series.
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError('set_output(transform="pandas") needs pandas; install it with: pip install "hedgekit[pandas]"') from error
        index, names = index if isinstance(index, pd.Index) else None, self.get_feature_names_out()
        if self.sparse_output:
            frame = pd.DataFrame.sparse.from_spmatrix(found, index, names)  # type: ignore[attr-defined]
            if len(names) and frame.dtypes.iloc[0].fill_value == 0:
                return frame
            # Earlier releases of pandas take what is not stored for missing, not for zero.
            columns = csr_matrix(found).tocsc()
            arrays = [pd.arrays.SparseArray(columns[:, [at]].toarray().ravel(), fill_value=0.0) for at in range(len(names))]
            frame = pd.DataFrame(dict(enumerate(arrays)), index=frame.index)
            return frame.set_axis(names, axis=1)
        return pd.DataFrame(found, index, names, copy=False)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """The names of the columns, each once: equal names are numbered."""
        check_is_fitted(self, "model_")
        return np.array(_numbered(self.model_.parameters.heads.space.names), dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = True
        return tags

    def _more_tags(self) -> dict[str, Any]:
        # The same for scikit-learn 1.5.
        return {"X_types": ["string"], "requires_fit": True}


def _lowest_claim(X: Any, claims: Bools, groups: Sequence[str] | None, usual: Bools | None) -> float:
    """The score that all but a few of the usual claims reach on held-out folds; 0 where there is too little to tell."""
    names = [str(number) for number in range(claims.size)] if groups is None else list(groups)
    folds = fold_of(names, _CLAIM_FOLDS, salt="claims")
    scores = np.full(claims.size, np.nan)
    for fold in range(_CLAIM_FOLDS):
        train, test = folds != fold, folds == fold
        if test.any() and np.unique(claims[train]).size == 2:
            scores[test] = LogisticRegression(C=_CLAIM_STRENGTH, max_iter=1000).fit(X[train], claims[train]).decision_function(X[test])
    known = claims & ~np.isnan(scores) & (True if usual is None else usual)
    return float(np.quantile(scores[known], _CLAIMS_LOST)) if known.sum() >= _CLAIMS_NEEDED else 0.0


def fit_claim(X: Any, claims: Bools, groups: Sequence[str] | None = None, usual: Bools | None = None) -> tuple[Floats, float]:
    """Whether a sentence makes a claim at all: weights of the features, and what is added so that a claim scores 0 or more.

    ``usual`` tells which rows are as texts are, and not chosen for being hard: by them alone the line is drawn.
    """
    if claims.all():
        return np.zeros(X.shape[1]), 1.0
    if not claims.any():
        raise DataError("no row has a label: at least some sentences must make a claim")
    fitted = LogisticRegression(C=_CLAIM_STRENGTH, max_iter=1000).fit(X, claims)
    return _stored(fitted.coef_), float(fitted.intercept_[0]) - _lowest_claim(X, claims, groups, usual)


class _ClaimMixin:
    """Whether a sentence makes a claim at all, learned from the rows without a label."""

    claim_coef_: Floats
    claim_intercept_: float

    def _claims(self, X: Any) -> Bools:
        """A row without any feature makes no claim."""
        empty = np.asarray(abs(X).sum(axis=1)).ravel() == 0
        return np.asarray((X @ self.claim_coef_ + self.claim_intercept_ >= 0) & ~empty)


class CertaintyRegressor(_ClaimMixin, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Certainty from cue features: ridge regression, with NaN for sentences that make no claim.

    Parameters
    ----------
    alpha : float, default=20.0
        Penalty of the ridge regression (Hoerl and Kennard 1970).
    width : float, optional
        From about this error on a row counts by its error and no more by the square of it, so that labels that lie far off
        do not bend the rest (pseudo-Huber loss, by reweighting). The default is the square throughout.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
    intercept_ : float
    claim_coef_ : ndarray of shape (n_features,)
        A row makes no claim where the sum of these weights and of ``claim_intercept_`` is below 0, or where it has no feature.
    claim_intercept_ : float
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where ``fit`` was given a frame.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CueFeatures(), CertaintyRegressor())
    >>> model = model.fit(["It rained.", "It may rain.", "It snowed.", "It might snow."], [0.93, 0.42, 0.93, 0.42])
    >>> low, high = model.predict(["It may thunder.", "It thundered."])
    >>> bool(low < high)
    True
    """

    def __init__(self, alpha: float = 20.0, width: float | None = None) -> None:
        self.alpha = alpha
        self.width = width

    def fit(self, X: Any, y: Sequence[float] | npt.NDArray[Any], sample_weight: Sequence[float] | Floats | None = None) -> Self:
        """Fit on features and certainties.

        Parameters
        ----------
        X : matrix of shape (n, n_features)
        y : sequence of float
            0 to 1; NaN marks a sentence without a claim.
        sample_weight : sequence of float, optional
            How much each sentence counts, from 0 on. Weights count for the certainty alone.

        Raises
        ------
        DataError
        """
        X = _validated(self, X, reset=True)
        y = _column(y, type(self).__name__)
        targets.same_length(X.shape[0], y)
        labels = targets.certainties(y)
        weight = targets.weights(sample_weight, X.shape[0])
        claims = ~np.isnan(labels)
        self.claim_coef_, self.claim_intercept_ = fit_claim(X, claims)
        fitted = self._ridge(X[claims], labels[claims], None if weight is None else weight[claims])
        self.coef_, self.intercept_ = _stored(fitted.coef_), float(fitted.intercept_)
        return self

    def _ridge(self, X: Any, labels: Floats, weight: Floats | None) -> Ridge:
        ridge = Ridge(alpha=self.alpha, solver="sparse_cg", tol=1e-7, max_iter=5000)
        fitted = ridge.fit(X, labels, weight)
        if self.width is None:
            return fitted
        first = np.ones(labels.size) if weight is None else weight
        for _ in range(1, _ROUNDS):
            error = fitted.predict(X) - labels
            fitted = ridge.fit(X, labels, first * self.width / np.hypot(error, self.width))
        return fitted

    def predict(self, X: Any) -> Floats:
        """Certainty of each row, 0 to 1; NaN where no claim is made."""
        check_is_fitted(self)
        X = _validated(self, X, reset=False)
        certainty = np.clip(X @ self.coef_ + self.intercept_, 0.0, 1.0)
        certainty[~self._claims(X)] = np.nan
        return np.asarray(certainty)

    def score(self, X: Any, y: Sequence[float] | npt.NDArray[Any], sample_weight: Sequence[float] | Floats | None = None) -> float:
        """R² of the certainties, over the rows that have one in ``y`` and make a claim by this model; NaN where there is none.

        Parameters
        ----------
        X : matrix of shape (n, n_features)
        y : sequence of float
            0 to 1; NaN where no claim is made.
        sample_weight : sequence of float, optional
        """
        labels = np.asarray(_column(y, type(self).__name__), dtype=np.float64)
        found = self.predict(X)
        targets.same_length(found.size, labels)
        weight = targets.weights(sample_weight, found.size)
        both = ~np.isnan(labels) & ~np.isnan(found)
        if not both.any():
            return float("nan")
        return float(r2_score(labels[both], found[both], sample_weight=None if weight is None else weight[both]))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class CertaintyClassifier(_ClaimMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Hedged or not, from cue features: calibrated logistic regression with a threshold chosen on held-out folds.

    Parameters
    ----------
    strength : float, default=0.15
        Inverse regularisation of the logistic regression.
    n_folds : int, default=5
        Folds, by group, for calibration (isotonic, Zadrozny and Elkan 2002) and threshold (best F1).
    hedged : label, optional
        Which of the two labels says hedged; by default the last in their order: True, 1, "hedged" beside "certain".

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The two labels, sorted.
    hedged_ : label
        The one that says hedged.
    coef_ : ndarray of shape (n_features,)
    intercept_ : float
    claim_coef_ : ndarray of shape (n_features,)
        As in :class:`CertaintyRegressor`.
    claim_intercept_ : float
    calibration_ : Calibration
    threshold_ : float
        ``predict`` says hedged from this probability on.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where ``fit`` was given a frame.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> texts = ["It rained.", "It may rain.", "It snowed.", "It might snow.", "The sun shone.", "Perhaps it froze."]
    >>> model = make_pipeline(CueFeatures(), CertaintyClassifier(n_folds=2)).fit(texts, [False, True, False, True, False, True])
    >>> model.predict_proba(texts).shape
    (6, 2)
    """

    def __init__(self, strength: float = 0.15, n_folds: int = 5, hedged: Any = None) -> None:
        self.strength = strength
        self.n_folds = n_folds
        self.hedged = hedged

    def fit(
        self,
        X: Any,
        y: Sequence[Any] | npt.NDArray[Any],
        groups: Sequence[str] | None = None,
        *,
        sample_weight: Sequence[float] | Floats | None = None,
    ) -> Self:
        """Fit on features and labels.

        Parameters
        ----------
        X : matrix of shape (n, n_features)
        y : sequence of bool or None, or of two other labels and None
            None marks a sentence without a claim.
        groups : sequence of str, optional
            Documents: no fold divides one.
        sample_weight : sequence of float, optional
            How much each sentence counts, from 0 on. Weights do not count for whether a claim is made.

        Raises
        ------
        DataError
        """
        X = _validated(self, X, reset=True)
        labels = _column(y, type(self).__name__)
        targets.same_length(X.shape[0], labels)
        claims, hedged, self.classes_, self.hedged_ = targets.two_classes(labels, self.hedged)
        weight = targets.weights(sample_weight, X.shape[0])
        counted = claims if weight is None else claims & (weight > 0)
        if np.unique(hedged[counted]).size < 2:
            raise targets.one_class()
        self.claim_coef_, self.claim_intercept_ = fit_claim(X, claims, groups)
        names = [str(number) for number in range(len(labels))] if groups is None else list(groups)
        scores, held_out = self._held_out_scores(X, hedged, counted, names, weight)
        self.calibration_, self.threshold_ = calibrate(scores[held_out], hedged[held_out], _of(weight, held_out))
        fitted = self._logistic().fit(X[counted], hedged[counted], _of(weight, counted))
        self.coef_, self.intercept_ = _stored(fitted.coef_), float(fitted.intercept_[0])
        return self

    def predict_proba(self, X: Any) -> Floats:
        """The probability of each of ``classes_``, shape ``(n, 2)``; hedged has 0 where no claim is made."""
        hedged = self._hedged(X)
        return np.stack((1 - hedged, hedged) if self._hedged_last() else (hedged, 1 - hedged), axis=1)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The label of each row: the one that says hedged from ``threshold_`` on."""
        hedged = self._hedged(X) >= self.threshold_
        return np.asarray(self.classes_[(hedged == self._hedged_last()).astype(np.int64)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_class = False
        return tags

    def _more_tags(self) -> dict[str, Any]:
        # The same for scikit-learn 1.5.
        return {"binary_only": True}

    def _hedged(self, X: Any) -> Floats:
        check_is_fitted(self)
        X = _validated(self, X, reset=False)
        hedged = self.calibration_(np.asarray(X @ self.coef_ + self.intercept_))
        hedged[~self._claims(X)] = 0.0
        return hedged

    def _hedged_last(self) -> bool:
        return bool(self.classes_[1] == self.hedged_)

    def _logistic(self) -> LogisticRegression:
        return LogisticRegression(C=self.strength, max_iter=1000)

    def _held_out_scores(self, X: Any, hedged: Bools, claims: Bools, groups: Sequence[str], weight: Floats | None) -> tuple[Floats, Bools]:
        folds = fold_of(groups, self.n_folds, salt="calibration")
        scores, held_out = np.zeros(len(hedged)), np.zeros(len(hedged), dtype=np.bool_)
        for fold in range(self.n_folds):
            train, test = claims & (folds != fold), claims & (folds == fold)
            if test.any() and np.unique(hedged[train]).size == 2:
                scores[test] = self._logistic().fit(X[train], hedged[train], _of(weight, train)).decision_function(X[test])
                held_out |= test
        if not held_out.any():
            raise DataError(f"too few sentences or groups to calibrate on {self.n_folds} held-out folds; add data or lower n_folds")
        return scores, held_out


def calibrate(scores: Floats, labels: Bools, weights: Floats | None = None) -> tuple[Calibration, float]:
    """Isotonic calibration of held-out scores, and the threshold with the best F1 on them.

    Isotonic regression gives a staircase; the middles of its steps are joined by lines, so that a small change of wording
    cannot make a jump.
    """
    fitted = IsotonicRegression(out_of_bounds="clip").fit_transform(scores, labels.astype(float), sample_weight=weights)
    order = np.argsort(scores, kind="stable")
    steps, starts = np.unique(fitted[order], return_index=True)
    stops = np.append(starts[1:], scores.size)
    middles = np.array([scores[order][a:b].mean() for a, b in zip(starts, stops, strict=True)])
    calibration = Calibration(middles, np.clip(steps, 0.005, 0.995))
    probabilities = calibration(scores)
    candidates = np.unique(np.round(probabilities, 3))
    best = max(candidates, key=lambda threshold: f1_score(labels, probabilities >= threshold, weights))
    return calibration, float(best)


def f1_score(gold: Bools, found: Bools, weights: Floats | None = None) -> float:
    """F1 of the positive class; 0 where nothing is right."""
    if weights is not None:
        right, total = float(weights[gold & found].sum()), float(weights[gold].sum() + weights[found].sum())
        return 2 * right / total if total > 0 else 0.0
    return 2 * float(np.sum(gold & found)) / max(float(gold.sum() + found.sum()), 1.0)


def _of(weights: Floats | None, rows: Bools) -> Floats | None:
    return None if weights is None else weights[rows]


def pipeline(model: CertaintyModel, target: Literal["hedged", "certainty"]) -> Pipeline:
    """Rebuild the fitted pipeline of a model; see :meth:`hedgekit.model.CertaintyModel.to_sklearn`."""
    heads = model.parameters.heads
    final: CertaintyClassifier | CertaintyRegressor
    if target == "hedged":
        final = CertaintyClassifier()
        final.coef_, final.intercept_ = heads.hedged.astype(np.float64), float(heads.biases[1])
        final.calibration_, final.threshold_ = heads.calibration, heads.threshold
        final.classes_, final.hedged_ = np.array([False, True]), True
    elif target == "certainty":
        final = CertaintyRegressor()
        final.coef_, final.intercept_ = heads.certainty.astype(np.float64), float(heads.biases[0])
    else:
        raise OptionError(f"target must be 'hedged' or 'certainty', got {target!r}")
    final.claim_coef_, final.claim_intercept_ = heads.claim.astype(np.float64), float(heads.biases[2])
    final.n_features_in_ = len(heads.space)
    features = CueFeatures(base=model).fit([])
    return Pipeline([("features", features), ("certainty", final)])


def _model(base: Any) -> CertaintyModel:
    from hedgekit import load
    from hedgekit.model import CertaintyModel

    return base if isinstance(base, CertaintyModel) else load(base)


def _not_bare(X: Iterable[str]) -> Iterable[str]:
    if isinstance(X, str):
        raise inputs.bare_string("CueFeatures")
    return X


def _stored(coefficients: Any) -> Floats:
    """Coefficients as they are stored, so that a fitted estimator and its saved model agree to the last bit."""
    return np.asarray(coefficients, dtype=np.float32).ravel().astype(np.float64)


def _numbered(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
