"""A batch of sentences as numpy arrays: the fast core that every stage shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hedgekit.keys import Ints
from hedgekit.text.characters import CharacterTables
from hedgekit.text.sentences import PARAGRAPH_END
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
    document, paragraph : ndarray of int64, shape (n_sentences,)
        Sentences of one running text share a number, and those of one paragraph of it; the numbers rise. Sentences that were
        given alone have numbers of their own.
    """

    text: str
    starts: Ints
    ends: Ints
    tokens: Tokens
    bounds: Ints
    lengths: Ints
    sentence: Ints
    slots: Ints
    document: Ints
    paragraph: Ints

    def __len__(self) -> int:
        return int(self.starts.size)

    @property
    def n_slots(self) -> int:
        """Length of a padded array."""
        return len(self.tokens) + MARGIN * (len(self) + 1)


def from_spans(text: str, starts: Ints, ends: Ints, tables: CharacterTables, *, document: Ints | None = None) -> Batch:
    """A batch of the sentences of ``text`` that lie between ``starts`` and ``ends``.

    Where ``document`` numbers the running text of each sentence, paragraphs are told by blank lines; otherwise every sentence
    stands alone.
    """
    tokens = tokenize(text, tables)
    bounds = np.empty(starts.size + 1, dtype=np.int64)
    bounds[0] = 0
    bounds[1:] = tokens.starts.searchsorted(ends)
    lengths = bounds[1:] - bounds[:-1]
    sentence = np.repeat(np.arange(starts.size), lengths)
    slots = np.arange(len(tokens)) + MARGIN * (sentence + 1)
    alone = np.arange(starts.size)
    if document is None:
        return Batch(text, starts, ends, tokens, bounds, lengths, sentence, slots, alone, alone)
    return Batch(text, starts, ends, tokens, bounds, lengths, sentence, slots, document, paragraphs(text, starts, ends, document))


def paragraphs(text: str, starts: Ints, ends: Ints, document: Ints) -> Ints:
    """Number the paragraphs: one begins with every document and behind every blank line."""
    begins = np.zeros(starts.size, dtype=np.int64)
    begins[1:] = document[1:] != document[:-1]
    for number in ((starts[1:] - ends[:-1]) > 1).nonzero()[0].tolist():
        begins[number + 1] |= PARAGRAPH_END.search(text, int(ends[number]), int(starts[number + 1])) is not None
    return begins.cumsum()


def from_sentences(sentences: Sequence[str], tables: CharacterTables) -> Batch:
    """A batch in which each string is one sentence as it stands."""
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    starts = np.cumsum(lengths + 1) - lengths - 1
    return from_spans("\n".join(sentences), starts, starts + lengths, tables)


def excerpt(batch: Batch, first: Ints, last: Ints) -> tuple[Batch, Ints]:
    """Stretches of tokens of a batch, both ends inclusive, as sentences of their own, and which tokens they hold."""
    lengths = last - first + 1
    bounds = np.zeros(lengths.size + 1, dtype=np.int64)
    lengths.cumsum(out=bounds[1:])
    sentence = np.arange(lengths.size).repeat(lengths)
    places = np.arange(sentence.size)
    at = places + (first - bounds[:-1]).take(sentence)
    tokens = batch.tokens.take(at)
    alone = np.arange(lengths.size)
    slots = places + MARGIN * (sentence + 1)
    starts, ends = batch.tokens.starts.take(first), batch.tokens.ends.take(last)
    return Batch(batch.text, starts, ends, tokens, bounds, lengths, sentence, slots, alone, alone), at
