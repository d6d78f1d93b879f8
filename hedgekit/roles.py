"""Which words of a running text stand in a reporting cue, in a source and in what is ascribed, without being told the cues.

Two taggers, fitted with scikit-learn in :mod:`hedgekit.training.roles`, give each word three log-odds. The first reads the
words around it. The second reads what the first made of the whole neighbourhood: how near the next likely cue stands, on
which side, what separates the two, whether the words before and behind are ascribed (stacked sequential learning: Cohen and
Carvalho 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, CLUSTER, SHAPE, STRENGTH, SUFFIX3, TAG, WORD, TokenTable
from hedgekit.keys import Ints, Keys
from hedgekit.links import running_count
from hedgekit.quotations import quoted
from hedgekit.speech import AFFIX_COLUMNS, PREFIX3, PREFIX4, PREFIX5, PREFIX6, SUFFIX2, SUFFIX4, SpeechTagger, widened, with_affixes
from hedgekit.vocabulary import COMMA, QUOTE
from hedgekit.windows import LinearTable, Template, Windows

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CUE, SOURCE, CONTENT = range(3)
ROLES = ("cue", "source", "content")
FIRST_BITS, SECOND_BITS = 19, 18

# Columns of the first tagger, behind those of the token table and of beginnings and endings.
_QUOTED, _MARKS, _PLACE, _QUOTING, _SPEECH = range(AFFIX_COLUMNS, AFFIX_COLUMNS + 5)
_FIRST_COLUMNS = AFFIX_COLUMNS + 5


def _around(column: int, low: int, high: int) -> list[Template]:
    return [((column, offset),) for offset in range(low, high + 1)]


def _pairs(column: int, low: int, high: int) -> list[Template]:
    return [((column, offset), (column, offset + 1)) for offset in range(low, high)]


def _triples(column: int, low: int, high: int) -> list[Template]:
    return [((column, offset), (column, offset + 1), (column, offset + 2)) for offset in range(low, high - 1)]


FIRST_TEMPLATES: tuple[Template, ...] = (
    *_around(WORD, -3, 3), *_pairs(WORD, -3, 3), *_triples(WORD, -2, 2), ((WORD, -1), (WORD, 1)),
    ((SUFFIX3, -1),), ((SUFFIX3, 0),), ((SUFFIX3, 1),), ((SUFFIX2, 0),), ((SUFFIX4, 0),),
    *_around(SHAPE, -1, 1), *_triples(SHAPE, -1, 1),
    *_around(CLASS, -3, 3), *_pairs(CLASS, -3, 3), *_triples(CLASS, -3, 3),
    *_around(CLUSTER, -2, 2), *_pairs(CLUSTER, -1, 1), ((CLUSTER, -1), (CLUSTER, 1)),
    *_around(TAG, -2, 2), *_pairs(TAG, -1, 1), ((STRENGTH, 0),),
    ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)), ((WORD, 0), (CLUSTER, -1)), ((WORD, 0), (CLUSTER, 1)),
    ((_QUOTED, 0),), ((_MARKS, 0),), ((_PLACE, 0),), ((_QUOTED, 0), (_PLACE, 0)), ((_QUOTED, 0), (WORD, 0)), ((_QUOTED, 0), (TAG, 0)),
    ((_MARKS, 0), (TAG, 0)), ((_MARKS, 0), (CLASS, 0)), ((_QUOTED, 0), (_QUOTING, 0)), *_triples(_QUOTED, -1, 1),
    ((_QUOTED, 0), (WORD, -1)), ((_QUOTED, 0), (WORD, 1)), ((_PLACE, 0), (CLASS, 0)), ((_PLACE, 0), (WORD, 0)),
    ((TAG, 0), (CLASS, -1)), ((TAG, 0), (CLASS, 1)), ((TAG, 0), (WORD, 0)),
    *(((column, 0),) for column in (PREFIX3, PREFIX4, PREFIX5, PREFIX6)), ((PREFIX5, -1),), ((PREFIX5, 1),),
    ((PREFIX5, 0), (SUFFIX3, 0)), ((PREFIX5, 0), (CLASS, 1)), ((PREFIX5, 0), (CLASS, -1)),
    ((SUFFIX3, 0), (CLASS, 1)), ((SUFFIX3, 0), (CLASS, -1)), *_pairs(SUFFIX3, -1, 1),
    *_around(_SPEECH, -3, 3), *_pairs(_SPEECH, -3, 3), *_triples(_SPEECH, -3, 3),
    *(((_SPEECH, 0), (column, 0)) for column in (WORD, PREFIX4, PREFIX5, TAG, _QUOTED)),
    ((_SPEECH, 0), (WORD, 1)), ((_SPEECH, 0), (WORD, -1)),
)  # fmt: skip
_FIRST = Windows(FIRST_TEMPLATES, _FIRST_COLUMNS, FIRST_BITS)

# Columns of the second tagger, behind those of the first: classes of the three probabilities, each alone and coarsely together;
# of the nearest likely cue and source before and behind: distance, what stands between, word, class of its probability; shares.
_ODDS = tuple(range(_FIRST_COLUMNS, _FIRST_COLUMNS + 3))
_TOGETHER = _FIRST_COLUMNS + 3
_CUE_BEFORE, _CUE_BEHIND, _SOURCE_BEFORE, _SOURCE_BEHIND = (
    tuple(range(_FIRST_COLUMNS + start, _FIRST_COLUMNS + start + 4)) for start in (4, 8, 12, 16)
)
_FAR, _BETWEEN, _NAME, _LIKELY = range(4)
_SECOND_COLUMNS = _FIRST_COLUMNS + 26
_ASCRIBED_BEFORE, _ASCRIBED_BEHIND, _ASCRIBED_HERE, _ASCRIBED_LAST, _ASCRIBED_NEXT, _LIKELIEST = range(_FIRST_COLUMNS + 20, _SECOND_COLUMNS)

SECOND_TEMPLATES: tuple[Template, ...] = (
    *(template for odds in _ODDS for template in (*_around(odds, -3, 3), *_triples(odds, -1, 1), *_pairs(odds, -1, 1))),
    *_around(_TOGETHER, -1, 1), *_pairs(_TOGETHER, -1, 1),
    *(((odds, 0), (column, 0)) for odds in _ODDS for column in (WORD, CLASS)),
    ((_ODDS[CUE], -1), (WORD, 0)), ((_ODDS[CUE], 1), (WORD, 0)), ((_ODDS[CUE], -1), (CLASS, 0)),
    ((_ODDS[SOURCE], -1), (CLASS, 0)), ((_ODDS[SOURCE], 1), (CLASS, 0)),
    ((_ODDS[CONTENT], -1), (WORD, 0)), ((_ODDS[CONTENT], 1), (WORD, 0)),
    *(((column, 0),) for column in range(_CUE_BEFORE[0], _SECOND_COLUMNS)),
    ((_CUE_BEFORE[_FAR], 0), (_CUE_BEHIND[_FAR], 0)), ((_CUE_BEFORE[_BETWEEN], 0), (_CUE_BEHIND[_BETWEEN], 0)),
    ((_CUE_BEFORE[_BETWEEN], 0), (_CUE_BEHIND[_BETWEEN], 0), (_QUOTED, 0)),
    *(((near[_NAME], 0), (near[part], 0)) for near in (_CUE_BEFORE, _CUE_BEHIND) for part in (_FAR, _BETWEEN)),
    *(((near[_FAR], 0), (near[_BETWEEN], 0)) for near in (_CUE_BEFORE, _CUE_BEHIND)),
    *(((near[_LIKELY], 0), (near[_BETWEEN], 0)) for near in (_CUE_BEFORE, _CUE_BEHIND)),
    ((_CUE_BEFORE[_FAR], 0), (_SOURCE_BEFORE[_FAR], 0)), ((_CUE_BEHIND[_FAR], 0), (_SOURCE_BEHIND[_FAR], 0)),
    ((_SOURCE_BEFORE[_FAR], 0), (_SOURCE_BEHIND[_FAR], 0)),
    ((_ASCRIBED_BEFORE, 0), (_ASCRIBED_BEHIND, 0)), ((_ASCRIBED_BEFORE, 0), (_ASCRIBED_BEHIND, 0), (_ODDS[CONTENT], 0)),
    *(((column, 0), (_ODDS[CONTENT], 0)) for column in (_ASCRIBED_HERE, _ASCRIBED_LAST, _LIKELIEST, _QUOTED, _MARKS, _PLACE)),
    *(((near[_BETWEEN], 0), (_ODDS[CONTENT], 0)) for near in (_CUE_BEFORE, _CUE_BEHIND)),
    *(((near[_FAR], 0), (_ODDS[SOURCE], 0)) for near in (_CUE_BEFORE, _CUE_BEHIND)),
    ((_ASCRIBED_LAST, 0), (_QUOTED, 0)), ((_ASCRIBED_NEXT, 0), (_QUOTED, 0)),
    ((_ASCRIBED_LAST, 0), (_QUOTED, 0), (_ODDS[CONTENT], 0)), ((_QUOTED, 0), (_ODDS[CUE], 0)),
)  # fmt: skip
_SECOND = Windows(SECOND_TEMPLATES, _SECOND_COLUMNS, SECOND_BITS)

# Edges of the classes of probabilities, distances and shares.
_PROBABILITIES = np.array([0.02, 0.06, 0.15, 0.3, 0.45, 0.6, 0.8, 0.93])
_DISTANCES = np.array([2, 3, 4, 6, 9, 14, 20, 30])
_SHARES = np.array([0.1, 0.25, 0.4, 0.55, 0.7, 0.85])
# A class for what is not there, above all others.
_NOTHING = 31
# From these probabilities on a word counts as a likely cue or source.
_LIKELY_CUE, _LIKELY_SOURCE = 0.25, 0.3
_NEAR = 6
_FARTHEST = 6
_PARTS = 1 << 12


@dataclass(frozen=True, slots=True)
class RoleTagger:
    """The two fitted taggers, and that of the parts of speech which the first reads.

    Attributes
    ----------
    speech : SpeechTagger
    first, second : LinearTable
        Log-odds of :data:`ROLES`; ``2 ** FIRST_BITS`` and ``2 ** SECOND_BITS`` rows.
    """

    speech: SpeechTagger
    first: LinearTable
    second: LinearTable

    def probabilities(self, batch: Batch, table: TokenTable) -> Floats:
        """The probability of each role for each token, shape ``(n_tokens, 3)``; a token may have several roles, or none."""
        columns = first_columns(batch, table, self.speech)
        guesses = logistic(_FIRST.scores(self.first, columns, batch.slots))
        wider = second_columns(batch, table, columns, guesses)
        return logistic(_SECOND.scores(self.second, wider, batch.slots))


def logistic(odds: Floats) -> Floats:
    """Probabilities from log-odds."""
    return np.asarray(1 / (1 + np.exp(-odds)))


def first_columns(batch: Batch, table: TokenTable, speech: SpeechTagger) -> Keys:
    """What the first tagger reads of each token, padded."""
    n = len(batch.tokens)
    columns = with_affixes(batch, table)
    marks = (table.flags & QUOTE) > 0
    place = np.arange(n) - batch.bounds.take(batch.sentence)
    to_come = batch.bounds.take(batch.sentence + 1) - 1 - np.arange(n)
    before, behind = nearest(batch, marks)
    raw = np.empty((n, 5), dtype=np.uint64)
    raw[:, 0] = quoted(batch, table)
    raw[:, 1] = _distance(before) + 8 * _distance(behind)
    raw[:, 2] = np.minimum(place, 4) + 5 * np.minimum(to_come, 3)
    raw[:, 3] = np.bincount(batch.sentence[marks], minlength=len(batch)).take(batch.sentence) > 0
    raw[:, 4] = speech.tags(batch, columns)
    raw += np.uint64(1)
    return widened(batch, columns, raw)


def first_rows(batch: Batch, columns: Keys) -> Ints:
    """Rows of the first tagger's weights, shape ``(n_tokens, n_features)``."""
    return _FIRST.rows(columns, batch.slots)


def second_rows(batch: Batch, columns: Keys) -> Ints:
    """Rows of the second tagger's weights, shape ``(n_tokens, n_features)``."""
    return _SECOND.rows(columns, batch.slots)


def second_columns(batch: Batch, table: TokenTable, columns: Keys, guesses: Floats) -> Keys:
    """What the second tagger reads of each token: the columns of the first, and what its probabilities say."""
    n, sentence = len(batch.tokens), batch.sentence
    classes = _PROBABILITIES.searchsorted(guesses, side="right")
    values: list[Ints | Keys] = [classes[:, CUE], classes[:, SOURCE], classes[:, CONTENT]]
    coarse = classes // 2
    values.append(coarse[:, CUE] + 5 * coarse[:, SOURCE] + 25 * coarse[:, CONTENT])
    signs = tuple(running_count((table.flags & flag) > 0) for flag in (COMMA, QUOTE))
    for role, least in ((CUE, _LIKELY_CUE), (SOURCE, _LIKELY_SOURCE)):
        for at in nearest(batch, guesses[:, role] > least):
            values += _of_nearest(batch, at, classes[:, role], signs)
    values += _shares_ascribed(batch, guesses[:, CONTENT])
    likeliest = np.zeros(len(batch))
    np.maximum.at(likeliest, sentence, guesses[:, CUE])
    values.append(_PROBABILITIES.searchsorted(likeliest, side="right").take(sentence))
    raw = np.empty((n, len(values)), dtype=np.uint64)
    for number, value in enumerate(values):
        raw[:, number] = value
    raw += np.uint64(1)
    return widened(batch, columns, raw)


def nearest(batch: Batch, marked: Flags) -> tuple[Ints, Ints]:
    """For each token the nearest marked one before it, and the nearest behind it, in its sentence; -1 where there is none."""
    n = marked.size
    at = marked.nonzero()[0]
    places = np.arange(n)
    if not at.size:
        none = np.full(n, -1)
        return none, none
    left, right = at.searchsorted(places), at.searchsorted(places, side="right")
    before, behind = at.take(np.maximum(left - 1, 0)), at.take(np.minimum(right, at.size - 1))
    has_before = (left > 0) & (batch.sentence.take(before) == batch.sentence)
    has_behind = (right < at.size) & (batch.sentence.take(behind) == batch.sentence)
    return np.where(has_before, before, -1), np.where(has_behind, behind, -1)


def _distance(at: Ints) -> Ints:
    """How far the nearest marked token stands, up to ``_FARTHEST``, which also stands for none."""
    return np.minimum(np.where(at < 0, _FARTHEST, np.abs(np.arange(at.size) - at)), _FARTHEST)


def _of_nearest(batch: Batch, at: Ints, classes: Ints, signs: tuple[Ints, ...]) -> list[Ints | Keys]:
    """Distance, signs between, word and class of the nearest likely cue or source."""
    n, none = at.size, at < 0
    held, places = np.maximum(at, 0), np.arange(n)
    low, high = np.minimum(held, places) + 1, np.maximum(held, places)
    commas, quotes = (np.minimum(running.take(high) - running.take(np.minimum(low, high)), 2) for running in signs)
    far = np.where(none, _NOTHING, _DISTANCES.searchsorted(high - low + 1, side="right"))
    between = np.where(none, _NOTHING, commas + 3 * quotes)
    names = batch.tokens.keys.take(held)
    names[none] = 0
    return [far, between, names, np.where(none, 0, classes.take(held))]


def _shares_ascribed(batch: Batch, content: Floats) -> list[Ints]:
    """Mean probability of being ascribed, in classes: of the words before, the words behind, the sentence, and its neighbours."""
    n, sentence, places = content.size, batch.sentence, np.arange(content.size)
    # Whole numbers, because their sums do not depend on what stands before them in the batch.
    running = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.round(content * _PARTS).astype(np.int64), out=running[1:])
    low, high = batch.bounds.take(sentence), batch.bounds.take(sentence + 1)

    def share(start: Ints, stop: Ints) -> Ints:
        mean = (running.take(stop) - running.take(start)) / (_PARTS * np.maximum(stop - start, 1))
        return np.where(stop > start, _SHARES.searchsorted(mean, side="right"), _NOTHING)

    whole = share(batch.bounds[:-1], batch.bounds[1:])
    joined = batch.document[1:] == batch.document[:-1]
    last, following = np.full(len(batch), _NOTHING), np.full(len(batch), _NOTHING)
    last[1:][joined], following[:-1][joined] = whole[:-1][joined], whole[1:][joined]
    return [
        share(np.maximum(places - _NEAR, low), places),
        share(places + 1, np.minimum(places + 1 + _NEAR, high)),
        *(of_sentence.take(sentence) for of_sentence in (whole, last, following)),
    ]
