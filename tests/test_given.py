"""Sentences that are passed in."""

from __future__ import annotations

from typing import Any

import pytest

from hedgekit.errors import OptionError
from hedgekit.given import whole_words
from hedgekit.model import CertaintyModel

TEXT = "It rained. Officials said the dam may break. Why?"


def test_the_same_sentences_give_the_same_document(model: CertaintyModel) -> None:
    document = model.analyze(TEXT)
    assert model.analyze(TEXT, sentences=[(one.start, one.end) for one in document]) == document
    assert model.analyze(TEXT, sentences=((0, 11), (11, 45), (45, 49))) == document
    assert model.analyze("", sentences=[]) == model.analyze("")


def test_other_sentences(model: CertaintyModel) -> None:
    joined = model.analyze(TEXT, sentences=[(0, 44), (44, 45), (45, 49)])
    assert [one.text for one in joined] == [TEXT[:44], "Why?"]
    [whole] = model.analyze(TEXT, sentences=[(0, len(TEXT))])
    assert whole.text == TEXT
    parts = model.analyze("It rained.It may snow.", sentences=[(0, 10), (10, 22)])
    assert [one.certainty for one in parts] == pytest.approx([model.score("It rained."), model.score("It may snow.")], abs=1e-9)


@pytest.mark.parametrize(
    ("sentences", "told"),
    [
        ([(0, 10)], r"leave out 'Officials said the dam may break\. Why\?'"),
        ([(3, 49)], "leave out 'It'"),
        ([(0, 20), (11, 49)], r"\(11, 49\) begins before the one in front of it ends, at 20"),
        ([(0, 11), (11, 45), (0, 11)], "in order"),
        ([(0, 50)], r"\(0, 50\) is no stretch of a text of 49 characters"),
        ([(-1, 49)], "no stretch"),
        ([(9, 3)], "no stretch"),
        ([(0, 14), (14, 49)], "begins at 14, in the middle of a word"),
    ],
)
def test_what_cannot_be(sentences: Any, told: str, model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match=told):
        model.analyze(TEXT, sentences=sentences)


def test_words_stay_whole(model: CertaintyModel) -> None:
    tables = model.parameters.tables
    assert whole_words("It isn't.So what", [(0, 5), (5, 9), (9, 16)], tables) == [(0, 9), (9, 16)]
    assert whole_words(" a  b ", [(0, 3), (3, 4), (4, 6)], tables) == [(1, 2), (4, 5)]
    assert whole_words("", [], tables) == []
