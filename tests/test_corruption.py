"""A thousand corruptions of a model's files: each is refused with an error of hedgekit's own, or changes nothing that matters.

Where hashes do not fit, a model is refused or gives the identical result. Where somebody has put right hashes on senseless values, it
is refused or gives scores from 0 to 1. Nothing else is raised, nothing is executed, and no memory is taken for what a header promises.
"""

from __future__ import annotations

import builtins
import copy
import hashlib
import json
import marshal
import os
import pickle
import random
import subprocess
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hedgekit
from hedgekit import persistence, soundness
from hedgekit.errors import ModelCorruptError, ModelError
from hedgekit.model import CertaintyModel
from hedgekit.persistence import ARRAYS, CARD, HEADER
from hedgekit.windows import LinearTable

N_BYTES, N_SWAPS, N_HEADERS, N_RESIGNED, N_VALUES = 300, 60, 160, 300, 180
TEXTS = ("The mill may reopen, the mayor said.", "Perhaps 12 people left; it is unclear.", "", "Who sold it?", "Zxqv – “may” 😀")
# So much may loading take beyond what the files hold.
_MOST_MEMORY = 200_000_000

_EXECUTING: tuple[tuple[Any, str], ...] = (
    *((pickle, name) for name in ("load", "loads", "Unpickler")),
    *((marshal, name) for name in ("load", "loads")),
    *((builtins, name) for name in ("eval", "exec", "compile")),
    *((os, name) for name in ("system", "popen")),
    (subprocess, "Popen"),
    (np, "load"),
)

Header = dict[str, Any]


@pytest.fixture(scope="module")
def files(small_folder: Path) -> dict[str, bytes]:
    return {name: (small_folder / name).read_bytes() for name in (HEADER, ARRAYS, CARD)}


@pytest.fixture(scope="module")
def whole(small_folder: Path) -> CertaintyModel:
    return hedgekit.load(small_folder)


@pytest.fixture(scope="module", autouse=True)
def all_is_imported() -> None:
    """What is imported late is imported before it is forbidden to execute anything."""
    model = hedgekit.load("attribution")
    assert model.analyze(" ".join(TEXTS)).certainty is not None
    assert all(cue.scope is not None or cue.likelihood is None for sentence in model.annotate(TEXTS) for cue in sentence.cues)


@contextmanager
def nothing_is_executed() -> Iterator[None]:
    """Whatever could run what stands in a file is out of order."""

    def forbidden(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError(f"called with {args!r:.80}")

    kept = [(module, name, getattr(module, name)) for module, name in _EXECUTING]
    for module, name, _ in kept:
        setattr(module, name, forbidden)
    try:
        with warnings.catch_warnings():
            # With senseless weights numpy may warn of an overflow; that is no crash.
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    finally:
        for module, name, function in kept:
            setattr(module, name, function)


def put(folder: Path, files: dict[str, bytes | None]) -> Path:
    """Write the files of a model, without those that are None."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink(missing_ok=True)
        elif not path.is_file() or path.stat().st_size != len(content) or path.read_bytes() != content:
            path.write_bytes(content)
    return folder


def values(model: CertaintyModel) -> tuple[Any, ...]:
    """What a model says, to be compared."""
    found = model.annotate(TEXTS)
    return (
        np.nan_to_num(model.score(TEXTS), nan=-1).tolist(),
        [(s.hedged_probability, s.hedged, [c.to_dict() for c in s.cues], [a.to_dict() for a in s.attributions]) for s in found],
    )


def outcome(folder: Path) -> CertaintyModel | str:
    """The model, or the name of the error that it was refused with; anything else passes through."""
    refused: ModelError | None = None
    with nothing_is_executed():
        try:
            return hedgekit.load(folder)
        except ModelError as error:
            refused = error
    assert len(str(refused)) < 1200, "a message is no dump of the file"
    return type(refused).__name__


def sensible(model: CertaintyModel) -> None:
    """Assert that a model can be used: scores and probabilities are in bounds."""
    with nothing_is_executed():
        scores, sentences, document = model.score(TEXTS), model.annotate(TEXTS), model.analyze(" ".join(TEXTS))
        certainty = document.certainty
        spans = [cue.scope for sentence in sentences for cue in sentence.cues]
    assert all(span is None or span.text for span in spans)
    assert (np.isnan(scores) | ((scores >= 0) & (scores <= 1))).all()
    for sentence in sentences:
        assert 0 <= sentence.hedged_probability <= 1
        for cue in sentence.cues:
            assert 0 <= cue.probability <= 1
            assert sentence.text[cue.start : cue.end] == cue.text
        assert sentence.explain() is not None
    assert certainty is None or 0 <= certainty <= 1


def signed(outer: Header, data: bytes | None = None) -> dict[str, bytes | None]:
    """The header of a model with hashes that fit, and other arrays if they are given."""
    header = outer["header"] if isinstance(outer.get("header"), dict) else {}
    if data is not None:
        header["size"], header["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    if header and "header_sha256" in outer:
        outer["header_sha256"] = persistence._header_hash(header, outer.get("format", 1))
    return {HEADER: json.dumps(outer).encode("utf-8"), **({} if data is None else {ARRAYS: data})}


# Bytes, without new hashes


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _flip(data: bytes, dice: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 50])):
        spoilt[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(spoilt)


def _overwrite(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + dice.randbytes(min(dice.choice([1, 16, 4096]), len(data) - at)) + data[at + 4096 :]


def _grow(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.choice([1, 8, 1000])) + data[at:]


def _empty(data: bytes, dice: random.Random) -> bytes:
    return dice.choice([b"", b"\0", b"\xff\xfe", b"\n" * 10])


def _gone(data: bytes, dice: random.Random) -> None:
    return None


BYTES: tuple[Callable[[bytes, random.Random], bytes | None], ...] = (_cut, _flip, _flip, _overwrite, _grow, _empty, _gone)


def test_spoilt_bytes(files: dict[str, bytes], whole: CertaintyModel, tmp_path: Path) -> None:
    dice, expected, seen = random.Random(1), values(whole), Counter[str]()
    for _ in range(N_BYTES):
        name = dice.choice([HEADER, HEADER, ARRAYS, CARD])
        spoilt = dice.choice(BYTES)(files[name], dice)
        found = outcome(put(tmp_path / "model", {**files, name: spoilt}))
        if isinstance(found, str):
            seen[found] += 1
            assert name != CARD
        else:
            # Only the card, or white space in the header, may differ.
            assert name != ARRAYS or spoilt == files[ARRAYS]
            assert values(found) == expected
            seen["same"] += 1
    assert set(seen) >= {"ModelCorruptError", "ModelNotFoundError", "same"}
    assert seen["ModelCorruptError"] > N_BYTES / 2


def test_swapped_files(files: dict[str, bytes], whole: CertaintyModel, tmp_path: Path) -> None:
    dice, expected, seen = random.Random(2), values(whole), Counter[str]()
    other = persistence.locate("science")
    for _ in range(N_SWAPS):
        pool = [*files.values(), (other / HEADER).read_bytes(), b""]
        given: dict[str, bytes | None] = {name: dice.choice([files[name], dice.choice(pool)]) for name in files}
        found = outcome(put(tmp_path / "model", given))
        if isinstance(found, str):
            seen[found] += 1
        else:
            assert values(found) == expected
            seen["same"] += 1
    assert seen["ModelCorruptError"] > 10
    assert seen["same"] > 5


# Headers

_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, -(2**63), 2**31, 2**63, 2**64 + 1, 10**30, 0.5, 1e308, float("nan"), float("inf")),
    *("", "1", "|O", "<f4", "<u8", "x" * 5000, "\ud800", "../../etc", "/etc/passwd", "\0", "cues.tags.weights"),
    *([], [1], [[]], [None], ["a"], {}, {"name": "x"}, {"a": {"b": {"c": [1, 2, {}]}}}),
    *([2**32, 2**32], [2**63, 2], [-1], [-1, -1], [0, 2**62], [1] * 40, [3, -1]),
)


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside, however deep."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name in value:
            found += _places(value[name], (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            found += _places(item, (*path, number))
    return found


def _holder(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value


def _change_header(outer: Header, dice: random.Random) -> None:
    """Change one thing of a header, with a preference for the listing of the arrays."""
    places = _places(outer)
    path = dice.choice([place for place in places if "arrays" in place] if dice.random() < 0.6 else places)
    holder, last = _holder(outer, path), path[-1]
    kind = dice.randrange(6)
    if kind == 0:
        del holder[last]
    elif kind == 1:
        other = dice.choice(places)
        try:
            holder[last] = copy.deepcopy(_holder(outer, other)[other[-1]])
        except (KeyError, IndexError, TypeError):
            holder[last] = None
    elif kind == 2 and isinstance(holder[last], int):
        holder[last] += dice.choice([-1, 1, 2, -16, 16, 4096, -4096, 10**6, 2**40])
    elif kind == 3 and isinstance(holder, list):
        holder.insert(last, copy.deepcopy(holder[last]))
    elif kind == 4:
        holder[last] = _nested(dice.choice([3, 60, 400]))
    else:
        holder[last] = copy.deepcopy(dice.choice(_ODD))


def test_changed_headers(files: dict[str, bytes], whole: CertaintyModel, tmp_path: Path) -> None:
    dice, expected, seen = random.Random(3), values(whole), Counter[str]()
    put(tmp_path / "model", dict(files))
    for _ in range(N_HEADERS):
        outer = json.loads(files[HEADER])
        _change_header(outer, dice)
        found = outcome(put(tmp_path / "model", {HEADER: json.dumps(outer).encode("utf-8")}))
        if isinstance(found, str):
            seen[found] += 1
        else:
            assert values(found) == expected
            seen["same"] += 1
    assert set(seen) <= {"ModelCorruptError", "ModelFormatError", "same"}
    assert seen["ModelCorruptError"] > N_HEADERS * 0.8


def test_changed_headers_with_right_hashes(files: dict[str, bytes], tmp_path: Path) -> None:
    dice, seen = random.Random(4), Counter[str]()
    put(tmp_path / "model", dict(files))
    for _ in range(N_RESIGNED):
        outer = json.loads(files[HEADER])
        _change_header(outer, dice)
        put(tmp_path / "model", signed(outer))
        tracemalloc.start()
        found = outcome(tmp_path / "model")
        assert tracemalloc.get_traced_memory()[1] < _MOST_MEMORY
        tracemalloc.stop()
        seen[found if isinstance(found, str) else "loaded"] += 1
        if not isinstance(found, str):
            sensible(found)
    assert seen["ModelCorruptError"] > N_RESIGNED / 3
    assert seen["loaded"] > 5


# Arrays


def _senseless(array: np.ndarray[Any, Any], dice: random.Random) -> np.ndarray[Any, Any]:
    """Other values of the same type and shape."""
    numbers = np.random.default_rng(dice.randrange(2**32))
    kind = dice.randrange(6)
    if kind == 0 or (kind == 1 and array.dtype.kind != "f"):
        return np.frombuffer(numbers.bytes(array.nbytes), dtype=array.dtype).reshape(array.shape)
    if kind == 1:
        with np.errstate(over="ignore"):  # what a smaller type cannot hold becomes infinite
            return np.full_like(array, dice.choice([np.nan, np.inf, -np.inf, 1e300, -1.0, 0.0, 5.0]))
    if kind == 2:
        return array[::-1].copy()
    if kind == 3:
        return numbers.permutation(array.reshape(-1).copy()).reshape(array.shape)
    if kind == 4:
        whole = np.iinfo(array.dtype) if array.dtype.kind in "iu" else np.finfo(array.dtype)
        return np.full_like(array, dice.choice([whole.max, whole.min, 0, 1]))
    found = array.copy()
    if found.size:
        place = dice.randrange(found.size)
        found.reshape(-1)[place] = np.frombuffer(numbers.bytes(array.itemsize), dtype=array.dtype)[0]
    return found


def test_senseless_values_with_right_hashes(files: dict[str, bytes], tmp_path: Path) -> None:
    dice, seen = random.Random(5), Counter[str]()
    outer = json.loads(files[HEADER])
    arrays = persistence._unpack(files[ARRAYS], outer["header"]["arrays"])
    names = sorted(arrays)
    for number in range(N_VALUES):
        name = names[number % len(names)]
        data, listing = persistence._pack({**arrays, name: _senseless(arrays[name], dice)})
        changed = copy.deepcopy(outer)
        changed["header"]["arrays"] = listing
        found = outcome(put(tmp_path / "model", signed(changed, data)))
        seen[found if isinstance(found, str) else "loaded"] += 1
        if not isinstance(found, str):
            sensible(found)
    assert set(seen) == {"ModelCorruptError", "loaded"}
    assert min(seen.values()) > 25


def test_a_thousand_in_all() -> None:
    assert N_BYTES + N_SWAPS + N_HEADERS + N_RESIGNED + N_VALUES == 1_000


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("certainty.threshold", [np.nan], "certainty.threshold holds numbers that are not finite, or immense"),
        ("certainty.threshold", [1.5], "certainty.threshold is 1.5, not 0 to 1"),
        ("cues.threshold", [0.0], "cues.threshold is 0.0, not between 0 and 1"),
        ("cues.threshold", [1.0], "cues.threshold is 1.0, not between 0 and 1"),
        ("cues.tags.bias", [0.0, np.inf, 0.0], "cues.tags.bias holds numbers that are not finite"),
        ("certainty.biases", [1e30, 0.0, 0.0], "certainty.biases holds numbers that are not finite, or immense"),
        ("words.keys", "reversed", "the keys of words are not sorted"),
        ("features.keys", "reversed", "the keys of features are not sorted"),
        ("phrases.keys", "reversed", "the keys of phrases are not sorted"),
        ("phrases.firsts", "reversed", "the keys of phrases.firsts are not sorted"),
        ("phrases.lengths", "zero", "phrases.lengths has values out of 1 to 32"),
        ("phrases.values", "zero", "phrases.values has values out of 1 to 700"),
        ("words.flags", "most", "words has flags above 511"),
        ("words.flags", "shorter", r"words has \d+ keys, but \d+, \d+ and \d+ values"),
        ("features.names", "shorter", "names"),
        ("certainty.calibration_probabilities", "reversed", "the calibration does not rise"),
        ("certainty.calibration_scores", "shorter", r"the calibration has \d+ scores and \d+ probabilities"),
        ("characters.class_values", "most", "the classes of characters are not 1114112 numbers below 16"),
        ("characters.class_starts", "reversed", "negative|classes of characters"),
        ("characters.fold_to", "most", "characters are folded to numbers from 1114112 on"),
        ("scope.begins.weights", "most", "scope.begins has weights beyond 8192"),
        ("cues.types.bias", "integers", "cues.types.bias has type <i8"),
        ("words.keys", "integers", "words.keys has type <i8, not <u8"),
        ("words.classes", "floats", "words.classes has type <f8"),
        ("words.classes", "column", r"words.classes has shape \(\d+, 1\)"),
        ("cues.threshold", "column", r"cues.threshold has shape \(1, 1\)"),
        ("certainty.threshold", [0.5, 0.5], r"certainty.threshold has shape \(2,\)"),
        ("scope.amounts", "shorter", r"scope.amounts has shape \(0,\)"),
    ],
)
def test_what_no_fit_leaves(name: str, values: Any, message: str, files: dict[str, bytes], tmp_path: Path) -> None:
    outer = json.loads(files[HEADER])
    arrays = persistence._unpack(files[ARRAYS], outer["header"]["arrays"])
    old = arrays[name]
    changes: dict[str, Callable[[], Any]] = {
        "reversed": lambda: old[::-1],
        "zero": lambda: np.zeros_like(old),
        "most": lambda: np.full_like(old, np.iinfo(old.dtype.str).max),
        "shorter": lambda: old[: old.size // 2],
        "integers": lambda: old.astype(np.int64),
        "floats": lambda: old.astype(np.float64),
        "column": lambda: old[:, None],
    }
    new = changes[values]() if isinstance(values, str) else np.array(values, dtype=old.dtype)
    data, outer["header"]["arrays"] = persistence._pack({**arrays, name: new})
    put(tmp_path / "model", {**files, **signed(outer, data)})
    with pytest.raises(ModelCorruptError, match=message):
        hedgekit.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("shape", [2**62, 4], "lies out of the file"),
        ("shape", [2**64], "lies out of the file"),
        ("shape", [-1], "lies out of the file"),
        ("shape", [0, 2**70], "lies out of the file"),
        ("shape", 3, "has shape 3"),
        ("shape", [], r"has shape \[\]"),
        ("shape", [True], r"has shape \[True\]"),
        ("shape", [1.0], r"has shape \[1.0\]"),
        ("offset", -16, "lies out of the file"),
        ("offset", 2**70, "lies out of the file"),
        ("offset", "0", "offset '0'"),
        ("dtype", "|O", r"has type '\|O'"),
        ("dtype", ["<f4"], "has type"),
        ("name", None, "array None has no name of its own"),
        ("name", "words.keys", "array 'words.keys' has no name of its own"),
    ],
)
def test_a_listing_that_leads_astray(field: str, value: Any, message: str, files: dict[str, bytes], tmp_path: Path) -> None:
    outer = json.loads(files[HEADER])
    outer["header"]["arrays"][0][field] = value
    put(tmp_path / "model", {**files, **signed(outer)})
    with pytest.raises(ModelCorruptError, match=message):
        hedgekit.load(tmp_path / "model")


@pytest.mark.parametrize("name", ["../model", "/etc", "a\0b", "", "general/../general", "no_such"])
def test_a_base_is_the_name_of_a_shipped_model(name: str, files: dict[str, bytes], tmp_path: Path) -> None:
    outer = json.loads(files[HEADER])
    outer["header"] |= {"base": {"name": name, "sha256": outer["header"]["sha256"]}, "shared": ["words.keys"]}
    put(tmp_path / "model", {**files, **signed(outer)})
    with pytest.raises(ModelCorruptError, match="stands on the model"):
        hedgekit.load(tmp_path / "model")


@pytest.mark.parametrize("field", ["features", "size", "sha256", "arrays", "info"])
def test_a_header_without_a_field(field: str, files: dict[str, bytes], tmp_path: Path) -> None:
    outer = json.loads(files[HEADER])
    del outer["header"][field]
    put(tmp_path / "model", {**files, **signed(outer)})
    with pytest.raises(ModelError):
        hedgekit.load(tmp_path / "model")


def test_an_old_format_keeps_its_hash(
    files: dict[str, bytes], whole: CertaintyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # When the format number is raised, models of the older one must still be taken for unaltered.
    put(tmp_path / "model", dict(files))
    monkeypatch.setattr(persistence, "FORMAT", persistence.FORMAT + 1)
    assert values(hedgekit.load(tmp_path / "model")) == values(whole)


def test_all_shipped_models_are_sound() -> None:
    for name in persistence.shipped():
        sensible(hedgekit.load(name))


def test_weights_of_many_classes_are_bounded_too(model: CertaintyModel) -> None:
    """They are added in fields of one word, where greater ones would run into the next class."""
    detector = model.parameters.detector
    weights = detector.types.weights.copy()
    soundness.check_parameters(model.parameters)
    weights[1] = 32_000
    damaged = replace(model.parameters, detector=replace(detector, types=LinearTable(weights, detector.types.bias)))
    with pytest.raises(ValueError, match=r"cues\.types has weights beyond 8192"):
        soundness.check_parameters(damaged)
