"""Labels that lie over files kept elsewhere: read back exactly, refused where they do not fit, and without any text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hedgekit.corpora import LabelledAttribution, checksum, read_standoff
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


def test_shipped_labels_hold_no_text(seeds: Path) -> None:
    """Only offsets, numbers and names of types, files and documents."""
    lines = (seeds / "standoff.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 500
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
    assert count > 10_000
