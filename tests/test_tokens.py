"""Tokens: the same as the regular expression finds, with keys that are equal exactly when the folded words are."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hedgekit.keys import mix
from hedgekit.text.characters import DIGIT, KIND, OTHER, SPACE, UPPER, WORD, CharacterTables
from hedgekit.text.tokens import code_points, tokenize, word_key

TOKEN = re.compile(r"\w+(?:[-'’]\w+)*|[^\w\s]")
# Any code point at all, lone surrogates included, and text in which the interesting characters are common.
ANY = st.text(st.characters(exclude_categories=()), max_size=80)
DENSE = st.text(st.sampled_from("aZé0٣_-'’‘.,\"“ \n\t\u00a0\u200b\u0301İſK中😀\ud800\x00"), max_size=60)
TEXT = st.one_of(ANY, DENSE)
SAME = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "—", "…": "."}


def folded(word: str) -> str:
    """What a key stands for, said a second time and slowly."""
    out = []
    for char in word:
        lowered = char.lower()
        if ord(char) > 0xFFFF:
            out.append(char)
        elif char in SAME:
            out.append(SAME[char])
        elif unicodedata.category(char) == "Nd":
            out.append("0")
        else:
            out.append(lowered if len(lowered) == 1 else char)
    return "".join(out)


def words(text: str, tables: CharacterTables) -> list[str]:
    tokens = tokenize(text, tables)
    return [text[start:end] for start, end in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t\u00a0\u3000\u2028", []),
        ("a", ["a"]),
        ("-", ["-"]),
        ("'", ["'"]),
        ("It isn't so.", ["It", "isn't", "so", "."]),
        ("It isn’t so.", ["It", "isn’t", "so", "."]),
        ("a well-known co-author's", ["a", "well-known", "co-author's"]),
        ("'quoted' words", ["'", "quoted", "'", "words"]),
        ("the dogs' bowls", ["the", "dogs", "'", "bowls"]),
        ("rock-'n'-roll", ["rock", "-", "'", "n", "'", "-", "roll"]),
        ("two--dashes", ["two", "-", "-", "dashes"]),
        ("-5 and 5-", ["-", "5", "and", "5", "-"]),
        ("snake_case __init__", ["snake_case", "__init__"]),
        ("$3.5m, 40%", ["$", "3", ".", "5m", ",", "40", "%"]),
        ("“Hm…”", ["“", "Hm", "…", "”"]),
        ("naïve café", ["naïve", "café"]),
        ("cafe\u0301", ["cafe", "\u0301"]),
        ("会議は終わった。", ["会議は終わった", "。"]),
        ("👍🏽 ok", ["👍", "🏽", "ok"]),
        ("x\u200by", ["x", "\u200b", "y"]),
        ("a\x00b", ["a", "\x00", "b"]),
        ("a\ud800b", ["a", "\ud800", "b"]),
    ],
)
def test_exact_tokens(text: str, expected: list[str], tables: CharacterTables) -> None:
    assert words(text, tables) == expected


@given(TEXT)
@example("\ud83d\ude00")  # two lone surrogates are not one character
@example("a-")
@example("-a")
@example("a-'b")
def test_tokens_are_the_matches_of_the_pattern(tables: CharacterTables, text: str) -> None:
    tokens = tokenize(text, tables)
    assert list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)) == [match.span() for match in TOKEN.finditer(text)]


def test_every_code_point_is_classed_as_the_pattern_does(tables: CharacterTables) -> None:
    everything = "".join(map(chr, range(0x110000)))
    kinds = tables.classes & KIND
    assert np.flatnonzero(kinds == WORD).tolist() == [match.start() for match in re.finditer(r"\w", everything)]
    assert np.flatnonzero(kinds == SPACE).tolist() == [match.start() for match in re.finditer(r"\s", everything)]
    assert np.flatnonzero(tables.classes & UPPER).tolist() == [m.start() for m in re.finditer(r"\w", everything) if _is_upper(m.group())]
    assert np.flatnonzero(tables.classes & DIGIT).tolist() == [match.start() for match in re.finditer(r"\d", everything)]
    assert kinds[ord("$")] == OTHER


def _is_upper(char: str) -> bool:
    return unicodedata.category(char) in ("Lu", "Lt")


@given(TEXT)
def test_flags_tell_of_the_first_character(tables: CharacterTables, text: str) -> None:
    tokens = tokenize(text, tables)
    first = [match.group()[0] for match in TOKEN.finditer(text)]
    assert (tokens.shape & 1 > 0).tolist() == [_is_upper(char) for char in first]
    assert (tokens.shape & 2 > 0).tolist() == [unicodedata.category(char) == "Nd" for char in first]
    assert (tokens.shape & 4 > 0).tolist() == [re.fullmatch(r"\w", char) is not None for char in first]


@given(TEXT, TEXT)
def test_keys_are_equal_exactly_when_the_folded_words_are(tables: CharacterTables, text: str, other: str) -> None:
    seen: dict[int, str] = {}
    for part in (text, other, text.upper(), other.lower(), other + " " + text):
        for word, key in zip(words(part, tables), tokenize(part, tables).keys.tolist(), strict=True):
            assert seen.setdefault(key, folded(word)) == folded(word)
    assert len(set(seen.values())) == len(seen)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reportedly", "reportedly"),
        ("REPORTEDLY", "reportedly"),
        ("isn’t", "ISN'T"),
        ("ÉTAT", "état"),
        ("ПОЖАР", "пожар"),
        ("1984", "2024"),
        ("٤٢", "42"),
        ("m2", "M3"),
        ("“", '"'),
        ("»", "„"),
        ("–", "—"),
        ("…", "."),
    ],
)
def test_same_key(one: str, other: str, tables: CharacterTables) -> None:
    assert word_key(one, tables) == word_key(other, tables)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("may", "mays"),
        ("on", "no"),
        ("ab", "ba"),
        ("aa", "a"),
        ("0", "00"),
        ("1", "l"),
        ("well-known", "wellknown"),
        ("its", "it's"),
        ("resume", "résumé"),
        ("-", "—"),
        ("\x00", "\x01"),
    ],
)
def test_different_key(one: str, other: str, tables: CharacterTables) -> None:
    assert word_key(one, tables) != word_key(other, tables)


@given(st.text(st.sampled_from("abcXYZé09 -'’."), max_size=30), TEXT)
def test_a_key_does_not_depend_on_its_place(tables: CharacterTables, text: str, before: str) -> None:
    alone = tokenize(text, tables).keys.tolist()
    moved = tokenize(before + "\n" + text, tables).keys.tolist()
    assert moved[len(moved) - len(alone) :] == alone


def test_a_key_far_into_a_long_text_is_that_of_the_word_alone(tables: CharacterTables) -> None:
    tokens = tokenize("x " * 70_000 + "possibly", tables)
    assert int(tokens.keys[-1]) == word_key("possibly", tables)
    assert np.unique(tokens.keys[:-1]).tolist() == [word_key("x", tables)]


@given(TEXT, st.integers(1, 6))
def test_suffix_keys_are_keys_of_the_pieces(tables: CharacterTables, text: str, length: int) -> None:
    tokens = tokenize(text, tables)
    suffixes = mix(tokens.suffixes(length))
    pieces: dict[int, str] = {}
    for row, word in enumerate(words(text, tables)):
        piece = folded(word[-length:])
        assert pieces.setdefault(int(suffixes[row]), piece) == piece
        if len(word) <= length:
            assert suffixes[row] == tokens.keys[row]
    assert len(set(pieces.values())) == len(pieces)


def test_suffix_keys_of_chosen_tokens(tables: CharacterTables) -> None:
    tokens = tokenize("The UNLIKELY unlucky day", tables)
    assert mix(tokens.suffixes(2))[[2, 1]].tolist() == [word_key("ky", tables), word_key("ly", tables)]
    assert mix(tokens.suffixes(5))[0] == word_key("the", tables)
    assert tokenize("", tables).suffixes(3).size == 0


@pytest.mark.parametrize("word", ["", " ", "two words", "don't!", " led", "led ", "..", "a - b"])
def test_word_key_takes_one_token_only(word: str, tables: CharacterTables) -> None:
    with pytest.raises(ValueError, match=rf"{re.escape(repr(word))} is \d tokens?, not one"):
        word_key(word, tables)


@given(TEXT)
def test_code_points_are_those_of_python(text: str) -> None:
    assert code_points(text).tolist() == [ord(char) for char in text]


@given(TEXT)
def test_folding_text_is_folding_each_character(tables: CharacterTables, text: str) -> None:
    assert "".join(map(chr, tables.fold(code_points(text)).tolist())) == folded(text)


def test_tables_round_trip_through_arrays(tables: CharacterTables) -> None:
    arrays = tables.to_arrays()
    again = CharacterTables.from_arrays(arrays)
    assert again.classes.dtype == tables.classes.dtype
    assert again.folds.dtype == tables.folds.dtype
    np.testing.assert_array_equal(again.classes, tables.classes)
    np.testing.assert_array_equal(again.folds, tables.folds)
    assert sum(array.nbytes for array in arrays.values()) < 40_000
    assert all(array.dtype != object for array in arrays.values())


def test_mix_tells_numbers_apart() -> None:
    keys = np.arange(100_000, dtype=np.uint64)
    assert np.unique(mix(keys)).size == keys.size
    assert keys.tolist() == list(range(100_000))  # and leaves its input alone


@pytest.mark.parametrize("text", ["a" * 1_000_000, "-" * 1_000_000, "a-" * 500_000, " " * 1_000_000])
def test_a_megabyte_of_anything(text: str, tables: CharacterTables) -> None:
    tokens = tokenize(text, tables)
    assert len(tokens) == {"a": 1, "-": 1_000_000, " ": 0}[text[0]] + (text[-2:] == "a-")
