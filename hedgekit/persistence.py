"""The only module that knows model files.

A model is a folder with three files: ``model.json`` (the header), ``arrays.bin`` (what was learned) and ``README.md``
(the card). The header lists every array with its type, shape and place, and carries the hashes of the array file and of
itself. Nothing in the folder is ever executed.

A model that ends in an estimator of a user's own has a fourth file: ``estimator.skops``, of which only known types are read, or
``estimator.joblib``, which can run any code when it is read, and is refused unless its reader says that it is trusted. Its kind and
hash stand in the header; the file is not looked into before the hash was compared.

A shipped model that shares arrays with another shipped one may leave them to that one, its base, which the header names with
the hash of its array file. What a user saves is always whole.

Format numbers: a release reads its own format and all older ones. The number is raised when an older release could not
read a new file; adding a key to ``info`` does not raise it.

1. The first format.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hedgekit import estimator_bytes, soundness
from hedgekit.custom import CustomHead
from hedgekit.errors import (
    InputTypeError,
    ModelCorruptError,
    ModelError,
    ModelFeaturesError,
    ModelFormatError,
    ModelNotFoundError,
    OptionError,
    VersionWarning,
)
from hedgekit.folders import data_folder
from hedgekit.parameters import FEATURES, Arrays, Parameters

FORMAT = 1
HEADER, ARRAYS, CARD = "model.json", "arrays.bin", "README.md"
ESTIMATORS = {"skops": "estimator.skops", "joblib": "estimator.joblib"}
_COLUMNS = "estimator.columns"
_TYPES = ("|u1", "<i2", "<u2", "<u4", "<u8", "<i4", "<i8", "<f2", "<f4", "<f8")
_ALIGN = 16


def shipped() -> list[str]:
    """Names of the models that come with hedgekit."""
    return sorted(item.name for item in data_folder("models").iterdir() if item.is_dir() and item.joinpath(HEADER).is_file())


def stored(name: str) -> tuple[int, int]:
    """Format number and size in bytes of a shipped model."""
    folder = data_folder("models").joinpath(name)
    outer = json.loads(folder.joinpath(HEADER).read_text(encoding="utf-8"))
    return outer["format"], sum(len(item.read_bytes()) for item in folder.iterdir() if item.is_file())


def locate(name_or_path: str | os.PathLike[str]) -> Path:
    """The folder of a shipped model, by name, or of a saved one, by path.

    Raises
    ------
    InputTypeError
        If it is no name and no path.
    ModelNotFoundError
        If there is neither.
    """
    if not isinstance(name_or_path, str | os.PathLike) or not isinstance(os.fspath(name_or_path), str):
        got = f"{type(name_or_path).__name__} ({name_or_path!r:.40})"
        raise InputTypeError(f"a model's name or path is needed, got {got}; shipped are {', '.join(shipped())}")
    if isinstance(name_or_path, str) and name_or_path.isidentifier():
        folder = data_folder("models").joinpath(name_or_path)
        if _holds_model(Path(str(folder))):
            return Path(str(folder))
    path = Path(name_or_path)
    if path.name == HEADER:
        path = path.parent
    if not _holds_model(path):
        raise ModelNotFoundError(
            f"no model {str(name_or_path)!r}: neither a shipped model ({', '.join(shipped())}) nor a folder that holds {HEADER}; "
            "check the name or path, or save a model there with model.save(path)"
        )
    return path


def _holds_model(folder: Path) -> bool:
    try:
        return folder.joinpath(HEADER).is_file()
    except OSError:  # a name that the file system cannot hold, a folder that may not be entered
        return False


def read(folder: Path, *, trusted: bool = False) -> tuple[Parameters, dict[str, Any], CustomHead | None]:
    """Read a model folder: what was learned, the info of its header, and an estimator of the user's own, if there is one.

    Checked in this order, each with its own error: that the header can be read and is unaltered, the format, the features,
    that a joblib file is trusted, that the array file is whole, that the arrays fit, that the estimator's file is whole, that it
    holds nothing but known types, that it fits.

    Raises
    ------
    ModelCorruptError, ModelFormatError, ModelFeaturesError
    ModelError
        If the estimator is kept with joblib and ``trusted`` is false.
    ImportError
        If it is kept with skops, which is not installed.
    """
    if not isinstance(trusted, bool):
        raise OptionError(f"trusted must be True or False, got {trusted!r:.40}")
    header = _read_header(folder / HEADER)
    if header.get("features") != FEATURES:
        raise ModelFeaturesError(
            f"{folder / HEADER}: made for features {header.get('features')!r:.40}, this hedgekit computes features {FEATURES}; "
            "retrain the model with this release, or use the release that made it"
        )
    noted = header.get("estimator")
    if isinstance(noted, dict) and noted.get("kind") == "joblib" and not trusted:
        raise ModelError(
            f"{folder / ESTIMATORS['joblib']}: an estimator of its user's own, {noted.get('type')!r:.200}, kept with joblib; such a "
            "file can run any code when it is read. If you made it, or trust who did: hedgekit.load(path, trusted=True)"
        )
    path = folder / ARRAYS
    data = _read_whole(path, header)
    shared = _base_arrays(folder, header["base"]) if isinstance(header.get("base"), dict) else {}
    try:
        arrays = _unpack(data, header["arrays"])
        arrays |= {name: shared[name] for name in header.get("shared", ())}
        soundness.check_types(arrays)
        parameters = Parameters.from_arrays(arrays)
        soundness.check_parameters(parameters)
        info = _info(header)
        if noted is not None:
            _check_note(noted)
            soundness.check_columns(arrays[_COLUMNS], len(parameters.heads.space))
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise ModelCorruptError(
            f"{path}: the arrays do not fit together ({error}); copy the model folder again or reinstall hedgekit"
        ) from error
    return parameters, info, None if noted is None else _read_estimator(folder, noted, arrays[_COLUMNS])


def _read_whole(path: Path, noted: Mapping[str, Any]) -> bytes:
    """A file whose size and hash are noted."""
    try:
        size = path.stat().st_size
        # A file of another size is not worth reading, however large.
        data = path.read_bytes() if size == noted.get("size") else b""
    except OSError as error:
        raise ModelCorruptError(f"{path}: cannot be read ({error.strerror}); copy the whole model folder again") from error
    if len(data) != size or hashlib.sha256(data).hexdigest() != noted.get("sha256"):
        raise ModelCorruptError(
            f"{path}: found {size} bytes that do not have the expected hash (expected {noted.get('size')!r:.40} bytes); "
            "the file was cut or altered: copy the model folder again or reinstall hedgekit"
        )
    return data


def _check_note(noted: Any) -> None:
    """Refuse what a header cannot say of an estimator."""
    if not isinstance(noted, dict) or noted.get("kind") not in ESTIMATORS or noted.get("target") not in ("classes", "certainty"):
        raise ValueError("the header does not tell what the estimator is")
    names, hedged = noted.get("classes"), noted.get("hedged")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or type(hedged) is not int:
        raise ValueError("the header does not tell the classes of the estimator")
    n = len(set(names))
    if n != len(names) or (n < 2) == (noted["target"] == "classes") or not -1 <= hedged < n or (hedged >= 0 and n != 2):
        raise ValueError(f"the classes {names!r:.80} do not fit with a hedged class of number {hedged}")


def _read_estimator(folder: Path, noted: Mapping[str, Any], columns: np.ndarray[Any, Any]) -> CustomHead:
    """The estimator beside the arrays; a joblib file is trusted if this is reached."""
    path = folder / ESTIMATORS[noted["kind"]]
    data = _read_whole(path, noted)
    import sklearn

    there = str(noted.get("scikit-learn"))
    same = there.split(".")[:2] == sklearn.__version__.split(".")[:2]
    differ = f"fitted with scikit-learn {there}, and this is {sklearn.__version__}"
    try:
        estimator = estimator_bytes.unpack(noted["kind"], data)
        head = CustomHead(estimator, noted["target"], columns, tuple(noted["classes"]), noted["hedged"])
        n_told = getattr(estimator, "n_features_in_", None)
        soundness.check_custom(head, None if n_told is None else int(n_told))
    except (ValueError, TypeError, AttributeError) as error:
        hint = "" if same else f"; it was {differ}: use that one, or train anew"
        raise ModelCorruptError(f"{path}: the estimator is refused: {error}{hint}; copy the model folder again or train anew") from error
    if not same:
        warnings.warn(
            f"{path}: the estimator was {differ}: its predictions may differ; use that one, or train anew",
            VersionWarning,
            stacklevel=4,
        )
    return head


def _info(header: Mapping[str, Any]) -> dict[str, Any]:
    info = header["info"]
    if not isinstance(info, dict) or not isinstance(info.get("name"), str):
        raise ValueError("the header does not tell the name of the model")
    return info


def _base_arrays(folder: Path, base: Mapping[str, Any]) -> Arrays:
    """The arrays of the model that a shipped one stands on: beside it, or among the shipped ones."""
    name, wanted = str(base.get("name")), base.get("sha256")
    # The name of a shipped model, not a path that leads elsewhere.
    places = (folder.parent / name, Path(str(data_folder("models").joinpath(name)))) if name.isidentifier() else ()
    for place in places:
        try:
            header = _read_header(place / HEADER)
            data = (place / ARRAYS).read_bytes()
            if header["sha256"] == wanted == hashlib.sha256(data).hexdigest():
                return _unpack(data, header["arrays"])
        except (ModelError, OSError, KeyError, ValueError, TypeError):
            continue
    raise ModelCorruptError(
        f"{folder / HEADER}: stands on the model {name!r} as it was when this one was made, which is not there; load it by its name from "
        f"the release that it came with, or, where {name!r} was refitted, fit this one again; model.save(path) writes one that stands alone"
    )


def _read_header(path: Path) -> dict[str, Any]:
    try:
        outer = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelCorruptError(f"{path}: cannot be read ({error.strerror}); copy the whole model folder again") from error
    except (ValueError, RecursionError) as error:
        raise ModelCorruptError(f"{path}: not a model header ({error}); copy the model folder again or reinstall hedgekit") from error
    if not isinstance(outer, dict) or outer.get("hedgekit") != "model" or not isinstance(outer.get("header"), dict):
        raise ModelCorruptError(f"{path}: not a hedgekit model header (no field 'hedgekit': 'model'); give the folder of a saved model")
    # A newer format may hash differently, so it is recognised first.
    if not isinstance(outer.get("format"), int) or isinstance(outer.get("format"), bool):
        raise ModelCorruptError(f"{path}: the format number is {outer.get('format')!r}; copy the model folder again or reinstall hedgekit")
    if not 1 <= outer["format"] <= FORMAT:
        raise ModelFormatError(f"{path}: format {outer['format']} found, this hedgekit reads formats 1 to {FORMAT}; upgrade hedgekit")
    if outer.get("header_sha256") != _header_hash(outer["header"], outer["format"]):
        raise ModelCorruptError(
            f"{path}: the header does not have the expected hash; it was altered: copy the model folder again or reinstall hedgekit"
        )
    header: dict[str, Any] = outer["header"]
    return header


def _header_hash(header: Mapping[str, Any], number: int | None = None) -> str:
    """The hash of a header of format ``number``, by default the current one."""
    whole = {"format": FORMAT if number is None else number, "header": header}
    try:
        canonical = json.dumps(whole, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    except RecursionError:  # nested deeper than anything that was written
        return ""
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _pack(arrays: Arrays) -> tuple[bytes, list[dict[str, Any]]]:
    data, listing = bytearray(), []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if array.dtype.str not in _TYPES:
            raise ModelError(f"array {name} has type {array.dtype.str}; valid are {', '.join(_TYPES)}")
        data += b"\0" * (-len(data) % _ALIGN)
        listing.append({"name": name, "dtype": array.dtype.str, "shape": list(array.shape), "offset": len(data)})
        data += array.tobytes()
    return bytes(data), listing


def _unpack(data: bytes, listing: list[dict[str, Any]]) -> Arrays:
    arrays: Arrays = {}
    for item in listing:
        name, kind, shape, offset = item["name"], item["dtype"], item["shape"], item["offset"]
        if not isinstance(name, str) or name in arrays:
            raise ValueError(f"array {name!r:.80} has no name of its own")
        if kind not in _TYPES:
            raise ValueError(f"array {name:.80} has type {kind!r:.40}")
        if not isinstance(shape, list) or not 1 <= len(shape) <= 2 or not all(type(number) is int for number in (*shape, offset)):
            raise ValueError(f"array {name:.80} has shape {shape!r:.40} and offset {offset!r:.40}")
        count = math.prod(shape)
        if min(*shape, offset) < 0 or max(shape) > len(data) or offset + count * int(kind[2]) > len(data):
            raise ValueError(f"array {name:.80} of shape {shape!r:.40} at {offset!r:.40} lies out of the file")
        arrays[name] = np.frombuffer(data, dtype=kind, count=count, offset=offset).reshape(shape)
    return arrays


def check_place(folder: str | os.PathLike[str]) -> Path:
    """The place where a model shall be written, if one can be: for those who work long before they write.

    Raises
    ------
    InputTypeError
        If it is no path.
    ModelError
        If something that is no model stands there, or nothing can be made there.
    """
    target = _place(folder)
    _refuse_foreign(target)
    there = next((parent for parent in target.absolute().parents if parent.exists()), None)
    if there is None or not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ModelError(f"{target}: no folder can be made in {there}; choose another path")
    return Path(folder)


def _place(folder: str | os.PathLike[str]) -> Path:
    """Where a model is written: what a link leads to is replaced, not the link."""
    if not isinstance(folder, str | os.PathLike) or not isinstance(os.fspath(folder), str) or not os.fspath(folder):
        got = f"{type(folder).__name__} ({folder!r:.40})" if folder is not None else "None"
        raise InputTypeError(f"a model is saved to a folder, whose path is a str or a Path; got {got}: pass one, such as 'models/mine'")
    target = Path(folder)
    try:
        return target.resolve() if target.is_symlink() else target
    except (OSError, RuntimeError, ValueError) as error:  # links that lead to each other, a name that no file can have
        raise ModelError(f"{str(target)!r:.200}: leads nowhere ({error}); choose another path") from error


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not (target.is_dir() and (target.joinpath(HEADER).is_file() or not any(target.iterdir()))):
        raise ModelError(f"{target}: something that is no hedgekit model stands there; choose another path or remove it first")
    # The whole folder is replaced: what somebody else put there must not go with it.
    others = sorted({item.name for item in target.iterdir()} - {HEADER, ARRAYS, CARD, *ESTIMATORS.values()}) if target.exists() else []
    if others:
        raise ModelError(f"{target}: beside a model there stands {', '.join(others[:5])}; move that elsewhere, or choose another path")


def write(
    folder: str | os.PathLike[str],
    parameters: Parameters,
    info: Mapping[str, Any],
    base: str | None = None,
    *,
    custom: CustomHead | None = None,
    trusted: bool = False,
) -> Path:
    """Write a model folder, whole or not at all; a model that stood there before is replaced only when all is written.

    Parameters
    ----------
    folder : str or path
    parameters : Parameters
    info : mapping
    base : str, optional
        A shipped model: arrays that are the same there are not written again. For shipped models only.
    custom : CustomHead, optional
        An estimator of the user's own.
    trusted : bool, default=False
        Whether it may be kept with joblib where skops cannot.

    Raises
    ------
    InputTypeError
        If it is no path.
    ModelError
        If something that is no model stands in the way, or the disk refuses, or the estimator cannot be kept.
    ImportError
        If it is to be kept with skops, which is not installed.
    """
    if not isinstance(trusted, bool):
        raise OptionError(f"trusted must be True or False, got {trusted!r:.40}")
    target = _place(folder)
    _refuse_foreign(target)
    arrays, standing = parameters.to_arrays(), {}
    if base is not None:
        place = locate(base)
        of_base = _read_header(place / HEADER)
        there = _unpack((place / ARRAYS).read_bytes(), of_base["arrays"])
        same = sorted(name for name, array in arrays.items() if name in there and _same(array, there[name]))
        standing = {"base": {"name": base, "sha256": of_base["sha256"]}, "shared": same}
        arrays = {name: array for name, array in arrays.items() if name not in same}
    noted: dict[str, Any] = {}
    estimator: dict[str, bytes] = {}
    if custom is not None:
        noted, estimator = _packed_estimator(custom, trusted)
        arrays[_COLUMNS] = custom.columns
    data, listing = _pack(arrays)
    header = {
        "features": FEATURES,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "arrays": listing,
        "info": dict(info),
        **standing,
        **noted,
    }
    outer = {"hedgekit": "model", "format": FORMAT, "header_sha256": _header_hash(header), "header": header}
    contents = {
        ARRAYS: data,
        HEADER: _encoded(json.dumps(outer, indent=1, sort_keys=True, ensure_ascii=False) + "\n"),
        CARD: _encoded(card(info)),
        **estimator,
    }
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            for name, content in contents.items():
                _write_file(temporary / name, content)
            _replace(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        shown = str(target).encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
        raise ModelError(f"{shown}: the model could not be written ({reason}); what stood there before is unchanged") from error
    return Path(folder)


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        near = text[max(error.start - 20, 0) : error.end + 20]
        raise ModelError(
            f"the model's info holds half of a character (a lone surrogate), which no file can hold: {near!r}; take it out of what the "
            "model, its classes and the columns of its data are called"
        ) from error


def _packed_estimator(custom: CustomHead, trusted: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the header says of an estimator, and its file."""
    import sklearn

    kind, data = estimator_bytes.pack(custom.estimator, trusted)
    noted = {
        "kind": kind,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "type": f"{type(custom.estimator).__module__}.{type(custom.estimator).__qualname__}",
        "target": custom.target,
        "classes": list(custom.names),
        "hedged": custom.hedged,
        "scikit-learn": sklearn.__version__,
    }
    return {"estimator": noted}, {ESTIMATORS[kind]: data}


def _same(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(temporary: Path, target: Path) -> None:
    """Put the finished folder in the place of the old one; the old one comes back if that fails."""
    temporary.chmod(0o755)
    if not target.exists():
        temporary.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.rename(aside / "model")
    try:
        temporary.rename(target)
    except BaseException:  # an interrupt too must not cost the old model
        (aside / "model").rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def card(info: Mapping[str, Any]) -> str:
    """The model card, in Markdown."""
    lines = [f"# Model card: {info['name']}", "", str(info["description"]), "", "## Trained on", ""]
    lines += ["| data | sentences | licence | sha256 |", "|---|---|---|---|"]
    lines += [f"| {row['name']} | {row['sentences']} | {row['licence']} | `{row['sha256'][:16]}` |" for row in info.get("data", ())]
    lines += ["", "## Measured", "", str(info.get("split", "")), "", "| part | figure | value | n |", "|---|---|---|---|"]
    lines += [f"| {row['part']} | {row['figure']} | {row['value']:.3f} | {row['n']} |" for row in info.get("metrics", ())]
    lines += ["", "## Limits", "", *[f"- {limit}" for limit in info.get("limits", ())], "", "## Made with", ""]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(info.get("versions", {}).items()))
    lines += [f"{versions}; seed {info.get('seed')}.", ""]
    return "\n".join(lines)
