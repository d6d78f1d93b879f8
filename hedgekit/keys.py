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


def among(keys: Keys, few: Keys) -> npt.NDArray[np.bool_]:
    """Which keys stand in a short sorted list; quicker than ``np.isin`` for that."""
    if few.size == 1:
        return np.asarray(keys == few)
    return np.asarray(few.take(few.searchsorted(keys), mode="clip") == keys)


class KeyIndex:
    """Finds keys in a sorted table by their leading bits.

    Keys are evenly spread, so there is a bucket for each value of enough leading bits, and hardly any holds more than one
    key: looking a key up costs two memory reads, whatever the size of the table. The rest is found by binary search.

    Parameters
    ----------
    keys : ndarray of uint64
        Sorted, without duplicates.
    """

    __slots__ = ("_buckets", "_shift", "_table", "keys")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        bits = max(4, int(keys.size * 8).bit_length())
        self._shift = np.uint64(64 - bits)
        counts = np.bincount((keys >> self._shift).view(np.int64), minlength=1 << bits)
        # The row of the only key of each bucket, or that of the entry behind the last; -1 for buckets that hold several.
        rows = np.where(counts > 0, counts.cumsum() - counts, keys.size)
        rows[counts > 1] = -1
        self._buckets = rows.astype(np.int32)
        # Nothing falls into an empty bucket that equals the last key.
        self._table = np.append(keys, keys[-1:] if keys.size else np.zeros(1, np.uint64))

    def __len__(self) -> int:
        return int(self.keys.size)

    def rows(self, keys: Keys) -> Ints:
        """The row of each key, -1 for those that are not in the table."""
        if not self.keys.size:
            return np.full(keys.size, -1, dtype=np.int64)
        rows = self._buckets.take((keys >> self._shift).view(np.int64)).astype(np.int64)
        crowded = (rows < 0).nonzero()[0]
        if crowded.size:
            rows[crowded] = self.keys.searchsorted(keys.take(crowded))
        rows[self._table.take(rows) != keys] = -1
        return rows

    def find(self, keys: Keys) -> tuple[Ints, Ints]:
        """Which of the keys stand in the table, and in which rows."""
        rows = self.rows(keys)
        known = (rows >= 0).nonzero()[0]
        return known, rows.take(known)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyIndex) and bool(np.array_equal(self.keys, other.keys))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[KeyIndex], tuple[Keys]]:
        return KeyIndex, (self.keys,)
