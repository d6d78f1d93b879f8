"""The lexicon: reading its files, refusing mistakes with their place, and finding phrases in a batch."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hedgekit.batch import Batch, from_sentences, from_spans
from hedgekit.errors import HedgekitError, LexiconError
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.lexicon import MODIFIERS, Example, Lexicon, PhraseTable, build_phrases, parse_example, plain, read_lexicon
from hedgekit.text.characters import CharacterTables

GOOD = """# a comment

[[cue]]
forms = ["likely", "more likely"]
modifiers = ["intensifier", "negator"]
described = "own"
fires = ["Rain is [likely].", "[Very likely] the ferry [may|modal] sink."]
quiet = ["A likely story!"]

  [[ cue ]]  # written with spaces and a comment
forms = ["it isn't clear"]
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, content in files.items():
        (tmp_path / f"{name}.toml").write_text(content, encoding="utf-8")
    return tmp_path


# Reading


def test_entries_as_they_are_written(tmp_path: Path) -> None:
    lexicon = read_lexicon(folder(tmp_path, epistemic=GOOD))
    assert len(lexicon) == 2
    first, second = lexicon.entries
    assert first.forms == ("likely", "more likely")
    assert first.type is CueType.EPISTEMIC
    assert first.modifiers == ("intensifier", "negator")
    assert first.described == "own"
    assert first.fires == (
        Example("Rain is likely.", ((8, 14, CueType.EPISTEMIC),)),
        Example("Very likely the ferry may sink.", ((0, 11, CueType.EPISTEMIC), (22, 25, CueType.MODAL))),
    )
    assert first.quiet == ("A likely story!",)
    assert first.place == f"{tmp_path / 'epistemic.toml'}:3"
    assert second.forms == ("it isn't clear",)
    assert (second.modifiers, second.described, second.fires, second.quiet) == ((), "own", (), ())
    assert second.place == f"{tmp_path / 'epistemic.toml'}:10"


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    modal = '[[cue]]\nforms = ["may", "might"]\n'
    lexicon = read_lexicon(str(folder(tmp_path, modal=modal, epistemic=GOOD, modifiers='intensifier = ["very"]\n')))
    assert lexicon.forms() == [
        ("likely", CueType.EPISTEMIC),
        ("more likely", CueType.EPISTEMIC),
        ("it isn't clear", CueType.EPISTEMIC),
        ("may", CueType.MODAL),
        ("might", CueType.MODAL),
    ]
    assert lexicon.modifiers == {"intensifier": ("very",), "negator": ()}


def test_an_empty_file_is_no_entry(tmp_path: Path) -> None:
    assert read_lexicon(folder(tmp_path, modal="# nothing yet\n")) == Lexicon((), dict.fromkeys(MODIFIERS, ()))


def test_typographic_apostrophes_in_examples(tmp_path: Path) -> None:
    content = '[[cue]]\nforms = ["isn\'t clear"]\nfires = ["It [isn’t clear] why."]\nquiet = ["The soup ISN’T CLEAR."]\n'
    [entry] = read_lexicon(folder(tmp_path, investigative=content)).entries
    assert entry.fires[0].cues == ((3, 14, CueType.INVESTIGATIVE),)


def test_other_line_separators_do_not_move_the_line_number(tmp_path: Path) -> None:
    content = '[[cue]]\nforms = ["may"]\nquiet = ["In May\u2028it rains\u0085."]\n[[cue]]\nforms = []\n'
    with pytest.raises(LexiconError, match=r"modal\.toml:4: an entry without a form"):
        read_lexicon(folder(tmp_path, modal=content))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("modal", "[[cue]]\nforms = [may]\n", r"modal\.toml: not valid TOML: Invalid value \(at line 2, column 10\)"),
        ("modal", '[[cue]]\nforms = ["may"]\nforms = ["might"]\n', r"modal\.toml: not valid TOML: .*\(at line 3, column \d+\)"),
        ("modal", '[[cue]]\nforms = ["may"\n', r"modal\.toml: not valid TOML: .*\(at end of document\)"),
        (
            "verbs",
            '[[cue]]\nforms = ["may"]\n',
            r"verbs\.toml: unknown cue type 'verbs'; valid are reportative, weasel, modal, .*approximator",
        ),
        (
            "modal",
            '\n[[cue]]\nforms = ["may"]\nsource = "x"\n',
            r"modal\.toml:2: unknown field 'source'; valid are described, fires, forms, modifiers, quiet",
        ),
        ("modal", '[[word]]\nforms = ["may"]\n', r"modal\.toml: unknown table 'word'; every entry starts with \[\[cue\]\]"),
        ("modal", 'title = "modals"\n', r"modal\.toml: unknown table 'title'"),
        (
            "modal",
            '[cue]\nforms = ["may"]\n',
            r"modal\.toml: cannot tell the entries apart; every entry starts with \[\[cue\]\] on a line of its own",
        ),
        ("modal", "cue = 5\n", r"modal\.toml: cannot tell the entries apart"),
        ("modal", 'cue = [{forms = ["may"]}]\n', r"modal\.toml: cannot tell the entries apart"),
        ("modal", '[[cue]]\nforms = ["may"]\ndescribed = """\n[[cue]]\n"""\n', r"modal\.toml: cannot tell the entries apart"),
        ("modal", '[[cue]]\ndescribed = "own"\n', r"modal\.toml:1: an entry without a form; write forms = "),
        ("modal", "[[cue]]\nforms = []\n", r"modal\.toml:1: an entry without a form"),
        ("modal", '[[cue]]\nforms = ["may", " "]\n', r"modal\.toml:1: an entry without a form"),
        ("modal", '[[cue]]\nforms = "may"\n', r"modal\.toml:1: forms must be a list of strings, got 'may'"),
        ("modal", "[[cue]]\nforms = [1]\n", r"modal\.toml:1: forms must be a list of strings, got \[1\]"),
        ("modal", '[[cue]]\nforms = ["may"]\nfires = "It [may] rain."\n', r"modal\.toml:1: fires must be a list of strings"),
        ("modal", '[[cue]]\nforms = ["May"]\n', r"modal\.toml:1: form 'May' must be lower case with single spaces: 'may'"),
        ("modal", '[[cue]]\nforms = ["may  be"]\n', r"modal\.toml:1: form 'may  be' must be lower case with single spaces: 'may be'"),
        ("modal", '[[cue]]\nforms = ["may "]\n', r"modal\.toml:1: form 'may ' must be lower case"),
        (
            "modal",
            '[[cue]]\nforms = ["may"]\nmodifiers = ["very"]\n',
            r"modal\.toml:1: unknown modifier 'very'; valid are intensifier, negator",
        ),
        ("modal", '[[cue]]\nforms = ["may"]\ndescribed = 1961\n', r"modal\.toml:1: described must be text, got 1961"),
        (
            "modal",
            '[[cue]]\nforms = ["may"]\nfires = ["It may rain."]\n',
            r"modal\.toml:1: no bracket in 'It may rain\.' holds a form of the entry \(may\)",
        ),
        (
            "modal",
            '[[cue]]\nforms = ["may"]\nfires = ["It [might] rain in May."]\n',
            r"modal\.toml:1: no bracket in 'It might rain in May\.' holds",
        ),
        ("modal", '[[cue]]\nforms = ["may"]\nfires = ["[Dismay] spread."]\n', r"modal\.toml:1: no bracket in 'Dismay spread\.' holds"),
        ("modal", '[[cue]]\nforms = ["may"]\nfires = ["It [may|mood] rain."]\n', r"modal\.toml:1: unknown cue type 'mood'; valid are"),
        (
            "modal",
            '[[cue]]\nforms = ["may"]\nquiet = ["It rained to their dismay."]\n',
            r"modal\.toml:1: 'It rained to their dismay\.' holds no form",
        ),
        (
            "modal",
            '[[cue]]\nforms = ["may"]\n[[cue]]\nforms = ["might", "may"]\n',
            r"modal\.toml:3: form 'may' stands already at .*modal\.toml:1; keep one of them",
        ),
        ("modal", '[[cue]]\nforms = ["may", "may"]\n', r"modal\.toml:1: form 'may' stands already at .*modal\.toml:1"),
        ("modifiers", 'booster = ["very"]\n', r"modifiers\.toml: unknown list 'booster'; valid are intensifier, negator"),
        ("modifiers", 'negator = "not"\n', r"modifiers\.toml: negator must be a list of words, got 'not'"),
        ("modifiers", 'negator = ["not", ""]\n', r"modifiers\.toml: negator must be a list of words"),
    ],
)
def test_mistakes_are_refused_with_their_place(name: str, content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=message) as caught:
        read_lexicon(folder(tmp_path, **{name: content}))
    assert str(caught.value).startswith(str(tmp_path))
    assert isinstance(caught.value, HedgekitError)
    assert isinstance(caught.value, ValueError)


def test_a_form_in_two_files_is_refused(tmp_path: Path) -> None:
    files = {"booster": '[[cue]]\nforms = ["sure"]\n', "epistemic": '\n\n[[cue]]\nforms = ["not sure", "sure"]\n'}
    with pytest.raises(LexiconError, match=r"epistemic\.toml:3: form 'sure' stands already at .*booster\.toml:1; keep one of them"):
        read_lexicon(folder(tmp_path, **files))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modal.toml").write_bytes('[[cue]]\nforms = ["dürfte"]\n'.encode("latin-1"))
    with pytest.raises(LexiconError, match=r"modal\.toml: not UTF-8: .* at byte 19; save the file as UTF-8"):
        read_lexicon(tmp_path)


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_files_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LexiconError, match=r"no \*\.toml file found; a lexicon is a folder with one file per cue type"):
        read_lexicon(tmp_path / name)


@pytest.mark.parametrize(
    ("marked", "text", "cues"),
    [
        ("Nothing here.", "Nothing here.", ()),
        ("", "", ()),
        ("[May] be", "May be", ((0, 3, CueType.MODAL),)),
        ("It [may] or [is likely to|epistemic] fall", "It may or is likely to fall", ((3, 6, CueType.MODAL), (10, 22, CueType.EPISTEMIC))),
        ("Not a [] bracket", "Not a [] bracket", ()),
        ("Open [may", "Open [may", ()),
    ],
)
def test_examples(marked: str, text: str, cues: tuple[tuple[int, int, CueType], ...]) -> None:
    assert parse_example(marked, CueType.MODAL) == Example(text, cues)


@given(st.lists(st.tuples(st.text("ab é'", max_size=5), st.text("xy z", min_size=1, max_size=5), st.sampled_from([None, *CUE_TYPES]))))
def test_examples_keep_every_offset(parts: list[tuple[str, str, CueType | None]]) -> None:
    marked = "".join(f"{before}[{cue}{f'|{kind}' if kind else ''}]" for before, cue, kind in parts)
    parsed = parse_example(marked, CueType.WEASEL)
    assert parsed.text == "".join(before + cue for before, cue, _ in parts)
    assert [(parsed.text[a:b], kind) for a, b, kind in parsed.cues] == [(cue, kind or CueType.WEASEL) for _, cue, kind in parts]


def test_plain_lowers_and_straightens() -> None:
    assert plain("It ISN’T ‘so’") == "it isn't 'so'"


# Finding


def found(table: PhraseTable, batch: Batch) -> list[tuple[str, int]]:
    firsts, lengths, values = table.find(batch)
    tokens = batch.tokens
    return [
        (batch.text[tokens.starts[first] : tokens.ends[first + length - 1]], value)
        for first, length, value in zip(firsts.tolist(), lengths.tolist(), values.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("phrases", "sentences", "expected"),
    [
        (["may"], ["It may rain."], ["may"]),
        (["may"], ["MAY it rain in May?"], ["MAY", "May"]),
        (["may"], ["To our dismay, mayors may-be."], []),
        (["it is said that"], ["Now it is said that it is said."], ["it is said that"]),
        (["it is said that"], ["It is\n  said\tthat he left."], ["It is\n  said\tthat"]),
        (["it isn't clear"], ["It isn’t clear."], ["It isn’t clear"]),
        (["up to 10"], ["Up to 25 left."], ["Up to 25"]),
        # The longest wins, wherever it begins.
        (["likely", "most likely", "most likely to"], ["He is most likely to go, likely now."], ["most likely to", "likely"]),
        (["as far", "far as i know"], ["as far as I know"], ["far as I know"]),
        # Of equal length the first wins, and what is left is looked at again.
        (["to be", "be to"], ["to be to be"], ["to be", "to be"]),
        (["a a"], ["a a a a a"], ["a a", "a a"]),
        (["a b c d", "d e f", "f g"], ["a b c d e f g"], ["a b c d", "f g"]),
        (["a b", "b c d", "d e f", "f g"], ["a b c d e f g"], ["b c d", "f g"]),
        (["b", "a b", "b c", "c"], ["a b c"], ["a b", "c"]),
        # Never across sentences.
        (["of course"], ["Most of", "course work"], []),
        (["of", "of course"], ["Most of", "Course of"], ["of", "of"]),
        (["may"], ["", "may", "", " may "], ["may", "may"]),
        ([], ["It may rain."], []),
        (["may"], [], []),
        (["may"], [""], []),
        (["may"], ["Nothing."], []),
    ],
)  # fmt: skip
def test_found_phrases(phrases: list[str], sentences: list[str], expected: list[str], tables: CharacterTables) -> None:
    table = build_phrases([(phrase, 7) for phrase in phrases], tables)
    assert found(table, from_sentences(sentences, tables)) == [(text, 7) for text in expected]


def test_values_tell_phrases_apart(tables: CharacterTables) -> None:
    table = build_phrases([("may", 1), ("may well", 2), ("so to speak", 255), ("May", 9), ("  ", 3)], tables)
    assert len(table.phrases) == 3
    assert table.max_length == 3
    assert build_phrases([], tables).max_length == 0
    text = ["It may, so to speak, or may well not."]
    assert found(table, from_sentences(text, tables)) == [("may", 1), ("so to speak", 255), ("may well", 2)]


def test_offsets_count_in_the_whole_text(tables: CharacterTables) -> None:
    text = "It may rain. It may well not."
    batch = from_spans(text, np.array([0, 13]), np.array([12, 29]), tables)
    firsts, lengths, values = build_phrases([("may", 1), ("may well", 2)], tables).find(batch)
    assert (firsts.tolist(), lengths.tolist(), values.tolist()) == ([1, 5], [1, 2], [1, 2])
    assert batch.tokens.starts[firsts].tolist() == [3, 16]
    assert batch.tokens.ends[firsts + lengths - 1].tolist() == [6, 24]


def naive(phrases: list[list[str]], sentences: list[list[str]]) -> list[tuple[int, int, int]]:
    """All matches; take the longest, of these the first, strike out what it touches, and begin again."""
    open_matches, offset = [], 0
    for words in sentences:
        for start in range(len(words)):
            for value, phrase in enumerate(phrases, 1):
                if words[start : start + len(phrase)] == phrase and phrases.index(phrase) == value - 1:
                    open_matches.append((offset + start, len(phrase), value))
        offset += len(words)
    kept = []
    while open_matches:
        best = min(open_matches, key=lambda match: (-match[1], match[0]))
        kept.append(best)
        open_matches = [m for m in open_matches if m[0] + m[1] <= best[0] or best[0] + best[1] <= m[0]]
    return sorted(kept)


WORDS = st.sampled_from("abc")
PHRASES = st.lists(st.lists(WORDS, min_size=1, max_size=5), max_size=12)


@given(PHRASES, st.lists(st.lists(WORDS, max_size=25), max_size=4))
@example([["a", "b", "c"], ["b", "c", "a"], ["c", "a"]], [["a", "b", "c", "a"]])
def test_find_agrees_with_a_naive_matcher(tables: CharacterTables, phrases: list[list[str]], sentences: list[list[str]]) -> None:
    table = build_phrases([(" ".join(phrase), value) for value, phrase in enumerate(phrases, 1)], tables)
    firsts, lengths, values = table.find(from_sentences([" ".join(words) for words in sentences], tables))
    assert list(zip(firsts.tolist(), lengths.tolist(), values.tolist(), strict=True)) == naive(phrases, sentences)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=40), max_size=4))
def test_any_text_can_be_searched(tables: CharacterTables, sentences: list[str]) -> None:
    table = build_phrases([("may", 1), ("it's", 2), (". .", 3)], tables)
    batch = from_sentences(sentences, tables)
    for text, value in found(table, batch):
        assert re.fullmatch(("may", r"it['’‘ʼ]s", r"[.…]\s*[.…]")[value - 1], text, re.IGNORECASE)


@pytest.mark.parametrize("words", ["may ", "may be ", "be may be may so "])
def test_finding_takes_linear_time(words: str, tables: CharacterTables) -> None:
    phrases = ["may", "may may", "may may may", "may be", "be may", "be may be", "may so"]
    table = build_phrases([(phrase, 1) for phrase in phrases], tables)
    batch = from_sentences([words * 100_000], tables)
    begin = time.perf_counter()
    firsts, lengths, _ = table.find(batch)
    assert time.perf_counter() - begin < 5
    assert (firsts[1:] >= firsts[:-1] + lengths[:-1]).all()
