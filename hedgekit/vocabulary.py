"""Known words, each with a class and flags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.keys import KeyIndex, Keys

# Flags of a word.
INTENSIFIER, NEGATOR, OPENER, SPEAKER, QUOTE, COMMA, CUE_WORD = 1, 2, 4, 8, 16, 32, 64

# Words and signs that open a clause or a quotation, words for the writer, and signs, as they stand after folding.
FLAGGED: dict[int, tuple[str, ...]] = {
    OPENER: (
        "who", "which", "that", "because", "while", "as", "after", "when", "if", "to", "and", "but", "although", "where", "than",
        ",", ";", ":", "—", '"', "(",
    ),
    SPEAKER: ("i", "we", "my", "our"),
    QUOTE: ('"',),
    COMMA: (",",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of single words.

    Attributes
    ----------
    index : KeyIndex
        Keys of the words.
    classes : ndarray of uint16, shape (n + 1,)
        The usual part of speech; 0 where unknown, and in the last row, which unknown words get.
    flags : ndarray of uint8, shape (n + 1,)
        ``INTENSIFIER``, ``NEGATOR``, ``CUE_WORD`` (it stands in cues) and the kinds of :data:`FLAGGED`, added.
    """

    index: KeyIndex
    classes: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint8]

    def look_up(self, keys: Keys) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
        """Class and flags of each token."""
        rows = self.index.rows(keys)
        return self.classes.take(rows, mode="wrap"), self.flags.take(rows, mode="wrap")

    def with_cue_words(self, keys: Keys) -> Vocabulary:
        """The same vocabulary, in which exactly these words, added where unknown, are flagged as standing in cues."""
        merged = np.union1d(self.index.keys, keys)
        classes = np.zeros(merged.size + 1, dtype=np.uint16)
        flags = np.zeros(merged.size + 1, dtype=np.uint8)
        old = np.searchsorted(merged, self.index.keys)
        classes[old], flags[old] = self.classes[:-1], self.flags[:-1] & ~np.uint8(CUE_WORD)
        flags[np.searchsorted(merged, keys)] |= CUE_WORD
        return Vocabulary(KeyIndex(merged), classes, flags)
