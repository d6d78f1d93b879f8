"""Bad input is refused with an error that says what was got, what is valid and what to do."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hedgekit
from hedgekit import errors
from hedgekit.errors import (
    DataError,
    HedgekitError,
    InputTypeError,
    LexiconError,
    MissingTextError,
    ModelCorruptError,
    ModelError,
    ModelFeaturesError,
    ModelFormatError,
    ModelNotFoundError,
    NotBuiltError,
    OptionError,
    UnknownOptionError,
)
from hedgekit.model import CertaintyModel

NO_TEXTS = [None, 3, 2.5, True, b"It may rain.", bytearray(b"x"), {"text": "It may rain."}, object(), len]
FRAME = pd.DataFrame({"text": ["It may rain."], "other": ["x"]})


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ModelNotFoundError, FileNotFoundError),
        (ModelNotFoundError, OSError),
        (ModelCorruptError, ValueError),
        (ModelFormatError, ValueError),
        (ModelFeaturesError, ValueError),
        (LexiconError, ValueError),
        (DataError, ValueError),
        (OptionError, ValueError),
        (UnknownOptionError, OptionError),
        (UnknownOptionError, TypeError),
        (InputTypeError, TypeError),
        (MissingTextError, ValueError),
        (NotBuiltError, NotImplementedError),
    ],
)
def test_errors_are_what_users_catch(error: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error, HedgekitError)
    assert issubclass(error, builtin)
    assert str(error("why")) == "why"


def test_one_tree() -> None:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    assert all(issubclass(value, HedgekitError) for value in found if not issubclass(value, Warning))
    assert all(value.__doc__ for value in found)
    for value in (ModelNotFoundError, ModelCorruptError, ModelFormatError, ModelFeaturesError):
        assert issubclass(value, ModelError)
    assert str(pickle.loads(pickle.dumps(MissingTextError("gone")))) == "gone"


@pytest.mark.parametrize("value", NO_TEXTS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("function", ["score", "annotate", "analyze_many"])
def test_no_sequence_of_text(function: str, value: object, model: CertaintyModel) -> None:
    got = "None" if value is None else type(value).__name__
    with pytest.raises(InputTypeError, match=f"a str or a sequence of str is needed, got {got}"):
        getattr(model, function)(value)


@pytest.mark.parametrize("value", [*NO_TEXTS, ["It may rain."], ("a", "b"), np.array("x"), FRAME], ids=lambda value: type(value).__name__)
def test_analyze_takes_one_text(value: object, model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match=f"analyze takes a str, got {'None' if value is None else type(value).__name__}"):
        model.analyze(value)  # type: ignore[arg-type]


def test_analyze_names_the_remedy(model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match=r"value\.decode\('utf-8'\)"):
        model.analyze(b"It may rain.")  # type: ignore[arg-type]
    with pytest.raises(InputTypeError, match="analyze_many"):
        model.analyze(["It may rain."])  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [3, 2.5, b"x", ["nested"], ("a",), {"a": 1}, object()], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("function", ["score", "annotate", "analyze_many"])
def test_the_position_of_a_wrong_element_is_named(function: str, wrong: object, model: CertaintyModel) -> None:
    texts = ["It may rain.", "It rained.", wrong, 4]
    with pytest.raises(InputTypeError, match=rf"every element must be a str, got {type(wrong).__name__} .*at position 2"):
        list(getattr(model, function)(texts))


def test_analyze_many_gives_what_stands_before_the_mistake(model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match="None at position 1"):
        list(model.analyze_many(["It may rain.", None]))  # type: ignore[list-item]


@pytest.mark.parametrize("function", ["annotate", "analyze_many"])
def test_a_bare_string_is_no_sequence(function: str, model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match=rf"{function} takes a sequence of str, got a single str; use analyze\(text\)"):
        getattr(model, function)("It may rain. It may snow.")
    if hasattr(hedgekit, function):
        with pytest.raises(TypeError, match="analyze"):
            getattr(hedgekit, function)("It may rain.")


@pytest.mark.parametrize("function", ["score", "annotate", "analyze_many"])
def test_a_table_is_no_column(function: str, model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match=r"got a DataFrame; pass one column, such as frame\['text'\]"):
        getattr(model, function)(FRAME)


@pytest.mark.parametrize("shape", [(), (1, 1), (2, 3), (0, 2), (1, 1, 1)])
@pytest.mark.parametrize("function", ["score", "annotate", "analyze_many"])
def test_arrays_have_one_dimension(function: str, shape: tuple[int, ...], model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match=re.escape(f"a one-dimensional array of str is needed, got shape {shape}")):
        getattr(model, function)(np.full(shape, "It may rain."))


@pytest.mark.parametrize("array", [np.arange(3), np.ones(2), np.array([b"a"])])
def test_arrays_of_numbers_are_no_texts(array: Any, model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match="at position 0"):
        model.annotate(array)


# Missing values


@pytest.mark.parametrize("gap", [None, math.nan, np.float64("nan"), pd.NA, pd.NaT], ids=repr)
@pytest.mark.parametrize("options", [{}, {"missing": "raise"}, {"missing": None}])
def test_missing_values_are_refused_with_their_position(gap: object, options: dict[str, Any], model: CertaintyModel) -> None:
    with pytest.raises(MissingTextError, match=r"position 1 is missing .*missing='nan'"):
        model.score(["It may rain.", gap], **options)


def test_annotate_refuses_missing_values(model: CertaintyModel) -> None:
    with pytest.raises(MissingTextError, match="position 1"):
        model.annotate(["It may rain.", None])  # type: ignore[list-item]


def test_a_series_refuses_missing_values_when_told_to(model: CertaintyModel) -> None:
    with pytest.raises(MissingTextError, match="position 1"):
        model.score(pd.Series(["It may rain.", None]), missing="raise")


@pytest.mark.parametrize("value", [2.5, math.inf, 0])
def test_a_number_is_not_missing(value: float, model: CertaintyModel) -> None:
    with pytest.raises(InputTypeError, match="position 0"):
        model.score([value], missing="nan")


# Options


@pytest.mark.parametrize("value", ["drop", "", "NaN", True, 0])
def test_missing_has_two_values(value: object, model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match="missing must be 'raise' or 'nan', got"):
        model.score(["It may rain."], missing=value)  # type: ignore[call-overload]


@pytest.mark.parametrize("value", [0, 1.5, "2", None, True])
def test_n_jobs_is_a_number_of_processes(value: object, model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match="n_jobs must be a whole number"):
        model.analyze_many([], n_jobs=value)  # type: ignore[arg-type]


def test_target_is_one_of_two(model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match="target must be 'hedged' or 'certainty', got 'level'"):
        model.to_sklearn("level")  # type: ignore[arg-type]


# Models


@pytest.mark.parametrize("value", [None, 3, b"general", ["general"], 2.5])
def test_a_model_is_named_by_text_or_path(value: object) -> None:
    with pytest.raises(InputTypeError, match=r"a model's name or path is needed, got .*shipped are .*general"):
        hedgekit.load(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["no_such_model", "no/such/folder", "General ", "../general", "a\0b", "x" * 5_000])
def test_unknown_models_name_the_shipped_ones(name: str) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no model .*general.*model\.save"):
        hedgekit.load(name)


@pytest.mark.parametrize(
    "call",
    [
        lambda: hedgekit.score(3),  # type: ignore[call-overload]
        lambda: hedgekit.score([None]),
        lambda: hedgekit.annotate("x"),
        lambda: hedgekit.analyze(None),  # type: ignore[arg-type]
        lambda: hedgekit.load("nowhere"),
        lambda: hedgekit.load().save(__file__),
    ],
)
def test_one_class_catches_all(call: Callable[[], object]) -> None:
    with pytest.raises(HedgekitError, match=r"\w+ \w+"):
        call()


PAIR = (["It rained.", "It may rain."], ["dry", "wet"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hedgekit.train(PAIR, certianty="score"), "train has no option 'certianty'; did you mean 'certainty'? It has base, est"),
        (lambda: hedgekit.train(PAIR, mesured=False), "train has no option 'mesured'; did you mean 'measured'? It has base, estimator"),
        (lambda: hedgekit.evaluate("general", PAIR, n_sample=9), "evaluate has no option 'n_sample'; did you mean 'n_samples'? It has b"),
        (
            lambda: hedgekit.compare("general", "general", PAIR, xyz=1, abc=2),
            "compare has no option 'xyz' or 'abc'; it has n_samples, seed, and those of read_labelled: text, certainty, label, cues, "
            "group, weight, annotator, scale, classes, missing, format",
        ),
    ],
)
def test_an_option_that_there_is_not(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(UnknownOptionError, match=f"^{re.escape(message)}"):
        call()
