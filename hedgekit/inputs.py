"""What may be passed in, and what is said when something else is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from hedgekit.errors import InputTypeError, MissingTextError, OptionError, SkippedWarning

# So many positions are named in a warning; all stand in its ``positions``.
_NAMED = 10


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


OnError = Literal["raise", "skip"] | Callable[[int, InputTypeError], object]


def checked(texts: Iterable[object], on_error: OnError = "raise") -> Iterator[str]:
    """Refuse what is no iterable at once; pass strings on, and refuse, skip or report anything else when it is reached.

    Raises
    ------
    InputTypeError, OptionError
    """
    if on_error not in ("raise", "skip") and not callable(on_error):
        raise OptionError(f"on_error must be 'raise', 'skip', or a function of position and error; got {on_error!r}")
    return _strings(_iterable(texts), on_error)


def _strings(values: Iterable[object], on_error: OnError) -> Iterator[str]:
    skipped: list[int] = []
    position = -1
    for position, text in enumerate(values):
        if isinstance(text, str):
            yield text
        elif callable(on_error):
            on_error(position, _element(position, text))
        elif on_error == "raise":
            raise _element(position, text)
        else:
            skipped.append(position)
    if skipped:
        warn_skipped(skipped, position + 1, "were skipped, for they are no str")


def passed(values: Iterable[object], missing: Literal["raise", "nan"]) -> Iterator[str | None]:
    """Strings as they are and missing values as None, one by one; anything else is refused, with its position, when it is reached.

    Raises
    ------
    InputTypeError, MissingTextError, OptionError
    """
    _check_missing(missing)
    return _passed(_iterable(values), missing)


def _passed(values: Iterable[object], missing: Literal["raise", "nan"]) -> Iterator[str | None]:
    for position, value in enumerate(values):
        if isinstance(value, str):
            yield value
        elif not is_missing(value):
            raise _element(position, value)
        elif missing == "raise":
            raise _gap(position, value)
        else:
            yield None


def warn_skipped(positions: Sequence[int], n: int, what: str) -> None:
    """Tell which texts have no results."""
    first = ", ".join(map(str, positions[:_NAMED])) + (", ..." if len(positions) > _NAMED else "")
    warnings.warn(SkippedWarning(f"{len(positions)} of {n} texts {what}: at position {first}", positions), stacklevel=3)


def texts(values: Iterable[object], missing: Literal["raise", "nan"] | None) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """The values as a list of strings, and which of them are present. Missing ones stand there as empty strings.

    Raises
    ------
    InputTypeError, MissingTextError, OptionError
    """
    _check_missing(missing)
    allowed = missing == "nan" or (missing is None and (hasattr(values, "to_list") or hasattr(values, "to_pylist")))
    # Iterated over, a column of pyarrow gives objects of its own.
    found = values.to_pylist() if hasattr(values, "to_pylist") else list(_iterable(values))
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
            raise _gap(position, value)
        present[position] = False
        strings.append("")
    return strings, present


def _check_missing(missing: str | None) -> None:
    if missing not in ("raise", "nan", None):
        raise OptionError(f"missing must be 'raise' or 'nan', got {missing!r}")


def _gap(position: int, value: object) -> MissingTextError:
    return MissingTextError(f"the value at position {position} is missing ({value!r}); drop it, or pass missing='nan' to get NaN for it")


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
