"""Tokens of a whole batch at once: offsets and 64-bit keys, without a Python object for each token.

A token is a match of ``\\w+(?:[-'’]\\w+)*|[^\\w\\s]``: a word with its inner hyphens and apostrophes, or a single sign.
Its key is a polynomial hash of its folded characters, so that equal words have equal keys and any piece of a token
(a prefix, a suffix) can be hashed from the same running sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.text.characters import DIGIT, JOINER, KIND, SPACE, UPPER, WORD, CharacterTables

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# An odd multiplier is invertible modulo 2**64, so that a running sum can be shifted back to position zero.
_MULTIPLIER = 0x9E3779B97F4A7C15
_INVERSE = pow(_MULTIPLIER, -1, 1 << 64)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(32)

# Powers of the multiplier and of its inverse. One tuple, replaced whole, so that threads never see half of a change.
_tables: tuple[Keys, Keys] = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))


def mix(keys: Keys) -> Keys:
    """Spread the bits of 64-bit keys (the finaliser of MurmurHash3)."""
    keys = keys ^ (keys >> _SHIFT)
    keys = keys * _MIX_1
    keys = keys ^ (keys >> _SHIFT)
    keys = keys * _MIX_2
    return keys ^ (keys >> _SHIFT)


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
    capital, digit, word : ndarray of bool, shape (n,)
        Whether the first character is upper case, a digit, any word character.
    sums : ndarray of uint64
        Running polynomial sums over the characters, for the keys of prefixes and suffixes.
    """

    starts: Ints
    ends: Ints
    keys: Keys
    capital: npt.NDArray[np.bool_]
    digit: npt.NDArray[np.bool_]
    word: npt.NDArray[np.bool_]
    sums: Keys

    def __len__(self) -> int:
        return int(self.starts.size)

    def suffix_keys(self, which: Ints, length: int) -> Keys:
        """Keys of the last ``length`` characters of the tokens ``which``."""
        ends = self.ends[which]
        return self._keys_between(np.maximum(self.starts[which], ends - length), ends)

    def prefix_keys(self, which: Ints, length: int) -> Keys:
        """Keys of the first ``length`` characters of the tokens ``which``."""
        starts = self.starts[which]
        return self._keys_between(starts, np.minimum(self.ends[which], starts + length))

    def _keys_between(self, starts: Ints, ends: Ints) -> Keys:
        return mix((self.sums[ends] - self.sums[starts]) * _power_tables(self.sums.size)[1][starts])


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
    joiners = np.flatnonzero(kinds == JOINER)
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
    starts = np.flatnonzero(begins)
    ends = np.flatnonzero(finishes) + 1

    powers, inverses = _power_tables(n + 1)
    sums = np.empty(n + 1, dtype=np.uint64)
    sums[0] = 0
    np.cumsum(tables.fold(codes) * powers[:n], out=sums[1:])
    keys = mix((sums[ends] - sums[starts]) * inverses[starts])
    first = classes[starts]
    return Tokens(starts, ends, keys, (first & UPPER) != 0, (first & DIGIT) != 0, (first & KIND) == WORD, sums)


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
