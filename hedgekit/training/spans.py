"""Teaching a cue detector new spans, on top of what it knows.

As in :mod:`hedgekit.training.adaptation`, the scores of the base stand beside the hashed features, and what is learned folds into
one table of weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch, from_sentences
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import BEGIN, INSIDE, CueDetector, Cues, TokenTable, token_table, type_rows
from hedgekit.keys import Ints, KeyIndex
from hedgekit.labelled import LabelledData
from hedgekit.lexicon import Lexicon, PhraseTable
from hedgekit.text.characters import CharacterTables
from hedgekit.training.company import joined, parted, tag_rows
from hedgekit.training.cues import cue_words, fill, gathered, gold_spans, joined_in_order, known_phrases
from hedgekit.training.folds import even_fold_of
from hedgekit.training.linear import fit_hashed
from hedgekit.vocabulary import CUE_WORD
from hedgekit.windows import LinearTable

Floats = npt.NDArray[np.float64]

_FOLDS = 5
# Inverse regularisation of what is learned beside the scores of the base.
_TAG_STRENGTH, _TYPE_STRENGTH = 0.1, 0.3
_NO_LEXICON = Lexicon((), {})


def has_cues(data: LabelledData) -> bool:
    """Whether cues are labelled in any sentence."""
    return data.cues is not None and any(cues is not None for cues in data.cues)


def adapted_detector(data: LabelledData, base: CueDetector, tables: CharacterTables) -> CueDetector:
    """A detector that knows the labelled cues beside what ``base`` knows; its threshold and the user's own words stay.

    A second model that judges every word is left as it is; what company says is learned anew where ``base`` hears it.
    """
    sentences = _sentences(data)
    counts = np.array([weight for weight, cues in zip(data.weights, data.cues or (), strict=True) if cues is not None])
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    first, last, types = gold = gold_spans(batch, sentences)
    words = base.words.index.keys[(base.words.flags[:-1] & CUE_WORD) > 0]
    vocabulary = base.words.with_cue_words(np.union1d(words, cue_words(batch, first, last, _NO_LEXICON, tables)))
    folds = even_fold_of([sentence.group for sentence in sentences], _FOLDS, salt="phrases")

    def known(fold: int) -> PhraseTable:
        return joined_phrases(base.phrases, known_phrases(batch, sentences, gold, folds != fold, _NO_LEXICON, tables))

    # How far to trust a phrase is learned from sentences that did not bring it.
    table = gathered(batch, folds, (token_table(batch, known(fold), vocabulary) for fold in range(_FOLDS)))
    tags = np.zeros(len(batch.tokens), dtype=np.int64)
    for a, b in zip(first, last, strict=True):
        tags[a], tags[a + 1 : b + 1] = BEGIN, INSIDE
    judged = np.flatnonzero(table.candidates)
    rows = tag_rows(batch, table, judged, company=base.company is not None)
    tag_model, company = parted(_taught(rows, tags[judged], joined(base.tags, base.company), _TAG_STRENGTH, counts[batch.sentence[judged]]))
    kinds = type_rows(batch, table, first, last)
    return replace(
        base,
        phrases=known(_FOLDS),
        words=vocabulary,
        tags=tag_model,
        types=_taught(kinds, types, base.types, _TYPE_STRENGTH, counts[batch.sentence[first]]),
        company=company,
    )


def _taught(rows: Ints, labels: Ints, base: LinearTable, strength: float, counts: Floats) -> LinearTable:
    """A table that learns from the scores of another beside the rows; the other itself where there is nothing to tell apart."""
    if np.unique(labels).size < 2:
        return base
    return fit_hashed(rows, labels, *base.weights.shape, strength=strength, taught_by=base, counts=counts)


def cross_fitted(batch: Batch, data: LabelledData, base: CueDetector, tables: CharacterTables) -> tuple[TokenTable, Cues]:
    """The cues of all sentences, each as found by a detector that learned from the cues of other groups alone."""
    folds = even_fold_of(data.groups, _FOLDS, salt="cues")
    table: TokenTable | None = None
    parts: list[Cues] = []
    doubt = np.zeros(len(data))
    for fold in np.unique(folds).tolist():
        others = data.take(np.flatnonzero(folds != fold))
        detector = adapted_detector(others, base, tables) if has_cues(others) else base
        columns = detector.table(batch)
        found = detector.predict(batch, columns, faint=True)
        parts.append(found.of(folds == fold))
        doubt[folds == fold] = found.doubt[folds == fold]
        table = columns if table is None else table
        fill(table, columns, batch, folds[batch.sentence] == fold)
    assert table is not None
    return table, joined_in_order(parts, doubt)


def joined_phrases(base: PhraseTable, more: PhraseTable) -> PhraseTable:
    """The phrases of both; what ``base`` knows of a phrase stands."""
    keys = np.union1d(base.phrases.keys, more.phrases.keys)
    lengths, values = np.zeros(keys.size, dtype=np.uint8), np.zeros(keys.size, dtype=np.uint16)
    for part in (more, base):
        at = keys.searchsorted(part.phrases.keys)
        lengths[at], values[at] = part.lengths, part.values
    firsts, pairs = np.union1d(base.firsts.keys, more.firsts.keys), np.union1d(base.pairs.keys, more.pairs.keys)
    reach = np.zeros(pairs.size, dtype=np.uint8)
    for part in (more, base):
        at = pairs.searchsorted(part.pairs.keys)
        reach[at] = np.maximum(reach[at], part.reach)
    return PhraseTable(KeyIndex(keys), lengths, values, KeyIndex(firsts), KeyIndex(pairs), reach)


def _sentences(data: LabelledData) -> Sequence[LabelledSentence]:
    """The sentences whose cues are labelled."""
    return [
        LabelledSentence(text, group, "own", cues, None, None, False, graded=False)
        for text, group, cues in zip(data.texts, data.groups, data.cues or (), strict=data.cues is not None)
        if cues is not None
    ]
