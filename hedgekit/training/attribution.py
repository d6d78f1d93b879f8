"""Fitting the attribution models on labelled sources and contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.attribution import KIND_BITS, AttributionModel, gate_rows, kind_rows
from hedgekit.batch import Batch
from hedgekit.corpora import LabelledSentence, Offsets
from hedgekit.cues import TYPE_BITS, Cues, TokenTable
from hedgekit.keys import Ints
from hedgekit.labels import KINDS
from hedgekit.links import LINK_BITS, Neighbours, link_rows, neighbours
from hedgekit.text.tokens import folded_key
from hedgekit.training.articles import Articles, LabelledLinks, labelled_links
from hedgekit.training.linear import fit_apart, fit_hashed
from hedgekit.windows import LinearTable

# Rows, labels, and how often each counts.
Links = Sequence[tuple[Ints, Ints, npt.NDArray[np.float64]]]
# The guide's own attributions count so often beside those of running texts, which follow another guide.
_COUNTED = 3.0
# What PolNeAR takes for the content of these the annotation guide takes for the source: "citing an official".
_OTHERWISE = ("citing", "cites", "cited", "cite")
_KIND_INDEX = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class MatchedAttributions:
    """The cues of a batch that ascribe, with what is labelled of each.

    Attributes
    ----------
    cue : ndarray of int64, shape (n,)
        Index of the cue.
    links : LabelledLinks
    kind : ndarray of int64, shape (n,)
    content_known : ndarray of bool, shape (n,)
        Whether the content was labelled.
    """

    cue: Ints
    links: LabelledLinks
    kind: Ints
    content_known: npt.NDArray[np.bool_]


def match_attributions(batch: Batch, cues: Cues, sentences: Sequence[LabelledSentence]) -> MatchedAttributions:
    """Which cues ascribe: those that overlap the cue of a labelled attribution, each attribution taken by one cue."""
    bounds = np.searchsorted(cues.sentence, np.arange(len(sentences) + 1))
    cue_start, cue_end = batch.tokens.starts[cues.first], batch.tokens.ends[cues.last]
    found: dict[int, tuple[int, Offsets, Offsets]] = {}
    for number, sentence in enumerate(sentences):
        base = int(batch.starts[number])
        for attribution in sentence.attributions or ():
            if attribution.cue is None:
                continue
            begin, end = base + attribution.cue[0], base + attribution.cue[1]
            for cue in range(bounds[number], bounds[number + 1]):
                if cue_start[cue] < end and begin < cue_end[cue]:
                    source, content = _tokens(batch, base, attribution.source), _tokens(batch, base, attribution.content)
                    found.setdefault(cue, (_KIND_INDEX[attribution.kind], source, content))
                    break
    order = sorted(found)
    chosen = np.array(order, dtype=np.int64)
    kind = np.array([found[cue][0] for cue in order], dtype=np.int64)
    sources, contents = _written([found[cue][1] for cue in order]), _written([found[cue][2] for cue in order])
    known = np.zeros(chosen.size, dtype=np.bool_)
    known[contents[:, 0]] = True
    return MatchedAttributions(chosen, LabelledLinks(cues.first[chosen], cues.last[chosen], sources, contents), kind, known)


def _written(stretches: Sequence[Offsets]) -> Ints:
    """Those that are written, each behind its row."""
    return np.array([(row, *stretch) for row, stretch in enumerate(stretches) if stretch[0] >= 0], dtype=np.int64).reshape(-1, 3)


def _tokens(batch: Batch, base: int, span: Offsets | None) -> tuple[int, int]:
    if span is None:
        return -1, -1
    first = int(np.searchsorted(batch.tokens.ends, base + span[0], side="right"))
    return first, int(np.searchsorted(batch.tokens.starts, base + span[1])) - 1


def inside(near: Neighbours, stretches: Ints) -> Ints:
    """Which neighbours lie in a stretch of their cue, as 0 and 1."""
    grid = np.zeros(near.tokens.shape, dtype=np.bool_)
    tokens = near.tokens[stretches[:, 0]]
    np.logical_or.at(grid, stretches[:, 0], (tokens >= stretches[:, 1:2]) & (tokens <= stretches[:, 2:3]))
    return grid[near.row, near.spot].astype(np.int64)


def fit_attribution(
    batch: Batch,
    table: TokenTable,
    cues: Cues,
    sentences: Sequence[LabelledSentence],
    links: LinearTable | None = None,
    *,
    more: Links = (),
) -> AttributionModel:
    """Fit what counts as an attribution, its source and content, and the kind of the source.

    Parameters
    ----------
    batch, table, cues
        The sentences, their token table and their (labelled or found) cues.
    sentences : sequence of LabelledSentence
    links : LinearTable, optional
        Sources and contents, if they are fitted already.
    more : sequence of (rows, labels, weights)
        Further labelled sources and contents (:func:`article_links`).
    """
    matched = match_attributions(batch, cues, sentences)
    ascribes = np.zeros(len(cues), dtype=np.int64)
    ascribes[matched.cue] = 1
    gate = fit_hashed(gate_rows(batch, table, cues), ascribes, 2, 1 << TYPE_BITS, strength=0.5)
    if links is None:
        links = fit_links((sentence_links(batch, table, matched), *more))
    rows = kind_rows(batch, table, matched.links.first, matched.links.last, *_first_stretches(matched))
    kinds = fit_hashed(rows, matched.kind, len(KINDS), 1 << KIND_BITS, strength=0.5, min_count=1)
    return AttributionModel(gate, links, kinds)


def sentence_links(batch: Batch, table: TokenTable, matched: MatchedAttributions) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Rows, labels and weights of the neighbours of the cues of labelled sentences; -1 where contents are not labelled."""
    near = neighbours(batch, matched.links.first, matched.links.last)
    labels = np.stack((inside(near, matched.links.source), inside(near, matched.links.content)), axis=1)
    labels[~matched.content_known[near.row], 1] = -1
    return link_rows(batch, table, near), labels, np.full(near.row.size, _COUNTED)


def article_links(articles: Articles, table: TokenTable, *, by_guide: bool = True) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Rows, labels and weights of the neighbours of the labelled cues of articles.

    Those of which PolNeAR and the annotation guide say different things are left out where the guide is to be followed.
    """
    labelled = labelled_links(articles)
    near = neighbours(articles.batch, labelled.first, labelled.last)
    labels = np.stack((inside(near, labelled.source), inside(near, labelled.content)), axis=1)
    words = np.array([folded_key(word) for word in _OTHERWISE], dtype=np.uint64)
    kept = ~np.isin(articles.batch.tokens.keys[labelled.last], words)[near.row] if by_guide else np.ones(near.row.size, dtype=np.bool_)
    return link_rows(articles.batch, table, near)[kept], labels[kept], np.ones(int(kept.sum()))


def fit_links(parts: Links) -> LinearTable:
    """Fit sources and contents on rows, labels and weights from several places."""
    rows, labels = (np.concatenate([part[at] for part in parts]) for at in range(2))
    return fit_apart(rows, labels, 1 << LINK_BITS, strength=0.1, weights=np.concatenate([part[2] for part in parts]))


def _first_stretches(matched: MatchedAttributions) -> tuple[Ints, Ints]:
    first = np.full(matched.cue.size, -1, dtype=np.int64)
    last = first.copy()
    rows = matched.links.source
    first[rows[:, 0]], last[rows[:, 0]] = rows[:, 1], rows[:, 2]
    return first, last
