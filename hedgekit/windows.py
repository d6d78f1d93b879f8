"""Hashed features, computed for many tokens at once.

A template names up to three values; they are joined into one key, which is hashed to the feature's row in a table of
weights (feature hashing: Weinberger et al. 2009; the hash multiplies and shifts: Dietzfelbinger et al. 1997).

Rows are of shape ``(n_items, n_features)``, but lie in memory feature by feature: numpy is then busy with long stretches,
however few features an item has.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hedgekit.keys import Ints, Keys

Floats = npt.NDArray[np.float64]
Template = tuple[tuple[int, int], ...]

_SECOND, _THIRD = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_SALT = 0x9E3779B97F4A7C15


# Weights are kept as whole numbers of this fraction, within these bounds: sums of whole numbers are the same on every
# machine, in any order. Three classes stand packed in one 64-bit word, so that one memory read fetches them all.
UNIT = 1 / 512
BOUND = 1 << 13
_FIELD = 21
PACKED = 3
_MASK = (1 << _FIELD) - 1
_SHIFTS = _FIELD * np.arange(PACKED, dtype=np.int64)[:, None]
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

    __slots__ = ("_tables", "bias", "weights")

    def __init__(self, weights: npt.NDArray[np.int16], bias: Floats) -> None:
        self.weights = weights
        self.bias = bias
        self._tables = [_packed(weights[start : start + PACKED]) for start in range(0, len(weights), PACKED)]

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
        across = rows.T
        sums = np.array([np.add.reduce(table.take(across), axis=0) for table in self._tables])
        fields = ((sums[:, None] >> _SHIFTS) & _MASK).reshape(len(self._tables) * PACKED, len(rows))[: self.bias.size]
        found: Floats = (fields - rows.shape[1] * BOUND) * UNIT
        found += self.bias[:, None]
        return found.T

    def margins(self, rows: Ints) -> Floats:
        """How far the second of two classes lies above the first, shape ``(n,)``."""
        sums = np.add.reduce(self._tables[0].take(rows.T), axis=0)
        return np.asarray(((sums >> _FIELD) - (sums & _MASK)) * UNIT + (self.bias[1] - self.bias[0]))

    def __reduce__(self) -> tuple[type[LinearTable], tuple[npt.NDArray[np.int16], Floats]]:
        return LinearTable, (self.weights, self.bias)


def _packed(weights: npt.NDArray[np.int16]) -> Ints:
    """Up to three classes in one word a row. Each has the bound added, so that no field is negative; the last stands highest."""
    table: Ints = np.zeros(weights.shape[1], dtype=np.int64)
    for number, row in enumerate(weights):
        table += (row.astype(np.int64) + BOUND) << (_FIELD * number)
    return table


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
        self._shift = np.uint32(32 - bits)
        # The longest first: those that have a second and a third part are then the leading ones.
        ordered = sorted(combinations, key=len, reverse=True)
        self._parts = [np.array([item[part] for item in ordered if len(item) > part], dtype=np.int64) for part in range(3)]
        # A factor and a summand for each feature: what two features of an item have in common is no reason to meet in one row.
        salts = np.array([(number + 1) * _SALT % 2**64 for number in range(len(ordered))], dtype=np.uint64)
        self._factors = ((salts >> np.uint64(32)) | np.uint64(1)).astype(np.uint32)[:, None]
        self._summands = (salts & np.uint64(0xFFFFFFFF)).astype(np.uint32)[:, None]

    def __len__(self) -> int:
        return int(self._factors.size)

    def rows(self, values: Keys) -> Ints:
        """Rows of the weight table, shape ``(n, n_combinations)``.

        Parameters
        ----------
        values : ndarray of uint64, shape (n, n_places)
            Keys, or small numbers.
        """
        # Half a key is enough for some hundred thousand rows, and twice as fast.
        halves = values.T.astype(np.uint32, order="C")
        keys = halves.take(self._parts[0], axis=0)
        for part, factor in zip(self._parts[1:], (_SECOND, _THIRD), strict=True):
            if part.size:
                more = halves.take(part, axis=0)
                more *= factor
                keys[: part.size] += more
        keys *= self._factors
        keys += self._summands
        keys >>= self._shift
        return keys.astype(np.int64).T


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
        # What is read at all of a window, and the templates as places in that.
        read = sorted({column + offset * width for template in templates for column, offset in template})
        place = {at: number for number, at in enumerate(read)}
        self._read = np.array(read, dtype=np.int64)
        self._combinations = Combinations([tuple(place[column + offset * width] for column, offset in item) for item in templates], bits)

    def __len__(self) -> int:
        return len(self._combinations)

    def rows(self, columns: Keys, slots: Ints) -> Ints:
        """Rows of the weight table for the tokens at ``slots``, shape ``(n, n_templates)``.

        Parameters
        ----------
        columns : ndarray of uint64, shape (n_slots, width)
            Values of each token in padded order: keys, or small numbers.
        slots : ndarray of int64, shape (n,)
        """
        return self._combinations.rows(columns.reshape(-1).take((slots * self._width)[:, None] + self._read))

    def scores(self, model: LinearTable, columns: Keys, slots: Ints) -> Floats:
        """The scores of the tokens at ``slots``, shape ``(n, n_classes)``, in parts: rows take a hundred times their memory."""
        parts = [model.scores(self.rows(columns, slots[start : start + _PART])) for start in range(0, slots.size, _PART)]
        return np.concatenate(parts) if parts else np.zeros((0, model.bias.size))
