"""Tokens of a whole batch at once: offsets and 64-bit keys, without a Python object for each token.

A token is a match of ``\\w+(?:[-'’]\\w+)*|[^\\w\\s]``: a word with its inner hyphens and apostrophes, or a single sign.
Its key is a polynomial hash of its folded characters, so that equal words have equal keys and the end of a
token can be hashed from the same running sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.keys import Ints, Keys, mix
from hedgekit.text.characters import DIGIT, JOINER, KIND, SPACE, UPPER, WORD, CharacterTables

# An odd multiplier is invertible modulo 2**64, so that a running sum can be shifted back to position zero.
_MULTIPLIER = 0x9E3779B97F4A7C15
_INVERSE = pow(_MULTIPLIER, -1, 1 << 64)
# The shape of a token from the class of its first character.
_SHAPES = np.array([bool(c & UPPER) + 2 * bool(c & DIGIT) + 4 * (c & KIND == WORD) for c in range(16)], dtype=np.uint8)

# From this shape on a token is a word or a number, not a sign.
WORD_SHAPE = 4

# Powers of the multiplier and of its inverse. One tuple, replaced whole, so that threads never see half of a change.
_tables: tuple[Keys, Keys] = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))


def _power_tables(n: int) -> tuple[Keys, Keys]:
    """The first ``n`` powers of the multiplier and of its inverse, kept between calls."""
    global _tables
    if _tables[0].size < n:
        size = 1 << max(12, (n - 1).bit_length())
        _tables = (_power_series(_MULTIPLIER, size), _power_series(_INVERSE, size))
    return _tables


def _power_series(base: int, size: int) -> Keys:
    steps = np.full(size, base, dtype=np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one string, as arrays.

    Attributes
    ----------
    starts, ends : ndarray of int64, shape (n,)
        Character offsets.
    keys : ndarray of uint64, shape (n,)
        Hash of the folded word.
    shape : ndarray of uint8, shape (n,)
        Of the first character: 1 if upper case, plus 2 if a digit, plus 4 if a word character at all.
    sums : ndarray of uint64
        Running polynomial sums over the characters, for the keys of suffixes.
    """

    starts: Ints
    ends: Ints
    keys: Keys
    shape: npt.NDArray[np.uint8]
    sums: Keys

    def __len__(self) -> int:
        return int(self.starts.size)

    def take(self, at: Ints) -> Tokens:
        """Some of the tokens."""
        return Tokens(self.starts.take(at), self.ends.take(at), self.keys.take(at), self.shape.take(at), self.sums)

    def suffixes(self, length: int) -> Keys:
        """Sums of the last ``length`` characters of each token; mix them before use as keys."""
        return self._sums_between(np.maximum(self.starts, self.ends - length), self.ends)

    def prefixes(self, length: int) -> Keys:
        """Sums of the first ``length`` characters of each token; mix them before use as keys."""
        return self._sums_between(self.starts, np.minimum(self.ends, self.starts + length))

    def _sums_between(self, starts: Ints, ends: Ints) -> Keys:
        return (self.sums.take(ends) - self.sums.take(starts)) * _power_tables(self.sums.size)[1].take(starts)


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a string, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def tokenize(text: str, tables: CharacterTables) -> Tokens:
    """Find the tokens of ``text``.

    Parameters
    ----------
    text : str
        Any string; linear time and memory in its length.
    tables : CharacterTables
        The model's character tables.

    Returns
    -------
    Tokens
    """
    codes = code_points(text)
    n = codes.size
    classes = tables.classes.take(codes)
    kinds = classes & KIND
    word = kinds == WORD
    joiners = (kinds == JOINER).nonzero()[0]
    if joiners.size:
        # A joiner belongs to the word when it stands between two word characters, as in "isn't" and "well-known".
        joiners = joiners[(joiners > 0) & (joiners < n - 1)]
        inner = joiners[word[joiners - 1] & word[joiners + 1]]
        word[inner] = True
    sign = ~word & (kinds != SPACE)
    begins = sign.copy()
    begins[:1] |= word[:1]
    begins[1:] |= word[1:] & ~word[:-1]
    finishes = sign
    finishes[-1:] |= word[-1:]
    finishes[:-1] |= word[:-1] & ~word[1:]
    starts = begins.nonzero()[0]
    ends = finishes.nonzero()[0] + 1

    powers, inverses = _power_tables(n + 1)
    sums = np.empty(n + 1, dtype=np.uint64)
    sums[0] = 0
    np.cumsum(tables.fold(codes) * powers[:n], out=sums[1:])
    keys = mix((sums.take(ends) - sums.take(starts)) * inverses.take(starts))
    return Tokens(starts, ends, keys, _SHAPES.take(classes.take(starts)), sums)


def folded_key(word: str) -> int:
    """The key of a word that is already folded, without any table."""
    value = sum(ord(char) * pow(_MULTIPLIER, place, 1 << 64) for place, char in enumerate(word)) % (1 << 64)
    return int(mix(np.array([value], dtype=np.uint64))[0])


def word_key(word: str, tables: CharacterTables) -> int:
    """The key of one token written alone (for lexicons and vocabularies).

    Raises
    ------
    ValueError
        If ``word`` is not exactly one token.
    """
    tokens = tokenize(word, tables)
    if len(tokens) != 1 or tokens.ends[0] - tokens.starts[0] != len(word):
        raise ValueError(f"{word!r} is {len(tokens)} tokens, not one")
    return int(tokens.keys[0])
