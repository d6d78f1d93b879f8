"""The shipped model says what it said when its scores were recorded: on every machine, with every supported version.

After a new fit: ``python tests/refresh_scores.py`` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hedgekit.model import CertaintyModel

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "recorded_scores.json").read_text(encoding="utf-8"))


def test_there_are_thirty() -> None:
    assert len({row["text"] for row in ROWS}) == len(ROWS) == 30


@pytest.mark.parametrize("row", ROWS, ids=[row["text"][:40] for row in ROWS])
def test_recorded_scores(row: dict[str, Any], model: CertaintyModel) -> None:
    [sentence] = model.annotate([row["text"]])
    assert sentence.certainty == (None if row["certainty"] is None else pytest.approx(row["certainty"], abs=1e-6))
    assert sentence.hedged == row["hedged"]
    assert [[cue.text, str(cue.type)] for cue in sentence.cues] == row["cues"]


def test_together_as_alone(model: CertaintyModel) -> None:
    found = model.annotate([row["text"] for row in ROWS])
    assert [sentence.certainty for sentence in found] == [
        None if row["certainty"] is None else pytest.approx(row["certainty"], abs=1e-6) for row in ROWS
    ]
