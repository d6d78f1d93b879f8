"""From attributions sentence by sentence to those of running texts: sources led back, quotations given their speakers."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from hedgekit.attribution import Attributions
from hedgekit.batch import Batch
from hedgekit.cues import TokenTable
from hedgekit.keys import Ints
from hedgekit.labels import KINDS
from hedgekit.quotations import whole_quotations
from hedgekit.speakers import Said, Turn, resolve


def across_sentences(batch: Batch, table: TokenTable, found: Attributions) -> tuple[Attributions, Ints]:
    """The attributions of running texts, with those of quotations whose speaker stands in another sentence.

    Returns
    -------
    attributions : Attributions
    refers_to : ndarray of int64, shape (n, 2)
        Start and end of the fullest earlier mention of each source in the batch's text, -1 where there is none.
    """
    quoted, runs_on, closed = whole_quotations(batch, table)
    refers = np.full((found.sentence.size, 2), -1, dtype=np.int64)
    # Words that the model ascribes without a cue still want their speaker.
    lone = (found.cue_first < 0) & (found.source_first < 0)
    more: list[tuple[int, ...]] = []
    edges = np.append((np.diff(batch.document, prepend=-1) != 0).nonzero()[0], len(batch))
    bounds = found.sentence.searchsorted(edges)
    for low, high, first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if first == last:
            continue
        turns = [
            Turn(*row)
            for row in zip(
                *(values[low:high].tolist() for values in (batch.starts, batch.ends, batch.paragraph, quoted, runs_on, closed)),
                strict=True,
            )
        ]
        rows = first + (~lone[first:last]).nonzero()[0]
        mine = resolve(batch.text, turns, _said(batch, found, low, rows))
        for number, span in zip(rows.tolist(), mine.refers_to, strict=True):
            if span is not None:
                refers[number] = span
        more += [(low + number, *one.source, KINDS.index(one.kind), *(one.refers_to or (-1, -1))) for number, one in mine.spoken.items()]
    kept = np.ones(lone.size, dtype=np.bool_)
    kept[lone] = ~np.isin(found.sentence[lone], [row[0] for row in more])
    return _joined(batch, found.subset(kept), refers[kept], np.array(more, dtype=np.int64).reshape(-1, 6))


def _said(batch: Batch, found: Attributions, low: int, rows: Ints) -> list[Said]:
    first, last = found.source_first.take(rows), found.source_last.take(rows)
    columns = (
        (found.sentence.take(rows) - low).tolist(),
        first.tolist(),
        batch.tokens.starts.take(first, mode="wrap").tolist(),
        batch.tokens.ends.take(last, mode="wrap").tolist(),
        found.kind.take(rows).tolist(),
    )
    return [Said(sentence, None if at < 0 else (start, end), KINDS[kind]) for sentence, at, start, end, kind in zip(*columns, strict=True)]


def _joined(batch: Batch, found: Attributions, refers: Ints, more: Ints) -> tuple[Attributions, Ints]:
    """The attributions with those of lone quotations, in the order of their sentences."""
    if not len(more):
        return found, refers
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
