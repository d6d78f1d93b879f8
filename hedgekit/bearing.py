"""How a cue bears on the main claim of its sentence: from its place and its company.

"May" in the main clause leaves the claim in doubt; in a side remark, a concession ("it may be late, but") or a condition it
takes away less, or nothing. One linear model over hashed features (:mod:`hedgekit.training.bearing`) tells of each cue how
much it takes from the certainty, and how much it hedges. Those of a sentence are joined as doubts of the same claim are, not
added: the second takes from what the first has left. What is faint, likelier no cue than one, takes its part too, by its
probability; an explanation names it by its first word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, CLUSTER, N_COLUMNS, WORD, Cues, TokenTable
from hedgekit.keys import Ints, Keys, among
from hedgekit.text.tokens import folded_key
from hedgekit.vocabulary import ALL_FLAGS, COMMA, FINITE, NEGATOR, OPENER, QUOTE, SPEAKER
from hedgekit.windows import Combinations, LinearTable

Floats = npt.NDArray[np.float64]

BEARING_BITS = 16
# What the model tells of each cue, each joined for itself.
ASPECTS = ("doubt cast on the claim", "hedging of the claim")

# Words that set one clause against another; all are flagged as openers, so that few tokens need be looked at.
_CONTRARY = np.array(sorted(folded_key(word) for word in ("but", "although", "while")), dtype=np.uint64)
# Edges of the classes of probability, of distances to an end of the sentence, and of lengths.
_SURE = np.array([0.55, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99])
_FAR = np.array([1, 2, 4, 6, 9, 13, 18, 25])
_LENGTHS = np.array([5, 7, 9, 12, 16, 21, 29, 41])

# Values of a cue, in the order of :func:`bearing_rows`. Small numbers begin at 1; 0 is the margin's, or that of nothing found.
_CUE, _FORM, _TYPE, _SURENESS, _NEGATED, _SPEAKER = range(6)
_W1, _C1, _K1, _W2, _C2, _K2 = range(6, 12)
_B1, _BC1, _BK1, _B2, _BC2, _BK2 = range(12, 18)
_OPENED, _OPENS, _OPENS_NEXT = range(18, 21)
_VERBS_BEFORE, _VERBS_BEHIND, _COMMAS_BEFORE, _COMMAS_BEHIND, _QUOTED, _CONTRARIES, _NEGATORS = range(21, 28)
_PLACE, _LEFT, _LENGTH, _FIRST, _FIRST_CLASS, _SECOND, _SECOND_CLASS, _FIRST_CONTRARY = range(28, 36)
_TYPE_BEFORE, _TYPE_BEHIND, _CUE_BEFORE, _CUE_BEHIND = range(36, 40)
_N_VALUES = 40

_BEARING = Combinations(
    [
        # The cue and its neighbours.
        (_TYPE,), (_FORM,), (_CUE,), (_TYPE, _B1), (_TYPE, _W1), (_B1,), (_W1,), (_CUE, _B1), (_CUE, _W1), (_B2,), (_W2,),
        (_TYPE, _BC1), (_TYPE, _C1), (_TYPE, _BC2, _BC1), (_TYPE, _C1, _C2), (_TYPE, _BK1), (_TYPE, _K1),
        (_TYPE, _SURENESS), (_CUE, _SURENESS), (_TYPE, _NEGATED), (_CUE, _NEGATED), (_TYPE, _NEGATORS), (_TYPE, _SPEAKER), (_CUE, _SPEAKER),
        # The words around it that open a clause.
        (_TYPE, _OPENED), (_CUE, _OPENED), (_OPENED,), (_TYPE, _OPENS), (_CUE, _OPENS), (_TYPE, _OPENS, _OPENS_NEXT),
        # Its sentence.
        (_TYPE, _VERBS_BEFORE), (_TYPE, _VERBS_BEHIND), (_TYPE, _VERBS_BEFORE, _VERBS_BEHIND), (_CUE, _VERBS_BEFORE),
        (_TYPE, _COMMAS_BEFORE, _COMMAS_BEHIND), (_TYPE, _QUOTED), (_TYPE, _PLACE), (_TYPE, _LEFT), (_PLACE, _LEFT), (_CUE, _PLACE),
        (_TYPE, _LENGTH), (_CUE, _LENGTH), (_TYPE, _CONTRARIES), (_CUE, _CONTRARIES),
        (_TYPE, _FIRST), (_TYPE, _FIRST_CONTRARY), (_TYPE, _FIRST, _SECOND), (_TYPE, _FIRST_CLASS, _SECOND_CLASS),
        # The cues before and behind it.
        (_TYPE, _TYPE_BEFORE), (_TYPE, _TYPE_BEHIND), (_TYPE, _TYPE_BEFORE, _TYPE_BEHIND), (_CUE, _TYPE_BEFORE), (_CUE, _TYPE_BEHIND),
        (_TYPE, _CUE_BEFORE), (_TYPE, _CUE_BEHIND),
    ],
    BEARING_BITS,
)  # fmt: skip


def joined_doubts(model: LinearTable, batch: Batch, table: TokenTable, cues: Cues) -> Floats:
    """What each cue takes from the full commitment of its sentence, the faint ones too; in the order of :meth:`hedgekit.cues.Cues.heard`.

    The shape is ``(n_heard, len(ASPECTS))``.

    A cue that bears with strength ``t`` leaves ``exp(-t)`` of what there was. What all cues of a sentence take together,
    ``1 - exp(-sum t)``, is divided among them by their strengths, so that the parts add up to it.
    """
    heard, _ = cues.heard()
    if not len(heard):
        return np.zeros((0, len(ASPECTS)))
    return joined(strengths(model, bearing_rows(batch, table, heard), heard.probability), heard.sentence, len(batch))


def strengths(model: LinearTable, rows: Ints, probability: Floats) -> Floats:
    """How strongly each cue bears on the claim: 0 or more, and the less the less probable the cue is."""
    return np.asarray(probability[:, None] * np.logaddexp(0.0, model.scores(rows)))


def joined(strength: Floats, sentence: Ints, n: int) -> Floats:
    """The parts of the cues in what all cues of their sentence take together."""
    parts = np.empty_like(strength)
    for column, part in zip(strength.T, parts.T, strict=True):
        total = np.maximum(np.bincount(sentence, column, n), 1e-12)
        part[:] = column * (-np.expm1(-total) / total).take(sentence)
    return parts


def bearing_rows(batch: Batch, table: TokenTable, cues: Cues) -> Ints:
    """Rows of the model's weights for each cue, shape ``(n_cues, n_features)``."""
    values = np.empty((len(cues), _N_VALUES), dtype=np.uint64)
    if not len(cues):
        return _BEARING.rows(values)
    keys, flat = batch.tokens.keys, table.columns.reshape(-1)
    first, last = cues.first, cues.last
    low, high = batch.bounds.take(cues.sentence), batch.bounds.take(cues.sentence + 1)
    before, behind = batch.slots.take(first) * N_COLUMNS, batch.slots.take(last) * N_COLUMNS
    values[:, _CUE], values[:, _FORM], values[:, _TYPE] = keys.take(last), cues.form, cues.type + 1
    values[:, _SURENESS] = _SURE.searchsorted(cues.probability) + 1
    values[:, _W1 : _K2 + 1] = flat.take(behind[:, None] + _BEHIND)
    values[:, _B1 : _BK2 + 1] = flat.take(before[:, None] + _BEFORE)
    openers = (table.flags & OPENER > 0).nonzero()[0]
    _openers(values, batch, cues, low, high, openers)
    values[:, _PLACE] = _FAR.searchsorted(first - low, side="right") + 1
    values[:, _LEFT] = _FAR.searchsorted(high - 1 - last, side="right") + 1
    values[:, _LENGTH] = _LENGTHS.searchsorted(high - low) + 1
    opening = batch.slots.take(low) * N_COLUMNS
    values[:, _FIRST : _SECOND_CLASS + 1] = flat.take(opening[:, None] + _FIRST_TWO)
    values[:, _FIRST_CONTRARY] = values[:, _FIRST] * among(values[:, _FIRST], _CONTRARY)
    _counts(values, batch, table, cues, low, high, openers)
    _company(values, cues)
    return _BEARING.rows(values)


_WORD_CLASS_CLUSTER = np.array([WORD, CLASS, CLUSTER])
_BEHIND = np.concatenate((_WORD_CLASS_CLUSTER + N_COLUMNS, _WORD_CLASS_CLUSTER + 2 * N_COLUMNS))
_BEFORE = np.concatenate((_WORD_CLASS_CLUSTER - N_COLUMNS, _WORD_CLASS_CLUSTER - 2 * N_COLUMNS))
_FIRST_TWO = np.array([WORD, CLASS, WORD + N_COLUMNS, CLASS + N_COLUMNS])


def _openers(values: Keys, batch: Batch, cues: Cues, low: Ints, high: Ints, openers: Ints) -> None:
    """The nearest word before each cue that opens a clause, and the two nearest behind it."""
    keys = batch.tokens.keys
    # One before and two behind all sentences, so that there is always a nearest.
    places = np.concatenate(([-1], openers, [keys.size, keys.size]))
    word = np.append(keys, np.zeros(1, np.uint64)).take(places, mode="wrap")
    behind = places.searchsorted(cues.last, side="right")
    for column, at in ((_OPENED, places.searchsorted(cues.first) - 1), (_OPENS, behind), (_OPENS_NEXT, behind + 1)):
        token = places.take(at)
        values[:, column] = word.take(at) * ((token >= low) & (token < high))


def _counts(values: Keys, batch: Batch, table: TokenTable, cues: Cues, low: Ints, high: Ints, openers: Ints) -> None:
    """Finite verbs, commas, quotation marks, contrary words and negators on both sides of each cue."""
    first, last = cues.first, cues.last
    running = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    packed = _PACKED.take(table.flags, mode="wrap")
    packed[openers[among(batch.tokens.keys.take(openers), _CONTRARY)]] += _ONE_CONTRARY
    packed.cumsum(out=running[1:])
    at_low, at_first, at_last, at_high = (running.take(at) for at in (low, first, last + 1, high))
    before, behind, whole = (_unpacked(found) for found in (at_first - at_low, at_high - at_last, at_high - at_low))
    near = running.take(np.maximum(first - 3, low))
    values[:, _VERBS_BEFORE : _COMMAS_BEFORE + 1 : 2] = np.minimum(before[:2], 3).T + 1
    values[:, _VERBS_BEHIND : _COMMAS_BEHIND + 1 : 2] = np.minimum(behind[:2], 3).T + 1
    values[:, _QUOTED] = before[2] % 2 * 2 + (whole[2] > 0) + 1
    values[:, _CONTRARIES] = (behind[5] > 0) + 2 * (before[5] > 0) + 1
    values[:, _NEGATED] = (_unpacked(at_last - near)[3] > 0) + 1
    values[:, _NEGATORS] = (_unpacked(near - at_low)[3] > 0) + 2 * (behind[3] > 0) + 1
    close = _unpacked(at_first - running.take(np.maximum(first - 4, low)))
    values[:, _SPEAKER] = (close[4] > 0).astype(np.int64) + (whole[4] > 0) + 1


# What is counted stands packed in one whole number, so that one running sum counts it all. A sentence that holds a thousand
# of a kind is miscounted, which does no harm.
_COUNTED = (FINITE, COMMA, QUOTE, NEGATOR, SPEAKER)
_COUNT_SHIFTS = 10 * np.arange(len(_COUNTED) + 1)
_PACKED = sum(
    ((np.arange(ALL_FLAGS + 1) & flag > 0).astype(np.int64) << shift for flag, shift in zip(_COUNTED, _COUNT_SHIFTS, strict=False)),
    np.int64(0),
)
_ONE_CONTRARY = np.int64(1) << _COUNT_SHIFTS[-1]


def _unpacked(counts: Ints) -> npt.NDArray[np.int64]:
    return (counts >> _COUNT_SHIFTS[:, None]) & 1023


def _company(values: Keys, cues: Cues) -> None:
    """Type and word of the cue before and of that behind, in the same sentence."""
    together = cues.sentence[1:] == cues.sentence[:-1]
    values[0, [_TYPE_BEFORE, _CUE_BEFORE]] = values[-1, [_TYPE_BEHIND, _CUE_BEHIND]] = 0
    for before, behind, own in ((_TYPE_BEFORE, _TYPE_BEHIND, _TYPE), (_CUE_BEFORE, _CUE_BEHIND, _CUE)):
        values[1:, before] = values[:-1, own] * together
        values[:-1, behind] = values[1:, own] * together
