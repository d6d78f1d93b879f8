"""Who speaks, across the sentences of a running text.

A quotation that runs on, or stands alone after its speaker was named, gets that speaker; a pronoun, a surname or "the
minister" is led back to the fullest mention before it, where only one fits. Rules, not a model: they answer only where the
text leaves no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hedgekit.labels import AttributionKind

Offsets = tuple[int, int]

_PRONOUNS = frozenset({"he", "she"})
_DETERMINERS = frozenset({"the", "this", "that"})
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
# A name: words in capitals, short ones with a full stop perhaps, with what may stand between them; never over a blank line.
_CAPITAL = r"(?:(?:[^\W\d_a-z]\.){2,}|[^\W\d_a-z][\w'’-]{0,3}\.|[^\W\d_a-z][\w'’-]*)"
_GAP = r"(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*)"
_NAME = re.compile(rf"(?<![\w.]){_CAPITAL}(?:{_GAP}(?:(?:de|van|von|der|al|bin|of|the){_GAP})?{_CAPITAL})*")
# Words of people whom a pronoun cannot mean.
_OTHERS = {
    "he": frozenset(("mrs", "ms", "miss", "madam", "queen", "sister", "mother", "wife", "daughter", "aunt", "woman", "girl")),
    "she": frozenset(("mr", "sir", "king", "brother", "father", "husband", "son", "uncle", "man", "boy")),
}
# Words that are no part of a name though a sentence may begin with them.
_OPENERS = frozenset(
    (
        "the", "a", "an", "in", "on", "at", "as", "but", "and", "if", "when", "while", "after", "asked", "former", "for",
        "mr", "mrs", "ms", "dr",
    )
)  # fmt: skip
# How many sentences back a speaker may have been named for a quotation or a pronoun.
_RECENT = 3
# How many people are kept in mind, and how far back a fuller name is looked for, in characters.
_REMEMBERED, _FAR_BACK = 64, 3000
# How far a name may reach to either side of one of its words.
_NAME_SPAN = 60
# Words behind which a source is an institution, not a person, so that no "he" can mean it.
_INSTITUTIONS = frozenset(
    (
        "administration", "agency", "army", "association", "bank", "board", "bureau", "campaign", "centre", "center", "coalition",
        "commission", "committee", "company", "congress", "council", "court", "department", "embassy", "foundation", "government",
        "group", "house", "institute", "journal", "magazine", "ministry", "news", "newspaper", "office", "organisation",
        "organization", "parliament", "party", "police", "post", "press", "report", "service", "study", "team", "times",
        "tribune", "union", "university",
    )
)  # fmt: skip


# There is one of these for every sentence or attribution: named tuples are made in a third of the time of frozen dataclasses.
class Said(NamedTuple):
    """An attribution as the rules see it: the sentence it stands in, its source and its kind."""

    sentence: int
    source: Offsets | None
    kind: AttributionKind


class Speaker(NamedTuple):
    """Who speaks: the source as written, its kind, and the fullest mention before it."""

    source: Offsets
    kind: AttributionKind
    refers_to: Offsets | None


class Turn(NamedTuple):
    """A sentence as the rules see it.

    Attributes
    ----------
    start, end : int
        Offsets in the text.
    paragraph : int
    quoted : bool
        Whether all its words stand between quotation marks.
    runs_on : bool
        Whether it begins inside a quotation that began before it.
    closed : bool
        Whether the last quotation of its paragraph is closed.
    """

    start: int
    end: int
    paragraph: int
    quoted: bool
    runs_on: bool
    closed: bool = True


@dataclass(slots=True)
class _Person:
    """Somebody the text has named: the fullest mention so far, its words, the sentence of the last mention."""

    fullest: Offsets
    words: frozenset[str]
    names: frozenset[str]
    person: bool
    last: int


@dataclass(slots=True)
class Resolved:
    """What the rules found.

    Attributes
    ----------
    refers_to : list of (start, end) or None
        For each attribution given.
    spoken : dict of int to Speaker
        Sentences that are a quotation without a speaker of their own, with the speaker from elsewhere.
    """

    refers_to: list[Offsets | None] = field(default_factory=list)
    spoken: dict[int, Speaker] = field(default_factory=dict)


def resolve(text: str, turns: Sequence[Turn], said: Sequence[Said]) -> Resolved:
    """Lead sources back to their fullest mention, and give quotations their speakers.

    Parameters
    ----------
    text : str
    turns : sequence of Turn
        The sentences of the text.
    said : sequence of Said
        Its attributions, in order.

    Returns
    -------
    Resolved
        Found in time linear in the number of attributions.
    """
    found = Resolved()
    people: list[_Person] = []
    speaker: list[Speaker | None] = [None] * len(turns)
    opening: list[Speaker | None] = [None] * len(turns)
    for item in said:
        earlier = None
        if item.source is not None and item.kind is not AttributionKind.SELF:
            earlier = _meet(text, people, item, turns)
            speaker[item.sentence] = Speaker(item.source, item.kind, earlier)
            opening[item.sentence] = opening[item.sentence] or speaker[item.sentence]
        found.refers_to.append(earlier)
    if any(turn.quoted for turn in turns):
        # "We believe" in a quotation names no speaker.
        attributed = {item.sentence for item in said if item.kind is not AttributionKind.SELF}
        _give_quotations(turns, attributed, speaker, _behind(turns, opening), found)
    return found


def _meet(text: str, people: list[_Person], item: Said, turns: Sequence[Turn]) -> Offsets | None:
    """Note a source, and say which earlier mention is a fuller one of the same."""
    assert item.source is not None
    words = _WORD.findall(text, *item.source)
    lower = [word.lower() for word in words]
    if len(lower) == 1 and lower[0] in _PRONOUNS:
        fits = [one for one in people if one.person and item.sentence - one.last <= _RECENT and not one.words & _OTHERS[lower[0]]]
        # The last one spoken of, unless two were named in the same sentence.
        latest = max((one.last for one in fits), default=-1)
        fits = [one for one in fits if one.last == latest]
        if any(_another_subject(text, turns, item.sentence, one) for one in fits):
            return None
        return _led_back(fits, item.sentence)
    names = _capitals(text, item.source, words)
    if item.kind is AttributionKind.NAMED and names:
        fits = [one for one in people if names == one.names]
        definite = lower[0] in _DETERMINERS
        if not fits and not definite:
            # "The Clinton campaign" is not Clinton.
            fits = [one for one in people if names <= one.names and len(one.words) > len(names)]
        if fits:
            return _led_back(fits, item.sentence, len(lower))
        outside = None if definite else _fuller_name(text, (turns[0].start, item.source[0]), names, words)
        # "Campaign manager Eva Holt" is a person: a name of two words stands at the end.
        tail = words[-2:]
        named = len(tail) == 2 and all(word[:1].isupper() for word in tail) and _INSTITUTIONS.isdisjoint(lower[-2:])
        person = lower[0] != "the" and "and" not in lower and (named or _INSTITUTIONS.isdisjoint(lower))
        if outside is None:
            people.append(_Person(item.source, frozenset(lower), names, person, item.sentence))
        else:
            held = _WORD.findall(text, *outside)
            known = names | _capitals(text, outside, held)
            people.append(_Person(outside, frozenset([word.lower() for word in held]), known, person, item.sentence))
        del people[:-_REMEMBERED]
        return outside
    if lower[:1] and lower[0] in _DETERMINERS and not names and len(lower) > 1:
        head = frozenset(lower[1:])
        fits = [one for one in people if head <= one.words and not (one.person and head & _INSTITUTIONS)]
        if any(_another_holder(text, (turns[0].start, item.source[0]), lower[-1], one) for one in fits):
            return None
        return _led_back(fits, item.sentence)
    return None


def _another_subject(text: str, turns: Sequence[Turn], sentence: int, one: _Person) -> bool:
    """Whether a sentence shortly before this one opens with the name of somebody else, whom a pronoun may mean as well."""
    for turn in turns[max(0, sentence - _RECENT) : sentence]:
        opening = _NAME.match(text, turn.start, turn.end)
        words = frozenset() if opening is None else _capitals(text, opening.span(), _WORD.findall(opening.group()))
        if len(words) > 1 and not words & (one.words | _INSTITUTIONS):
            return True
    return False


def _another_holder(text: str, part: Offsets, office: str, one: _Person) -> bool:
    """Whether this part of the text gives the office to somebody else too: "Finance Minister Eva Holt"."""
    floor = max(part[0], part[1] - _FAR_BACK)
    for match in re.finditer(rf"\b{re.escape(office)}\s+", text[floor : part[1]], re.IGNORECASE):
        name = _NAME.match(text, floor + match.end(), part[1])
        if name is not None and not _capitals(text, name.span(), _WORD.findall(name.group())) & one.words:
            return True
    return False


def _led_back(fits: Sequence[_Person], sentence: int, size: int = 0) -> Offsets | None:
    """The fullest mention of the only one that fits, if it has more than ``size`` words."""
    if len(fits) != 1:
        return None
    [one] = fits
    one.last = sentence
    return one.fullest if len(one.words) > size else None


def _capitals(text: str, span: Offsets, words: Sequence[str]) -> frozenset[str]:
    """Those of the words of a mention that are in capitals, what follows a comma left out: "Kim, who met Lee" names Kim."""
    comma = text.find(",", *span)
    if comma > 0:
        words = _WORD.findall(text, span[0], comma)
    return frozenset([word.lower() for word in words if word[0].isupper()]) - _OPENERS


def _fuller_name(text: str, part: Offsets, names: frozenset[str], words: Sequence[str]) -> Offsets | None:
    """A longer name in this part of the text that holds a single name as its first or last word, if all such are the same."""
    if len(names) != 1:
        return None
    before = part[1]
    floor = max(part[0], before - _FAR_BACK)
    name = next(word for word in words if word.lower() in names)
    fuller: dict[str, Offsets] = {}
    at = text.find(name, floor, before)
    while at >= 0:
        start = max(floor, at - _NAME_SPAN)
        around = (match.span() for match in _NAME.finditer(text, start, min(before, at + _NAME_SPAN)) if match.start() <= at < match.end())
        for span in around:
            parts = [(word.group(), word.span()) for word in _WORD.finditer(text, *span)]
            while parts and parts[0][0].lower() in _OPENERS:
                parts = parts[1:]
            if len(parts) > 1 and name in (parts[0][0], parts[-1][0]):
                fuller.setdefault(" ".join(word for word, _ in parts), (parts[0][1][0], parts[-1][1][1]))
        at = text.find(name, at + len(name), before)
    return next(iter(fuller.values())) if len(fuller) == 1 else None


def _give_quotations(
    turns: Sequence[Turn], attributed: set[int], speaker: list[Speaker | None], behind: Sequence[Speaker | None], found: Resolved
) -> None:
    """Give each sentence that is nothing but quotation the speaker of the same quotation, or else the last one named."""
    last = -1
    for number, turn in enumerate(turns):
        if number in attributed:
            last = turn.paragraph
        # Where a mark is missing, what stands behind the speaker is not likely to be quotation.
        if not turn.quoted or number in attributed or (not turn.closed and last == turn.paragraph):
            continue
        given = behind[number]
        back = number - 1
        while given is None and back >= 0 and number - back <= _RECENT:
            given = speaker[back]
            if given is None and not turns[back].quoted:
                break
            back -= 1
        if given is not None:
            found.spoken[number] = given
            speaker[number] = given


def _behind(turns: Sequence[Turn], speaker: Sequence[Speaker | None]) -> list[Speaker | None]:
    """For each sentence the first speaker behind it, as far as the quotation in it runs on."""
    found: list[Speaker | None] = [None] * len(turns)
    for number in range(len(turns) - 2, -1, -1):
        if turns[number + 1].runs_on:
            found[number] = speaker[number + 1] or found[number + 1]
    return found
