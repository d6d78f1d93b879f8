"""Hashed features, computed for many tokens at once.

A template names up to three values; they are joined into one key, which is hashed to the feature's row in a table of
weights (feature hashing: Weinberger et al. 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.keys import Ints, Keys, mix

Floats = npt.NDArray[np.float64]
Template = tuple[tuple[int, int], ...]

_FACTORS = np.array([1, 0xD6E8FEB86659FD93, 0xA5CB9243F0B4F36D], dtype=np.uint64)
_SALT = 0x9E3779B97F4A7C15


# Weights are kept as whole numbers of this fraction, within these bounds: sums of whole numbers are the same on every
# machine, in any order. Up to three classes stand packed in one 64-bit word, so that one memory read fetches them all.
UNIT = 1 / 512
BOUND = 1 << 13
_FIELD = 21
PACKED = 3
_MASK = (1 << _FIELD) - 1
# So many tokens are scored at once.
_PART = 1 << 14
# So many weights can be added before a field runs over.
MAX_FEATURES = 1 << (_FIELD - 14)


class LinearTable:
    """A linear model over hashed rows.

    Parameters
    ----------
    weights : ndarray of int16, shape (n_classes, n_rows)
        Whole multiples of 1/512.
    bias : ndarray of float64, shape (n_classes,)
    """

    __slots__ = ("_shifts", "_table", "bias", "weights")

    def __init__(self, weights: npt.NDArray[np.int16], bias: Floats) -> None:
        self.weights = weights
        self.bias = bias
        self._shifts = _FIELD * np.arange(len(weights), dtype=np.int64)
        if len(weights) > PACKED:
            self._table: npt.NDArray[np.integer[Any]] = np.ascontiguousarray(weights.T.astype(np.int32))
        else:
            # The last class stands in the highest field; each has the bound added, so that no field is negative.
            table: Ints = np.full(weights.shape[1], (BOUND << self._shifts).sum(), dtype=np.int64)
            for row, shift in zip(weights, self._shifts, strict=True):
                table += row.astype(np.int64) << shift
            self._table = table

    @classmethod
    def rounded(cls, weights: Floats, bias: Floats) -> LinearTable:
        """Round real weights to the unit, and what is out of bounds to the bounds."""
        whole = np.minimum(np.maximum(np.round(weights / UNIT), 1 - BOUND), BOUND - 1)
        return cls(whole.astype(np.int16), np.asarray(bias, dtype=np.float64))

    def real_weights(self) -> Floats:
        """The weights as the numbers that they stand for."""
        return np.asarray(self.weights * UNIT)

    def scores(self, rows: Ints) -> Floats:
        """The sum of the weights of each item's rows, shape ``(n, n_classes)``, from rows of shape ``(n, n_features)``."""
        if self.bias.size > PACKED:
            found: Floats = np.add.reduce(self._table.take(rows, axis=0), axis=1) * UNIT
        else:
            sums = np.add.reduce(self._table.take(rows), axis=1)
            found = (((sums[:, None] >> self._shifts) & _MASK) - rows.shape[1] * BOUND) * UNIT
        found += self.bias
        return found

    def margins(self, rows: Ints) -> Floats:
        """How far the second of two classes lies above the first, shape ``(n,)``."""
        sums = np.add.reduce(self._table.take(rows), axis=1)
        return np.asarray(((sums >> _FIELD) - (sums & _MASK)) * UNIT + (self.bias[1] - self.bias[0]))

    def __reduce__(self) -> tuple[type[LinearTable], tuple[npt.NDArray[np.int16], Floats]]:
        return LinearTable, (self.weights, self.bias)


class Combinations:
    """Features that join up to three values of the same item.

    Parameters
    ----------
    combinations : sequence of tuple of int
        Each names one to three places among the values of an item.
    bits : int
        The table of weights has ``2 ** bits`` rows.
    """

    def __init__(self, combinations: Sequence[tuple[int, ...]], bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        # The longest first: those that have a second and a third part are then the leading ones.
        ordered = sorted(combinations, key=len, reverse=True)
        self._parts = [np.array([item[part] for item in ordered if len(item) > part], dtype=np.int64) for part in range(3)]
        self._seeds = np.array([(number + 1) * _SALT % 2**64 for number in range(len(ordered))], dtype=np.uint64)

    def __len__(self) -> int:
        return int(self._seeds.size)

    def rows(self, values: Keys, base: Ints | None = None) -> npt.NDArray[np.int64]:
        """Rows of the weight table.

        Parameters
        ----------
        values : ndarray of uint64
            Keys, or small numbers: of shape ``(n, n_places)``, or flat when ``base`` is given.
        base : ndarray of int64, shape (n,), optional
            Where in the flat values the places of each item begin.

        Returns
        -------
        ndarray of int64, shape (n, n_combinations)
        """
        if base is None:
            base = np.arange(values.shape[0]) * values.shape[1]
            values = values.reshape(-1)
        base = base[:, None]
        keys = values.take(base + self._parts[0])
        keys += self._seeds
        for part, factor in zip(self._parts[1:], _FACTORS[1:], strict=True):
            if part.size:
                more = values.take(base + part)
                more *= factor
                keys[:, : part.size] += more
        return (mix(keys) >> self._shift).astype(np.int64)


class Windows:
    """The features that ``templates`` read in a window around a token.

    Parameters
    ----------
    templates : sequence of Template
        Each a tuple of one to three ``(column, offset)`` pairs.
    width : int
        Number of columns of the token table.
    bits : int
        The table of weights has ``2 ** bits`` rows.
    """

    def __init__(self, templates: Sequence[Template], width: int, bits: int) -> None:
        self._width = width
        self._combinations = Combinations([tuple(column + offset * width for column, offset in template) for template in templates], bits)

    def __len__(self) -> int:
        return len(self._combinations)

    def rows(self, columns: Keys, slots: Ints) -> npt.NDArray[np.int64]:
        """Rows of the weight table for the tokens at ``slots``, shape ``(n, n_templates)``.

        Parameters
        ----------
        columns : ndarray of uint64, shape (n_slots, width)
            Values of each token in padded order: keys, or small numbers.
        slots : ndarray of int64, shape (n,)
        """
        return self._combinations.rows(columns.reshape(-1), slots * self._width)

    def scores(self, model: LinearTable, columns: Keys, slots: Ints) -> Floats:
        """The scores of the tokens at ``slots``, shape ``(n, n_classes)``, in parts: rows take a hundred times their memory."""
        parts = [model.scores(self.rows(columns, slots[start : start + _PART])) for start in range(0, slots.size, _PART)]
        return np.concatenate(parts) if parts else np.zeros((0, model.bias.size))
