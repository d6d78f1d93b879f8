"""Labels that lie over files kept elsewhere: read back exactly, refused where they do not fit, and without any text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hedgekit.corpora import LabelledAttribution, checksum, read_guide, read_scopes, read_standoff
from hedgekit.errors import DataError
from hedgekit.labels import CUE_TYPES, KINDS, AttributionKind, CueType

TEXT = "Head\r\n\r\n“It may rain,” Ana said. It rained – twice."
SENTENCE = "“It may rain,” Ana said."
START = TEXT.index(SENTENCE)
ITEM: list[Any] = [
    START,
    START + len(SENTENCE),
    checksum(SENTENCE),
    0.42,
    True,
    [[4, 7, "modal"], [19, 23, "reportative"]],
    [[[15, 18], [19, 23], "named"], [None, None, "hearsay"]],
]


def write(folder: Path, *items: object, file: object = "news/a.txt", **more: object) -> Path:
    (folder / "news").mkdir(exist_ok=True)
    (folder / "news" / "a.txt").write_bytes(TEXT.encode())
    path = folder / "labels.jsonl"
    path.write_text(json.dumps({"file": file, "doc": "a", "sentences": list(items), **more}) + "\n", encoding="utf-8")
    return path


def test_labels_find_their_text(tmp_path: Path) -> None:
    second = TEXT.index("It rained")
    other = [second, len(TEXT), checksum(TEXT[second:]), None, False, [], []]
    first, last = read_standoff(write(tmp_path, ITEM, other), tmp_path, "laid")
    assert first.text == SENTENCE
    assert first.cues == ((4, 7, CueType.MODAL), (19, 23, CueType.REPORTATIVE))
    assert first.attributions == (
        LabelledAttribution((15, 18), (19, 23), None, AttributionKind.NAMED),
        LabelledAttribution(None, None, None, AttributionKind.HEARSAY),
    )
    assert (first.group, first.origin, first.certainty, first.hedged) == ("a", "laid", 0.42, True)
    assert (last.text, last.certainty, last.cues) == ("It rained – twice.", None, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0: START + 1}, "a.txt holds other text from 9 to"),
        ({0: "1"}, "holds other text from '1' to"),
        ({1: 10_000}, "holds other text"),
        ({2: "00000000"}, "holds other text"),
        ({3: 42}, "certainty must be null or 0 to 1, got 42"),
        ({4: None}, "hedged must be true or false, got None"),
        ({5: [[4, 7, "mood"]]}, "unknown cue type 'mood'"),
        ({5: [[4, 700, "modal"]]}, "span 4 to 700"),
        ({5: [[4, "modal"]]}, r"cues must be \[start, end, type\]"),
        ({5: 7}, r"cues must be \[start, end, type\]"),
        ({6: [[[15], [19, 23], "named"]]}, r"attributions \[source, cue, kind\]"),
        ({6: [[[15, 18], [19, 23], "someone"]]}, "unknown kind of attribution 'someone'"),
    ],
)
def test_mistakes_are_named_with_their_place(change: dict[int, object], message: str, tmp_path: Path) -> None:
    item = [change.get(place, value) for place, value in enumerate(ITEM)]
    with pytest.raises(DataError, match=rf"labels\.jsonl:1, sentence 2: .*{message}"):
        read_standoff(write(tmp_path, ITEM, item), tmp_path)


def test_rows_and_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":1, sentence 1: must be \[start, end, check"):
        read_standoff(write(tmp_path, [1, 2]), tmp_path)
    with pytest.raises(DataError, match=r":1: .*gone\.txt cannot be read .*give the folder that holds the corpora"):
        read_standoff(write(tmp_path, ITEM, file="news/gone.txt"), tmp_path)
    with pytest.raises(DataError, match=":1: a line needs 'file' and a list 'sentences'; found file, doc, sentences"):
        read_standoff(write(tmp_path, ITEM, file=3), tmp_path)


# The labels that ship


@pytest.mark.parametrize(("name", "least"), [("standoff", 10_000), ("wikiweasel", 1_000)])
def test_shipped_labels_hold_no_text(seeds: Path, name: str, least: int) -> None:
    """Only offsets, numbers and names of types, files and documents."""
    lines = (seeds / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    count = 0
    for line in lines:
        row = json.loads(line)
        assert set(row) == {"file", "doc", "sentences"}
        assert re.fullmatch(r"[\w./-]+", row["file"])
        assert re.fullmatch(r"[\w.-]+", row["doc"])
        end = 0
        for item in row["sentences"]:
            start, stop, check, certainty, hedged, cues, attributions = item
            assert end <= start < stop
            end = stop
            assert re.fullmatch("[0-9a-f]{8}", check)
            assert certainty is None or 0 <= certainty <= 1
            assert hedged in (True, False)
            assert all(0 <= a < b <= stop - start and kind in CUE_TYPES for a, b, kind in cues)
            assert [a for a, _, _ in cues] == sorted(a for a, _, _ in cues)
            spans = [span for source, cue, _ in attributions for span in (source, cue) if span is not None]
            assert all(0 <= a < b <= stop - start for a, b in spans)
            assert all(kind in KINDS for *_, kind in attributions)
            count += 1
    assert count > least


def test_of_xml_the_text_without_its_markup(tmp_path: Path) -> None:
    inside = "T &amp; B cells <xcope><cue>may</cue> divide</xcope>."
    (tmp_path / "a.xml").write_text(f"<s>{inside}</s>", encoding="utf-8")
    plain = "T & B cells may divide."
    item = [3, 3 + len(inside), checksum(plain), 0.42, True, [[12, 15, "modal"]], []]
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({"file": "a.xml", "doc": "a", "sentences": [item]}) + "\n", encoding="utf-8")
    [found] = read_standoff(path, tmp_path)
    assert found.text == plain
    assert found.text[slice(*found.cues[0][:2])] == "may"


def test_scopes_labelled_apart(tmp_path: Path) -> None:
    row = {
        "id": "a-1",
        "text": "It may rain, they say.",
        "certainty": 0.4,
        "hedged": True,
        "cues": [{"text": "may", "type": "modal"}, {"text": "say", "type": "reportative"}],
    }
    guide, scopes = tmp_path / "guide.jsonl", tmp_path / "scopes.jsonl"
    guide.write_text(json.dumps(row) + "\n", encoding="utf-8")
    scopes.write_text('{"id": "a-1", "scopes": [[3, 6, 3, 11]]}\n{"id": "b-7", "scopes": []}\n', encoding="utf-8")
    [sentence] = read_guide(guide, scopes=read_scopes(scopes))
    assert sentence.scopes == ((3, 11), None)
    scopes.write_text('{"id": "a-1", "scopes": [[4, 6, 3, 11]]}\n', encoding="utf-8")
    with pytest.raises(DataError, match="belong to other cues"):
        read_guide(guide, scopes=read_scopes(scopes))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 1, "scopes": []}', "needs a string 'id' and a list 'scopes'"),
        ('{"id": "a", "scopes": [[3, 6, 3]]}', r"a scope is \[cue start, cue end, start, end\], got \[3, 6, 3\]"),
        ('{"id": "a", "scopes": [[3, 6, 4, 11]]}', "the scope 4 to 11 does not contain its cue, 3 to 6"),
    ],
)
def test_scopes_that_cannot_be_are_refused(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "scopes.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"scopes\.jsonl:1: .*{message}"):
        read_scopes(path)


@pytest.mark.parametrize("scope", ["rain", {"start": 4, "end": 11}, "ay rain", {"text": "It"}])
def test_a_scope_that_does_not_hold_its_cue_is_refused(scope: object, tmp_path: Path) -> None:
    row = {"text": "It may rain.", "certainty": 0.4, "hedged": True, "cues": [{"text": "may", "type": "modal", "scope": scope}]}
    path = tmp_path / "guide.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"guide\.jsonl:1: the scope .* the cue 'may'"):
        read_guide(path)


def test_a_grade_alone(tmp_path: Path) -> None:
    """Sentences that a teacher graded have certainty and hedged, and nothing else."""
    (sentence,) = read_standoff(write(tmp_path, [START, START + len(SENTENCE), checksum(SENTENCE), 0.42, True]), tmp_path)
    assert (sentence.text, sentence.certainty, sentence.hedged, sentence.cues) == (SENTENCE, 0.42, True, ())
