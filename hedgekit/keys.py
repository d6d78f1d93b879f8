"""64-bit keys: how they are mixed, joined and looked up, for whole arrays at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(32)
_LEFT = np.uint64(0xD6E8FEB86659FD93)
_RIGHT = np.uint64(0xA5CB9243F0B4F36D)


def mix(keys: Keys) -> Keys:
    """Spread the bits of 64-bit keys (the finaliser of MurmurHash3)."""
    keys = keys ^ (keys >> _SHIFT)
    keys *= _MIX_1
    keys ^= keys >> _SHIFT
    keys *= _MIX_2
    keys ^= keys >> _SHIFT
    return keys


def join(left: Keys, right: Keys) -> Keys:
    """One key for two in their order. Not mixed: do that once, when all is joined."""
    return left * _LEFT + right * _RIGHT


# Up to here a binary search, which is one call, is faster than buckets, which are several.
_FEW = 1500


class KeyIndex:
    """Finds keys in a sorted table by their leading bits.

    Keys are evenly spread, so a bucket for each value of enough leading bits holds hardly ever more than one or two:
    looking a key up costs two memory reads, whatever the size of the table.

    Parameters
    ----------
    keys : ndarray of uint64
        Sorted, without duplicates.
    """

    __slots__ = ("_counts", "_depth", "_first", "_shift", "_table", "keys")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        bits = max(4, int(keys.size * 4).bit_length())
        self._shift = np.uint64(64 - bits)
        counts = np.bincount((keys >> self._shift).astype(np.int64), minlength=1 << bits)
        self._first = (counts.cumsum() - counts).astype(np.int32)
        self._counts = counts.astype(np.uint8)
        self._depth = int(counts.max(initial=0))
        # A last entry that no other bucket can match keeps empty buckets at the end in range.
        self._table = np.append(keys, keys[-1:] if keys.size else np.zeros(1, np.uint64))

    def __len__(self) -> int:
        return int(self.keys.size)

    def rows(self, keys: Keys) -> Ints:
        """The row of each key, -1 for those that are not in the table."""
        if not self.keys.size:
            return np.full(keys.size, -1, dtype=np.int64)
        slots = (keys >> self._shift).astype(np.int64)
        if keys.size < _FEW:
            near = self._counts.take(slots).nonzero()[0]
            sought = keys.take(near)
            at = self.keys.searchsorted(sought)
            at[self._table.take(at) != sought] = -1
            rows = np.full(keys.size, -1, dtype=np.int64)
            rows[near] = at
            return rows
        rows = self._first.take(slots).astype(np.int64)
        missed = np.flatnonzero(self._table.take(rows) != keys)
        if missed.size:
            counts = self._counts.take(slots[missed])
            found = np.full(missed.size, -1, dtype=np.int64)
            for depth in range(1, self._depth):
                deeper = np.flatnonzero(counts > depth)
                at = rows[missed[deeper]] + depth
                right = self._table.take(at) == keys[missed[deeper]]
                found[deeper[right]] = at[right]
            rows[missed] = found
        return rows

    def find(self, keys: Keys) -> tuple[Ints, Ints]:
        """Which of the keys stand in the table, and in which rows."""
        rows = self.rows(keys)
        known = (rows >= 0).nonzero()[0]
        return known, rows[known]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyIndex) and bool(np.array_equal(self.keys, other.keys))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[KeyIndex], tuple[Keys]]:
        return KeyIndex, (self.keys,)
