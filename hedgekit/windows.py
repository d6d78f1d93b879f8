"""Hashed features of a window of tokens, computed for many tokens at once.

A template names up to three places of the window, each a column (word, suffix, class ...) at an offset. The values found
there are mixed into one hash, which is the feature's row in a table of weights (feature hashing: Weinberger et al. 2009).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hedgekit.text.tokens import Ints, Keys, mix

Template = tuple[tuple[int, int], ...]

_FACTORS = np.array([1, 0xD6E8FEB86659FD93, 0xA5CB9243F0B4F36D], dtype=np.uint64)
_SALT = 0x9E3779B97F4A7C15


def salted(values: npt.NDArray[np.generic], column: int) -> Keys:
    """Mix the values of one column so that equal numbers in different columns hash differently."""
    return mix(values.astype(np.uint64) * np.uint64(2 * column + 3) + np.uint64(column + 1))


class Windows:
    """The features that ``templates`` read around a token.

    Parameters
    ----------
    templates : sequence of Template
        Each a tuple of one to three ``(column, offset)`` pairs.
    bits : int
        The table of weights has ``2 ** bits`` rows.
    """

    def __init__(self, templates: Sequence[Template], bits: int) -> None:
        self.bits = bits
        self._columns = np.zeros((3, len(templates)), dtype=np.int64)
        self._offsets = np.zeros((3, len(templates)), dtype=np.int64)
        self._factors = np.zeros((3, len(templates)), dtype=np.uint64)
        for number, template in enumerate(templates):
            for part, (column, offset) in enumerate(template):
                self._columns[part, number], self._offsets[part, number] = column, offset
                self._factors[part, number] = _FACTORS[part]
        self._seeds = np.array([(number + 1) * _SALT % 2**64 for number in range(len(templates))], dtype=np.uint64)
        # Templates with fewer parts come first in none of the user's orders, so each part remembers who uses it.
        self._used = [np.flatnonzero(self._factors[part]) for part in range(3)]

    def __len__(self) -> int:
        return self._seeds.size

    def rows(self, table: Keys, slots: Ints) -> npt.NDArray[np.int64]:
        """Rows of the weight table for the tokens at ``slots``.

        Parameters
        ----------
        table : ndarray of uint64, shape (n_slots, n_columns)
            Salted column values in padded order.
        slots : ndarray of int64, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n, n_templates)
        """
        flat, width = table.reshape(-1), table.shape[1]
        base = slots[:, None] * width
        keys = np.broadcast_to(self._seeds, (slots.size, len(self))).copy()
        for part, used in enumerate(self._used):
            if used.size:
                places = base + (self._offsets[part, used] * width + self._columns[part, used])
                values = flat.take(places)
                if part:
                    values *= _FACTORS[part]
                if used.size == len(self):
                    keys += values
                else:
                    keys[:, used] += values
        return (mix(keys) >> np.uint64(64 - self.bits)).astype(np.int64)
