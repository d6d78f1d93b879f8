"""Sentences of running text, with exact offsets.

The method is Punkt's (Kiss and Strunk 2006): a full stop ends a sentence unless the word before it is an abbreviation,
and after an abbreviation the following word decides. The words are learned from raw text in training (see
:mod:`hedgekit.training.segmentation`); here they are only looked up. Added to it are what newspapers need: quotations,
headlines on a line of their own, hard-wrapped lines, lists.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

_OPENERS = "\"'“‘«([{"
_CLOSERS = "\"'”’»)\\]}"

# A paragraph ends at a line that is blank.
PARAGRAPH_END = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+|\f|\u2029")
_PARAGRAPH_SIGNS = ("\n", "\f", "\u2029")
# Where a sentence may end: final signs or a smiley, further ones ("?!", ". . ."), closing quotation marks or brackets, notes
# ("[3]"), then white space. It begins with one class of characters and looks back from there: so the regular expression
# engine skips what is none of them, and few places cost more than that. The group stands for the commonest case, a stop
# between a word of some length and something that is no small letter.
_END = re.compile(
    r"[.!?…。！？:;](?:"
    r"(?P<plain>(?<=[^\W\d_]{4}\.)(?= [^\sa-z.]))|"
    r"(?<=[.!?…。！？])(?<![.!?…。！？]{2})(?:"
    rf"[.!?…。！？]*+(?:\s\.){{0,5}}[{_CLOSERS}]{{0,4}}(?:\[\d{{1,3}}\]){{0,4}}(?=\s)|"
    rf"(?:(?<=[。！？])|[.!?…]*+[。！？])[.!?…。！？]*+[{_CLOSERS}」』）]{{0,4}})|"
    r"(?<=\s[:;])-?[)(DP](?=\s))"
)
_NO_SPACE = re.compile(r"\S")
_LINE = re.compile(r"\n\s*|\r(?!\n)\s*|\u2028\s*")
# Most paragraphs have none of these, and to look for a single sign is quicker than to look for a pattern.
_LINE_SIGNS = ("\n", "\r", "\u2028")
_NEXT = re.compile(rf"\s+(?P<lead>[{re.escape(_OPENERS)}—–*_<>#@$£€-]{{0,3}}\s?)(?P<word>\w+(?:[.'’&-]\w+)*)?")
_FIRST_WORD = re.compile(r"\S{1,40}")
_WORD_BEFORE = re.compile(r"\w[\w.&'’°-]{0,24}$")
_FOUR_DOTS = re.compile(r"\.(?:\s\.){3}")
_LABEL = re.compile(r"[•◦▪⁃‣*-]?\s{0,4}\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\s?")
# No longer than these two can be: what is need not be matched.
_FOUR_DOTS_LENGTH, _LABEL_LENGTH = 7, 11
_ACRONYM = re.compile(r"(?:\w\.)+\w$")
# Somebody speaks after a quotation: '"Is it true?" Kim asked.'
_SPEAKER = re.compile(
    r"\s+(?:[A-Z][\w.'’-]*\s){1,4}(?:said|says|asked|asks|told|wrote|writes|added|replied|shouted|cried|wondered|answered|"
    r"demanded|inquired|exclaimed|tweeted|continued|responded|yelled|joked)\b"
)
_BULLET = re.compile(r"(?:[-*•◦▪⁃‣·–—]\s*(?=\S)|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]{1,2}\s)")
_MARKER = re.compile(r"(?:(?<=\s)|^)(?P<dot>[•⁃◦▪‣]\s*)?(?P<open>\()?(?P<label>\d{1,3}|[a-z])(?P<close>\.\)|[.)])(?=\s+\S)")
_NO_LINE_END = re.compile(
    r"(?:[,;:—–-]|\b(?:a|an|the|of|in|on|at|to|for|by|with|from|and|or|but|as|that|is|are|was|were|his|her|its|their|Mr|Mrs|Dr))$"
)
# How many characters around a boundary are looked at: keeps the work linear whatever the text.
_LOOK = 80
_LOOK_BACK = 25


@dataclass(frozen=True, slots=True)
class Segmenter:
    """Splits text into sentences.

    Attributes
    ----------
    titles : frozenset of str
        Abbreviations that never end a sentence, lower case without the final stop: "mr", "gen".
    numbered : frozenset of str
        Abbreviations that go on when a number follows: "no", "oct".
    abbreviations : frozenset of str
        All others: they end a sentence when a word of ``starters`` follows.
    starters : frozenset of str
        Words, lower case, that when capitalised almost always begin a sentence.
    """

    titles: frozenset[str]
    numbered: frozenset[str]
    abbreviations: frozenset[str]
    starters: frozenset[str]
    _shortened: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # All that a stop may be part of, joined: one look for most words.
        object.__setattr__(self, "_shortened", self.titles | self.numbered | self.abbreviations)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Character spans of the sentences.

        They are in order, do not overlap, have no white space at their edges, and together cover every other character.

        Parameters
        ----------
        text : str
            Anything; blank lines end paragraphs, single line breaks inside a sentence count as a space.

        Returns
        -------
        list of (int, int)
        """
        spans: list[tuple[int, int]] = []
        for start, end in _paragraphs(text):
            begin = start
            for cut in (*self._cuts(text, start, end), end):
                # Without the white space at the edges, unless nothing is left. Here, not in a function: it is done for each sentence.
                low, high = begin, cut
                while low < high and text[low].isspace():
                    low += 1
                while high > low and text[high - 1].isspace():
                    high -= 1
                if low < high:
                    spans.append((low, high))
                begin = cut
        return spans

    def _cuts(self, text: str, start: int, end: int) -> list[int]:
        """Where sentences end between ``start`` and ``end``, one paragraph."""
        begin = first = _skip_space(text, start, end)
        breaks = sorted({*_line_cuts(text, start, end), *_list_cuts(text, first, end)})
        cuts: list[int] = []
        for match in _END.finditer(text, start, end):
            at = match.start()
            if match.lastgroup and self._plainly_ends(text, at, start):
                cuts.append(at + 1)
                begin = at + 2
                continue
            if at == first and text[at] in ":;":
                continue  # a smiley ends what stands before it
            passed = bisect_right(breaks, at)
            if passed and breaks[passed - 1] > begin:
                begin = _skip_space(text, breaks[passed - 1], end)
            if at - begin <= _LABEL_LENGTH and _LABEL.fullmatch(text, begin, at):
                continue
            if not self._ends(text, match, start, end):
                continue
            cut = match.end()
            if cut - at == _FOUR_DOTS_LENGTH and _FOUR_DOTS.fullmatch(text, at, cut) and not text[at - 1].isspace():
                cut = at + 1  # a full stop, and an ellipsis that begins the next sentence
            cuts.append(cut)
            begin = _skip_space(text, cut, end)
        return sorted({*breaks, *cuts}) if breaks else cuts

    def _ends(self, text: str, match: re.Match[str], start: int, stop: int) -> bool:
        """Whether the final sign found by ``_END`` ends its sentence."""
        sign = match.group()
        following = _NEXT.match(text, match.end(), min(stop, match.end() + _LOOK))
        if following is None:
            return match.end() < stop and not text[match.end() : min(stop, match.end() + _LOOK)].isspace()
        word = following.group("word")
        if word is None:
            return sign[0] != "." or following.group("lead").strip(" ") != ""
        if word[0].islower():
            return self._ends_before_lower_case(text, match, start)
        if sign[-1] in "\"'”’" and sign[0] in "!?" and _SPEAKER.match(text, match.end(), min(stop, match.end() + _LOOK)):
            return False
        if sign[0] != ".":
            return True
        if sign.startswith("..") or sign.startswith(". ."):
            return text[match.start() - 1 : match.start()] != "[" and word.split("'")[0].split("’")[0] != "I"
        before = _word_before(text, start, match.start())
        if not before:
            return True
        return self._stop_ends(before, word, plain=len(sign) == 1 and not following.group("lead").strip(" (["))

    def _plainly_ends(self, text: str, at: int, start: int) -> bool:
        """The common case, without further search: a stop behind a plain word, a space, a capital."""
        word = text[text.rfind(" ", max(start, at - _LOOK_BACK), at) + 1 : at]
        return text[at + 2].isupper() and word.isalpha() and word[-3:].islower() and word.lower() not in self._shortened

    def _ends_before_lower_case(self, text: str, match: re.Match[str], start: int) -> bool:
        """Careless writers begin sentences in lower case: only a plain sign after a plain word ends one there."""
        if match.group() not in (".", "!", "?", "!!", "??", "!!!"):
            return False
        word = _word_before(text, start, match.start())
        return len(word) > 2 and word.islower() and word.isalpha() and word not in self._shortened

    def _stop_ends(self, before: str, after: str, *, plain: bool) -> bool:
        """Whether a full stop between two words, the second no lower-case one, ends a sentence."""
        last = before.rpartition("-")[2]
        before = last if "." in last else before  # "Korea-U.S."
        low, digit = before.lower(), after[0].isdigit()
        starts = after.lower() in self.starters or (after[0].isupper() and after.split("'")[0].split("’")[0].lower() in self.starters)
        if len(before) == 1 and before.isalpha():
            return starts and (before in "I" or before.islower() or plain)
        if low in self.titles:
            return False
        if low in self.numbered and digit:
            return False
        if before == "no":  # "voted no. Senator Tull": as an abbreviation it stands before a number
            return True
        if low in self.abbreviations or low in self.numbered or _ACRONYM.match(before):
            return (starts and not digit) or not plain
        return True


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    if any(sign in text for sign in _PARAGRAPH_SIGNS):
        for match in PARAGRAPH_END.finditer(text):
            yield start, match.start()
            start = match.end()
    yield start, len(text)


def _skip_space(text: str, start: int, end: int) -> int:
    """Where the first character that is no white space stands."""
    match = _NO_SPACE.search(text, start, end)
    return end if match is None else match.start()


def _word_before(text: str, start: int, at: int) -> str:
    """The word that ends at ``at``, or as much of it as lies within reach; empty where none does."""
    low = max(start, at - _LOOK_BACK)
    # There is no space in a word: behind the last one there are fewer places to try.
    match = _WORD_BEFORE.search(text, max(low, text.rfind(" ", low, at) + 1), at)
    return "" if match is None else match.group()


def _line_cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Line breaks that end a sentence although no final sign stands there: list items and headlines."""
    if not any(text.find(sign, start, end) >= 0 for sign in _LINE_SIGNS):
        return
    breaks = list(_LINE.finditer(text, start, end))
    if not breaks:
        return
    edges = [start, *(match.end() for match in breaks), end]
    width = max(b - a for a, b in itertools.pairwise(edges))
    for number, match in enumerate(breaks):
        after = match.end()
        if after >= end:
            continue
        line = text[edges[number] : match.start()]
        follows_item = _BULLET.match(line) and text[after].isupper() and _roomy(text, line, after, end, width)
        if _BULLET.match(text, after, end) or follows_item or _is_headline(text, line, after, end, width):
            yield match.start()


def _roomy(text: str, line: str, after: int, end: int, width: int) -> bool:
    """Whether the first word of the next line would still have fitted: then the break was meant."""
    word = _FIRST_WORD.match(text, after, end)
    return len(line) + 1 + (len(word.group()) if word else 0) < 0.9 * width


def _is_headline(text: str, line: str, after: int, end: int, width: int) -> bool:
    """A line that stops early without a final sign, before a line that starts like a sentence."""
    first = text[after]
    if first in _OPENERS and after + 1 < end:
        first = text[after + 1]
    line = line.rstrip()
    if not line or not (first.isupper() or first.isdigit()) or line[-1] in ".!?…":
        return False
    return _roomy(text, line, after, end, width) and not _NO_LINE_END.search(line[-12:])


def _list_cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Items of a list that runs on from ``start``, in one paragraph: "1) Open the box 2) Take out the lamp"."""
    first = _MARKER.match(text, start, end)
    if first is None or first.group("label") not in ("1", "a", "9"):
        return
    shape = (first.group("dot") is None, first.group("open"), first.group("close"))
    expected = _next_label(first.group("label"))
    for match in _MARKER.finditer(text, first.end(), end):
        if (match.group("dot") is None, match.group("open"), match.group("close")) == shape and match.group("label") == expected:
            expected = _next_label(expected)
            yield match.start()


def _next_label(label: str) -> str:
    return str(int(label) + 1) if label.isdigit() else chr(ord(label) + 1)
