"""Fitting the taggers of roles on articles with labelled attributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hedgekit.cues import TokenTable
from hedgekit.roles import FIRST_BITS, ROLES, SECOND_BITS, RoleTagger, first_columns, first_rows, logistic, second_columns, second_rows
from hedgekit.speech import SpeechTagger
from hedgekit.training.articles import Articles, role_masks
from hedgekit.training.folds import fold_of
from hedgekit.training.linear import fit_apart

_STRENGTH = 0.05
# The second tagger learns from what the first makes of articles that it was not fitted on.
_INNER_FOLDS = 3


def fit_roles(articles: Articles, table: TokenTable, speech: SpeechTagger, progress: Callable[[str], None] = lambda _: None) -> RoleTagger:
    """Fit both taggers.

    Parameters
    ----------
    articles : Articles
    table : TokenTable
        What is known of their tokens.
    speech : SpeechTagger
    progress : callable
        Is told each step.
    """
    batch, labels = articles.batch, role_masks(articles).astype(np.int64)
    columns = first_columns(batch, table, speech)
    rows = first_rows(batch, columns)
    names = [article.name for article in articles.labelled]
    folds = fold_of(names, _INNER_FOLDS, salt="roles")[batch.document[batch.sentence]]
    guesses = np.zeros((len(batch.tokens), len(ROLES)))
    for fold in range(_INNER_FOLDS):
        progress(f"roles, fold {fold + 1} of {_INNER_FOLDS}")
        others, mine = folds != fold, folds == fold
        guesses[mine] = logistic(fit_apart(rows[others], labels[others], 1 << FIRST_BITS, strength=_STRENGTH).scores(rows[mine]))
    progress("roles, first tagger")
    first = fit_apart(rows, labels, 1 << FIRST_BITS, strength=_STRENGTH)
    progress("roles, second tagger")
    second = fit_apart(second_rows(batch, second_columns(batch, table, columns, guesses)), labels, 1 << SECOND_BITS, strength=_STRENGTH)
    return RoleTagger(speech, first, second)
