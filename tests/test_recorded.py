"""The shipped models say what they said when their scores were recorded: on every machine, with every supported version.

After a new fit: ``python tests/refresh_scores.py`` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from refresh_scores import attributed

import hedgekit
from hedgekit.persistence import shipped

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "data" / "recorded_scores.json").read_text(encoding="utf-8")
)
ROWS = [(name, row) for name, rows in RECORDED.items() for row in rows]


def test_every_shipped_model_is_recorded() -> None:
    assert sorted(RECORDED) == shipped()
    sizes = {name: len({row["text"] for row in rows}) for name, rows in RECORDED.items()}
    assert sizes == {"general": 36, "biomedical": 8, "wikipedia": 8, "attribution": 10, "science": 8}


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name}: {row['text'][:40]}" for name, row in ROWS])
def test_recorded_scores(name: str, row: dict[str, Any]) -> None:
    [sentence] = hedgekit.load(name).annotate([row["text"]])
    assert sentence.certainty == (None if row["certainty"] is None else pytest.approx(row["certainty"], abs=1e-6))
    assert sentence.hedged == row["hedged"]
    assert [[cue.text, str(cue.type)] for cue in sentence.cues] == row["cues"]
    assert [attributed(attribution) for attribution in sentence.attributions] == row["attributions"]
    aspects = None if sentence.aspects is None else [str(certainty) for certainty in sentence.aspects.values()]
    assert aspects == row.get("aspects")


@pytest.mark.parametrize("name", RECORDED)
def test_together_as_alone(name: str) -> None:
    found = hedgekit.load(name).annotate([row["text"] for row in RECORDED[name]])
    assert [sentence.certainty for sentence in found] == [
        None if row["certainty"] is None else pytest.approx(row["certainty"], abs=1e-6) for row in RECORDED[name]
    ]
