"""A fitted estimator of a user's own as bytes: with skops where its types are known, with joblib only where that is trusted.

A joblib file is a pickle: reading one can run any code. A skops file names types and numbers, and is refused unless every type is one
that skops trusts or one of a short list here. Nothing is imported before an estimator is packed or unpacked.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import Any, Literal

from hedgekit.errors import ModelError

Kind = Literal["skops", "joblib"]

# Skops 0.11 and earlier can be made to run code by a file that looks harmless (CVE-2025-54412, CVE-2025-54413), and until 0.14 trees were
# trusted, whose numbers scikit-learn takes for places in memory without a check.
_OLDEST_SKOPS = (0, 15)
# Types that skops leaves to its users. Those of scikit-learn are plain Python and hold numbers and estimators that are checked themselves;
# a sparse matrix is checked in full by _check_matrices. No trees: see above.
_AUDITED = (
    "scipy.sparse._csr.csr_matrix",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)


def pack(estimator: Any, trusted: bool) -> tuple[Kind, bytes]:
    """The kind of file, and its bytes.

    Parameters
    ----------
    estimator : object
    trusted : bool
        Whether joblib may keep what skops cannot.

    Raises
    ------
    ModelError
        If skops cannot keep it and joblib may not, or joblib cannot either.
    ImportError
        If skops is needed and not installed.
    """
    try:
        skops = _skops()
    except ImportError:
        if not trusted:
            raise
        return "joblib", _pickled(estimator)
    try:
        data = skops.dumps(estimator)
        unknown = _unknown(skops, data)
        reason = f"it holds types that nobody vouches for: {', '.join(unknown)}"
        if not unknown:
            # What cannot be read again need not be written.
            _construct(skops, data)
            return "skops", data
    except Exception as error:  # skops raises of all kinds for what it cannot express
        reason = f"it says {type(error).__name__}: {error}"
    if trusted:
        return "joblib", _pickled(estimator)
    raise ModelError(
        f"skops cannot keep the estimator {type(estimator).__name__}: {reason}. If you trust them, model.save(path, trusted=True) keeps it "
        "with joblib, whose files can run any code when they are read, so hedgekit.load(path, trusted=True) is needed too; or train with "
        "an estimator that scikit-learn alone makes up, such as LogisticRegression"
    )


def unpack(kind: Kind, data: bytes) -> Any:
    """The estimator; of a joblib file only once its reader has said that it is trusted.

    Raises
    ------
    ValueError
        If a skops file names types that nobody vouches for, or either cannot be read.
    ImportError
        If skops is not installed.
    """
    skops = _skops() if kind == "skops" else None
    try:
        if skops is None:
            import joblib

            with _told_elsewhere():
                return joblib.load(io.BytesIO(data))
        unknown = _unknown(skops, data)
    except Exception as error:
        raise ValueError(f"it cannot be read ({type(error).__name__}: {error})") from error
    if unknown:
        raise ValueError(f"it holds types that nobody vouches for: {', '.join(unknown)}")
    try:
        return _construct(skops, data)
    except Exception as error:
        raise ValueError(f"it cannot be rebuilt ({type(error).__name__}: {error})") from error


def _skops() -> Any:
    """``skops.io``, of a version that can be relied on."""
    needed = 'install it with: pip install "hedgekit[estimators]"'
    try:
        import skops
        import skops.io
    except ImportError as error:
        raise ImportError(f"keeping an estimator of your own needs skops; {needed}") from error
    if tuple(int(part) for part in skops.__version__.split(".")[:2]) < _OLDEST_SKOPS:
        oldest = ".".join(map(str, _OLDEST_SKOPS))
        raise ImportError(f"skops {skops.__version__} is installed, whose checks can be got around; {oldest} or later is needed: {needed}")
    return skops.io


def _unknown(skops: Any, data: bytes) -> list[str]:
    return sorted(set(skops.get_untrusted_types(data=data)) - set(_AUDITED))


def _construct(skops: Any, data: bytes) -> Any:
    _check_matrices(data)
    with _told_elsewhere():
        return skops.loads(data, trusted=list(_AUDITED))


def _check_matrices(data: bytes) -> None:
    """Refuse sparse matrices whose indices lie outside of them: compiled code would follow them anywhere."""
    from scipy.sparse import load_npz

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".npz"):
                load_npz(io.BytesIO(archive.read(name))).check_format(full_check=True)


def _told_elsewhere() -> Any:
    """Whoever reads the model compares the versions of scikit-learn once, and not for each part of an estimator."""
    from sklearn.exceptions import InconsistentVersionWarning

    return warnings.catch_warnings(action="ignore", category=InconsistentVersionWarning)


def _pickled(estimator: Any) -> bytes:
    import joblib

    stream = io.BytesIO()
    try:
        joblib.dump(estimator, stream)
    except Exception as error:
        told = f"joblib cannot keep the estimator {type(estimator).__name__} ({type(error).__name__}: {error})"
        raise ModelError(f"{told}; make it of classes and functions that stand in a module, no lambdas") from error
    return stream.getvalue()
