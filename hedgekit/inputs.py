"""What may be passed in, and what is said when something else is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from hedgekit.errors import InputTypeError, MissingTextError, OptionError


def wrong_type(function: str, value: object) -> InputTypeError:
    """The error for something that is no string."""
    hint = "; decode bytes first: value.decode('utf-8')" if isinstance(value, bytes | bytearray) else ""
    hint = hint or ("; use analyze_many for several texts" if function == "analyze" and isinstance(value, list | tuple) else "")
    return InputTypeError(f"{function} takes a str, got {_described(value)}{hint}")


def bare_string(function: str) -> InputTypeError:
    """The error for one string where a sequence of strings is wanted."""
    return InputTypeError(
        f"{function} takes a sequence of str, got a single str; use analyze(text) to split running text into sentences, "
        f"or {function}([sentence]) for one sentence as it stands"
    )


def checked(texts: Iterable[object]) -> Iterator[str]:
    """Refuse what is no iterable at once; pass strings on, and refuse anything else with its position when it is reached."""
    return _strings(_iterable(texts))


def _strings(values: Iterable[object]) -> Iterator[str]:
    for position, text in enumerate(values):
        if not isinstance(text, str):
            raise _element(position, text)
        yield text


def texts(values: Iterable[object], missing: Literal["raise", "nan"] | None) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """The values as a list of strings, and which of them are present. Missing ones stand there as empty strings.

    Raises
    ------
    InputTypeError, MissingTextError, OptionError
    """
    if missing not in ("raise", "nan", None):
        raise OptionError(f"missing must be 'raise' or 'nan', got {missing!r}")
    allowed = missing == "nan" or (missing is None and hasattr(values, "to_list"))
    found = list(_iterable(values))
    if all(type(value) is str for value in found):
        return found, np.ones(len(found), dtype=np.bool_)  # type: ignore[return-value]
    present = np.ones(len(found), dtype=np.bool_)
    strings: list[str] = []
    for position, value in enumerate(found):
        if isinstance(value, str):
            strings.append(str(value))
            continue
        if not is_missing(value):
            raise _element(position, value)
        if not allowed:
            raise MissingTextError(
                f"the value at position {position} is missing ({value!r}); drop it, or pass missing='nan' to get NaN for it"
            )
        present[position] = False
        strings.append("")
    return strings, present


def _iterable(values: Iterable[object]) -> Iterable[object]:
    if isinstance(values, bytes | bytearray | Mapping) or not isinstance(values, Iterable):
        raise InputTypeError(f"a str or a sequence of str is needed, got {_described(values)}")
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise InputTypeError(f"a one-dimensional array of str is needed, got shape {values.shape}")
    if hasattr(values, "columns") and hasattr(values, "iloc"):
        raise InputTypeError("a column of str is needed, got a DataFrame; pass one column, such as frame['text']")
    return values


def _element(position: int, value: object) -> InputTypeError:
    return InputTypeError(f"every element must be a str, got {_described(value)} at position {position}")


def _described(value: object) -> str:
    return f"{type(value).__name__} ({value!r:.40})" if value is not None else "None"


def is_missing(value: object) -> bool:
    """Whether a value stands for one that is not there: None, NaN, NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
