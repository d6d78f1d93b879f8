"""The comparison of versions counts what it says; it is run for real by ``python -m benchmarks.versions``."""

from __future__ import annotations

import copy
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import hedgekit  # noqa: F401

# As in test_benchmarks: the checkout comes first for this import, behind that of hedgekit.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import version_worker, versions

sys.path.pop(0)
ROOT = Path(__file__).resolve().parent.parent

SAID = {"numbers": [[0.9, 0.1], [-1.0, 0.0], [0.4, 0.8, 0.95]], "cues": [[], [], [["may", "modal"]]]}
PACKAGES = {name: {"scikit-learn": name, "numpy": "2.0", "scipy": "1.14"} for name in ("old", "new")}


def judged() -> dict[str, dict[str, Any]]:
    return {name: {model: copy.deepcopy(SAID) for model in ("old", "new")} for name in ("old", "new")}


def test_the_oldest_is_the_one_that_is_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [oldest] = [found[1] for entry in project["dependencies"] if (found := re.fullmatch(r"scikit-learn>=([\d.]+)", entry))]
    assert next(iter(versions.ENVIRONMENTS)).startswith(oldest)
    assert list(versions.ENVIRONMENTS)[-1] == "newest"
    assert len(versions.ENVIRONMENTS) == 4
    assert versions.ENVIRONMENTS["newest"] == ("scikit-learn", "numpy", "scipy")


def test_the_same_everywhere() -> None:
    table, agree = versions.compare(PACKAGES, judged(), {"old": True, "new": True})
    assert agree
    assert [row[3:] for row in table.rows] == [("2", "0", "yes", "the same bytes")] * 2


@pytest.mark.parametrize(("moved", "agrees"), [(1e-12, True), (1e-8, False)])
def test_a_score_that_moves(moved: float, agrees: bool) -> None:
    said = judged()
    said["new"]["old"]["numbers"][0][0] += moved
    table, agree = versions.compare(PACKAGES, said, {"old": True, "new": False})
    assert agree == agrees
    assert [row[5] for row in table.rows] == ["yes", "yes" if agrees else "NO"]
    assert table.rows[1][6] == "0.0e+00; 0 of 3 sentences"


def test_a_cue_that_is_missed() -> None:
    said = judged()
    said["old"]["new"]["cues"][2] = []
    table, agree = versions.compare(PACKAGES, said, {"old": True, "new": True})
    assert not agree
    assert table.rows[0][4] == "inf"


def test_fits_may_differ_without_disagreement() -> None:
    said = judged()
    for name in said:
        said[name]["new"]["numbers"][0][0] = 0.8
        said[name]["new"]["numbers"][1][0] = 0.5
    table, agree = versions.compare(PACKAGES, said, {"old": True, "new": False})
    assert agree
    assert table.rows[1][6] == "1.0e-01; 1 of 3 sentences"


@pytest.mark.parametrize("agree", [True, False])
def test_the_exit_status_tells(agree: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table, _ = versions.compare(PACKAGES, judged(), {"old": True, "new": True})
    monkeypatch.setattr(versions, "run", lambda envs, progress: (table, agree))
    done = CliRunner().invoke(versions.main, ["--envs", str(tmp_path)])
    assert done.exit_code == (0 if agree else 1)
    assert "## Models across versions" in done.output


def test_what_the_worker_judges(small_folder: Path) -> None:
    found = version_worker.judge(small_folder, ["The bridge may be closed.", "Who sold it?"])
    [[certainty, hedged, cue], [silent, none]] = found["numbers"]
    assert 0 < certainty < 1
    assert 0 < hedged < 1
    assert 0 < cue < 1
    assert (silent, none) == (-1.0, 0.0)
    assert found["cues"] == [[["may", "modal"]], []]
    assert versions.difference(found, found) == 0
