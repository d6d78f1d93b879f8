"""The user's own words: phrases that always are cues, phrases and whole types that never are.

They stand above what a model has learned. Longer phrases win over shorter ones, and the user's over the model's.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.errors import LexiconError
from hedgekit.keys import Ints, KeyIndex
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.lexicon import PhraseTable, build_phrases
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import tokenize

Floats = npt.NDArray[np.float64]

# The value of a phrase that is switched off.
_OFF = len(CUE_TYPES) + 1
# Stands for a type where none is given.
_NEVER = object()
_FIELDS = ("cues", "off", "types_off")


@dataclass(frozen=True, slots=True)
class UserLexicon:
    """Compiled entries of a user.

    Attributes
    ----------
    phrases : PhraseTable
        Each valued by one more than its type's index, or by one more than the number of types where it is switched off.
    types_off : ndarray of bool, shape (n_types,)
        The types that are switched off.
    """

    phrases: PhraseTable
    types_off: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls) -> UserLexicon:
        """No entry at all."""
        keys, small, values = KeyIndex(np.empty(0, np.uint64)), np.empty(0, np.uint8), np.empty(0, np.uint16)
        return cls(PhraseTable(keys, small, values, keys, keys, small), np.zeros(len(CUE_TYPES), np.bool_))

    def __bool__(self) -> bool:
        return bool(len(self.phrases.phrases) or self.types_off.any())

    def apply(self, batch: Batch, first: Ints, last: Ints, probability: Floats) -> tuple[Ints, Ints, Ints, Floats, npt.NDArray[np.bool_]]:
        """Put the user's phrases among the cues found, given by their tokens and probability.

        A cue that touches a phrase of the user's goes. A phrase that is switched off leaves nothing in its place.

        Returns
        -------
        first, last : ndarray of int64
            In the order of the text.
        types : ndarray of int64
            The type of the user's cues; -1 for those of the model.
        probability : ndarray of float64
            1 for the user's.
        taken : ndarray of bool, shape (n_tokens,)
            The tokens of the user's phrases, those that are switched off among them.
        """
        own, length, value = self.phrases.find(batch)
        taken = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
        np.add.at(taken, own, 1)
        np.add.at(taken, own + length, -1)
        depth = taken[:-1].cumsum()
        covered = np.concatenate(([0], depth.cumsum()))
        free = covered.take(last + 1) == covered.take(first)
        kept = value != _OFF
        first = np.concatenate((first[free], own[kept]))
        last = np.concatenate((last[free], (own + length - 1)[kept]))
        types = np.concatenate((np.full(int(free.sum()), -1), value[kept].astype(np.int64) - 1))
        probability = np.concatenate((probability[free], np.ones(int(kept.sum()))))
        order = first.argsort(kind="stable")
        return first[order], last[order], types[order], probability[order], depth > 0


def compile_lexicon(
    cues: Mapping[str, str] | str | os.PathLike[str] | None,
    off: Iterable[str],
    types_off: Iterable[str],
    tables: CharacterTables,
) -> UserLexicon:
    """Check and compile the entries of a user.

    Parameters
    ----------
    cues : mapping of phrase to type, path of a TOML file, or None
        A file may hold the tables ``[cues]`` (``"phrase" = "type"``) and the lists ``off`` and ``types_off``.
    off : iterable of str
        Phrases that are never cues.
    types_off : iterable of str
        Types that are not reported.

    Raises
    ------
    LexiconError
        With the place and the reason: unknown type, a phrase twice, an empty phrase, wrong syntax, an unknown field.
    """
    rows: list[tuple[Any, Any, str]] = []
    names: list[tuple[str, str]] = []
    if not (cues is None or isinstance(cues, Mapping | str | os.PathLike)):
        raise LexiconError(f"cues must map phrases to types, or be the path of a TOML file; got {type(cues).__name__}: {cues!r:.60}")
    if cues is not None and not isinstance(cues, Mapping):
        data = _read(Path(cues))
        rows += [(phrase, kind, f"{cues}, [cues]") for phrase, kind in data["cues"].items()]
        rows += [(phrase, _NEVER, f"{cues}, off") for phrase in data["off"]]
        names += [(name, f"{cues}, types_off") for name in data["types_off"]]
    elif cues is not None:
        rows += [(phrase, kind, "cues") for phrase, kind in cues.items()]
    rows += [(phrase, _NEVER, "off") for phrase in _listed(off, "off")]
    names += [(name, "types_off") for name in _listed(types_off, "types_off")]
    values: dict[tuple[int, ...], tuple[str, int, str]] = {}
    for phrase, kind, place in rows:
        if not isinstance(phrase, str) or not (keys := tuple(tokenize(phrase, tables).keys.tolist())):
            raise LexiconError(f"{place}: an entry without a form, got {phrase!r}; give the words of the cue")
        if keys in values:
            raise LexiconError(f"{place}: {phrase!r} stands already in {values[keys][2]} as {values[keys][0]!r}; keep one of them")
        values[keys] = (phrase, _OFF if kind is _NEVER else 1 + _index(kind, f"{place}: {phrase!r}"), place)
    switched = np.zeros(len(CUE_TYPES), dtype=np.bool_)
    for name, place in names:
        switched[_index(name, place)] = True
    return UserLexicon(build_phrases([(phrase, value) for phrase, value, _ in values.values()], tables), switched)


def _index(kind: Any, place: str) -> int:
    try:
        return CUE_TYPES.index(CueType(kind))
    except ValueError:
        raise LexiconError(f"{place}: unknown cue type {kind!r}; valid are {', '.join(CUE_TYPES)}") from None


def _listed(items: Iterable[str], name: str) -> list[str]:
    if isinstance(items, str):
        raise LexiconError(f"{name}: give a list, such as [{items!r}], not a bare string")
    if not isinstance(items, Iterable):
        raise LexiconError(f"{name} must be a list of strings, got {items!r:.60}")
    return list(items)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LexiconError(f"{path}: cannot be read ({error}); give a mapping of phrases to types, or the path of a TOML file") from error
    except UnicodeDecodeError as error:
        raise LexiconError(f"{path}: not UTF-8: {error.reason} at byte {error.start}; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path}: not valid TOML: {error}") from None
    unknown = sorted(set(data) - set(_FIELDS))
    if unknown:
        raise LexiconError(f"{path}: unknown field {unknown[0]!r}; valid are {', '.join(_FIELDS)}")
    found = {"cues": data.get("cues", {}), "off": data.get("off", []), "types_off": data.get("types_off", [])}
    if not isinstance(found["cues"], dict):
        raise LexiconError(f'{path}: cues must be a table of "phrase" = "type", got {found["cues"]!r:.60}')
    for name in ("off", "types_off"):
        if not isinstance(found[name], list):
            raise LexiconError(f"{path}: {name} must be a list of strings, got {found[name]!r:.60}")
    return found
