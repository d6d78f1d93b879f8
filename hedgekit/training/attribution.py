"""Fitting the attribution models on labelled sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hedgekit.attribution import KIND_BITS, SOURCE_BITS, AttributionModel, gate_rows, kind_rows, neighbours, source_rows
from hedgekit.batch import Batch
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import TYPE_BITS, Cues, TokenTable
from hedgekit.keys import Ints
from hedgekit.labels import KINDS
from hedgekit.training.linear import fit_hashed

_KIND_INDEX = {kind: number for number, kind in enumerate(KINDS)}


def match_attributions(batch: Batch, cues: Cues, sentences: Sequence[LabelledSentence]) -> tuple[Ints, Ints, Ints, Ints]:
    """Which cues ascribe: for each such cue its index, the source's tokens (-1 where none is written) and kind."""
    starts = np.searchsorted(cues.sentence, np.arange(len(sentences) + 1))
    cue_start, cue_end = batch.tokens.starts[cues.first], batch.tokens.ends[cues.last]
    found = []
    for number, sentence in enumerate(sentences):
        base = int(batch.starts[number])
        for attribution in sentence.attributions or ():
            if attribution.cue is None:
                continue
            begin, end = base + attribution.cue[0], base + attribution.cue[1]
            for cue in range(starts[number], starts[number + 1]):
                if cue_start[cue] < end and begin < cue_end[cue]:
                    found.append((cue, *_tokens(batch, base, attribution.source), _KIND_INDEX[attribution.kind]))
                    break
    unique = {row[0]: row for row in reversed(found)}
    rows = np.array([unique[cue] for cue in sorted(unique)], dtype=np.int64).reshape(-1, 4)
    return rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]


def _tokens(batch: Batch, base: int, span: tuple[int, int] | None) -> tuple[int, int]:
    if span is None:
        return -1, -1
    first = int(np.searchsorted(batch.tokens.ends, base + span[0], side="right"))
    return first, int(np.searchsorted(batch.tokens.starts, base + span[1])) - 1


def fit_attribution(batch: Batch, table: TokenTable, cues: Cues, sentences: Sequence[LabelledSentence]) -> AttributionModel:
    """Fit the three models on sentences with labelled attributions and (gold or found) cues.

    Parameters
    ----------
    batch, table, cues
        The sentences, their token table and their cues.
    sentences : sequence of LabelledSentence
    """
    cue, first, last, kind = match_attributions(batch, cues, sentences)
    ascribes = np.zeros(len(cues), dtype=np.int64)
    ascribes[cue] = 1
    gate = fit_hashed(gate_rows(batch, table, cues), ascribes, 2, 1 << TYPE_BITS, strength=0.5)
    near = neighbours(batch, cues, cue)
    inside = ((near.token >= first[near.row]) & (near.token <= last[near.row])).astype(np.int64)
    source = fit_hashed(source_rows(batch, table, cues, near), inside, 2, 1 << SOURCE_BITS, strength=0.3)
    rows = kind_rows(batch, table, cues, cue, first, last)
    kinds = fit_hashed(rows, kind, len(KINDS), 1 << KIND_BITS, strength=0.5, min_count=1)
    return AttributionModel(gate, source, kinds)
