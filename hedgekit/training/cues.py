"""Fitting the cue detector on labelled spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch, from_sentences
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import (
    BEGIN,
    EVERY_BITS,
    EVERY_WINDOWS,
    INSIDE,
    OUTSIDE,
    PER_CUE,
    TYPE_BITS,
    CueDetector,
    Cues,
    TokenTable,
    pack_phrase,
    phrase_keys,
    token_table,
    type_rows,
)
from hedgekit.keys import Ints, Keys
from hedgekit.labels import CUE_TYPES
from hedgekit.lexicon import Lexicon, PhraseTable, build_phrases, plain
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import tokenize
from hedgekit.training.company import fit_tags, tag_rows
from hedgekit.training.folds import fold_of
from hedgekit.training.linear import fit_hashed, fit_jointly
from hedgekit.vocabulary import Vocabulary
from hedgekit.windows import LinearTable

_TYPE_INDEX = {name: number for number, name in enumerate(CUE_TYPES)}
# How often a phrase was a cue when it was met, and how often it was met: the edges of the classes of strength.
_SHARES = (0.08, 0.2, 0.35, 0.5, 0.65, 0.8)
_INNER_FOLDS = 8
# The lexicon's examples were chosen to teach contrasts, so how often a phrase is a cue in them says nothing of its use.
_EXAMPLES = ("fires", "quiet")
# The corpora's own sentences by the annotation guide count so often: the other labels were made later, by other hands.
_COUNTED = {"news": 2, "prose": 2}
DEFAULT_STRENGTH, DEFAULT_THRESHOLD = 0.15, 0.5
_EVERY_STRENGTH = 1.0
# A phrase of the corpora met so often that was a cue in fewer than this share is not worth looking at; nor is a word beside a
# phrase. What the lexicon lists is always looked at: whoever adds an entry expects that it can fire.
_MET_OFTEN, _HARDLY_EVER = 20, 0.02
_WORD_HARDLY_EVER = 0.01
# How sure a detector typically is of a right cue.
_LABELLED = 0.95


def gold_spans(batch: Batch, sentences: Sequence[LabelledSentence]) -> tuple[Ints, Ints, Ints]:
    """First token, last token and type of every labelled cue. A cue that cuts through a token gets the whole token."""
    first, last, types = [], [], []
    for start, sentence in zip(batch.starts.tolist(), sentences, strict=True):
        for begin, end, cue_type in sentence.cues:
            first.append(int(np.searchsorted(batch.tokens.ends, start + begin, side="right")))
            last.append(int(np.searchsorted(batch.tokens.starts, start + end)) - 1)
            types.append(_TYPE_INDEX[cue_type])
    return np.array(first, np.int64), np.array(last, np.int64), np.array(types, np.int64)


def labelled_cues(batch: Batch, table: TokenTable, sentences: Sequence[LabelledSentence]) -> Cues:
    """The labelled cues in the form in which a detector gives its own."""
    first, last, types = gold_spans(batch, sentences)
    order = np.argsort(first, kind="stable")
    first, last, types = first[order], last[order], types[order]
    rows = type_rows(batch, table, first, last)
    doubt = np.where(np.bincount(batch.sentence[first], minlength=len(batch)) > 0, _LABELLED, 1 - _LABELLED)
    return Cues(first, last, batch.sentence[first], types, np.full(first.size, _LABELLED), phrase_keys(batch, first, last), rows, doubt)


def fit_cues(
    sentences: Sequence[LabelledSentence],
    lexicon: Lexicon,
    words: Vocabulary,
    tables: CharacterTables,
    *,
    strength: float = DEFAULT_STRENGTH,
    threshold: float = DEFAULT_THRESHOLD,
    everywhere: bool = False,
    company: bool = False,
    taught_by: LinearTable | None = None,
) -> CueDetector:
    """Fit the cue detector.

    The phrases that the detector knows are those of the lexicon and the cues of ``sentences``; how reliable each is gets
    counted on the other documents, so that the model does not learn to trust a list made from its own answers.

    Parameters
    ----------
    sentences : sequence of LabelledSentence
    lexicon : Lexicon
    words : Vocabulary
    tables : CharacterTables
    strength : float
        Inverse regularisation, scikit-learn's ``C``.
    threshold : float
        See :class:`hedgekit.cues.CueDetector`.
    everywhere : bool
        Whether to fit a second model that judges every word.
    company : bool
        Whether the tags hear the company of a word; see :mod:`hedgekit.company`.
    taught_by : LinearTable, optional
        The tags of a detector fitted on other data; see :func:`hedgekit.training.linear.fit_hashed`.
    """
    sentences = [sentence for sentence in sentences for _ in range(_COUNTED.get(sentence.origin, 1))]
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    first, last, types = gold_spans(batch, sentences)
    words = words.with_cue_words(cue_words(batch, first, last, lexicon, tables))
    table = _cross_fitted_columns(batch, sentences, (first, last, types), lexicon, words, tables)
    tags = np.zeros(len(batch.tokens), dtype=np.int64)
    for a, b in zip(first, last, strict=True):
        tags[a], tags[a + 1 : b + 1] = BEGIN, INSIDE
    judged = np.flatnonzero(table.candidates)
    rows = tag_rows(batch, table, judged, company=company)
    tag_model, company_model = fit_tags(rows, tags[judged], strength=strength, taught_by=taught_by)
    type_model = fit_hashed(type_rows(batch, table, first, last), types, len(CUE_TYPES), 1 << TYPE_BITS, strength=1.0)
    phrases = known_phrases(batch, sentences, (first, last, types), np.ones(len(sentences), np.bool_), lexicon, tables)
    every_model = None
    if everywhere:
        rows = EVERY_WINDOWS.rows(table.columns, batch.slots)
        every_model = fit_jointly(rows, tags != OUTSIDE, batch.sentence, 1 << EVERY_BITS, strength=_EVERY_STRENGTH)
    return CueDetector(phrases, words, tag_model, type_model, threshold, everywhere=every_model, company=company_model)


def _cross_fitted_columns(
    batch: Batch,
    sentences: Sequence[LabelledSentence],
    gold: tuple[Ints, Ints, Ints],
    lexicon: Lexicon,
    words: Vocabulary,
    tables: CharacterTables,
) -> TokenTable:
    folds = fold_of([sentence.group for sentence in sentences], _INNER_FOLDS, salt="phrases")
    without = (known_phrases(batch, sentences, gold, folds != fold, lexicon, tables) for fold in range(_INNER_FOLDS))
    return gathered(batch, folds, (token_table(batch, phrases, words) for phrases in without))


def cue_words(batch: Batch, first: Ints, last: Ints, lexicon: Lexicon, tables: CharacterTables) -> Keys:
    """Words of the lexicon's forms, modifiers, and words of at least two labelled cues, without those that hardly ever stand in one."""
    inside = np.zeros(len(batch.tokens) + 1, dtype=np.int64)
    np.add.at(inside, first, 1)
    np.add.at(inside, last + 1, -1)
    keys, place, met = np.unique(batch.tokens.keys, return_inverse=True, return_counts=True)
    counts = np.bincount(place[np.cumsum(inside)[:-1] > 0], minlength=keys.size)
    forms = "\n".join(form for form, _ in lexicon.forms())
    modifiers = "\n".join(word for words in lexicon.modifiers.values() for word in words)
    likely = (counts >= 2) | np.isin(keys, tokenize(forms, tables).keys)
    likely &= (met < _MET_OFTEN) | (counts >= _WORD_HARDLY_EVER * met)
    return np.union1d(keys[likely], tokenize(modifiers, tables).keys)


def gathered(batch: Batch, folds: Ints, parts: Iterable[TokenTable]) -> TokenTable:
    """One table of several, of which each gives the tokens and the phrases of the sentences of its own fold."""
    table: TokenTable | None = None
    phrases = []
    for fold, part in enumerate(parts):
        table = part if table is None else table
        fill(table, part, batch, folds[batch.sentence] == fold)
        mine = folds[batch.sentence[part.phrase_first]] == fold
        phrases.append(np.stack((part.phrase_first, part.phrase_last, part.phrase_strength))[:, mine])
    assert table is not None
    together = np.concatenate(phrases, axis=1)
    first, last, strength = together[:, together[0].argsort(kind="stable")]
    return replace(table, phrase_first=first, phrase_last=last, phrase_strength=strength)


def fill(table: TokenTable, other: TokenTable, batch: Batch, tokens: npt.NDArray[np.bool_]) -> None:
    """Copy some tokens of one table into another, in place."""
    slots = batch.slots[tokens]
    table.columns[slots] = other.columns[slots]
    table.flags[tokens] = other.flags[tokens]
    table.candidates[tokens] = other.candidates[tokens]


def known_phrases(
    batch: Batch,
    sentences: Sequence[LabelledSentence],
    gold: tuple[Ints, Ints, Ints],
    counted: npt.NDArray[np.bool_],
    lexicon: Lexicon,
    tables: CharacterTables,
) -> PhraseTable:
    """Lexicon entries and seen cues, each with its commonest type and how reliable it was in the counted sentences."""
    seen: dict[str, Counter[int]] = {}
    spans: dict[int, int] = {}
    starts, ends = batch.tokens.starts, batch.tokens.ends
    natural = np.array([sentence.origin not in _EXAMPLES for sentence in sentences]) & counted
    for a, b, cue_type in zip(*gold, strict=True):
        if natural[batch.sentence[a]]:
            form = plain(batch.text[starts[a] : ends[b]])
            seen.setdefault(form, Counter())[int(cue_type)] += 1
            spans[int(a)] = int(b)
    listed = {form: _TYPE_INDEX[cue_type] for form, cue_type in lexicon.forms()}
    forms = [*listed, *(form for form in seen if form not in listed)]
    proposal = build_phrases([(form, number + 1) for number, form in enumerate(forms)], tables)
    met, right = np.zeros(len(forms) + 1, np.int64), np.zeros(len(forms) + 1, np.int64)
    for a, length, value in zip(*proposal.find(batch), strict=True):
        if natural[batch.sentence[a]]:
            met[value] += 1
            right[value] += spans.get(int(a)) == a + length - 1
    valued = []
    for number, form in enumerate(forms):
        if form not in listed and met[number + 1] >= _MET_OFTEN and right[number + 1] < _HARDLY_EVER * met[number + 1]:
            continue
        cue_type = seen[form].most_common(1)[0][0] if form in seen else listed[form]
        valued.append((form, pack_phrase(cue_type, _strength(int(met[number + 1]), int(right[number + 1]), form in listed))))
    return build_phrases(valued, tables)


def _strength(met: int, right: int, listed: bool) -> int:
    share = (right + (0.6 if listed else 0.5)) / (met + 1)
    often = met if met < 3 else 3 if met < 8 else 4
    return (int(np.digitize(share, _SHARES)) * 5 + often) * 2 + listed


def joined_in_order(parts: Sequence[Cues], doubt: npt.NDArray[np.float64]) -> Cues:
    """Cues of several detectors in the order of the text, the faint ones too, with the doubt of each sentence."""
    order = np.argsort(np.concatenate([part.first for part in parts]), kind="stable")
    faint = [part.faint for part in parts if part.faint is not None]
    return Cues(
        **{name: np.concatenate([getattr(part, name) for part in parts])[order] for name in PER_CUE},
        doubt=doubt,
        faint=joined_in_order(faint, doubt) if faint else None,
    )
