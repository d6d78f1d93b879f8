"""The values of a table's columns, checked: each function tells all that is wrong with its column at once."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hedgekit.corpora import offsets
from hedgekit.errors import DataError, OptionError
from hedgekit.folders import data_folder
from hedgekit.inputs import is_missing
from hedgekit.labelled import HEDGED_NAMES, CueSpans, Floats
from hedgekit.labels import CUE_TYPES, LEVELS, CueType
from hedgekit.lexicon import plain, read_lexicon
from hedgekit.options import in_shell, named, option
from hedgekit.reading.tables import count, told, where

Classes = Sequence[str] | Mapping[Any, str]

_BLANK_NUMBERS = frozenset({"", "nan", "na", "n/a", "<na>", "null", "none"})
_BLANK_CLASSES = frozenset({"", "nan", "<na>"})
_SAYS_HEDGED = re.compile("hedg|uncertain|speculat", re.IGNORECASE)
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_NOT_HEDGED, _HEDGED = HEDGED_NAMES[1]
_HALF = re.compile("[\ud800-\udfff]")
_DECIMAL_COMMA = re.compile(r"-?\d*,\d+")
# Up to this part of a column of yes and no may be odd values that nobody means as classes.
_ODD_OF_HEDGED, _ODD_OF_OTHERS = 0.25, 0.05
_SHOWN = 5
_MOST_NUMBERS = 10
_USUAL_SCALES = ((1, 5), (1, 6), (1, 7), (0, 10), (-3, 3), (0, 100))
# Beside larger weights all others would be lost to rounding.
_MOST_WEIGHT = 1e9


def is_blank(value: object, words: frozenset[str] = _BLANK_CLASSES) -> bool:
    """Whether a cell is empty: None, NaN, a blank, or a word for it."""
    if isinstance(value, str):
        return value.strip().lower() in words
    return is_missing(value) or (isinstance(value, Decimal) and value.is_nan())


def check_texts(values: Sequence[Any], places: Sequence[str]) -> tuple[str, ...]:
    """The sentences.

    Raises
    ------
    DataError
        If one is missing, blank, or no string.
    """
    wrong = [at for at, value in enumerate(values) if not isinstance(value, str) or not value.strip()]
    if wrong:
        raise DataError(
            f"{where([places[at] for at in wrong])}: {count(len(wrong), 'row')} without a sentence, the first is {values[wrong[0]]!r:.40}; "
            "every row needs a text: fill it in, or leave the row out"
        )
    return tuple(str(value) for value in values)


def check_scale(scale: tuple[float, float] | None) -> tuple[float, float]:
    """The ends of the scale, least certain first.

    Raises
    ------
    OptionError
    """
    if scale is None:
        return 0.0, 1.0
    try:
        low, high = (float(end) for end in scale)
    except (TypeError, ValueError):
        raise OptionError(f"{named('scale')} must be two numbers, the least certain first, such as {_scale(1, 6)}; got {scale!r}") from None
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        raise OptionError(f"{named('scale')} must be two different finite numbers, such as {_scale(1, 6)}; got {_scale(low, high)}")
    return low, high


def _scale(low: float, high: float) -> str:
    return f"{low:g} {high:g}" if in_shell() else f"({low:g}, {high:g})"


def check_certainty(values: Sequence[Any], places: Sequence[str], scale: tuple[float, float] | None) -> Floats:
    """Certainties from 0 to 1; NaN where the cell is empty.

    Raises
    ------
    DataError
        If one is no number, or outside the scale.
    """
    low, high = check_scale(scale)
    numbers = [None if is_blank(value, _BLANK_NUMBERS) else _number(value) for value in values]
    wrong = [at for at, number in enumerate(numbers) if number is not None and math.isnan(number)]
    if wrong:
        first = values[wrong[0]]
        hint = _number_hint(first) if isinstance(first, str) else "give numbers"
        raise DataError(
            f"{where([places[at] for at in wrong])}: certainty is no number in {count(len(wrong), 'row')}, "
            f"the first is {first!r:.40}; {hint}"
        )
    found = np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)
    outside = ((found < min(low, high)) | (found > max(low, high))).nonzero()[0].tolist()
    if outside:
        least, most = np.nanmin(found), np.nanmax(found)
        # Of the usual scales, for that which was used may go further than the values do.
        lowest, highest = next(((a, b) for a, b in _USUAL_SCALES if a <= least and most <= b), (least, most))
        raise DataError(
            f"{where([places[at] for at in outside])}: certainty is outside the scale {low:g} to {high:g} in {count(len(outside), 'row')}; "
            f"the values go from {least:g} to {most:g}; pass the ends of the scale that was used, the least certain first, "
            f"such as {option('scale', (lowest, highest))}"
        )
    return found if (low, high) == (0.0, 1.0) else np.clip((found - low) / (high - low), 0.0, 1.0)


def _number_hint(value: str) -> str:
    if value.strip().endswith("%"):
        return f"leave the sign out, and pass {option('scale', (0, 100))}"
    if _DECIMAL_COMMA.fullmatch(value.strip()):
        return "write a decimal point"
    return f"pass {option('label')} for a column of classes"


def _number(value: Any) -> float:
    """The number that a cell holds; NaN if it holds none."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number | Decimal | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def check_classes(
    values: Sequence[Any], places: Sequence[str], column: str, classes: Classes | None
) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """The class of each row, None where the cell is empty, and the classes in their order.

    Raises
    ------
    DataError
        If a cell holds no name, if names differ in case or blanks alone, or if the column is one of numbers.
    OptionError
        If ``classes`` is no list or mapping of names.
    """
    order = _order(classes)
    names = [None if is_blank(value) else _name(value) for value in values]
    wrong = [at for at, value in enumerate(values) if names[at] is None and not is_blank(value)]
    if wrong:
        raise DataError(
            f"{where([places[at] for at in wrong])}: no class in {count(len(wrong), 'row')} of {column!r}, "
            f"the first is {values[wrong[0]]!r:.40}; a class is a string, a whole number or a bool; "
            f"for spans of cues pass {option('cues', column)}"
        )
    halves = [at for at, name in enumerate(names) if name is not None and _HALF.search(name)]
    if halves:
        raise DataError(
            f"{where([places[at] for at in halves])}: a class with half of a character (a lone surrogate), {names[halves[0]]!r:.40}, in "
            f"{count(len(halves), 'row')} of {column!r}; no file can hold it: read the data again in their encoding, or rename the class"
        )
    if isinstance(classes, Mapping):
        names = _renamed(names, {str(_name(old)): new for old, new in classes.items()}, places, column)
    else:
        _refuse_numbers(names, column)
        _refuse_odd(names, places, column, order)
        # Yes and no that are named as the classes stay what they are.
        if _SAYS_HEDGED.search(column) and not {name for name in names if name is not None} <= set(order or ()):
            names = _hedged_names(names)
        names = _told_apart(names, places, column)
    if order is None:
        return tuple(names), _usual_order({name for name in names if name is not None})
    unknown = [at for at, name in enumerate(names) if name is not None and name not in order]
    if unknown:
        found = ", ".join(sorted({repr(names[at]) for at in unknown}))
        raise DataError(
            f"{where([places[at] for at in unknown])}: {found} in {count(len(unknown), 'row')} of {column!r} is not among the classes "
            f"{', '.join(map(repr, order))}; add it to {option('classes')}, or rename it with a mapping such as "
            f"{option('classes', {names[unknown[0]]: order[0]}, more=True)}"
        )
    return tuple(names), order


def _order(classes: Classes | None) -> tuple[str, ...] | None:
    if classes is None:
        return None
    names: list[Any] = [] if isinstance(classes, str) else list(classes.values() if isinstance(classes, Mapping) else classes)
    if not names or not all(isinstance(name, str) and name.strip() == name and name for name in names):
        raise OptionError(f"{named('classes')} must be a list of names, or a mapping from what the data hold to names; got {classes!r:.80}")
    halves = [name for name in names if _HALF.search(name)]
    if halves:
        raise OptionError(
            f"{named('classes')} must be names that a file can hold; {halves[0]!r:.40} has half of a character (a lone surrogate): write "
            "whole characters"
        )
    return tuple(dict.fromkeys(names))


def _name(value: Any) -> str | None:
    """A class as a string; 1 and 1.0, which frames with gaps make of it, are the same."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | float | np.number | Decimal) and math.isfinite(value):
        return str(int(value)) if value == int(value) else str(value)
    return None


def _renamed(names: Sequence[str | None], new: Mapping[str, str], places: Sequence[str], column: str) -> list[str | None]:
    lower = {old.lower(): name for old, name in new.items()}
    meant = _hedged_names(names) if _SAYS_HEDGED.search(column) else names
    found = [
        None if name is None else new.get(name) or lower.get(name.strip().lower()) or lower.get(str(other).lower())
        for name, other in zip(names, meant, strict=True)
    ]
    unknown = [at for at, name in enumerate(names) if name is not None and found[at] is None]
    if unknown:
        missing = ", ".join(sorted({repr(names[at]) for at in unknown}))
        raise DataError(
            f"{where([places[at] for at in unknown])}: {option('classes')} has no name for {missing} in "
            f"{count(len(unknown), 'row')} of {column!r}; it renames {', '.join(map(repr, new))}; add what is missing"
        )
    return found


def _refuse_numbers(names: Iterable[str | None], column: str) -> None:
    distinct = {name for name in names if name is not None}
    if len(distinct) > _MOST_NUMBERS and all(_is_number(name) for name in distinct):
        numbers = [float(name) for name in distinct]
        raise DataError(
            f"column {column!r} holds {len(distinct)} different numbers, from {min(numbers):g} to {max(numbers):g}: that is a scale and no "
            f"set of classes; pass {option('certainty', column)}, and {option('scale')} if it does not go from 0 to 1"
        )


def _is_number(name: str) -> bool:
    try:
        return Decimal(name.strip()).is_finite()
    except InvalidOperation:
        return False


def _refuse_odd(names: Sequence[str | None], places: Sequence[str], column: str, order: tuple[str, ...] | None) -> None:
    """Refuse few odd values in a column of yes and no: a slip of the pen, which would make classes of all three."""
    if order is not None and any(name in order for name in names):
        return
    # In a column of any other name 0 and 1 may stand beside 2, and a rare class beside yes and no.
    hedged = bool(_SAYS_HEDGED.search(column))
    valid, part = (_TRUTHS.keys(), _ODD_OF_HEDGED) if hedged else (_TRUTHS.keys() - {"0", "1"}, _ODD_OF_OTHERS)
    known = sum(name is not None for name in names)
    odd = [at for at, name in enumerate(names) if name is not None and _plain(name) not in valid]
    if not 0 < len(odd) <= part * known:
        return
    found = sorted({repr(names[at]) for at in odd})
    classes = _usual_order({name for name in names if name is not None})
    shown = ", ".join(found[:_SHOWN]) + (", ..." if len(found) > _SHOWN else "")
    numbers = ", 1 or 0" if hedged else ""
    raise DataError(
        f"{where([places[at] for at in odd])}: {shown} in {count(len(odd), 'row')} of {column!r}, which says yes or no (or true or "
        f"false{numbers}) in all others; put it right, or leave the cell empty and say what that means with {option('missing')}; "
        f"if it is a class of its own, name all classes: {option('classes', list(classes))}"
    )


def _plain(name: str) -> str:
    return name.strip().lower().removesuffix(".0")


def _hedged_names(names: Sequence[str | None]) -> list[str | None]:
    """Yes and no in a column that says whether sentences are hedged, as names of classes."""
    plain_names = [None if name is None else _plain(name) for name in names]
    if not all(name is None or name in _TRUTHS for name in plain_names):
        return list(names)
    return [None if name is None else _HEDGED if _TRUTHS[name] else _NOT_HEDGED for name in plain_names]


def _told_apart(names: Sequence[str | None], places: Sequence[str], column: str) -> list[str | None]:
    """The names without blanks at their edges."""
    alike: dict[str, dict[str, str]] = {}
    for name, place in zip(names, places, strict=True):
        if name is not None:
            alike.setdefault(name.strip().lower(), {}).setdefault(name, place)
    for spellings in alike.values():
        if len(spellings) > 1:
            (one, first), (other, second), *_ = spellings.items()
            raise DataError(
                f"classes {one!r} ({first}) and {other!r} ({second}) of {column!r} differ in case or blanks alone; "
                f"write them alike, or join them with {option('classes', {one: one.strip(), other: one.strip()}, more=True)}"
            )
    return [None if name is None else name.strip() for name in names]


def _usual_order(names: set[str]) -> tuple[str, ...]:
    """Levels from the most certain; the plain class before the hedged; else numbers by size and words by the alphabet."""
    lower = {name.lower(): name for name in names}
    for usual in (*HEDGED_NAMES, tuple(map(str, LEVELS))):
        if lower.keys() <= set(usual):
            return tuple(lower[name] for name in usual if name in lower)
    return tuple(sorted(names, key=lambda name: (not _is_number(name), float(name) if _is_number(name) else 0.0, name)))


def check_cues(values: Sequence[Any], texts: Sequence[str], places: Sequence[str]) -> tuple[tuple[CueSpans | None, ...], dict[str, int]]:
    """The cues of each row, None where the cell is empty, and how many types were looked up.

    Raises
    ------
    DataError
        If a cue is malformed, does not stand in its sentence, overlaps another, or has an unknown type.
    """
    found: list[CueSpans | None] = []
    problems: list[str] = []
    looked_up = {"from the lexicon": 0, "epistemic by default": 0}
    for value, text, place in zip(values, texts, places, strict=True):
        try:
            found.append(None if is_blank(value) else _spans(_items(value, place), text, place, looked_up))
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise told(problems, "row") if len(problems) == 1 else DataError(f"cues cannot be used in {told(problems, 'row')}")
    return tuple(found), {name: number for name, number in looked_up.items() if number}


def _items(value: Any, place: str) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise DataError(f"{place}: cues must be a JSON list, got {value!r:.60}; an empty list, [], says that there are none") from None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        raise DataError(f"{place}: cues must be a list, got {value!r:.60}")
    return list(value)


def _spans(items: Sequence[Any], text: str, place: str, looked_up: dict[str, int]) -> CueSpans:
    cues = sorted((_cue(item, text, place, looked_up) for item in items), key=lambda cue: cue[:2])
    for before, after in itertools.pairwise(cues):
        if after[0] < before[1]:
            raise DataError(f"{place}: cues {text[before[0] : before[1]]!r} and {text[after[0] : after[1]]!r} overlap; keep one of them")
    return tuple(cues)


def _cue(item: Any, text: str, place: str, looked_up: dict[str, int]) -> tuple[int, int, CueType]:
    if isinstance(item, np.ndarray):
        item = item.tolist()
    if isinstance(item, str):
        item = {"text": item}
    elif isinstance(item, list | tuple) and len(item) in (2, 3):
        item = dict(zip(("start", "end", "type"), item, strict=False))
    if not isinstance(item, Mapping):
        raise DataError(f"{place}: a cue is {{'start', 'end', 'type'}}, {{'text', 'nth', 'type'}} or [start, end, type], got {item!r:.60}")
    # Tables with one type for a column fill what a cue does not have with None.
    cue = {key: _whole(value) for key, value in item.items() if not is_missing(value)}
    start, end = offsets(text, cue, place)
    if not text[start:end].strip():
        raise DataError(f"{place}: the cue from {start} to {end} holds no word but {text[start:end]!r}; give the offsets of its words")
    kind = cue.get("type")
    if kind is None:
        return start, end, cue_type_of(text[start:end], looked_up)
    if str(kind).strip().lower() not in CUE_TYPES:
        raise DataError(f"{place}: unknown cue type {kind!r:.40}; valid are {', '.join(CUE_TYPES)}")
    return start, end, CueType(str(kind).strip().lower())


def _whole(value: Any) -> Any:
    """Whole numbers as int, whatever type a table gave them."""
    if isinstance(value, np.integer) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    return value


def cue_type_of(words: str, looked_up: dict[str, int]) -> CueType:
    """The type of a cue that was marked without one: as the lexicon has it for its words, or for the last of them."""
    forms = _types_of_forms()
    parts = plain(words).split()
    for first in range(len(parts)):
        kind = forms.get(" ".join(parts[first:]))
        if kind is not None:
            looked_up["from the lexicon"] += 1
            return kind
    looked_up["epistemic by default"] += 1
    return CueType.EPISTEMIC


@lru_cache(maxsize=1)
def _types_of_forms() -> dict[str, CueType]:
    return dict(read_lexicon(Path(str(data_folder("seeds"))) / "cues").forms())


def check_weights(values: Sequence[Any], places: Sequence[str]) -> Floats:
    """The weights.

    Raises
    ------
    DataError
        If one is no positive number, or so large that sums lose all others.
    """
    numbers = [_number(value) for value in values]
    wrong = [at for at, number in enumerate(numbers) if not 0 < number <= _MOST_WEIGHT]
    if wrong:
        raise DataError(
            f"{where([places[at] for at in wrong])}: weight is no number above 0 and up to {_MOST_WEIGHT:g} in {count(len(wrong), 'row')}, "
            f"the first is {values[wrong[0]]!r:.40}; give every row a weight above 0, and leave out rows that shall not count"
        )
    return np.array(numbers, dtype=np.float64)


def check_names(values: Sequence[Any], places: Sequence[str], role: str) -> tuple[str, ...]:
    """Groups or annotators as strings.

    Raises
    ------
    DataError
        If one is missing.
    """
    wrong = [at for at, value in enumerate(values) if is_blank(value)]
    if wrong:
        raise DataError(
            f"{where([places[at] for at in wrong])}: no {role} in {count(len(wrong), 'row')}; "
            f"fill it in, or pass {option(role, False)} to do without"
        )
    return tuple(_name(value) or str(value) for value in values)
