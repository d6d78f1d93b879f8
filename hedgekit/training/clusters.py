"""Groups of words that stand in like company, learned from running text without labels.

Each word is described by the words around it: positive pointwise mutual information with the commonest words at each of
the two places before and behind it, with smoothed contexts, reduced by a truncated singular value decomposition (Levy,
Goldberg and Dagan 2015). Directions of like words are then grouped by k-means.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.cluster import MiniBatchKMeans
from sklearn.utils.extmath import randomized_svd

from hedgekit.keys import Ints, Keys
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import tokenize

_PLACES = (-2, -1, 1, 2)
_REACH = 2
_CONTEXTS = 3000
# Smoothing of the contexts' distribution, by which rare ones weigh less.
_SMOOTHING = 0.75


def cluster_words(
    texts: Iterable[str],
    tables: CharacterTables,
    *,
    n_clusters: int = 256,
    dimensions: int = 100,
    seen: int = 5,
) -> dict[int, int]:
    """Group the words of running text.

    Parameters
    ----------
    texts : iterable of str
    tables : CharacterTables
    n_clusters : int
        How many groups; fewer where there are fewer words than that.
    dimensions : int
        Of the space in which words are compared.
    seen : int
        Words that occur less often are left out.

    Returns
    -------
    dict
        Group of each word's key, from 1; empty where no word occurs often enough.
    """
    edge = np.zeros(_REACH, dtype=np.uint64)
    parts: list[Keys] = [edge]
    for text in texts:
        parts += [tokenize(text, tables).keys, edge]
    keys, places, counts = np.unique(np.concatenate(parts), return_inverse=True, return_counts=True)
    # The edge of a text is a context, and no word.
    words = np.flatnonzero((counts >= seen) & (keys != 0))
    if words.size == 0:
        return {}
    contexts = np.argsort(-counts, kind="stable")[:_CONTEXTS]
    information = _information(places, _positions(words, keys.size), _positions(contexts, keys.size))
    n_dimensions = min(dimensions, *(size - 1 for size in information.shape))
    if n_dimensions < 1:
        return dict.fromkeys(keys[words].tolist(), 1)
    left, values, _ = randomized_svd(information, n_dimensions, n_iter=4, random_state=0)
    vectors = left * np.sqrt(values)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    groups = MiniBatchKMeans(min(n_clusters, words.size), n_init=3, batch_size=4096, max_iter=200, random_state=0).fit_predict(vectors)
    return dict(zip(keys[words].tolist(), (groups + 1).tolist(), strict=True))


def _positions(chosen: Ints, n: int) -> Ints:
    """Row of each of the chosen among themselves, -1 for all others."""
    rows = np.full(n, -1, dtype=np.int64)
    rows[chosen] = np.arange(chosen.size)
    return rows


def _information(places: Ints, word_rows: Ints, context_rows: Ints) -> sp.csr_matrix[np.float64]:
    """Positive pointwise mutual information of words and places, shape ``(n_words, 4 * n_contexts)``."""
    n_words, n_contexts = int(word_rows.max()) + 1, int(context_rows.max()) + 1
    blocks = []
    middle = word_rows[places[_REACH:-_REACH]]
    for offset in _PLACES:
        beside = context_rows[places[_REACH + offset : places.size - _REACH + offset]]
        both = (middle >= 0) & (beside >= 0)
        ones = np.ones(int(both.sum()))
        blocks.append(sp.coo_matrix((ones, (middle[both], beside[both])), shape=(n_words, n_contexts)).tocsr())
    counts = sp.hstack(blocks).tocoo()
    of_word = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    of_context = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel() ** _SMOOTHING
    of_context /= of_context.sum()
    gain: npt.NDArray[np.float64] = np.log(counts.data / of_word[counts.row] / of_context[counts.col])
    told = gain > 0
    return sp.csr_matrix((gain[told], (counts.row[told], counts.col[told])), shape=counts.shape)
