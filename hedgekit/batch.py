"""A batch of sentences as numpy arrays: the fast core that every stage shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hedgekit.keys import Ints
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import Tokens, tokenize

# Empty slots on both sides of a sentence, so that a window never sees the neighbouring sentence.
MARGIN = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences of one string, tokenised.

    Attributes
    ----------
    text : str
        The string that all offsets count in.
    starts, ends : ndarray of int64, shape (n_sentences,)
        Character offsets of the sentences, in order and without overlap.
    tokens : Tokens
        Tokens of the whole string; every one lies in a sentence.
    bounds : ndarray of int64, shape (n_sentences + 1,)
        Sentence ``i`` holds the tokens ``bounds[i]`` to ``bounds[i + 1] - 1``.
    lengths : ndarray of int64, shape (n_sentences,)
        Tokens in each sentence.
    sentence : ndarray of int64, shape (n_tokens,)
        The sentence of each token.
    slots : ndarray of int64, shape (n_tokens,)
        The place of each token in a padded array of ``n_slots`` entries.
    """

    text: str
    starts: Ints
    ends: Ints
    tokens: Tokens
    bounds: Ints
    lengths: Ints
    sentence: Ints
    slots: Ints

    def __len__(self) -> int:
        return int(self.starts.size)

    @property
    def n_slots(self) -> int:
        """Length of a padded array."""
        return len(self.tokens) + MARGIN * (len(self) + 1)


def from_spans(text: str, starts: Ints, ends: Ints, tables: CharacterTables) -> Batch:
    """A batch of the sentences of ``text`` that lie between ``starts`` and ``ends``."""
    tokens = tokenize(text, tables)
    bounds = np.empty(starts.size + 1, dtype=np.int64)
    bounds[0] = 0
    bounds[1:] = tokens.starts.searchsorted(ends)
    lengths = bounds[1:] - bounds[:-1]
    sentence = np.repeat(np.arange(starts.size), lengths)
    slots = np.arange(len(tokens)) + MARGIN * (sentence + 1)
    return Batch(text, starts, ends, tokens, bounds, lengths, sentence, slots)


def from_sentences(sentences: Sequence[str], tables: CharacterTables) -> Batch:
    """A batch in which each string is one sentence as it stands."""
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    starts = np.cumsum(lengths + 1) - lengths - 1
    return from_spans("\n".join(sentences), starts, starts + lengths, tables)
