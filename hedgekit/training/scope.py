"""Fitting the scope model on labelled scopes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hedgekit.batch import Batch
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import Cues, TokenTable
from hedgekit.keys import Ints
from hedgekit.scope import SCOPE_BITS, CueSpans, Places, ScopeModel, edge_rows, places, running_signs
from hedgekit.training.linear import fit_hashed
from hedgekit.windows import LinearTable


def labelled_scopes(batch: Batch, sentences: Sequence[LabelledSentence]) -> tuple[Ints, Ints, Ints]:
    """Which cues, counted over all sentences, have a labelled scope, and its first and last token."""
    number, rows = 0, []
    starts, ends = batch.tokens.starts, batch.tokens.ends
    for base, sentence in zip(batch.starts.tolist(), sentences, strict=True):
        for scope in sentence.scopes:
            if scope is not None:
                first = int(np.searchsorted(ends, base + scope[0], side="right"))
                rows.append((number, first, int(np.searchsorted(starts, base + scope[1])) - 1))
            number += 1
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def fit_scope(batch: Batch, table: TokenTable, cues: Cues, sentences: Sequence[LabelledSentence], *, amounts: bool = False) -> ScopeModel:
    """Fit both edges.

    Parameters
    ----------
    batch, table
        The sentences and their token table.
    cues : Cues
        The labelled cues (:func:`hedgekit.training.cues.labelled_cues`).
    sentences : sequence of LabelledSentence
    amounts : bool
        See :class:`hedgekit.scope.ScopeModel`.
    """
    chosen, first, last = labelled_scopes(batch, sentences)
    mine = CueSpans(cues.first[chosen], cues.last[chosen], cues.sentence[chosen], cues.type[chosen])
    signs = running_signs(batch, table)
    begins, ends = places(batch, table, mine)
    return ScopeModel(_fit_edge(batch, table, mine, begins, first, signs), _fit_edge(batch, table, mine, ends, last, signs), amounts)


def _fit_edge(batch: Batch, table: TokenTable, cues: CueSpans, found: Places, gold: Ints, signs: Ints) -> LinearTable:
    right = (found.token == gold[found.cue]).astype(np.int64)
    return fit_hashed(edge_rows(batch, table, cues, found, signs), right, 2, 1 << SCOPE_BITS, strength=0.3)
