"""The reader of rated findings, and the model fitted on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hedgekit
from hedgekit.errors import DataError
from hedgekit.findings import Finding, read_findings
from hedgekit.labels import ASPECTS, Aspect, AspectCertainty
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.training import science

NONE = {str(aspect).capitalize(): "NotPresent" for aspect in ASPECTS}


def write(folder: Path, *rows: Any) -> Path:
    path = folder / "findings.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_ratings_are_mapped_from_their_scale(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"finding": "Salt dissolves.", "sentence-level-certainty": 6},
        {"finding": "Salt may dissolve.", "sentence-level-certainty": 3.5},
        {"finding": "Half of it dissolved.", "aspect-level-certainty": {**NONE, "Number": "Certain", "Extent": "Uncertain"}},
    )
    plain, hedged, half = read_findings(path)
    assert (plain.certainty, hedged.certainty, half.certainty) == (1.0, 0.5, None)
    assert half.aspects is not None
    assert half.aspects[Aspect.NUMBER] is AspectCertainty.CERTAIN
    assert half.aspects[Aspect.EXTENT] is AspectCertainty.UNCERTAIN
    assert half.aspects[Aspect.FRAMING] is AspectCertainty.NOT_PRESENT


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"finding": " ", "sentence-level-certainty": 3}, "must be a text"),
        ({"finding": "A."}, "has either"),
        ({"finding": "A.", "sentence-level-certainty": 3, "aspect-level-certainty": NONE}, "has either"),
        ({"finding": "A.", "sentence-level-certainty": 0.5}, "from 1 to 6, got 0.5"),
        ({"finding": "A.", "sentence-level-certainty": "high"}, "from 1 to 6"),
        ({"finding": "A.", "aspect-level-certainty": {"Number": "Certain"}}, "must give Number, Extent"),
        ({"finding": "A.", "aspect-level-certainty": {**NONE, "Number": "Maybe"}}, "must give Number, Extent"),
        ({"finding": "A.", "aspect-level-certainty": {**NONE, "Number": ["Certain"]}}, "must give Number, Extent"),
    ],
)
def test_a_bad_finding_is_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    path = write(tmp_path, {"finding": "Fine.", "sentence-level-certainty": 4}, row)
    with pytest.raises(DataError, match=message) as error:
        read_findings(path)
    assert f"{path}:2" in str(error.value)


def test_versions_of_one_finding_are_one_group() -> None:
    texts = [
        "The treatment reduced the risk of stroke by a fifth in older patients.",
        "In a second trial the treatment reduced the risk of stroke by a fifth in older patients.",
        "The treatment reduced the risk of stroke by a fifth, and that of falls by half, in the young.",
        "Bees remember faces.",
    ]
    one, two, three, other = science.groups([Finding(text, 0.5) for text in texts])
    assert one == two == three != other


def test_the_recipe_learns_certainty_and_aspects() -> None:
    """On a few findings of the test's own: what readers rate low comes out lower, and aspects are told apart."""
    things = ["bees", "tides", "oaks", "owls", "eels", "reefs", "moths", "ferns", "crabs", "wolves", "larks", "toads"]
    plain = [Finding(f"The survey shows that {thing} return in spring.", 0.9) for thing in things]
    hedged = [Finding(f"The survey suggests that {thing} might return in spring.", 0.3) for thing in things]
    counted = dict.fromkeys(ASPECTS, AspectCertainty.NOT_PRESENT)
    aspects = [
        Finding(f"{start} {thing} were counted.", aspects={**counted, Aspect.NUMBER: level})
        for thing in things
        for start, level in (
            ("Exactly 412", AspectCertainty.CERTAIN),
            ("About 400", AspectCertainty.UNCERTAIN),
            ("Many", AspectCertainty.NOT_PRESENT),
        )
    ]
    base = hedgekit.load("general").parameters
    fitted = science.fit([*plain, *hedged, *aspects], base)
    model = CertaintyModel(fitted, {"name": "small"})
    low, high = model.score(["The survey suggests that seals might return in spring.", "The survey shows that seals return in spring."])
    assert low < high - 0.2
    found = [
        sentence.aspects
        for sentence in model.annotate(["Exactly 412 seals were counted.", "About 400 seals were counted.", "Many seals were counted."])
    ]
    assert [row[Aspect.NUMBER] for row in found if row] == [AspectCertainty.CERTAIN, AspectCertainty.UNCERTAIN, AspectCertainty.NOT_PRESENT]
    # Aspects that never vary keep their only value.
    assert all(row[Aspect.FRAMING] is AspectCertainty.NOT_PRESENT for row in found if row)
    arrays = Parameters.from_arrays(fitted.to_arrays()).to_arrays()
    assert all(np.array_equal(arrays[name], array) for name, array in fitted.to_arrays().items())


def test_the_shipped_model_has_aspects_and_the_others_none() -> None:
    text = "These results suggest that about 30% of patients may benefit."
    [finding] = hedgekit.load("science").annotate([text])
    assert finding.aspects is not None
    assert set(finding.aspects) == set(ASPECTS)
    assert set(finding.aspects.values()) > {AspectCertainty.UNCERTAIN}
    assert hedgekit.annotate([text])[0].aspects is None


def test_what_makes_no_claim_speaks_of_no_aspect() -> None:
    model = hedgekit.load("science")
    [empty] = model.annotate([" "])
    assert empty.certainty is None
    assert empty.aspects == dict.fromkeys(ASPECTS, AspectCertainty.NOT_PRESENT)
    assert list(model.analyze("").to_frame().columns[-6:]) == [f"aspect_{aspect}" for aspect in ASPECTS]


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("The drug may slow the disease.", "The drug slows the disease."),
        ("These data suggest that the drug slows the disease.", "The drug slowed the disease in all patients."),
        ("It is unclear whether sleep affects memory.", "Sleep improves memory."),
    ],
)
def test_hedged_findings_score_lower(lower: str, higher: str) -> None:
    low, high = hedgekit.load("science").score([lower, higher])
    assert low < high
