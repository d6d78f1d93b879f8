"""The cue lexicon: reading the entries of ``seeds/cues`` and finding them in a batch.

Entries are values, not code: a form, its type, where it is described, sentences in which it must fire and sentences in
which it must stay quiet. The detector (:mod:`hedgekit.cues`) decides in context; the lexicon only proposes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.batch import Batch
from hedgekit.errors import LexiconError
from hedgekit.keys import Ints, KeyIndex, Keys, mix
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import tokenize

MODIFIERS = ("intensifier", "negator")
_FIELDS = frozenset({"forms", "modifiers", "described", "fires", "quiet", "unseen"})
MAX_TOKENS = 32
# A factor for each place in a phrase.
_STEPS = mix(np.arange(1, MAX_TOKENS + 1, dtype=np.uint64)) | np.uint64(1)
_PLACES = np.arange(_STEPS.size)
_HEAD = re.compile(r"\s*\[\[\s*cue\s*\]\]\s*(?:#.*)?")
_MARK = re.compile(r"\[([^\[\]|]+)(?:\|([a-z]+))?\]")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with the spans of all its cues, as ``(start, end, type)``."""

    text: str
    cues: tuple[tuple[int, int, CueType], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One cue of the lexicon.

    Attributes
    ----------
    forms : tuple of str
        Every written form, in lower case, words separated by one space.
    type : CueType
    modifiers : tuple of str
        Which modifiers may join it on the left: ``"intensifier"`` ("highly likely"), ``"negator"`` ("not clear").
    described : str
        Where the literature describes it, or ``"own"``.
    fires : tuple of Example
        Sentences in which it is a cue, with all their cues.
    quiet : tuple of str
        Sentences that contain a form and no cue at all.
    unseen : tuple of Example
        As ``fires``, but nothing is fitted on them.
    place : str
        File and line, for error messages.
    """

    forms: tuple[str, ...]
    type: CueType
    modifiers: tuple[str, ...] = ()
    described: str = "own"
    fires: tuple[Example, ...] = ()
    quiet: tuple[str, ...] = ()
    unseen: tuple[Example, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries and the modifier words that may join them."""

    entries: tuple[Entry, ...]
    modifiers: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.entries)

    def forms(self) -> list[tuple[str, CueType]]:
        """Every form with its type, in the order of the files."""
        return [(form, entry.type) for entry in self.entries for form in entry.forms]


def parse_example(marked: str, default: CueType, place: str = "") -> Example:
    """Read a sentence whose cues stand in square brackets.

    Examples
    --------
    >>> parse_example("[Critics] [say|reportative] it failed.", CueType.WEASEL).cues[1]
    (8, 11, <CueType.REPORTATIVE: 'reportative'>)
    """
    text, cues, last = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[last : match.start()]
        kind = _cue_type(match.group(2), place) if match.group(2) else default
        cues.append((len(text), len(text) + len(match.group(1)), kind))
        text += match.group(1)
        last = match.end()
    return Example(text + marked[last:], tuple(cues))


def read_lexicon(folder: str | Path) -> Lexicon:
    """Read a folder with a TOML file per cue type and, if there is one, ``modifiers.toml``.

    Parameters
    ----------
    folder : str or Path
        For example ``seeds/cues``.

    Returns
    -------
    Lexicon

    Raises
    ------
    LexiconError
        With file, line and reason: wrong syntax, unknown type or field, an entry without a form, a form that stands twice,
        an example without its form.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise LexiconError(f"{folder}: no *.toml file found; a lexicon is a folder with one file per cue type, such as modal.toml")
    entries: list[Entry] = []
    modifiers: dict[str, tuple[str, ...]] = dict.fromkeys(MODIFIERS, ())
    for path in paths:
        try:
            source = path.read_text(encoding="utf-8")
            data = tomllib.loads(source)
        except UnicodeDecodeError as error:
            raise LexiconError(f"{path}: not UTF-8: {error.reason} at byte {error.start}; save the file as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise LexiconError(f"{path}: not valid TOML: {error}") from None
        if path.stem == "modifiers":
            modifiers.update(_read_modifiers(data, path))
        else:
            entries += _read_entries(data, source, path)
    _refuse_duplicates(entries)
    return Lexicon(tuple(entries), modifiers)


def read_contrasts(folder: str | Path, lexicon: Lexicon) -> Lexicon:
    """Read further sentences of the entries of a lexicon: files of the same form, each entry with the forms of one that the lexicon has.

    They are for training. Where the examples of the lexicon are what an entry promises, these are to teach a contrast, and may be
    harder than what is learned from them.

    Raises
    ------
    LexiconError
        As :func:`read_lexicon`, and for an entry that the lexicon does not have.
    """
    contrasts = read_lexicon(folder)
    known = {entry.forms: entry.type for entry in lexicon.entries}
    for entry in contrasts.entries:
        if known.get(entry.forms) is not entry.type:
            raise LexiconError(
                f"{entry.place}: no entry of type {entry.type} has the forms {', '.join(entry.forms)}; "
                "write them as they stand in the lexicon"
            )
    return contrasts


def _cue_type(name: str, place: str) -> CueType:
    try:
        return CueType(name)
    except ValueError:
        raise LexiconError(f"{place}: unknown cue type {name!r}; valid are {', '.join(CUE_TYPES)}") from None


def _read_modifiers(data: Mapping[str, Any], path: Path) -> dict[str, tuple[str, ...]]:
    for name, words in data.items():
        if name not in MODIFIERS:
            raise LexiconError(f"{path}: unknown list {name!r}; valid are {', '.join(MODIFIERS)}")
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise LexiconError(f"{path}: {name} must be a list of words, got {words!r:.80}")
    return {name: tuple(words) for name, words in data.items()}


def _read_entries(data: Mapping[str, Any], source: str, path: Path) -> list[Entry]:
    kind = _cue_type(path.stem, str(path))
    lines = [number for number, line in enumerate(source.split("\n"), 1) if _HEAD.fullmatch(line)]
    unknown = sorted(set(data) - {"cue"})
    if unknown:
        raise LexiconError(f"{path}: unknown table {unknown[0]!r}; every entry starts with [[cue]]")
    raws = data.get("cue", [])
    if not isinstance(raws, list) or len(raws) != len(lines):
        raise LexiconError(f"{path}: cannot tell the entries apart; every entry starts with [[cue]] on a line of its own")
    return [_read_entry(raw, kind, f"{path}:{line}") for raw, line in zip(raws, lines, strict=True)]


def _read_entry(raw: Mapping[str, Any], kind: CueType, place: str) -> Entry:
    unknown = sorted(set(raw) - _FIELDS)
    if unknown:
        raise LexiconError(f"{place}: unknown field {unknown[0]!r}; valid are {', '.join(sorted(_FIELDS))}")
    lists = {name: _strings(raw, name, place) for name in ("forms", "modifiers", "fires", "quiet", "unseen")}
    forms = lists["forms"]
    if not forms or not all(form.strip() for form in forms):
        raise LexiconError(f'{place}: an entry without a form; write forms = ["..."]')
    for form in forms:
        if form != " ".join(form.lower().split()):
            raise LexiconError(f"{place}: form {form!r} must be lower case with single spaces: {' '.join(form.lower().split())!r}")
    for name in lists["modifiers"]:
        if name not in MODIFIERS:
            raise LexiconError(f"{place}: unknown modifier {name!r}; valid are {', '.join(MODIFIERS)}")
    described = raw.get("described", "own")
    if not isinstance(described, str):
        raise LexiconError(f"{place}: described must be text, got {described!r:.80}")
    fires, unseen = (tuple(parse_example(text, kind, place) for text in lists[name]) for name in ("fires", "unseen"))
    for example in (*fires, *unseen):
        if not any(_ends_with_form(example.text[a:b], forms) for a, b, _ in example.cues):
            raise LexiconError(f"{place}: no bracket in {example.text!r} holds a form of the entry ({', '.join(forms)})")
    for text in lists["quiet"]:
        if not any(_contains(text, form) for form in forms):
            raise LexiconError(f"{place}: {text!r} holds no form of the entry ({', '.join(forms)})")
    return Entry(forms, kind, lists["modifiers"], described, fires, lists["quiet"], unseen, place)


def _strings(raw: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise LexiconError(f"{place}: {name} must be a list of strings, got {value!r:.80}")
    return tuple(value)


def plain(text: str) -> str:
    """Lower case with straight apostrophes, as the forms of the lexicon are written."""
    return text.lower().replace("’", "'").replace("‘", "'")


def _contains(text: str, form: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", plain(text)) is not None


def _ends_with_form(cue: str, forms: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(form)}$", plain(cue)) for form in forms)


def _refuse_duplicates(entries: Iterable[Entry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        for form in entry.forms:
            if form in seen:
                raise LexiconError(f"{entry.place}: form {form!r} stands already at {seen[form]}; keep one of them")
            seen[form] = entry.place


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """Phrases of one to ``max_length`` tokens, each with a small integer value, found by their keys.

    Attributes
    ----------
    phrases : KeyIndex
        Keys of the whole phrases.
    lengths : ndarray of uint8, shape (n,)
        Tokens of each phrase.
    values : ndarray of uint16, shape (n,)
        What each phrase stands for; never 0.
    firsts : KeyIndex
        Keys of the tokens that begin a phrase.
    pairs : KeyIndex
        Keys of the first two tokens of each phrase that has two.
    reach : ndarray of uint8, shape (n_pairs,)
        The length of the longest phrase that each of these begins.
    max_length : int
        Tokens of the longest phrase.
    """

    phrases: KeyIndex
    lengths: npt.NDArray[np.uint8]
    values: npt.NDArray[np.uint16]
    firsts: KeyIndex
    pairs: KeyIndex
    reach: npt.NDArray[np.uint8]
    max_length: int = field(init=False, repr=False, compare=False)
    # The values of those first tokens and pairs that are phrases, 0 of the others.
    _of_firsts: npt.NDArray[np.uint16] = field(init=False, repr=False, compare=False)
    _of_pairs: npt.NDArray[np.uint16] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        n, pairs = len(self.phrases), len(self.pairs)
        if not self.lengths.shape == self.values.shape == (n,) or self.reach.shape != (pairs,):
            raise ValueError(
                f"{n} phrases and {pairs} pairs, but {self.lengths.size} lengths, {self.values.size} values, {self.reach.size} of reach"
            )
        object.__setattr__(self, "max_length", int(self.lengths.max(initial=0)))
        values = np.append(self.values, np.zeros(1, np.uint16))
        for name, keys, length in (("_of_firsts", mix(self.firsts.keys * _STEPS[0]), 1), ("_of_pairs", self.pairs.keys, 2)):
            rows = self.phrases.rows(keys)
            rows[np.append(self.lengths, np.zeros(1, np.uint8)).take(rows) != length] = -1
            object.__setattr__(self, name, values.take(rows))

    def find(self, batch: Batch) -> tuple[Ints, Ints, npt.NDArray[np.uint16]]:
        """The phrases in a batch: first token, tokens, value. Where phrases overlap the longest wins, then the first.

        Many words begin some long phrase, but few of them go on like one: so the first two words are looked up before the whole.

        Returns
        -------
        firsts, lengths : ndarray of int64
            In the order of the text, without overlap.
        values : ndarray of uint16
        """
        keys = batch.tokens.keys
        single, row = self.firsts.find(keys)
        of_single = self._of_firsts.take(row)
        room = batch.bounds.take(batch.sentence.take(single) + 1) - single
        at, room = single[room > 1], room[room > 1]
        sums = keys.take(at) * _STEPS[0] + keys.take(at + 1) * _STEPS[1]
        hit, row = self.pairs.find(mix(sums))
        pair, of_pair = at.take(hit), self._of_pairs.take(row)
        alone, both = of_single > 0, of_pair > 0
        first, sizes, values = self._longer(batch, pair, sums.take(hit), self.reach.take(row), room.take(hit))
        first = np.concatenate((single[alone], pair[both], first))
        sizes = np.concatenate((np.array((1, 2)).repeat((alone.sum(), both.sum())), sizes))
        values = np.concatenate((of_single[alone], of_pair[both], values))
        order = first.argsort(kind="stable")
        first, sizes, values = first.take(order), sizes.take(order), values.take(order)
        kept = _without_overlap(first, sizes)
        return first.take(kept), sizes.take(kept), values.take(kept)

    def _longer(
        self, batch: Batch, pair: Ints, sums: Keys, reach: npt.NDArray[np.uint8], room: Ints
    ) -> tuple[Ints, Ints, npt.NDArray[np.uint16]]:
        """First token, tokens and value of the phrases of three tokens or more, from the pairs that begin like one."""
        # Every pair with every length that a phrase from there may have.
        place, number = (np.minimum(reach, room)[:, None] > _PLACES[2 : max(self.max_length, 2)]).nonzero()
        if not place.size:
            return place, place, self.values[:0]
        number += 2
        running = np.zeros(place.size + 1, dtype=np.uint64)
        (batch.tokens.keys.take(pair.take(place) + number) * _STEPS.take(number)).cumsum(out=running[1:])
        whole = sums.take(place) + running[1:] - running.take(np.arange(2, place.size + 2) - number)
        found, row = self.phrases.find(mix(whole))
        right = (self.lengths.take(row) == number.take(found) + 1).nonzero()[0]
        found = found.take(right)
        return pair.take(place.take(found)), number.take(found) + 1, self.values.take(row.take(right))


def _without_overlap(first: Ints, length: Ints) -> Ints:
    """The rows that stay when the longest phrase wins, then the first, then again among those that do not touch it."""
    if not first.size:
        return np.empty(0, np.int64)
    ends = np.maximum.accumulate(first + length)
    free = np.ones(first.size + 1, dtype=np.bool_)
    free[1:-1] = first[1:] >= ends[:-1]
    alone = free[:-1] & free[1:]
    contested = (~alone).nonzero()[0]
    if contested.size:
        spans = zip((-length[contested]).tolist(), first[contested].tolist(), contested.tolist(), strict=True)
        taken: set[int] = set()
        for negative, start, row in sorted(spans):
            tokens = range(start, start - negative)
            if taken.isdisjoint(tokens):
                taken.update(tokens)
                alone[row] = True
    return alone.nonzero()[0]


def build_phrases(phrases: Sequence[tuple[str, int]], tables: CharacterTables) -> PhraseTable:
    """Compile ``(phrase, value)`` pairs, value 1 to 65535, for :meth:`PhraseTable.find`. Of equal phrases the first counts."""
    rows: dict[int, tuple[int, int]] = {}
    firsts: set[int] = set()
    reach: dict[int, int] = {}
    for phrase, value in phrases:
        keys = tokenize(phrase, tables).keys
        if not keys.size:
            continue
        if keys.size > _STEPS.size:
            raise LexiconError(f"{phrase!r:.80} has {keys.size} tokens; a phrase has at most {_STEPS.size}")
        sums = mix(np.cumsum(keys * _STEPS[: keys.size]))
        rows.setdefault(int(sums[-1]), (int(keys.size), value))
        firsts.add(int(keys[0]))
        if keys.size > 1:
            pair = int(sums[1])
            reach[pair] = max(reach.get(pair, 0), int(keys.size))
    order, pairs = sorted(rows), sorted(reach)
    return PhraseTable(
        KeyIndex(np.array(order, dtype=np.uint64)),
        np.array([rows[key][0] for key in order], dtype=np.uint8),
        np.array([rows[key][1] for key in order], dtype=np.uint16),
        KeyIndex(np.array(sorted(firsts), dtype=np.uint64)),
        KeyIndex(np.array(pairs, dtype=np.uint64)),
        np.array([reach[key] for key in pairs], dtype=np.uint8),
    )
