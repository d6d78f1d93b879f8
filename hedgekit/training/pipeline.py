"""Fitting all stages of a model, each on what the stage before makes of unseen documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hedgekit.batch import Batch, from_sentences
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import CueDetector, Cues, TokenTable
from hedgekit.lexicon import Lexicon
from hedgekit.parameters import Parameters
from hedgekit.polnear import LabelledArticle
from hedgekit.text.characters import CharacterTables
from hedgekit.text.sentences import Segmenter
from hedgekit.training.articles import batch_of
from hedgekit.training.attribution import Links, article_links, fit_attribution
from hedgekit.training.certainty import Reading, fit_heads
from hedgekit.training.cues import DEFAULT_STRENGTH, DEFAULT_THRESHOLD, fill, fit_cues, joined_in_order, labelled_cues
from hedgekit.training.folds import fold_of
from hedgekit.training.scope import fit_scope
from hedgekit.training.threads import on_one_thread
from hedgekit.vocabulary import Vocabulary
from hedgekit.windows import LinearTable

Progress = Callable[[str], None]


@on_one_thread
def cross_fitted_cues(
    sentences: Sequence[LabelledSentence],
    examples: Sequence[LabelledSentence],
    lexicon: Lexicon,
    words: Vocabulary,
    tables: CharacterTables,
    *,
    n_folds: int = 5,
    strength: float = DEFAULT_STRENGTH,
    threshold: float = DEFAULT_THRESHOLD,
    everywhere: bool = False,
    company: bool = False,
    taught_by: LinearTable | None = None,
    progress: Progress = lambda _: None,
) -> tuple[Batch, TokenTable, Cues]:
    """The cues of each sentence as found by a detector that was fitted without its document.

    What stands on the cues must learn from cues with the errors that it will meet, not from the labelled ones.
    """
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    folds = fold_of([sentence.group for sentence in sentences], n_folds, salt="cues")
    table: TokenTable | None = None
    parts: list[Cues] = []
    doubt = np.zeros(len(sentences))
    for fold in range(n_folds):
        progress(f"cues, fold {fold + 1} of {n_folds}")
        others = [sentence for sentence, at in zip(sentences, folds, strict=True) if at != fold]
        detector = fit_cues(
            [*others, *examples],
            lexicon,
            words,
            tables,
            strength=strength,
            threshold=threshold,
            everywhere=everywhere,
            company=company,
            taught_by=taught_by,
        )
        columns = detector.table(batch)
        found = detector.predict(batch, columns, faint=True)
        parts.append(found.of(folds == fold))
        doubt[folds == fold] = found.doubt[folds == fold]
        table = columns if table is None else table
        fill(table, columns, batch, folds[batch.sentence] == fold)
    assert table is not None
    return batch, table, joined_in_order(parts, doubt)


@on_one_thread
def fit_parameters(
    sentences: Sequence[LabelledSentence],
    examples: Sequence[LabelledSentence],
    lexicon: Lexicon,
    words: Vocabulary,
    tables: CharacterTables,
    segmenter: Segmenter,
    *,
    scoped: Sequence[LabelledSentence] = (),
    articles: Sequence[LabelledArticle] = (),
    taught: Sequence[LabelledSentence] = (),
    progress: Progress = lambda _: None,
) -> Parameters:
    """Fit cues, certainty, attribution and scope.

    Parameters
    ----------
    sentences : sequence of LabelledSentence
        Graded sentences with cues and attributions.
    examples : sequence of LabelledSentence
        Sentences with cues only, such as those of the lexicon.
    scoped : sequence of LabelledSentence
        Sentences that serve for nothing but the scopes that are labelled in them, beside those of ``sentences``.
    articles : sequence of LabelledArticle
        Running texts with labelled sources and contents.
    taught : sequence of LabelledSentence
        Sentences that a teacher graded, without cues.
    """
    batch, table, cues = cross_fitted_cues(sentences, examples, lexicon, words, tables, progress=progress)
    progress("cues, all documents")
    detector: CueDetector = fit_cues([*sentences, *examples], lexicon, words, tables)
    progress("certainty")
    labelled = Reading(batch, table, labelled_cues(batch, table, sentences), sentences)
    heads = fit_heads(Reading(batch, table, cues, sentences), labelled, _read(taught, detector, tables))
    progress("attribution")
    attribution = fit_attribution(batch, table, cues, sentences, more=_article_links(articles, detector, segmenter, tables))
    progress("scope")
    with_scopes = [sentence for sentence in (*sentences, *scoped) if any(sentence.scopes)]
    spread = from_sentences([sentence.text for sentence in with_scopes], tables)
    columns = detector.table(spread)
    scope = fit_scope(spread, columns, labelled_cues(spread, columns, with_scopes), with_scopes)
    return Parameters(tables, segmenter, detector, heads, attribution, scope)


def _article_links(articles: Sequence[LabelledArticle], detector: CueDetector, segmenter: Segmenter, tables: CharacterTables) -> Links:
    if not articles:
        return ()
    together = batch_of(articles, segmenter, tables)
    return (article_links(together, detector.table(together.batch)),)


def _read(sentences: Sequence[LabelledSentence], detector: CueDetector, tables: CharacterTables) -> Reading:
    """Sentences with the cues that a detector finds in them, which was not fitted on them."""
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    table = detector.table(batch)
    return Reading(batch, table, detector.predict(batch, table, faint=True), sentences)
