"""Fitting all stages of a model, each on what the stage before makes of unseen documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hedgekit.batch import Batch, from_sentences
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import CueDetector, Cues, WordClasses
from hedgekit.lexicon import Lexicon
from hedgekit.parameters import Parameters
from hedgekit.text.characters import CharacterTables
from hedgekit.text.sentences import Segmenter
from hedgekit.text.tokens import Keys
from hedgekit.training.attribution import fit_attribution
from hedgekit.training.certainty import fit_heads
from hedgekit.training.cues import fit_cues
from hedgekit.training.folds import fold_of

Progress = Callable[[str], None]


def cross_fitted_cues(
    sentences: Sequence[LabelledSentence],
    examples: Sequence[LabelledSentence],
    lexicon: Lexicon,
    words: WordClasses,
    tables: CharacterTables,
    *,
    n_folds: int = 5,
    progress: Progress = lambda _: None,
) -> tuple[Batch, Keys, Cues]:
    """The cues of each sentence as found by a detector that was fitted without its document.

    What stands on the cues must learn from cues with the errors that it will meet, not from the labelled ones.
    """
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    folds = fold_of([sentence.group for sentence in sentences], n_folds, salt="cues")
    table: Keys | None = None
    parts: list[Cues] = []
    for fold in range(n_folds):
        progress(f"cues, fold {fold + 1} of {n_folds}")
        others = [sentence for sentence, at in zip(sentences, folds, strict=True) if at != fold]
        detector = fit_cues([*others, *examples], lexicon, words, tables)
        columns = detector.columns(batch)
        found = detector.predict(batch, columns)
        parts.append(subset(found, folds[found.sentence] == fold))
        table = columns if table is None else table
        mine = batch.slots[folds[batch.sentence] == fold]
        table[mine] = columns[mine]
    assert table is not None
    return batch, table, joined_in_order(parts)


def subset(cues: Cues, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Cues:
    """Some of the cues."""
    return Cues(cues.first[kept], cues.last[kept], cues.sentence[kept], cues.type[kept], cues.probability[kept])


def joined_in_order(parts: Sequence[Cues]) -> Cues:
    """Cues of several detectors in the order of the text."""
    order = np.argsort(np.concatenate([part.first for part in parts]), kind="stable")
    columns = [np.concatenate([getattr(part, name) for part in parts])[order] for name in ("first", "last", "sentence", "type", "probability")]
    return Cues(*columns)


def fit_parameters(
    sentences: Sequence[LabelledSentence],
    examples: Sequence[LabelledSentence],
    lexicon: Lexicon,
    words: WordClasses,
    tables: CharacterTables,
    segmenter: Segmenter,
    *,
    progress: Progress = lambda _: None,
) -> Parameters:
    """Fit cues, certainty and attribution.

    Parameters
    ----------
    sentences : sequence of LabelledSentence
        Graded sentences with cues and attributions.
    examples : sequence of LabelledSentence
        Sentences with cues only, such as those of the lexicon.
    """
    batch, table, cues = cross_fitted_cues(sentences, examples, lexicon, words, tables, progress=progress)
    progress("certainty")
    heads = fit_heads(batch, table, cues, sentences)
    progress("attribution")
    attribution = fit_attribution(batch, table, cues, sentences)
    progress("cues, all documents")
    detector: CueDetector = fit_cues([*sentences, *examples], lexicon, words, tables)
    return Parameters(tables, segmenter, detector, heads, attribution)
