"""Models saved in each format that was ever written still load, and give the scores that they gave.

``python tests/refresh_formats.py`` writes the file of the current format; see there when that is allowed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from refresh_formats import ARCHIVE, FORMATS, SCORES, SENTENCES, judged, pack, unpack

import hedgekit
from hedgekit.persistence import ARRAYS, CARD, FORMAT, HEADER

FOLDERS = sorted(FORMATS.iterdir())


def close(found: Any, recorded: Any) -> bool:
    """Whether plain values are the same, numbers to 1e-9."""
    if isinstance(recorded, dict):
        return set(found) == set(recorded) and all(close(found[name], recorded[name]) for name in recorded)
    if isinstance(recorded, list):
        return len(found) == len(recorded) and all(map(close, found, recorded))
    if isinstance(recorded, float):
        return math.isclose(found, recorded, rel_tol=0, abs_tol=1e-9)
    return bool(found == recorded)


def test_every_format_has_its_file() -> None:
    assert [folder.name for folder in FOLDERS] == sorted(f"format-{number}" for number in range(1, FORMAT + 1))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_frozen_model_gives_its_scores(folder: Path, tmp_path: Path) -> None:
    assert (folder / ARCHIVE).stat().st_size < 60_000
    unpack(folder / ARCHIVE, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((ARRAYS, CARD, HEADER))
    outer = json.loads((tmp_path / HEADER).read_text(encoding="utf-8"))
    assert folder.name == f"format-{outer['format']}"
    recorded = json.loads((folder / SCORES).read_text(encoding="utf-8"))
    model = hedgekit.load(tmp_path)
    found = judged(model)
    assert [row["text"] for row in recorded] == list(SENTENCES)
    for row, was in zip(found, recorded, strict=True):
        assert close(row, was), (row, was)
    certain = [row["certainty"] for row in recorded if row["certainty"] is not None]
    assert len(set(certain)) >= 5
    # Saved again, it is the same to the byte.
    model.save(tmp_path / "again")
    if outer["format"] == FORMAT:
        assert (tmp_path / "again" / ARRAYS).read_bytes() == (tmp_path / ARRAYS).read_bytes()
        assert (tmp_path / "again" / HEADER).read_bytes() == (tmp_path / HEADER).read_bytes()


def test_the_comparison_sees_what_differs() -> None:
    assert close([{"a": 0.5}, None, "x"], [{"a": 0.5 + 1e-10}, None, "x"])
    assert not close([{"a": 0.5}], [{"a": 0.5 + 1e-8}])
    assert not close([1.0], [1.0, 1.0])
    assert not close({"a": 1}, {"a": 1, "b": 2})


def test_an_archive_gives_back_its_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "a.bin").write_bytes(bytes(1000))
    (tmp_path / "one" / "b.txt").write_text("b", encoding="utf-8")
    pack(tmp_path / "one", tmp_path / "packed.tar.xz")
    unpack(tmp_path / "packed.tar.xz", tmp_path / "two")
    assert {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()} == {"a.bin": bytes(1000), "b.txt": b"b"}
    pack(tmp_path / "two", tmp_path / "again.tar.xz")
    assert (tmp_path / "again.tar.xz").read_bytes() == (tmp_path / "packed.tar.xz").read_bytes()
