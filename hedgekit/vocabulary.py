"""Known words, each with a class, a cluster and flags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.keys import KeyIndex, Keys

# Flags of a word.
INTENSIFIER, NEGATOR, OPENER, SPEAKER, QUOTE, COMMA, CUE_WORD, EDGE, FINITE = 1, 2, 4, 8, 16, 32, 64, 128, 256
ALL_FLAGS = 511

# Words and signs that open a clause or a quotation, words for the writer, signs, and all beside which a scope may have its
# edge, as they stand after folding.
FLAGGED: dict[int, tuple[str, ...]] = {
    OPENER: (
        "who", "which", "that", "because", "while", "as", "after", "when", "if", "to", "and", "but", "although", "where", "than",
        ",", ";", ":", "—", '"', "(",
    ),
    SPEAKER: ("i", "we", "my", "our"),
    QUOTE: ('"',),
    COMMA: (",",),
    EDGE: (
        ",", ";", ":", "—", "–", "-", "(", ")", "[", "]", '"', ".", "?", "!", "/",
        "and", "or", "but", "nor", "yet", "so", "because", "since", "although", "though", "while", "whereas", "as", "than",
        "which", "who", "that", "where", "when", "if", "whether", "unless", "until", "why", "how", "what",
        "in", "of", "on", "at", "by", "with", "from", "for", "to", "during", "after", "before", "via", "between", "under", "about",
        "is", "are", "was", "were", "be", "been", "has", "have", "had", "can", "could", "may", "might", "must", "will", "would",
        "should", "do", "does", "did", "not", "also",
    ),
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
    clusters : ndarray of uint16, shape (n + 1,)
        Words that stand in like company share one (:mod:`hedgekit.training.clusters`); 0 where unknown.
    flags : ndarray of uint16, shape (n + 1,)
        ``INTENSIFIER``, ``NEGATOR``, ``CUE_WORD`` (it stands in cues), ``FINITE`` (it is used as a finite verb) and the kinds
        of :data:`FLAGGED`, added. Finite verbs are ``EDGE`` too.
    """

    index: KeyIndex
    classes: npt.NDArray[np.uint16]
    clusters: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint16]

    def look_up(self, keys: Keys) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
        """Class, cluster and flags of each token."""
        rows = self.index.rows(keys)
        return self.classes.take(rows, mode="wrap"), self.clusters.take(rows, mode="wrap"), self.flags.take(rows, mode="wrap")

    def with_cue_words(self, keys: Keys) -> Vocabulary:
        """The same vocabulary, in which exactly these words, added where unknown, are flagged as standing in cues."""
        merged = np.union1d(self.index.keys, keys)
        classes = np.zeros(merged.size + 1, dtype=np.uint16)
        clusters = np.zeros(merged.size + 1, dtype=np.uint16)
        flags = np.zeros(merged.size + 1, dtype=np.uint16)
        old = np.searchsorted(merged, self.index.keys)
        classes[old], clusters[old], flags[old] = self.classes[:-1], self.clusters[:-1], self.flags[:-1] & ~np.uint16(CUE_WORD)
        flags[np.searchsorted(merged, keys)] |= CUE_WORD
        return Vocabulary(KeyIndex(merged), classes, clusters, flags)
