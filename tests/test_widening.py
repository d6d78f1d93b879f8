"""A cue found as a part of a listed phrase is the whole phrase, where that is mostly a cue or all its words were found."""

from __future__ import annotations

import numpy as np
import pytest

from hedgekit.cues import TokenTable, widened

USUAL, SELDOM = (5 * 5 + 4) * 2 + 1, (1 * 5 + 4) * 2 + 1
UNLISTED = USUAL - 1


def table(*phrases: tuple[int, int, int]) -> TokenTable:
    columns = np.array(phrases, dtype=np.int64).reshape(-1, 3)
    nothing = np.zeros(0, np.uint16)
    return TokenTable(np.zeros((0, 0), np.uint64), nothing, nothing.astype(bool), columns[:, 0], columns[:, 1], columns[:, 2])


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        ([(3, 3)], [(2, 4)]),
        ([(2, 4)], [(2, 4)]),
        ([(2, 2), (4, 4)], [(2, 4)]),
        ([(1, 1), (3, 4), (5, 5)], [(1, 1), (2, 4), (5, 5)]),
        ([(1, 2)], [(1, 2)]),
        ([(4, 5)], [(4, 5)]),
        ([(2, 2), (4, 6)], [(2, 4)]),
        ([], []),
    ],
)
def test_parts_of_a_usual_cue(cues: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    spans = np.array(cues, dtype=np.int64).reshape(-1, 2)
    first, last, kept = widened(table((2, 4, USUAL), (8, 9, USUAL)), spans[:, 0], spans[:, 1])
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == expected
    assert kept.sum() == len(expected)


@pytest.mark.parametrize("strength", [SELDOM, UNLISTED])
def test_other_phrases_do_not_widen(strength: int) -> None:
    first, last, _ = widened(table((2, 4, strength)), np.array([3]), np.array([3]))
    assert (first.tolist(), last.tolist()) == ([3], [3])


@pytest.mark.parametrize(
    ("strength", "cues", "expected"),
    [
        (SELDOM, [(2, 2), (3, 4)], [(2, 4)]),
        (SELDOM, [(2, 3), (4, 4), (6, 6)], [(2, 4), (6, 6)]),
        (SELDOM, [(2, 2), (4, 4)], [(2, 2), (4, 4)]),
        (SELDOM, [(3, 3), (4, 4)], [(3, 3), (4, 4)]),
        (UNLISTED, [(2, 2), (3, 4)], [(2, 2), (3, 4)]),
    ],
)
def test_two_halves_of_a_phrase_are_one_cue(strength: int, cues: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    spans = np.array(cues, dtype=np.int64)
    first, last, _ = widened(table((2, 4, strength)), spans[:, 0], spans[:, 1])
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == expected
