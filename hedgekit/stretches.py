"""Which words are the source of a cue, and which are what it ascribes: stretches of log-odds, put right by rules of grammar.

The log-odds come from :mod:`hedgekit.links`. The rules are for what a stretch alone cannot know: a subject that two verbs
share, a passive that hides its holder, a noun phrase that was cut, the links of a chain, the next clause.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.cues import TokenTable
from hedgekit.keys import Ints, among, mix
from hedgekit.links import BARRED, Neighbours, best_stretches, clause_ends
from hedgekit.text.tokens import WORD_SHAPE, folded_key
from hedgekit.vocabulary import COMMA, EDGE, OPENER, QUOTE

Floats = npt.NDArray[np.float64]

# A content lies on both sides of its cue where the sums of log-odds on both reach this: a quotation with its speaker in the middle.
_BOTH_SIDES = 8.0
# Added to the log-odds of each word: contents are rather whole than cut. Both were chosen on held-out articles.
_MORE_CONTENT = 0.3

_PARTICIPLE = np.array([folded_key("ing")], dtype=np.uint64)
_AND = np.array(sorted(folded_key(word) for word in ("and", "but", "then")), dtype=np.uint64)
_BE = np.array(sorted(folded_key(word) for word in ("is", "are", "was", "were", "be", "been", "being")), dtype=np.uint64)
_HIDING = np.array(
    sorted(
        folded_key(word)
        for word in (
            "said", "believed", "thought", "reported", "rumoured", "rumored", "alleged", "understood", "assumed", "considered", "regarded",
            "known", "supposed", "presumed", "feared", "estimated", "expected", "claimed", "deemed", "suspected",
        )
    ),
    dtype=np.uint64,
)  # fmt: skip
_ANONYMITY = np.array([folded_key("anonymity")], dtype=np.uint64)
# "speaking on condition of anonymity"
_CONDITION = 5
_WHOLE = np.array(
    sorted(
        folded_key(word)
        for word in (
            "he", "she", "it", "they", "we", "i", "you", "who", "which", "that", "this", "these", "those", "some", "many", "most",
            "a", "an", "the", "his", "her", "its", "their", "our", "my", "him", "them",
        )
    ),
    dtype=np.uint64,
)  # fmt: skip
# Words behind which, after a comma or not, another clause begins with a source of its own.
_CLAUSE = np.array(sorted(folded_key(word) for word in ("while", "whereas", "although", "though", "but")), dtype=np.uint64)
# So many words at least stand before the inner link of a chain.
_LEAST_CHAINED = 3
# The links of a chain stand so near to each other, in attributions.
_LINKS = 4
# An article stands at most so many words before the word that was found of a source.
_PHRASE = 4
_ARTICLES = np.array(sorted(folded_key(word) for word in ("a", "an", "the")), dtype=np.uint64)


def sources(batch: Batch, near: Neighbours, odds: Floats) -> tuple[Ints, Ints]:
    """First and last token of the source of each cue, -1 where none is written.

    A participle that adds a claim ("he said ..., adding that ...") and a verb behind "and" share their subject with the
    attribution before them: where no source stands by them, it is that one's. The subject of "is said to" is no source.
    """
    before = near.token < near.first.take(near.row)
    hiding = passive(batch, near)
    odds = np.where((hiding.take(near.row) & before) | _anonymity(batch).take(near.token), BARRED, odds)
    first, last = best_stretches(near, odds).best()
    word_before = batch.tokens.keys.take(np.maximum(near.first - 1, 0))
    shares = among(mix(batch.tokens.take(near.first).suffixes(3)), _PARTICIPLE) | among(word_before, _AND)
    shares &= ~hiding
    shares[1:] &= near.sentence[1:] == near.sentence[:-1]
    shares[:1] = False
    for cue in ((first < 0) & shares).nonzero()[0].tolist():
        first[cue], last[cue] = first[cue - 1], last[cue - 1]
    return first, last


def chained(table: TokenTable, near: Neighbours, source: tuple[Ints, Ints], content: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """The contents, with that of the inner link of a chain: in "P, Kim said, the agency reported" both are P to begin with."""
    first, last = content[0].copy(), content[1].copy()
    begins = np.where(source[0] < 0, near.first, np.minimum(near.first, source[0]))
    ends = np.maximum(near.last, source[1])
    for inner in (first < 0).nonzero()[0].tolist():
        low = max(inner - _LINKS, 0)
        there = slice(low, inner + _LINKS + 1)
        around = (near.sentence[there] == near.sentence[inner]) & (content[0][there] >= 0)
        around &= (content[0][there] < begins[inner]) & (content[1][there] >= ends[inner])
        outer = low + around.nonzero()[0]
        if outer.size and begins[inner] - content[0][outer[0]] >= _LEAST_CHAINED:
            first[inner], last[inner] = content[0][outer[0]], begins[inner] - 1
    return trimmed(table, first, last)


def parted(batch: Batch, table: TokenTable, near: Neighbours, source: tuple[Ints, Ints], content: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """The contents, none of which runs on into the clause of the next source: "A says it hit a school, while B says ...\""""
    first, last = content[0].copy(), content[1].copy()
    begins = np.where(source[0] < 0, near.first, np.minimum(near.first, source[0]))
    turns = among(batch.tokens.keys.take(np.maximum(begins - 1, 0)), _CLAUSE) & (begins > batch.bounds.take(near.sentence))
    for other in turns.nonzero()[0].tolist():
        edge = begins[other] - 2
        for cue in (other - 1, other + 1):
            if not 0 <= cue < turns.size or near.sentence[cue] != near.sentence[other] or not first[cue] <= edge < last[cue]:
                continue
            if near.last[cue] <= edge:
                # What is left of it ends before its own source and cue, if it began before them.
                last[cue] = begins[cue] - 1 if first[cue] < begins[cue] <= edge else edge
    return trimmed(table, first, last)


def _anonymity(batch: Batch) -> npt.NDArray[np.bool_]:
    """Which tokens tell under what condition somebody speaks, and so are no source: "on condition of anonymity"."""
    marked = np.zeros(len(batch.tokens), dtype=np.bool_)
    at = among(batch.tokens.keys, _ANONYMITY).nonzero()[0]
    for step in range(_CONDITION):
        marked[np.maximum(at - step, batch.bounds.take(batch.sentence.take(at)))] = True
    return marked


def passive(batch: Batch, near: Neighbours) -> npt.NDArray[np.bool_]:
    """Which cues are a passive that hides the holder: "is said to be", "was widely believed"."""
    found = among(batch.tokens.keys.take(near.first), _BE)
    for cue in found.nonzero()[0].tolist():
        found[cue] = among(batch.tokens.keys[near.first[cue] + 1 : near.last[cue] + 1], _HIDING).any()
    return found


def contents(batch: Batch, table: TokenTable, near: Neighbours, odds: Floats, source: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """First and last token of what each cue ascribes: whole clauses, the source left out unless it stands in the middle."""
    found = best_stretches(near, without(near, odds + _MORE_CONTENT, *source), clause_ends(batch, table, near))
    first, last = found.spread(_BOTH_SIDES)
    # Towards the cue too a content ends with its clause, or at the cue and its source.
    begins = np.where(source[0] < 0, near.first, np.minimum(near.first, source[0]))
    ends = np.maximum(near.last, source[1])
    _grown(batch, table, last, begins, 1, (first >= 0) & (last < begins))
    _grown(batch, table, first, ends, -1, first > ends)
    return trimmed(table, first, last)


def _grown(batch: Batch, table: TokenTable, edge: Ints, stop: Ints, side: int, chosen: npt.NDArray[np.bool_]) -> None:
    """Move the edges of the chosen contents over the few words that part them from the next clause, in place."""
    rows = chosen.nonzero()[0]
    at = edge.take(rows)
    for _ in range(_PHRASE):
        following = at + side
        ended = (following == stop.take(rows)) | (table.flags.take(following) & (OPENER | QUOTE | COMMA) > 0)
        ended |= batch.tokens.shape.take(following) < WORD_SHAPE
        edge[rows[ended]] = at[ended]
        rows, at = rows[~ended], following[~ended]


def with_determiner(batch: Batch, table: TokenTable, near: Neighbours, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The sources, with the article a few words before them: a source is a whole noun phrase, "a military intelligence source"."""
    whole = first.copy()
    # A name or a pronoun is whole as it is: "after the meeting he said".
    begin = np.maximum(first, 0)
    noun = (batch.tokens.shape.take(begin) & 1 == 0) & ~among(batch.tokens.keys.take(begin), _WHOLE)
    rows = (noun & (first > batch.bounds.take(near.sentence))).nonzero()[0]
    at = first.take(rows)
    for _ in range(_PHRASE):
        at = at - 1
        inside = (at >= batch.bounds.take(near.sentence.take(rows))) & ((at < near.first.take(rows)) | (at > near.last.take(rows)))
        rows, at = rows[inside], at[inside]
        article = among(batch.tokens.keys.take(at), _ARTICLES)
        whole[rows[article]] = at[article]
        joined = (table.flags.take(at) & (EDGE | OPENER | COMMA) == 0) & (batch.tokens.shape.take(at) >= WORD_SHAPE) & ~article
        rows, at = rows[joined], at[joined]
    return whole, last


def without(near: Neighbours, odds: Floats, first: Ints, last: Ints) -> Floats:
    """The log-odds, barred where another role of the same cue stands: from ``first`` to ``last``."""
    token = near.token
    taken = (token >= first.take(near.row)) & (token <= last.take(near.row))
    return np.where(taken, BARRED, odds)


def trimmed(table: TokenTable, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The stretches without a comma at their edges."""
    last = last - ((last > first) & (table.flags.take(last) & COMMA > 0))
    first = first + ((last > first) & (table.flags.take(first) & COMMA > 0))
    return first, last
