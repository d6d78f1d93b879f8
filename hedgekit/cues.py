"""Cue detection: which words are a cue here, of which type, with which probability.

A token model over hashed windows decides for every token whether it begins a cue, continues one, or is none; a second
model gives the type of each span found. Both are linear models fitted with scikit-learn (:mod:`hedgekit.training.cues`);
here their weights are only looked up and added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.company import company_rows
from hedgekit.keys import Ints, Keys, among, join, mix
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.lexicon import PhraseTable
from hedgekit.text.tokens import folded_key
from hedgekit.user_lexicon import UserLexicon
from hedgekit.vocabulary import CUE_WORD, EDGE, FINITE, INTENSIFIER, NEGATOR, Vocabulary
from hedgekit.windows import LinearTable, Template, Windows

Floats = npt.NDArray[np.float64]

# Columns of the token table.
WORD, CLASS, SHAPE, SUFFIX3, MODIFIER, TAG, STRENGTH, CLUSTER, LENGTH = range(9)
N_COLUMNS = 9
# Sentences of fewer tokens than these fall into the classes of length before: short ones speak otherwise than news does.
_LENGTHS = np.array([7, 11, 16, 23])

_PAST = np.array([folded_key("ed")], dtype=np.uint64)

# A phrase's value packs its commonest type and how often, in training, it was a cue.
# A strength packs the class of that share, how often the phrase was met (five classes) and whether the lexicon lists it.
STRENGTHS = 70


def pack_phrase(cue_type: int, strength: int) -> int:
    """The value of a phrase in the phrase table."""
    return 1 + strength * len(CUE_TYPES) + cue_type


def _pairs(*offsets: tuple[int, int]) -> list[Template]:
    return [((WORD, a), (WORD, b)) for a, b in offsets]


TAG_TEMPLATES: tuple[Template, ...] = (
    *(((WORD, offset),) for offset in (0, -1, 1, -2, 2)),
    *_pairs((-1, 0), (0, 1), (-2, -1), (1, 2)),
    ((SUFFIX3, 0),), ((SHAPE, 0), (WORD, 0)),
    *(((CLASS, a), (CLASS, b)) for a, b in ((-1, 0), (0, 1), (1, 2), (-2, -1))),
    ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)), ((WORD, 0), (CLASS, 1), (CLASS, 2)), ((WORD, 0), (CLASS, -2), (CLASS, -1)),
    *(((TAG, offset),) for offset in (0, -1, 1, 2)),
    *(((STRENGTH, offset),) for offset in (0, -1, 1)),
    ((TAG, 0), (STRENGTH, 0)), ((TAG, 0), (TAG, 1)), ((TAG, 0), (TAG, -1)), ((TAG, 0), (WORD, 0)),
    ((TAG, 0), (CLASS, 1)), ((TAG, 0), (CLASS, -1)),
    ((STRENGTH, 0), (CLASS, 1)), ((STRENGTH, 0), (WORD, 1)), ((STRENGTH, 0), (WORD, -1)), ((STRENGTH, 0), (CLASS, -1), (CLASS, 1)),
    *(((MODIFIER, offset),) for offset in (0, -1, 1)),
    *(((CLUSTER, a), (CLUSTER, b)) for a, b in ((-2, -1), (-1, 1), (1, 2))), ((WORD, 0), (CLUSTER, -1), (CLUSTER, 1)),
    *(((WORD, 0), (CLUSTER, offset)) for offset in (-1, 1, -2, 2)),
    ((LENGTH, 0), (WORD, 0)), ((LENGTH, 0), (TAG, 0)), ((LENGTH, 0), (STRENGTH, 0)),
)  # fmt: skip

TYPE_TEMPLATES: tuple[Template, ...] = (
    ((WORD, 0),), ((WORD, -1),), ((WORD, 1),), ((WORD, 0), (WORD, 1)), ((WORD, -1), (WORD, 0)), ((WORD, 2),), ((WORD, 0), (WORD, 2)),
    ((SUFFIX3, 0),), ((CLASS, 0),), ((CLASS, -1),), ((CLASS, 1),), ((CLASS, 0), (CLASS, 1)), ((CLASS, -1), (CLASS, 0)),
    ((TAG, 0),), ((TAG, 1),), ((TAG, -1),), ((TAG, 0), (CLASS, 1)), ((TAG, 0), (WORD, 0)),
    ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)),
    ((MODIFIER, 0),), ((MODIFIER, 0), (TAG, 1)), ((SHAPE, 0),), ((STRENGTH, 0), (TAG, 0)),
)  # fmt: skip
# The same places read at the last token, and the whole phrase.
N_TYPE_FEATURES = 2 * len(TYPE_TEMPLATES) + 1

# What every word is judged by, where all are: the words around it, what these are like, and its ending; nothing that is known
# of phrases.
EVERY_TEMPLATES: tuple[Template, ...] = (
    *(((WORD, offset),) for offset in range(-3, 4)),
    *_pairs((-2, -1), (-1, 0), (0, 1), (1, 2), (-1, 1)),
    *(((WORD, offset), (WORD, offset + 1), (WORD, offset + 2)) for offset in (-2, -1, 0)),
    ((SUFFIX3, 0),), ((SHAPE, 0), (SUFFIX3, 0)),
    *(((CLASS, offset),) for offset in range(-2, 3)), ((CLASS, -1), (CLASS, 0)), ((CLASS, 0), (CLASS, 1)),
    ((WORD, 0), (CLASS, 1)), ((WORD, 0), (CLASS, -1)), ((WORD, 0), (CLASS, 1), (CLASS, 2)),
    ((WORD, 0), (CLUSTER, 1)), ((WORD, 0), (CLUSTER, -1)), ((CLUSTER, -1), (CLUSTER, 1)), ((CLUSTER, 0), (CLUSTER, 1)),
    ((CLUSTER, -1), (CLUSTER, 0)), ((CLUSTER, -1), (CLUSTER, 0), (CLUSTER, 1)),
)  # fmt: skip

TAG_BITS, TYPE_BITS, EVERY_BITS = 18, 15, 19
TAG_WINDOWS = Windows(TAG_TEMPLATES, N_COLUMNS, TAG_BITS)
TYPE_WINDOWS = Windows(TYPE_TEMPLATES, N_COLUMNS, TYPE_BITS - 1)
EVERY_WINDOWS = Windows(EVERY_TEMPLATES, N_COLUMNS, EVERY_BITS)

OUTSIDE, BEGIN, INSIDE = 0, 1, 2
_WEASEL = CUE_TYPES.index(CueType.WEASEL)
# How far apart the determiner and the head of a vague holder may stand, in tokens.
_HOLDER_GAP = 3
# Tokens that are outside with at least this probability are not decoded.
_SURELY_OUTSIDE = 0.95
# What is a cue at this threshold, but not at that of the detector, is faint.
_FAINT = 0.15
# The class of a phrase's strength from which on it was a cue at least half of the times it was met.
_MORE_OFTEN_THAN_NOT = 4
# No token is held to be less likely outside or inside than this.
LEAST_DOUBT = 1e-6
# Nor is a sentence before its doubt is joined with another.
_LEAST_JOINED = 1e-4
# How much the model that judges every word has to say where a cue is looked for; the detector has the rest.
_SECOND_OPINION = 0.3


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a batch, in the order of the text.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n,)
        Tokens of each cue, both inclusive.
    sentence : ndarray of int64
        Its sentence.
    type : ndarray of int64
        Index into :data:`hedgekit.labels.CUE_TYPES`.
    probability : ndarray of float64
        Of being a cue here.
    form : ndarray of uint64
        A key for its words.
    rows : ndarray of int64, shape (n, N_TYPE_FEATURES)
        Its hashed features.
    doubt : ndarray of float64, shape (n_sentences,)
        The probability that some token of each sentence stands in a cue, found or not; where a detector judges every word by a
        second model, the log-odds of both are added, so that it is surer than either.
    faint : Cues, optional
        What may be a cue here, but is likelier none; apart from the cues. The certainty hears of them, nobody else does.
    """

    first: Ints
    last: Ints
    sentence: Ints
    type: Ints
    probability: Floats
    form: Keys
    rows: Ints
    doubt: Floats
    faint: Cues | None = None

    def __len__(self) -> int:
        return int(self.first.size)

    def subset(self, kept: npt.NDArray[np.bool_]) -> Cues:
        """Some of the cues, of the same sentences; the faint ones stay."""
        return Cues(**{name: getattr(self, name)[kept] for name in PER_CUE}, doubt=self.doubt, faint=self.faint)

    def of(self, sentences: npt.NDArray[np.bool_]) -> Cues:
        """The cues of some of the sentences, the faint ones too."""
        faint = None if self.faint is None else self.faint.of(sentences)
        return replace(self.subset(sentences[self.sentence]), faint=faint)

    def heard(self) -> tuple[Cues, Ints]:
        """The cues and the faint ones in the order of the text, and for each its number, or -2 minus its first token if it is faint.

        Without their hashed features, from which only types are told.
        """
        number = np.arange(len(self))
        if self.faint is None or not len(self.faint):
            return self, number
        order = np.concatenate((self.first, self.faint.first)).argsort(kind="stable")
        named = [name for name in PER_CUE if name != "rows"]
        both: dict[str, Any] = {name: np.concatenate((getattr(self, name), getattr(self.faint, name))).take(order) for name in named}
        return replace(self, faint=None, rows=self.rows[:0], **both), np.concatenate((number, -2 - self.faint.first)).take(order)


PER_CUE = tuple(item.name for item in fields(Cues) if item.name not in ("doubt", "faint"))


@dataclass(frozen=True, slots=True)
class TokenTable:
    """What is known of each token before any judgement.

    Attributes
    ----------
    columns : ndarray of uint64, shape (n_slots, N_COLUMNS)
        What the windows read, padded; zero in the margins only.
    flags : ndarray of uint16, shape (n_tokens,)
        As in :class:`hedgekit.vocabulary.Vocabulary`.
    candidates : ndarray of bool, shape (n_tokens,)
        Where a cue may be: tokens of known phrases, and beside them words that stand in cues.
    phrase_first, phrase_last : ndarray of int64, shape (n_phrases,)
        Tokens of the known phrases, both inclusive, in the order of the text.
    phrase_strength : ndarray of int64
        As packed by :func:`pack_phrase`.
    """

    columns: Keys
    flags: npt.NDArray[np.uint16]
    candidates: npt.NDArray[np.bool_]
    phrase_first: Ints
    phrase_last: Ints
    phrase_strength: Ints

    def usual_cues(self) -> tuple[Ints, Ints]:
        """First and last token of the known phrases that were a cue at least half of the times they were met."""
        usual = (self.phrase_strength // 10 >= _MORE_OFTEN_THAN_NOT).nonzero()[0]
        return self.phrase_first.take(usual), self.phrase_last.take(usual)

    def subset(self, batch: Batch, part: Batch, at: Ints) -> TokenTable:
        """What is known of the tokens ``at`` of a batch, laid out for ``part``; phrases are left out."""
        columns = np.zeros((part.n_slots, N_COLUMNS), dtype=np.uint64)
        columns[part.slots] = self.columns[batch.slots.take(at)]
        none = np.zeros(0, dtype=np.int64)
        return TokenTable(columns, self.flags.take(at), self.candidates.take(at), none, none, none)


@dataclass(frozen=True, slots=True)
class CueDetector:
    """The fitted cue model.

    Attributes
    ----------
    phrases : PhraseTable
        Lexicon entries and the cues seen in training, valued by :func:`pack_phrase`.
    words : Vocabulary
    tags : LinearTable
        Outside, begin, inside; ``2 ** TAG_BITS`` rows.
    types : LinearTable
        The cue types; ``2 ** TYPE_BITS`` rows.
    threshold : float
        How probable a cue must be, 0 to 1: 0.5 takes the likeliest tags, less finds more cues.
    own : UserLexicon
        What the user has added or switched off.
    everywhere : LinearTable or None
        Log-odds that a word stands in a cue, for every word; ``2 ** EVERY_BITS`` rows. Only models need it that judge a sentence
        by the doubt about all its words; in them it is heard on where the cues are, too.
    company : LinearTable or None
        What the nearest known phrases that mostly are cues add to the scores of ``tags``; ``2 ** COMPANY_BITS`` rows. Few models
        have it.
    """

    phrases: PhraseTable
    words: Vocabulary
    tags: LinearTable
    types: LinearTable
    threshold: float
    own: UserLexicon = field(default_factory=UserLexicon.empty)
    everywhere: LinearTable | None = None
    company: LinearTable | None = None

    def table(self, batch: Batch) -> TokenTable:
        """What is known of the tokens of a batch."""
        return token_table(batch, self.phrases, self.words)

    def predict(self, batch: Batch, table: TokenTable | None = None, *, faint: bool = False) -> Cues:
        """Find the cues of a batch, and if asked what is faint beside them."""
        table = self.table(batch) if table is None else table
        probabilities = self.tag_probabilities(batch, table)
        every = None if self.everywhere is None else EVERY_WINDOWS.scores(self.everywhere, table.columns, batch.slots)[:, 0]
        agreed = probabilities if every is None else _agreed(probabilities, every, table.candidates)
        first, last = decode(batch, agreed, self.threshold)
        outside = agreed[:, OUTSIDE]
        certain = 1 - np.maximum(outside.take(first), outside.take(last))
        held = spread(len(batch.tokens), first, last) if faint else None
        first, last, kept = widened(table, first, last)
        certain, given = certain[kept], None
        silent = None
        if self.own:
            first, last, given, certain, silent = self.own.apply(batch, first, last, certain)
        rows, types = self._typed(batch, table, first, last)
        where, form = batch.sentence.take(first), phrase_keys(batch, first, last)
        beside = None
        if held is not None:
            # What the user's words have put out is not heard either.
            held |= spread(len(batch.tokens), first, last) | (False if silent is None else silent)
            beside = self._faint(batch, table, agreed, held)
        if given is None or silent is None:
            return Cues(first, last, where, types, certain, form, rows, _doubt(batch, table, probabilities, every, silent), beside)
        types = np.where(given >= 0, given, types)
        kept = ~self.own.types_off.take(types)
        silent |= spread(len(batch.tokens), first[~kept], last[~kept])
        doubted = _doubt(batch, table, probabilities, every, silent)
        doubted[where[kept & (given >= 0)]] = 1 - LEAST_DOUBT
        return Cues(first, last, where, types, certain, form, rows, doubted, beside).subset(kept)

    def _faint(self, batch: Batch, table: TokenTable, probabilities: Floats, taken: npt.NDArray[np.bool_]) -> Cues | None:
        """What would be a cue at a lower threshold, of the tokens that are not taken; None where nothing would."""
        if not (~taken & (probabilities[:, OUTSIDE] < _SURELY_OUTSIDE)).any():
            return None
        free = probabilities.copy()
        free[taken, OUTSIDE] = 1.0
        first, last = decode(batch, free, min(self.threshold, _FAINT))
        if not first.size:
            return None
        rows, types = self._typed(batch, table, first, last)
        outside = probabilities[:, OUTSIDE]
        certain = 1 - np.maximum(outside.take(first), outside.take(last))
        where, form = batch.sentence.take(first), phrase_keys(batch, first, last)
        found = Cues(first, last, where, types, certain, form, rows, np.zeros(len(batch)))
        return found.subset(~self.own.types_off.take(types))

    def _typed(self, batch: Batch, table: TokenTable, first: Ints, last: Ints) -> tuple[npt.NDArray[np.int64], Ints]:
        """The hashed features of spans, and their types."""
        # Many a sentence that is judged alone has none.
        if not first.size:
            return np.empty((0, N_TYPE_FEATURES), dtype=np.int64), first
        rows = type_rows(batch, table, first, last)
        return rows, self.types.scores(rows).argmax(axis=1)

    def tag_probabilities(self, batch: Batch, table: TokenTable) -> Floats:
        """Probability of outside, begin and inside for each token, shape ``(n_tokens, 3)``.

        Only the candidates are judged; all other tokens are outside.
        """
        probabilities = np.zeros((len(batch.tokens), 3))
        probabilities[:, OUTSIDE] = 1.0
        judged = table.candidates.nonzero()[0]
        rows = TAG_WINDOWS.rows(table.columns, batch.slots.take(judged))
        scores = self.tags.scores(rows)
        if self.company is not None:
            scores += self.company.scores(company_rows(batch, judged, *table.usual_cues()))
        probabilities[judged] = softmax(scores)
        return probabilities


def _agreed(probabilities: Floats, every: Floats, candidates: npt.NDArray[np.bool_]) -> Floats:
    """The probabilities of the candidates' tags with the log-odds that they stand in a cue moved towards those of a second model."""
    judged = candidates.nonzero()[0]
    found = probabilities[judged]
    inside = np.minimum(np.maximum(1 - found[:, OUTSIDE], LEAST_DOUBT), 1 - LEAST_DOUBT)
    odds = (1 - _SECOND_OPINION) * np.log(inside / (1 - inside)) + _SECOND_OPINION * every[judged]
    moved = 1 / (1 + np.exp(-odds))
    found *= (moved / inside)[:, None]
    found[:, OUTSIDE] = 1 - moved
    agreed = probabilities.copy()
    agreed[judged] = found
    return agreed


def _doubt(batch: Batch, table: TokenTable, probabilities: Floats, every: Floats | None, silent: npt.NDArray[np.bool_] | None) -> Floats:
    """The doubt about each sentence: the noisy or of all tokens but the silent ones; see :class:`Cues`."""
    judged = (table.candidates if silent is None else table.candidates & ~silent).nonzero()[0]
    outside = np.log(np.maximum(probabilities[judged, OUTSIDE], LEAST_DOUBT))
    found = -np.expm1(np.bincount(batch.sentence.take(judged), outside, len(batch)))
    if every is None:
        return np.asarray(found)
    free = -np.logaddexp(0.0, every)
    if silent is not None:
        free[silent] = 0.0
    none = np.minimum(np.bincount(batch.sentence, free, len(batch)), -LEAST_DOUBT)
    held = np.minimum(np.maximum(found, _LEAST_JOINED), 1 - _LEAST_JOINED)
    joined = np.log(-np.expm1(none)) - none + np.log(held / (1 - held))
    return np.asarray(1 / (1 + np.exp(-joined)))


def spread(n: int, first: Ints, last: Ints) -> npt.NDArray[np.bool_]:
    """Which of ``n`` tokens lie in one of the spans."""
    depth = np.zeros(n + 1, dtype=np.int64)
    np.add.at(depth, first, 1)
    np.add.at(depth, last + 1, -1)
    return np.asarray(depth.cumsum()[:-1] > 0)


def phrase_keys(batch: Batch, first: Ints, last: Ints) -> Keys:
    """A key for the words of each span."""
    keys = batch.tokens.keys
    content = keys.take(first)
    length = last - first
    for step in range(1, int(length.max(initial=0)) + 1):
        longer = (length >= step).nonzero()[0]
        content[longer] = mix(join(content[longer], keys[first[longer] + step]))
    return content


def token_table(batch: Batch, phrases: PhraseTable, words: Vocabulary) -> TokenTable:
    """What the windows read of each token, and where a cue may be."""
    tokens = batch.tokens
    classes, clusters, flags = words.look_up(tokens.keys)
    found, length, strength, kind = phrase_values(batch, phrases)
    tags, strengths = phrase_tags(len(tokens), found, length, strength, kind)
    modifiers = flags & (INTENSIFIER | NEGATOR)
    opens = batch.bounds[:-1][batch.lengths > 0]
    shape = tokens.shape.copy()
    shape[opens] += 8
    suffixes = mix(tokens.suffixes(3))
    # What ends in "ed" and is unknown is mostly the past of some verb; it may be the only verb of its sentence.
    flags[(classes == 0) & among(mix(tokens.suffixes(2)), _PAST)] |= FINITE | EDGE
    # One more than the code, because zero is the margin's.
    raw = np.ones((len(tokens), N_COLUMNS), dtype=np.uint64)
    raw[:, WORD] = tokens.keys
    raw[:, SUFFIX3] = suffixes
    # The ending stands in for the class of a word that training never saw.
    raw[:, CLASS] += np.where(classes > 0, classes, suffixes)
    raw[:, SHAPE] += shape
    raw[:, MODIFIER] += modifiers
    raw[:, TAG] += tags.view(np.uint64)
    raw[:, STRENGTH] += strengths.view(np.uint64)
    raw[:, CLUSTER] += clusters
    raw[:, LENGTH] += _LENGTHS.searchsorted(batch.lengths, side="right").view(np.uint64).take(batch.sentence)
    columns = np.zeros((batch.n_slots, N_COLUMNS), dtype=np.uint64)
    columns[batch.slots] = raw
    candidates = _candidates(batch, tags, (flags & CUE_WORD) > 0)
    return TokenTable(columns, flags, candidates, found, found + length - 1, strength)


def _candidates(batch: Batch, tags: Ints, cue_word: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Known phrases, and on both sides up to two words that are known to stand in cues.

    A vague holder may have any word between its determiner and its head: "several party officials".
    """
    reached = tags > 0
    holders = ((tags + 1) // 2 == 1 + _WEASEL).nonzero()[0]
    left, right = holders[:-1], holders[1:]
    near = (right - left <= _HOLDER_GAP) & (batch.sentence.take(left) == batch.sentence.take(right))
    for step in range(1, _HOLDER_GAP):
        inner = left[near] + step
        reached[inner[inner < right[near]]] = True
    joined = batch.sentence[1:] == batch.sentence[:-1]
    for _ in range(2):
        wider = reached.copy()
        wider[1:] |= reached[:-1] & joined
        wider[:-1] |= reached[1:] & joined
        reached |= wider & cue_word
    return reached


def phrase_values(batch: Batch, phrases: PhraseTable) -> tuple[Ints, Ints, Ints, Ints]:
    """The phrases in a batch: first token, tokens, strength and commonest type."""
    first, length, value = phrases.find(batch)
    code = value.astype(np.int64) - 1
    strength = code // len(CUE_TYPES)
    return first, length, strength, code - len(CUE_TYPES) * strength


def phrase_tags(n: int, first: Ints, length: Ints, strength: Ints, kind: Ints) -> tuple[Ints, Ints]:
    """For each token the type and place, and the strength, of the phrase it stands in; 0 where in none."""
    tag, strength = 1 + 2 * kind, 1 + strength
    tags = np.zeros(n, dtype=np.int64)
    strengths = np.zeros(n, dtype=np.int64)
    tags[first] = tag
    strengths[first] = strength
    longer = (length > 1).nonzero()[0]
    if longer.size:
        sizes = length.take(longer) - 1
        owner = longer.repeat(sizes)
        at = first.take(owner) + np.arange(1, owner.size + 1) - (sizes.cumsum() - sizes).repeat(sizes)
        tags[at] = tag.take(owner) + 1
        strengths[at] = strength.take(owner) + STRENGTHS
    return tags, strengths


def widened(table: TokenTable, first: Ints, last: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Cues that are part of a listed phrase become the whole phrase: where it is a cue more often than not, or all its words were found.

    Returns
    -------
    first, last : ndarray of int64
    kept : ndarray of bool, shape of the cues given
        False for those that fell together with the one before.
    """
    if not (table.phrase_first.size and first.size):
        return first, last, np.ones(first.size, dtype=np.bool_)
    at = np.maximum(table.phrase_first.searchsorted(first, side="right") - 1, 0)
    begin, end, strength = table.phrase_first.take(at), table.phrase_last.take(at), table.phrase_strength.take(at)
    part = (begin <= first) & (last <= end) & (last - first < end - begin) & (strength % 2 == 1)
    # "remains" and "unclear", each found as a cue, are the two halves of one.
    halves = part[1:] & part[:-1] & (at[1:] == at[:-1]) & (first[:-1] == begin[:-1]) & (last[1:] == end[1:]) & (last[:-1] + 1 == first[1:])
    whole = part & (strength // 10 >= _MORE_OFTEN_THAN_NOT)
    whole[1:] |= halves
    whole[:-1] |= halves
    first, last = np.where(whole, begin, first), np.where(whole, end, last)
    kept = np.ones(first.size, dtype=np.bool_)
    kept[1:] = first[1:] > np.maximum.accumulate(last)[:-1]
    return first[kept], last[kept], kept


def type_rows(batch: Batch, table: TokenTable, first: Ints, last: Ints) -> npt.NDArray[np.int64]:
    """Rows of the type weights for spans of tokens, shape ``(n, N_TYPE_FEATURES)``."""
    half = 1 << (TYPE_BITS - 1)
    keys = batch.tokens.keys
    phrase = mix(keys[first] + keys[last] * np.uint64(3) + (last - first).astype(np.uint64))
    edges = TYPE_WINDOWS.rows(table.columns, batch.slots.take(np.concatenate((first, last))))
    rows = np.empty((N_TYPE_FEATURES, first.size), dtype=np.int64).T
    n = len(TYPE_TEMPLATES)
    rows[:, :n] = edges[: first.size]
    np.add(edges[first.size :], half, out=rows[:, n : 2 * n])
    rows[:, 2 * n] = phrase >> np.uint64(65 - TYPE_BITS)
    return rows


def decode(batch: Batch, probabilities: Floats, threshold: float) -> tuple[Ints, Ints]:
    """The likeliest sequence of tags in which nothing continues a cue that has not begun (Viterbi 1967).

    Only runs of tokens that may belong to a cue are decoded. Most are of one token, and those are told all at once; the few
    longer ones of a sentence go through plain Python, which is fastest for them.

    Returns
    -------
    first, last : ndarray of int64
        First and last token of each cue.
    """
    active = (probabilities[:, OUTSIDE] < _SURELY_OUTSIDE).nonzero()[0]
    logs = np.log(np.maximum(probabilities.take(active, axis=0), 1e-12))
    logs[:, OUTSIDE] += math.log(threshold / (1 - threshold))
    sentence = batch.sentence.take(active)
    edge = np.ones(active.size + 1, dtype=np.bool_)
    edge[1:-1] = (active[1:] != active[:-1] + 1) | (sentence[1:] != sentence[:-1])
    alone = edge[:-1] & edge[1:]
    single = active[alone & (logs[:, BEGIN] > logs[:, OUTSIDE])]
    joined = (~alone).nonzero()[0]
    if not joined.size:
        return single, single
    first: list[int] = []
    last: list[int] = []
    ends = (edge[1:].take(joined).nonzero()[0] + 1).tolist()
    tokens, scores = active.take(joined).tolist(), logs.take(joined, axis=0).tolist()
    start = 0
    for end in ends:
        _decode_run(scores[start:end], tokens[start], first, last)
        start = end
    firsts = np.concatenate((single, np.array(first, dtype=np.int64)))
    order = firsts.argsort()
    return firsts.take(order), np.concatenate((single, np.array(last, dtype=np.int64))).take(order)


def _decode_run(run: list[list[float]], start: int, first: list[int], last: list[int]) -> None:
    """Decode a run of two tokens or more, the first of which is ``start``, and add its cues."""
    outside_so_far, begin_so_far, inside_so_far = run[0][OUTSIDE], run[0][BEGIN], -math.inf
    came_from: list[tuple[int, int]] = []
    for outside, begin, inside in run[1:]:
        in_cue, best = (BEGIN, begin_so_far) if begin_so_far >= inside_so_far else (INSIDE, inside_so_far)
        any_tag, most = (OUTSIDE, outside_so_far) if outside_so_far >= best else (in_cue, best)
        came_from.append((any_tag, in_cue))
        outside_so_far, begin_so_far, inside_so_far = most + outside, most + begin, best + inside
    tag = BEGIN if begin_so_far >= inside_so_far else INSIDE
    if outside_so_far >= max(begin_so_far, inside_so_far):
        tag = OUTSIDE
    tags = [tag]
    for any_tag, in_cue in reversed(came_from):
        tag = in_cue if tag == INSIDE else any_tag
        tags.append(tag)
    for token, tag in enumerate(reversed(tags), start):
        if tag == BEGIN:
            first.append(token)
            last.append(token)
        elif tag == INSIDE:
            last[-1] = token


def softmax(scores: Floats) -> Floats:
    """Probabilities from scores of shape ``(n, n_classes)``."""
    # Class by class: there are few, and numpy is slow along short axes.
    columns = scores.T
    exponents = np.exp(columns - np.maximum.reduce(columns, axis=0))
    exponents /= np.add.reduce(exponents, axis=0)
    return np.asarray(exponents.T)
