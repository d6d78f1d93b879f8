"""On whose word: which cues ascribe a claim, who answers for it, what is ascribed, and what kind of source it is.

Linear models, fitted with scikit-learn in :mod:`hedgekit.training.attribution`: whether a cue ascribes, which words near
it are its source and its content (:mod:`hedgekit.links`), and the kind. Where no stretch of words is more likely than not,
the source is not written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, N_COLUMNS, SHAPE, SUFFIX3, TAG, TYPE_BITS, WORD, Cues, TokenTable, phrase_keys
from hedgekit.keys import Ints, among
from hedgekit.labels import KINDS, AttributionKind
from hedgekit.links import CONTENT, SOURCE, link_odds, neighbours
from hedgekit.quotations import quoted
from hedgekit.stretches import chained, contents, parted, sources, trimmed, with_determiner
from hedgekit.text.tokens import folded_key
from hedgekit.vocabulary import QUOTE, SPEAKER
from hedgekit.windows import Combinations, LinearTable

Floats = npt.NDArray[np.float64]

KIND_BITS = 14
_SELF = KINDS.index(AttributionKind.SELF)
_NOBODY = np.array(sorted(folded_key(word) for word in ("nobody", "none", "no", "neither")), dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Attributions:
    """The attributions of a batch, in the order of the text.

    Attributes
    ----------
    sentence : ndarray of int64, shape (n,)
    cue_first, cue_last : ndarray of int64
        Tokens of the cue, both inclusive, as in all pairs; -1 where a quotation stands alone.
    source_first, source_last : ndarray of int64
        -1 where no source is written.
    content_first, content_last : ndarray of int64
        -1 where nothing is ascribed in words.
    kind : ndarray of int64
        Index into :data:`hedgekit.labels.KINDS`.
    """

    sentence: Ints
    cue_first: Ints
    cue_last: Ints
    source_first: Ints
    source_last: Ints
    content_first: Ints
    content_last: Ints
    kind: Ints

    def subset(self, kept: npt.NDArray[np.bool_]) -> Attributions:
        """Some of the attributions."""
        return Attributions(*(getattr(self, item.name)[kept] for item in fields(self)))

    @classmethod
    def none(cls) -> Attributions:
        """No attribution."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in fields(cls)))


@dataclass(frozen=True, slots=True)
class AttributionModel:
    """The fitted models.

    Attributes
    ----------
    ascribes : LinearTable
        Whether a cue ascribes; ``2 ** TYPE_BITS`` rows.
    links : LinearTable
        Source and content; ``2 ** LINK_BITS`` rows.
    kind : LinearTable
        The kinds; ``2 ** KIND_BITS`` rows.
    """

    ascribes: LinearTable
    links: LinearTable
    kind: LinearTable

    def predict(self, batch: Batch, table: TokenTable, cues: Cues) -> Attributions:
        """Find the attributions among the cues of a batch."""
        chosen = (self.ascribes.margins(gate_rows(batch, table, cues)) > 0).nonzero()[0]
        if not chosen.size:
            return Attributions.none()
        near = neighbours(batch, cues.first.take(chosen), cues.last.take(chosen))
        odds = link_odds(self.links, batch, table, near)
        source = with_determiner(batch, table, near, *trimmed(table, *sources(batch, near, odds[:, SOURCE])))
        content = chained(table, near, source, contents(batch, table, near, odds[:, CONTENT], source))
        kinds = self.kind.scores(kind_rows(batch, table, near.first, near.last, *source)).argmax(axis=1)
        found = Attributions(near.sentence, near.first, near.last, *source, *parted(batch, table, near, source, content), kinds)
        # "We believe" in a quotation is the speaker's word, not the writer's.
        own = kinds == _SELF
        kept = ~own | ~quoted(batch, table).take(near.first) if own.any() else ~own
        # Nor does "nobody" say anything.
        kept &= (source[0] < 0) | ~among(batch.tokens.keys.take(source[0], mode="wrap"), _NOBODY)
        return found.subset(kept)


# Values of a cue that may ascribe, in the order of :func:`gate_rows`.
_QUOTED, _GATE_FORM, _GATE_HEAD, _GATE_TYPE, _BEFORE = range(5)
_GATE = Combinations([(_QUOTED,), (_QUOTED, _GATE_FORM), (_QUOTED, _GATE_HEAD), (_QUOTED, _GATE_TYPE), (_QUOTED, _BEFORE)], TYPE_BITS)


def gate_rows(batch: Batch, table: TokenTable, cues: Cues) -> npt.NDArray[np.int64]:
    """Hashed features of cues that may ascribe, shape ``(n, n_features)``: their own, and whether they stand in a quotation.

    "I think" is the writer's own belief, but not where somebody else is quoted.
    """
    marks = (table.flags & QUOTE).nonzero()[0]
    passed = marks.searchsorted(cues.first)
    opened = passed - marks.searchsorted(batch.bounds.take(cues.sentence))
    to_come = marks.searchsorted(batch.bounds.take(cues.sentence + 1)) - passed
    values = np.empty((len(cues), 5), dtype=np.uint64)
    values[:, _QUOTED] = 1 + opened % 2 + 2 * (to_come % 2)
    values[:, _GATE_FORM] = cues.form
    values[:, _GATE_HEAD] = batch.tokens.keys.take(cues.last)
    values[:, _GATE_TYPE] = cues.type + 1
    values[:, _BEFORE] = table.columns[batch.slots.take(cues.first) - 1, WORD]
    return np.concatenate((cues.rows, _GATE.rows(values)), axis=1)


# Values of a source and its cue, in the order of :func:`kind_rows`.
_SIZE, _CAPITALS, _INNER, _SPEAKER, _CUE_FORM, _CUE_TAG, _FIRST_WORD, _FIRST_CLASS, _FIRST_TAG = range(9)
_LAST_WORD, _LAST_CLASS, _LAST_TAG, _LAST_SHAPE, _ENDING = range(9, 14)
_KIND = Combinations(
    [
        (_SIZE,), (_CAPITALS,), (_INNER,), (_CAPITALS, _SIZE), (_FIRST_WORD,), (_LAST_WORD,), (_FIRST_CLASS,), (_LAST_CLASS,),
        (_FIRST_TAG,), (_LAST_TAG,), (_CUE_FORM, _SIZE), (_CUE_TAG, _SIZE), (_FIRST_WORD, _LAST_WORD), (_FIRST_WORD, _CAPITALS),
        (_LAST_CLASS, _CAPITALS), (_LAST_SHAPE, _INNER), (_SPEAKER,), (_ENDING,),
    ],
    KIND_BITS,
)  # fmt: skip


# Where the values of the first and of the last token of a source stand in the flat table, counted from the token.
_AT_FIRST, _AT_LAST = np.array([WORD, CLASS, TAG]), np.array([WORD, CLASS, TAG, SHAPE, SUFFIX3])


def kind_rows(batch: Batch, table: TokenTable, cue_first: Ints, cue_last: Ints, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Hashed features of a source and its cue, shape ``(n, n_features)``; those of the source are 0 where none is written."""
    a, b = np.maximum(first, 0), np.maximum(last, 0)
    capitals = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    (batch.tokens.shape & 1).cumsum(out=capitals[1:])
    before, behind_first, behind = capitals.take(a), capitals.take(a + 1), capitals.take(b + 1)
    flat = table.columns.reshape(-1)
    values = np.empty((cue_first.size, 14), dtype=np.uint64)
    values[:, _SIZE] = np.minimum(b - a, 4) + 1
    values[:, _CAPITALS] = np.minimum(behind - before, 2) + 1
    values[:, _INNER] = np.minimum(behind - behind_first, 2) + 1
    values[:, _SPEAKER] = table.flags.take(a) & SPEAKER
    values[:, _FIRST_WORD : _FIRST_TAG + 1] = flat.take((batch.slots.take(a) * N_COLUMNS)[:, None] + _AT_FIRST)
    values[:, _LAST_WORD:] = flat.take((batch.slots.take(b) * N_COLUMNS)[:, None] + _AT_LAST)
    values[first < 0] = 0
    values[:, _CUE_FORM] = phrase_keys(batch, cue_first, cue_last)
    values[:, _CUE_TAG] = flat.take(batch.slots.take(cue_last) * N_COLUMNS + TAG)
    return _KIND.rows(values)
