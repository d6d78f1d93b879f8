"""From attributions sentence by sentence to those of running texts: sources led back, quotations given their speakers."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from hedgekit.attribution import Attributions
from hedgekit.batch import Batch
from hedgekit.cues import TokenTable
from hedgekit.keys import Ints
from hedgekit.labels import KINDS, AttributionKind
from hedgekit.quotations import whole_quotations
from hedgekit.speakers import Offsets, Said, Turn, resolve

_SELF = KINDS.index(AttributionKind.SELF)


def across_sentences(batch: Batch, table: TokenTable, found: Attributions) -> tuple[Attributions, Ints]:
    """The attributions of running texts, with those of quotations whose speaker stands in another sentence.

    Returns
    -------
    attributions : Attributions
    refers_to : ndarray of int64, shape (n, 2)
        Start and end of the fullest earlier mention of each source in the batch's text, -1 where there is none.
    """
    refers = np.full((found.sentence.size, 2), -1, dtype=np.int64)
    # Words that the model ascribes without a cue still want their speaker.
    lone = (found.cue_first < 0) & (found.source_first < 0)
    speaking = (found.source_first >= 0) & (found.kind != _SELF)
    # Where nobody is named, nothing can be led back or given a speaker.
    if not speaking.any():
        return found, refers
    edges = np.append((np.diff(batch.document, prepend=-1) != 0).nonzero()[0], len(batch))
    rows = (~lone).nonzero()[0]
    home = edges.searchsorted(found.sentence.take(rows), side="right") - 1
    bounds = home.searchsorted(np.arange(edges.size)).tolist()
    said = _said(batch, found, rows, found.sentence.take(rows) - edges.take(home))
    columns = (batch.starts, batch.ends, batch.paragraph, *whole_quotations(batch, table))
    turns = list(map(Turn._make, zip(*(values.tolist() for values in columns), strict=True)))
    low = edges.tolist()
    led: list[tuple[int, Offsets]] = []
    more: list[tuple[int, ...]] = []
    for number in np.unique(home[speaking.take(rows)]).tolist():
        first = bounds[number]
        mine = resolve(batch.text, turns[low[number] : low[number + 1]], said[first : bounds[number + 1]])
        led += [(row, span) for row, span in enumerate(mine.refers_to, first) if span is not None]
        more += [
            (low[number] + sentence, *one.source, KINDS.index(one.kind), *(one.refers_to or (-1, -1)))
            for sentence, one in mine.spoken.items()
        ]
    if led:
        refers[rows.take([row for row, _ in led])] = [span for _, span in led]
    if not more:
        return found, refers
    kept = np.ones(lone.size, dtype=np.bool_)
    kept[lone] = ~np.isin(found.sentence[lone], [row[0] for row in more])
    return _joined(batch, found.subset(kept), refers[kept], np.array(more, dtype=np.int64))


def _said(batch: Batch, found: Attributions, rows: Ints, sentence: Ints) -> list[Said]:
    """Some of the attributions as the rules see them, given the number of each one's sentence in its text."""
    first, last = found.source_first.take(rows), found.source_last.take(rows)
    starts, ends = batch.tokens.starts.take(first, mode="wrap"), batch.tokens.ends.take(last, mode="wrap")
    spans = zip(first.tolist(), starts.tolist(), ends.tolist(), strict=True)
    sources = [None if at < 0 else (start, end) for at, start, end in spans]
    kinds = [KINDS[kind] for kind in found.kind.take(rows).tolist()]
    return list(map(Said, sentence.tolist(), sources, kinds))


def _joined(batch: Batch, found: Attributions, refers: Ints, more: Ints) -> tuple[Attributions, Ints]:
    """The attributions with those of lone quotations, in the order of their sentences."""
    sentence = more[:, 0]
    none = np.full(len(more), -1)
    added = Attributions(
        sentence,
        none,
        none,
        batch.tokens.starts.searchsorted(more[:, 1]),
        batch.tokens.ends.searchsorted(more[:, 2]),
        batch.bounds.take(sentence),
        batch.bounds.take(sentence + 1) - 1,
        more[:, 3],
    )
    joined = [np.concatenate((getattr(found, item.name), getattr(added, item.name))) for item in fields(Attributions)]
    order = joined[0].argsort(kind="stable")
    return Attributions(*(column[order] for column in joined)), np.concatenate((refers, more[:, 4:]))[order]
