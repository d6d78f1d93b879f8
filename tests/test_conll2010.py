"""Reading the Wikipedia data of CoNLL-2010: spans from columns, labels from lists, errors with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hedgekit.conll2010 import UNTYPED, read_columns, read_lists
from hedgekit.errors import DataError

COLUMNS = "It\tPRP\t_\nis\tVBZ\tCUE-1\nwidely\tRB\tCUE-1\nperhaps\tRB\tCUE-2\nread\tVBN\t_\n.\t.\t_\n\nYes\tUH\t_\n"


def test_columns(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Late\tRB\t_\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text(COLUMNS, encoding="utf-8")
    first, second, third = read_columns(tmp_path)
    assert first.text == "It is widely perhaps read ."
    assert [(first.text[a:b], kind) for a, b, kind in first.cues] == [("is widely", UNTYPED), ("perhaps", UNTYPED)]
    assert (first.group, first.hedged, first.graded) == ("wikipedia-a", True, False)
    assert (second.text, second.cues, second.hedged, second.group) == ("Yes", (), False, "wikipedia-a")
    assert (third.text, third.group) == ("Late", "wikipedia-b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("It\tPRP\n", r"a\.txt:1: a line is token, part of speech"),
        ("It\tPRP\t_\n\nis\tVBZ\tCUE\n", r"a\.txt:3: a line is token"),
        ("\n \n", "no sentence found"),
    ],
)
def test_columns_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_columns(path)


def test_lists(tmp_path: Path) -> None:
    certain, uncertain = tmp_path / "certain.txt", tmp_path / "uncertain.txt"
    certain.write_text("It rained.\n" * 101 + "\n", encoding="utf-8")
    uncertain.write_text("Some say so.\n", encoding="utf-8")
    found = read_lists(certain, uncertain)
    assert [sentence.hedged for sentence in found] == [False] * 101 + [True]
    assert [sentence.group for sentence in (found[0], found[99], found[100], found[101])] == [
        "wikipedia-certain-0",
        "wikipedia-certain-0",
        "wikipedia-certain-1",
        "wikipedia-uncertain-0",
    ]


def test_lists_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.txt: cannot be read"):
        read_lists(tmp_path / "gone.txt", tmp_path / "gone.txt")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="no sentence found; write one sentence a line"):
        read_lists(tmp_path / "empty.txt", tmp_path / "empty.txt")
