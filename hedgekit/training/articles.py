"""Running texts with labelled attributions, as a batch and token labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch, from_spans
from hedgekit.keys import Ints
from hedgekit.polnear import LabelledArticle, Offsets
from hedgekit.roles import ROLES
from hedgekit.text.characters import CharacterTables
from hedgekit.text.sentences import Segmenter


@dataclass(frozen=True, slots=True)
class Articles:
    """Articles as one batch.

    Attributes
    ----------
    batch : Batch
        Its documents are the articles.
    base : ndarray of int64, shape (n_articles,)
        Where each article begins in the text of the batch.
    labelled : sequence of LabelledArticle
    """

    batch: Batch
    base: Ints
    labelled: Sequence[LabelledArticle]


def batch_of(articles: Sequence[LabelledArticle], segmenter: Segmenter, tables: CharacterTables) -> Articles:
    """Split articles into sentences and tokens, as ``analyze`` would."""
    spans = [segmenter.spans(article.text) for article in articles]
    counts = np.array([len(found) for found in spans])
    flat = np.array([pair for found in spans for pair in found], dtype=np.int64).reshape(-1, 2)
    base = np.cumsum([0, *(len(article.text) + 1 for article in articles)])[:-1]
    shift = base.repeat(counts)
    document = np.arange(counts.size).repeat(counts)
    text = "\n".join(article.text for article in articles)
    return Articles(from_spans(text, flat[:, 0] + shift, flat[:, 1] + shift, tables, document=document), base, articles)


def role_masks(articles: Articles) -> npt.NDArray[np.bool_]:
    """Which tokens stand in a cue, in a source and in a content of any attribution; shape ``(n_tokens, 3)``."""
    starts = articles.batch.tokens.starts
    masks = np.zeros((starts.size, len(ROLES)), dtype=np.bool_)
    for base, article in zip(articles.base.tolist(), articles.labelled, strict=True):
        for attribution in article.attributions:
            for role, name in enumerate(ROLES):
                for low, high in getattr(attribution, name):
                    masks[slice(*starts.searchsorted((base + low, base + high)).tolist()), role] = True
    return masks


@dataclass(frozen=True, slots=True)
class LabelledLinks:
    """Cues, and the stretches of tokens that are their source and their content.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n,)
        Tokens of the cues, both inclusive.
    source, content : ndarray of int64, shape (n_stretches, 3)
        Rows of cue, first and last token; a cue may have none or several.
    """

    first: Ints
    last: Ints
    source: Ints
    content: Ints


def labelled_links(articles: Articles) -> LabelledLinks:
    """The cues that lie in one sentence, with their stretches; what lies in other sentences is of no consequence."""
    starts, home = articles.batch.tokens.starts, articles.batch.sentence
    cues: list[tuple[int, int]] = []
    stretches: dict[str, list[tuple[int, int, int]]] = {"source": [], "content": []}
    for base, article in zip(articles.base.tolist(), articles.labelled, strict=True):
        for attribution in article.attributions:
            if not attribution.cue:
                continue
            first, last = _tokens(starts, base, (attribution.cue[0][0], attribution.cue[-1][1]))
            if last < first or home[first] != home[last]:
                continue
            for name, found in stretches.items():
                found += [(len(cues), *_tokens(starts, base, span)) for span in getattr(attribution, name)]
            cues.append((first, last))
    edges = np.array(cues, dtype=np.int64).reshape(-1, 2)
    source, content = (np.array(found, dtype=np.int64).reshape(-1, 3) for found in stretches.values())
    return LabelledLinks(edges[:, 0], edges[:, 1], source, content)


def _tokens(starts: Ints, base: int, span: Offsets) -> tuple[int, int]:
    """First and last token whose first characters lie in a span."""
    low, high = starts.searchsorted((base + span[0], base + span[1])).tolist()
    return low, high - 1
