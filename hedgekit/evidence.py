"""What attributions mean for a sentence: how sure each source was itself, and on what the sentence rests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.attribution import Attributions
from hedgekit.batch import Batch, excerpt
from hedgekit.certainty import CertaintyHeads
from hedgekit.cues import TAG, Cues, TokenTable, spread
from hedgekit.keys import Ints, among, mix
from hedgekit.labels import CUE_TYPES, KINDS, VOICES, AttributionKind, CueType, Voice
from hedgekit.text.tokens import folded_key
from hedgekit.vocabulary import COMMA

Floats = npt.NDArray[np.float64]

# A source that believes or finds likely is as sure as that word says; one that says is as sure as what it says.
_OWN_DOUBT = np.array([kind not in (CueType.REPORTATIVE, CueType.WEASEL, CueType.BOOSTER) for kind in CUE_TYPES])
# From the strongest link to the weakest; the writer's own belief is the author's voice.
_ORDER = (AttributionKind.SELF, AttributionKind.NAMED, AttributionKind.DOCUMENT, AttributionKind.UNNAMED, AttributionKind.HEARSAY)
_WEAKNESS = np.array([_ORDER.index(kind) for kind in KINDS])
_HEARSAY = KINDS.index(AttributionKind.HEARSAY)
_VOICE = np.array([VOICES.index(Voice.AUTHOR), *(VOICES.index(Voice(kind.value)) for kind in _ORDER[1:])])
# Attributions answer for the main claim if together they take up at least this share of their sentence, and each at least that.
_MAIN, _PART = 0.5, 0.25
_ADVERB = np.array([folded_key("ly")], dtype=np.uint64)
# A full stop and a quotation mark may stand behind the last word.
_FINAL_SIGNS = 2


def own_certainty(batch: Batch, table: TokenTable, cues: Cues, found: Attributions, heads: CertaintyHeads) -> Floats:
    """How sure the source of each attribution is: the certainty of the words ascribed to it, NaN where there are none.

    Words of belief count to what is ascribed: "she doubts that ..." leaves her as unsure as she says.
    """
    certainty = np.full(found.sentence.size, np.nan)
    chosen = (found.content_first >= 0).nonzero()[0]
    if not chosen.size:
        return certainty
    first, last = found.content_first.take(chosen), found.content_last.take(chosen)
    cue_first, cue_last = found.cue_first.take(chosen), found.cue_last.take(chosen)
    kind = (table.columns[batch.slots.take(np.maximum(cue_last, 0)), TAG].view(np.int64) - 2) // 2
    doubting = (cue_first >= 0) & (kind >= 0) & _OWN_DOUBT.take(np.maximum(kind, 0))
    first = np.where(doubting, np.minimum(first, cue_first), first)
    last = np.where(doubting, np.maximum(last, cue_last), last)
    part, at = excerpt(batch, first, last)
    inside = _cues_inside(cues, first, last, part.bounds)
    certainty[chosen] = heads.grade(part, table.subset(batch, part, at), inside)
    return certainty


def _cues_inside(cues: Cues, first: Ints, last: Ints, bounds: Ints) -> Cues:
    """The cues that lie in each stretch of tokens, as cues of the stretches; the faint ones too."""
    low, high = cues.first.searchsorted(first), cues.first.searchsorted(last, side="right")
    counts = high - low
    home = np.arange(first.size).repeat(counts)
    at = np.arange(home.size) - (counts.cumsum() - counts).repeat(counts) + low.repeat(counts)
    whole = cues.last.take(at) <= last.take(home)
    home, at = home[whole], at[whole]
    shift = bounds.take(home) - first.take(home)
    return Cues(
        cues.first.take(at) + shift,
        cues.last.take(at) + shift,
        home,
        cues.type.take(at),
        cues.probability.take(at),
        cues.form.take(at),
        cues.rows.take(at, axis=0),
        np.zeros(first.size),
        None if cues.faint is None else _cues_inside(cues.faint, first, last, bounds),
    )


def voices(batch: Batch, table: TokenTable, found: Attributions) -> npt.NDArray[np.int8]:
    """On whose word the main claim of each sentence rests: index into :data:`hedgekit.labels.VOICES`.

    That is the author, unless attributions take up most of the sentence, or all of it behind an opening phrase ("Asked about the
    losses, Kim said that they were likely"): then it is the weakest of their kinds.
    """
    weakness = np.zeros(len(batch), dtype=np.int64)
    if found.sentence.size:
        # The speaker of a quotation that stands alone is written in another sentence.
        here = (found.source_first >= batch.bounds.take(found.sentence)) & (found.source_first < batch.bounds.take(found.sentence + 1))
        firsts = np.stack((found.cue_first, np.where(here, found.source_first, -1), found.content_first))
        lasts = np.stack((found.cue_last, np.where(here, found.source_last, -1), found.content_last))
        first, last = np.where(firsts < 0, len(batch.tokens), firsts).min(axis=0), lasts.max(axis=0)
        size = (last - first + 1) / np.maximum(batch.lengths.take(found.sentence), 1)
        covered = np.bincount(batch.sentence[spread(len(batch.tokens), first, last)], minlength=len(batch)) / np.maximum(batch.lengths, 1)
        # Hearsay in an adverb ("reportedly") ascribes its sentence.
        adverb = (found.cue_first >= 0) & among(mix(batch.tokens.take(np.maximum(found.cue_last, 0)).suffixes(2)), _ADVERB)
        whole = (adverb | (found.content_first < 0)) & (found.kind == _HEARSAY)
        most = (covered.take(found.sentence) >= _MAIN) & (size >= _PART)
        main = whole | most | _closing(batch, table, found, first, last)
        np.maximum.at(weakness, found.sentence[main], _WEAKNESS.take(found.kind[main]))
    return _VOICE.take(weakness).astype(np.int8)


def _closing(batch: Batch, table: TokenTable, found: Attributions, first: Ints, last: Ints) -> npt.NDArray[np.bool_]:
    """Which attributions reach from a comma, over source, cue and content in this order, to the end of their sentence."""
    behind = batch.bounds.take(found.sentence + 1) - 1
    ends = behind - last <= _FINAL_SIGNS
    opened = (first > batch.bounds.take(found.sentence)) & (table.flags.take(np.maximum(first - 1, 0)) & COMMA > 0)
    in_order = (found.source_first >= 0) & (found.source_last < found.cue_first) & (found.cue_last < found.content_first)
    return ends & opened & in_order
