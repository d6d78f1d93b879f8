"""The reader for PolNeAR, on articles made up for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hedgekit.errors import DataError
from hedgekit.polnear import RoleSpans, read_polnear

TEXT = "“It rained,” Kim said, “and froze.”\r\nOne claim has been made."
ANNOTATION = """T1\tSource 13 16\tKim
T2\tCue 17 21\tsaid
T3\tContent 0 12;23 35\t“It rained,” “and froze.”
T4\tAttribution 17 21\tsaid
E1\tAttribution:T4 Content:T3 Cue:T2 Source:T1
T5\tCue 47 60\thas been made
T6\tContent 37 46\tOne claim
T7\tAttribution-no-source 47 60\thas been made
E2\tAttribution-no-source:T7 Cue:T5 Content:T6
E3\t
"""


def part(folder: Path, annotation: str, annotator: str = "ab12", text: str = TEXT) -> Path:
    """A part of the corpus with one article."""
    for name in ("text", "attributions"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "text" / "outlet_2016_one.txt").write_bytes(text.encode())
    (folder / "attributions" / f"outlet_2016_one_{annotator}.ann").write_text(annotation, encoding="utf-8")
    return folder


def test_spans_and_stretches_of_each_attribution(tmp_path: Path) -> None:
    [article] = read_polnear(part(tmp_path, ANNOTATION))
    assert (article.name, article.text) == ("outlet_2016_one", TEXT)
    assert article.attributions == (
        RoleSpans(((13, 16),), ((17, 21),), ((0, 12), (23, 35))),
        RoleSpans((), ((47, 60),), ((37, 46),)),
    )
    shown = [[article.text[a:b] for a, b in role] for role in (article.attributions[1].cue, article.attributions[1].content)]
    assert shown == [["has been made"], ["One claim"]]


def test_an_article_with_two_annotators_counts_once(tmp_path: Path) -> None:
    part(tmp_path, ANNOTATION, "ab12")
    [article] = read_polnear(part(tmp_path, "T1\tCue 17 21\tsaid\nE1\tCue:T1\n", "aa00"))
    assert article.attributions == (RoleSpans((), ((17, 21),), ()),)


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (ANNOTATION.replace("47 60", "47 600"), r"one_ab12\.ann:6: 47 600 does not lie in outlet_2016_one\.txt, which has 61 characters"),
        (ANNOTATION.replace("17 21", "21 17"), r"one_ab12\.ann:2: 21 17 does not lie"),
        (ANNOTATION.replace("Content:T6", "Content:T66"), r"one_ab12\.ann:9: 'Content:T66' names a span that is not in the file"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, annotation: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_polnear(part(tmp_path, annotation))


def test_a_folder_without_articles_and_one_without_the_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no attributions/\*\.ann found"):
        read_polnear(tmp_path)
    part(tmp_path, ANNOTATION)
    (tmp_path / "text" / "outlet_2016_one.txt").unlink()
    with pytest.raises(DataError, match=r"outlet_2016_one\.txt: cannot be read"):
        read_polnear(tmp_path)
