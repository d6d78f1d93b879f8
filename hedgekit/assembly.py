"""Attributions put together from the roles of single words.

:mod:`hedgekit.roles` says which words stand in a cue, a source or a content; here every cue gets the source and the content
that are its own (:mod:`hedgekit.links`), and what is ascribed without any cue becomes an attribution of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.attribution import Attributions, kind_rows
from hedgekit.batch import Batch
from hedgekit.cues import Cues, TokenTable
from hedgekit.keys import Ints
from hedgekit.labels import KINDS, AttributionKind
from hedgekit.links import BARRED, CONTENT, SOURCE, best_stretches, link_odds, neighbours
from hedgekit.roles import CONTENT as CONTENT_ROLE
from hedgekit.roles import CUE as CUE_ROLE
from hedgekit.roles import SOURCE as SOURCE_ROLE
from hedgekit.roles import RoleTagger
from hedgekit.stretches import passive, trimmed
from hedgekit.windows import LinearTable

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# All chosen on held-out articles. From these probabilities on a word makes a cue, belongs to the cue beside it, and is part of a
# content that stands alone.
_CUE_BAR, _CUE_EDGE, _CONTENT_BAR = 0.45, 0.3, 0.46
# Where something is ascribed and no word reaches the bar, the likeliest is the cue from here on.
_LESSER_BAR = 0.2
# A content without a cue has at least so many words; where there are this many, a cue is looked for.
_LEAST_ALONE, _LEAST_ASCRIBED = 4, 3
_BOTH_SIDES = 5.0
_SURE = 1e-6
# The kind of words ascribed to nobody, until their speaker is found.
_HEARSAY = KINDS.index(AttributionKind.HEARSAY)


@dataclass(frozen=True, slots=True)
class RoleAttributionModel:
    """Attributions of everything that anyone is said to say, think, want or intend, whatever the cues of the guide.

    Attributes
    ----------
    roles : RoleTagger
    links : LinearTable
        Source and content; ``2 ** LINK_BITS`` rows.
    kind : LinearTable
        The kinds; ``2 ** KIND_BITS`` rows.
    """

    roles: RoleTagger
    links: LinearTable
    kind: LinearTable

    def predict(self, batch: Batch, table: TokenTable, cues: Cues) -> Attributions:
        """Find the attributions of a batch, with cues of their own."""
        if not len(batch.tokens):
            return Attributions.none()
        probabilities = self.roles.probabilities(batch, table)
        first, last = likely_cues(batch, probabilities)
        near = neighbours(batch, first, last)
        odds = link_odds(self.links, batch, table, near)
        held = probabilities.clip(_SURE, 1 - _SURE)
        roles = np.log(held / (1 - held)).take(near.token, axis=0)
        # The subject of "is said to" is no source.
        subject = passive(batch, near).take(near.row) & (near.token < near.first.take(near.row))
        of_source = np.where(subject, BARRED, odds[:, SOURCE] + roles[:, SOURCE_ROLE])
        source = trimmed(table, *best_stretches(near, of_source).best())
        content = trimmed(table, *best_stretches(near, odds[:, CONTENT] + roles[:, CONTENT_ROLE]).spread(_BOTH_SIDES))
        alone_first, alone_last = left_over(batch, probabilities[:, CONTENT_ROLE], (first, content[0]), (last, content[1]))
        none = np.full(alone_first.size, -1)
        found = [
            np.concatenate(pair)
            for pair in (
                (near.sentence, batch.sentence.take(alone_first)),
                (first, none),
                (last, none),
                (source[0], none),
                (source[1], none),
                (content[0], alone_first),
                (content[1], alone_last),
            )
        ]
        order = np.lexsort((np.where(found[1] < 0, found[5], found[1]), found[0]))
        sentence, cue_first, cue_last, source_first, source_last, content_first, content_last = (column[order] for column in found)
        kinds = self.kind.scores(kind_rows(batch, table, cue_first, cue_last, source_first, source_last)).argmax(axis=1)
        kinds[cue_first < 0] = _HEARSAY
        return Attributions(sentence, cue_first, cue_last, source_first, source_last, content_first, content_last, kinds)


def likely_cues(batch: Batch, probabilities: Floats) -> tuple[Ints, Ints]:
    """First and last tokens of the cues: unbroken runs of fairly likely words, one of which is likely.

    In a sentence that ascribes without such a run, the run around the likeliest word is the cue if that word reaches a lesser bar.
    """
    cue = probabilities[:, CUE_ROLE]
    first, last = runs(batch, cue > _CUE_EDGE)
    content_first, content_last = runs(batch, probabilities[:, CONTENT_ROLE] > _CONTENT_BAR)
    ascribing = np.zeros(len(batch), dtype=np.bool_)
    ascribing[batch.sentence[content_first[content_last - content_first + 1 >= _LEAST_ASCRIBED]]] = True
    if first.size:
        likely = np.maximum.reduceat(cue * (cue > _CUE_EDGE), first) > _CUE_BAR
        ascribing[batch.sentence[first[likely]]] = False
        first, last = first[likely], last[likely]
    chosen = np.zeros(cue.size, dtype=np.bool_)
    for low, high in zip(first.tolist(), last.tolist(), strict=True):
        chosen[low : high + 1] = True
    for low, high in zip(batch.bounds[:-1][ascribing].tolist(), batch.bounds[1:][ascribing].tolist(), strict=True):
        likeliest = low + int(cue[low:high].argmax())
        if cue[likeliest] > _LESSER_BAR:
            fair = (cue[low:high] <= _CUE_EDGE).nonzero()[0] + low
            at = int(fair.searchsorted(likeliest))
            begin = int(fair[at - 1]) + 1 if at else low
            end = int(fair[at]) if at < fair.size else high
            chosen[begin : max(end, likeliest + 1)] = True
    return runs(batch, chosen)


def left_over(batch: Batch, content: Floats, firsts: tuple[Ints, ...], lasts: tuple[Ints, ...]) -> tuple[Ints, Ints]:
    """First and last tokens of what is ascribed outside the given stretches: quotations whose speaker stands elsewhere."""
    covered = np.zeros(content.size + 1, dtype=np.int64)
    for first, last in zip(firsts, lasts, strict=True):
        written = first >= 0
        np.add.at(covered, first[written], 1)
        np.add.at(covered, last[written] + 1, -1)
    first, last = runs(batch, (content > _CONTENT_BAR) & (covered.cumsum()[:-1] == 0))
    long = last - first + 1 >= _LEAST_ALONE
    return first[long], last[long]


def runs(batch: Batch, chosen: Flags) -> tuple[Ints, Ints]:
    """First and last tokens of the unbroken runs of chosen tokens, none longer than its sentence."""
    at = chosen.nonzero()[0]
    if not at.size:
        return at, at
    parted = (np.diff(at) > 1) | (np.diff(batch.sentence.take(at)) > 0)
    return at[np.append(True, parted)], at[np.append(parted, True)]
