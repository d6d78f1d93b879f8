"""Parts of speech in context, for the taggers that need them: one linear model over hashed windows.

Fitted with scikit-learn on a treebank (:mod:`hedgekit.training.speech`). The classes are groups of Penn tags.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hedgekit.batch import Batch
from hedgekit.cues import CLASS, CLUSTER, N_COLUMNS, SHAPE, SUFFIX3, WORD, TokenTable
from hedgekit.keys import Ints, Keys, mix
from hedgekit.windows import LinearTable, Template, Windows

# Groups of Penn tags; what is in none belongs to the one but last if it is a sign, else to the last.
PARTS_OF_SPEECH = (
    ("VB",), ("VBD",), ("VBG",), ("VBN",), ("VBP", "VBZ"), ("MD",), ("NN",), ("NNS",), ("NNP", "NNPS"), ("PRP",), ("PRP$",),
    ("DT", "PDT"), ("IN",), ("TO",), ("RB", "RBR", "RBS"), ("RP",), ("JJ", "JJR", "JJS"), ("WP", "WDT", "WRB", "WP$"), ("CC",), ("CD",),
    (), (),
)  # fmt: skip
SPEECH_BITS = 15

# Columns behind those of the token table: the last two and four letters, the first three to six.
SUFFIX2, SUFFIX4, PREFIX3, PREFIX4, PREFIX5, PREFIX6 = range(N_COLUMNS, N_COLUMNS + 6)
AFFIX_COLUMNS = N_COLUMNS + 6

TEMPLATES: tuple[Template, ...] = (
    *(((WORD, offset),) for offset in range(-2, 3)),
    ((WORD, -1), (WORD, 0)), ((WORD, 0), (WORD, 1)), ((WORD, -2), (WORD, -1)),
    ((SUFFIX3, 0),), ((SUFFIX2, 0),), ((SUFFIX4, 0),), ((SHAPE, 0),), ((SHAPE, 0), (SUFFIX3, 0)),
    *(((CLASS, offset),) for offset in range(-2, 3)),
    *(((CLASS, offset), (CLASS, offset + 1)) for offset in (-2, -1, 0, 1)), ((CLASS, -1), (CLASS, 0), (CLASS, 1)),
    *(((CLUSTER, offset),) for offset in (-1, 0, 1)),
    ((WORD, -1), (SUFFIX3, 0)), ((CLASS, -1), (SUFFIX3, 0)), ((CLASS, 1), (SUFFIX3, 0)),
    ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)), ((WORD, 0), (CLASS, -1), (CLASS, 1)),
)  # fmt: skip
_WINDOWS = Windows(TEMPLATES, AFFIX_COLUMNS, SPEECH_BITS)


@dataclass(frozen=True, slots=True)
class SpeechTagger:
    """The fitted tagger.

    Attributes
    ----------
    weights : LinearTable
        :data:`PARTS_OF_SPEECH`; ``2 ** SPEECH_BITS`` rows.
    """

    weights: LinearTable

    def tags(self, batch: Batch, columns: Keys) -> Ints:
        """The likeliest part of speech of each token, from the columns of :func:`with_affixes`."""
        return np.asarray(_WINDOWS.scores(self.weights, columns, batch.slots).argmax(axis=1))


def speech_rows(batch: Batch, columns: Keys) -> Ints:
    """Rows of the tagger's weights, shape ``(n_tokens, n_features)``."""
    return _WINDOWS.rows(columns, batch.slots)


def with_affixes(batch: Batch, table: TokenTable) -> Keys:
    """The columns of the token table and those of beginnings and endings, padded."""
    tokens = batch.tokens
    raw = np.stack([mix(sums) for sums in (*map(tokens.suffixes, (2, 4)), *map(tokens.prefixes, (3, 4, 5, 6)))], axis=1)
    return widened(batch, table.columns, raw)


def widened(batch: Batch, columns: Keys, raw: Keys) -> Keys:
    """Padded columns, and behind them more values of each token."""
    wide = np.zeros((batch.n_slots, columns.shape[1] + raw.shape[1]), dtype=np.uint64)
    wide[:, : columns.shape[1]] = columns
    wide[batch.slots, columns.shape[1] :] = raw
    return wide
