"""What kind of character each code point is, as lookup tables for numpy.

Python's own idea of a letter or a space changes with the Unicode version of the interpreter. A model must give the same
result on every machine, so the tables are computed once, in training, and travel in the model folder.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# The two low bits of a character's class.
OTHER, WORD, SPACE, JOINER = 0, 1, 2, 3
KIND = 0b00011
UPPER = 0b00100
DIGIT = 0b01000
# No class is so high.
MOST_CLASSES = 16

CODE_POINTS = 0x110000
_FOLDED = 0x10000  # characters above the basic plane are folded to themselves

# Typography that carries no meaning for certainty is folded together.
_SAME = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "—", "…": "."}


@dataclass(frozen=True, slots=True)
class CharacterTables:
    """Lookup tables over code points.

    Attributes
    ----------
    classes : ndarray of uint8, shape (0x110000,)
        Kind (``OTHER``, ``WORD``, ``SPACE`` or ``JOINER``) with the flags ``UPPER`` and ``DIGIT``.
    folds : ndarray of uint32, shape (0x10000,)
        The code point that stands for each: lower case, digits as ``0``, straight quotation marks.
    """

    classes: npt.NDArray[np.uint8]
    folds: npt.NDArray[np.uint32]

    def fold(self, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Fold code points; those above the basic plane stay as they are."""
        try:
            return self.folds.take(codes)
        except IndexError:
            return np.where(codes < _FOLDED, self.folds.take(codes, mode="clip"), codes)

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The tables as small arrays: runs of equal class, and the code points whose fold differs."""
        starts = np.flatnonzero(np.diff(self.classes, prepend=np.uint8(255)))
        changed = np.flatnonzero(self.folds != np.arange(_FOLDED, dtype=np.uint32))
        return {
            "class_starts": starts.astype(np.uint32),
            "class_values": self.classes[starts],
            "fold_from": changed.astype(np.uint32),
            "fold_to": self.folds[changed],
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> CharacterTables:
        """The inverse of :meth:`to_arrays`."""
        starts = arrays["class_starts"].astype(np.int64)
        runs = np.diff(starts, append=CODE_POINTS)
        folds = np.arange(_FOLDED, dtype=np.uint32)
        folds[arrays["fold_from"].astype(np.int64)] = arrays["fold_to"].astype(np.uint32)
        return cls(np.repeat(arrays["class_values"].astype(np.uint8), runs), folds)


def build_tables() -> CharacterTables:
    """Compute the tables from the interpreter's Unicode database (training only: it takes a second)."""
    classes = np.zeros(CODE_POINTS, dtype=np.uint8)
    folds = np.arange(_FOLDED, dtype=np.uint32)
    for code in range(CODE_POINTS):
        char = chr(code)
        category = unicodedata.category(char)
        if char.isalnum() or char == "_":
            classes[code] = WORD | (UPPER if category in ("Lu", "Lt") else 0) | (DIGIT if category == "Nd" else 0)
        elif char.isspace():
            classes[code] = SPACE
        elif char in "-'’":
            classes[code] = JOINER
        if code < _FOLDED:
            lowered = char.lower()
            if char in _SAME:
                folds[code] = ord(_SAME[char])
            elif category == "Nd":
                folds[code] = ord("0")
            elif len(lowered) == 1:
                folds[code] = ord(lowered)
    return CharacterTables(classes, folds)
