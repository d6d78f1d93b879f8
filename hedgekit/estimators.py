"""The same features and judgement as scikit-learn estimators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Sized
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_array, check_is_fitted

from hedgekit import inputs
from hedgekit.batch import from_sentences
from hedgekit.certainty import Bag, Calibration, FeatureSpace
from hedgekit.errors import DataError, OptionError
from hedgekit.training.folds import fold_of

if TYPE_CHECKING:
    from hedgekit.model import CertaintyModel

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Few sentences make no claim, and single words tell them: this model is held less tightly than the others.
_CLAIM_STRENGTH = 2.0
# Its threshold gives up this share of the claims, to find more of the sentences that make none; with few claims it stays at even odds.
_CLAIMS_LOST, _CLAIMS_NEEDED, _CLAIM_FOLDS = 0.008, 200, 5


def feature_matrix(space: FeatureSpace, bag: Bag, n: int) -> csr_matrix:
    """The features of ``n`` sentences as a sparse matrix; a feature met twice counts twice."""
    met = space.look_up(bag)
    return csr_matrix((met.value, (met.sentence, met.column)), shape=(n, len(space)))


class CueFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Named features of sentences: their cues by type, wording, place and neighbours, and their words.

    Parameters
    ----------
    base : str, path or CertaintyModel, default="general"
        The model whose cue detector and features are used.
    sparse_output : bool, default=True
        Whether ``transform`` gives a sparse matrix.

    Attributes
    ----------
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

    def transform(self, X: Iterable[str]) -> csr_matrix | Floats:
        """Features of each sentence, shape ``(n_sentences, n_features)``."""
        check_is_fitted(self, "model_")
        texts, _ = inputs.texts(_not_bare(X), "raise")
        parameters = self.model_.parameters
        batch = from_sentences(texts, parameters.tables)
        table = parameters.detector.table(batch)
        space = parameters.heads.space
        bag = space.bag(batch, table, parameters.detector.predict(batch, table))
        matrix = feature_matrix(space, bag, len(texts))
        return matrix if self.sparse_output else matrix.toarray()

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

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
    intercept_ : float

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(CueFeatures(), CertaintyRegressor())
    >>> model = model.fit(["It rained.", "It may rain.", "It snowed.", "It might snow."], [0.93, 0.42, 0.93, 0.42])
    >>> low, high = model.predict(["It may thunder.", "It thundered."])
    >>> bool(low < high)
    True
    """

    def __init__(self, alpha: float = 20.0) -> None:
        self.alpha = alpha

    def fit(self, X: Any, y: Sequence[float], sample_weight: Sequence[float] | Floats | None = None) -> Self:
        """Fit on features and certainties; NaN marks a sentence without a claim. Weights count for the certainty alone."""
        X = check_array(X, accept_sparse="csr")
        labels = _certainties(y)
        _same_length(X, labels)
        claims = ~np.isnan(labels)
        if ((labels[claims] < 0) | (labels[claims] > 1)).any():
            low, high = labels[claims].min(), labels[claims].max()
            raise DataError(f"certainty must be 0 to 1 or NaN, got {low:g} to {high:g}; divide by the end of the scale")
        self.claim_coef_, self.claim_intercept_ = fit_claim(X, claims)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)[claims]
        fitted = Ridge(alpha=self.alpha, solver="sparse_cg", tol=1e-7, max_iter=5000).fit(X[claims], labels[claims], weight)
        self.coef_, self.intercept_ = _stored(fitted.coef_), float(fitted.intercept_)
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: Any) -> Floats:
        """Certainty of each row, 0 to 1; NaN where no claim is made."""
        check_is_fitted(self)
        X = check_array(X, accept_sparse="csr")
        certainty = np.clip(X @ self.coef_ + self.intercept_, 0.0, 1.0)
        certainty[~self._claims(X)] = np.nan
        return np.asarray(certainty)


class CertaintyClassifier(_ClaimMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Hedged or not, from cue features: calibrated logistic regression with a threshold chosen on held-out folds.

    Parameters
    ----------
    strength : float, default=0.15
        Inverse regularisation of the logistic regression.
    n_folds : int, default=5
        Folds, by group, for calibration (isotonic, Zadrozny and Elkan 2002) and threshold (best F1).

    Attributes
    ----------
    classes_ : ndarray of bool
        Not hedged, hedged.
    coef_ : ndarray of shape (n_features,)
    intercept_ : float
    calibration_ : Calibration
    threshold_ : float
        ``predict`` says hedged from this probability on.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> texts = ["It rained.", "It may rain.", "It snowed.", "It might snow.", "The sun shone.", "Perhaps it froze."]
    >>> model = make_pipeline(CueFeatures(), CertaintyClassifier(n_folds=2)).fit(texts, [False, True, False, True, False, True])
    >>> model.predict_proba(texts).shape
    (6, 2)
    """

    def __init__(self, strength: float = 0.15, n_folds: int = 5) -> None:
        self.strength = strength
        self.n_folds = n_folds

    def fit(self, X: Any, y: Sequence[bool | None], groups: Sequence[str] | None = None) -> Self:
        """Fit on features and labels.

        Parameters
        ----------
        X : matrix of shape (n, n_features)
        y : sequence of bool or None
            None marks a sentence without a claim.
        groups : sequence of str, optional
            Documents: no fold divides one.
        """
        X = check_array(X, accept_sparse="csr")
        labels = list(y)
        _same_length(X, labels)
        claims, hedged = _hedged_labels(labels)
        if np.unique(hedged[claims]).size < 2:
            raise DataError("all sentences have the same class; both hedged (True) and not hedged (False) are needed")
        self.claim_coef_, self.claim_intercept_ = fit_claim(X, claims, groups)
        names = [str(number) for number in range(len(labels))] if groups is None else list(groups)
        scores, held_out = self._held_out_scores(X, hedged, claims, names)
        self.calibration_, self.threshold_ = calibrate(scores[held_out], hedged[held_out])
        fitted = self._logistic().fit(X[claims], hedged[claims])
        self.coef_, self.intercept_ = _stored(fitted.coef_), float(fitted.intercept_[0])
        self.classes_ = np.array([False, True])
        self.n_features_in_ = X.shape[1]
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities of not hedged and hedged, shape ``(n, 2)``; hedged has 0 where no claim is made."""
        check_is_fitted(self)
        X = check_array(X, accept_sparse="csr")
        hedged = self.calibration_(np.asarray(X @ self.coef_ + self.intercept_))
        hedged[~self._claims(X)] = 0.0
        return np.stack((1 - hedged, hedged), axis=1)

    def predict(self, X: Any) -> Bools:
        """Whether each row is hedged."""
        return self.predict_proba(X)[:, 1] >= self.threshold_

    def _logistic(self) -> LogisticRegression:
        return LogisticRegression(C=self.strength, max_iter=1000)

    def _held_out_scores(self, X: Any, hedged: Bools, claims: Bools, groups: Sequence[str]) -> tuple[Floats, Bools]:
        folds = fold_of(groups, self.n_folds, salt="calibration")
        scores, held_out = np.zeros(len(hedged)), np.zeros(len(hedged), dtype=np.bool_)
        for fold in range(self.n_folds):
            train, test = claims & (folds != fold), claims & (folds == fold)
            if test.any() and np.unique(hedged[train]).size == 2:
                scores[test] = self._logistic().fit(X[train], hedged[train]).decision_function(X[test])
                held_out |= test
        if not held_out.any():
            raise DataError(f"too few sentences or groups to calibrate on {self.n_folds} held-out folds; add data or lower n_folds")
        return scores, held_out


def calibrate(scores: Floats, labels: Bools) -> tuple[Calibration, float]:
    """Isotonic calibration of held-out scores, and the threshold with the best F1 on them.

    Isotonic regression gives a staircase; the middles of its steps are joined by lines, so that a small change of wording
    cannot make a jump.
    """
    fitted = IsotonicRegression(out_of_bounds="clip").fit_transform(scores, labels.astype(float))
    order = np.argsort(scores, kind="stable")
    steps, starts = np.unique(fitted[order], return_index=True)
    stops = np.append(starts[1:], scores.size)
    middles = np.array([scores[order][a:b].mean() for a, b in zip(starts, stops, strict=True)])
    calibration = Calibration(middles, np.clip(steps, 0.005, 0.995))
    probabilities = calibration(scores)
    candidates = np.unique(np.round(probabilities, 3))
    best = max(candidates, key=lambda threshold: f1_score(labels, probabilities >= threshold))
    return calibration, float(best)


def f1_score(gold: Bools, found: Bools) -> float:
    """F1 of the positive class; 0 where nothing is right."""
    return 2 * float(np.sum(gold & found)) / max(float(gold.sum() + found.sum()), 1.0)


def pipeline(model: CertaintyModel, target: Literal["hedged", "certainty"]) -> Pipeline:
    """Rebuild the fitted pipeline of a model; see :meth:`hedgekit.model.CertaintyModel.to_sklearn`."""
    heads = model.parameters.heads
    final: CertaintyClassifier | CertaintyRegressor
    if target == "hedged":
        final = CertaintyClassifier()
        final.coef_, final.intercept_ = heads.hedged.astype(np.float64), float(heads.biases[1])
        final.calibration_, final.threshold_ = heads.calibration, heads.threshold
        final.classes_ = np.array([False, True])
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


def _same_length(X: Any, y: Sized) -> None:
    if X.shape[0] != len(y):
        raise DataError(f"{X.shape[0]} rows of features but {len(y)} labels; give one label for each sentence")


def _certainties(y: Sequence[float]) -> Floats:
    try:
        labels = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"certainty must be numbers from 0 to 1, or NaN where no claim is made ({error})") from None
    if labels.ndim != 1:
        raise DataError(f"certainty must be one number for each sentence, got an array of shape {labels.shape}")
    return labels


def _hedged_labels(labels: Sequence[bool | None]) -> tuple[Bools, Bools]:
    """Which sentences make a claim, and which of them are hedged."""
    for position, label in enumerate(labels):
        if label is not None and not (isinstance(label, bool | np.bool_ | int | np.integer) and label in (0, 1)):
            raise DataError(f"a label must be True, False or None (no claim), got {label!r:.40} at position {position}")
    return np.array([label is not None for label in labels], dtype=np.bool_), np.array([bool(label) for label in labels], dtype=np.bool_)


def _numbered(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
