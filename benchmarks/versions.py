"""Whether models fitted with one version of scikit-learn give the same scores with every other.

Builds virtual environments with the oldest supported scikit-learn, the newest and two in between, each with numpy and SciPy of its
time, trains a small model on invented sentences in each, and has each model judge the same texts in all. Run
``python -m benchmarks.versions``; it needs the network. Exit status 1 says that scores differ.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.tables import Table, save

ROOT = Path(__file__).resolve().parent.parent
WORKER = Path(__file__).with_name("version_worker.py")
# The oldest is the one that pyproject.toml names. A scikit-learn knows nothing of numpy and SciPy that came after it.
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "1.5.0": ("scikit-learn==1.5.0", "numpy<2.1", "scipy<1.14"),
    "1.6.1": ("scikit-learn==1.6.1", "numpy<2.3", "scipy<1.16"),
    "1.8.0": ("scikit-learn==1.8.0", "numpy<2.5", "scipy<1.18"),
    "newest": ("scikit-learn", "numpy", "scipy"),
}
_OTHERS = ("joblib>=1.3", "nltk>=3.9.1", "click>=8.1", "tqdm>=4.66")
_SOURCES = ("hedgekit", "models", "seeds", "pyproject.toml", "README.md", "LICENSE")
# Up to this difference scores are the same.
TOLERANCE = 1e-9

Judged = Mapping[str, Any]


def build(folder: Path, requirements: Sequence[str], wheel: Path) -> Path:
    """The interpreter of an environment with these packages and hedgekit; one that stands there is used again."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "ready").is_file():
        venv.create(folder, with_pip=True, clear=True)
        _pip(python, "install", "--prefer-binary", *requirements, *_OTHERS)
        (folder / "ready").touch()
    _pip(python, "install", "--no-deps", "--force-reinstall", str(wheel))
    return python


def _pip(python: Path | str, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"pip {' '.join(arguments)}:\n{done.stderr[-2000:]}")


def build_wheel(folder: Path) -> Path:
    """A wheel of this checkout, built from a copy."""
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / "source" / name)
    _pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(folder / "source"))
    [wheel] = folder.glob("*.whl")
    return wheel


def work(python: Path, *arguments: str) -> str:
    """What the worker prints, run by an interpreter away from the checkout and on one thread."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(python), "-W", "ignore", str(WORKER), *arguments],
        env={**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{python} {' '.join(arguments)}:\n{done.stderr[-2000:]}")
    return done.stdout


def difference(one: Judged, other: Judged) -> float:
    """The greatest difference of two models' numbers; infinite where they do not find the same cues."""
    if one["cues"] != other["cues"]:
        return float("inf")
    pairs = [(a, b) for left, right in zip(one["numbers"], other["numbers"], strict=True) for a, b in zip(left, right, strict=True)]
    return max((abs(a - b) for a, b in pairs), default=0.0)


def certainty_difference(one: Judged, other: Judged) -> tuple[float, int]:
    """The greatest difference of certainty of two fits, and how many sentences have other cues, or a claim in one alone."""
    unlike, greatest = 0, 0.0
    for left, right, these, those in zip(one["numbers"], other["numbers"], one["cues"], other["cues"], strict=True):
        claims = left[0] >= 0, right[0] >= 0
        unlike += these != those or claims[0] != claims[1]
        if all(claims):
            greatest = max(greatest, abs(left[0] - right[0]))
    return greatest, unlike


def compare(
    packages: Mapping[str, Mapping[str, str]], judged: Mapping[str, Mapping[str, Judged]], same: Mapping[str, bool]
) -> tuple[Table, bool]:
    """The table, and whether all agree.

    Parameters
    ----------
    packages : mapping
        Environment to the versions of its packages.
    judged : mapping
        Environment to model to what it said there. A model has the name of the environment that it was fitted in.
    same : mapping
        Model to whether its arrays are those of the first, to the byte.
    """
    first = next(iter(judged))
    n = len(judged[first][first]["numbers"])
    rows, agree = [], True
    for name, models in judged.items():
        worst = max(difference(found, judged[model][model]) for model, found in models.items())
        agree &= worst <= TOLERANCE
        moved, unlike = certainty_difference(models[name], judged[first][first])
        versions = packages[name]
        fit = "the same bytes" if same[name] else f"{moved:.1e}; {unlike} of {n} sentences"
        cells = (versions["scikit-learn"], versions["numpy"], versions["scipy"], str(len(models)), f"{worst:.0e}" if worst else "0")
        rows.append((*cells, "yes" if worst <= TOLERANCE else "NO", fit))
    header = ("scikit-learn", "numpy", "SciPy", "models loaded", "greatest difference", "agrees", "the same data fitted here")
    notes = (
        f"{n} sentences, judged by a model from each version in each: certainty, hedged, classes, cues and their probabilities.",
        f"Greatest difference: from what a model said in the version that fitted it. It agrees up to {TOLERANCE:g}, with the same cues.",
        f"The last column tells the fit from that of scikit-learn {packages[first]['scikit-learn']}: the greatest difference of certainty, "
        "and in how many sentences cues differ, or whether a claim is made.",
    )
    return Table("Models across versions", header, tuple(rows), notes), agree


def run(envs: Path, progress: Any = lambda _: None) -> tuple[Table, bool]:
    """Build, fit, judge and compare, with the environments in the folder ``envs``."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        progress("wheel")
        wheel = build_wheel(folder)
        pythons = {}
        for name, requirements in ENVIRONMENTS.items():
            progress(f"environment {name}")
            pythons[name] = build(envs / f"scikit-learn-{name}", requirements, wheel)
        for name, python in pythons.items():
            progress(f"fit with {name}")
            work(python, "train", str(folder / "models" / name))
        judged, packages = {}, {}
        for name, python in pythons.items():
            progress(f"judge with {name}")
            work(python, "judge", str(folder / f"{name}.json"), *(str(folder / "models" / model) for model in pythons))
            judged[name] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            packages[name] = json.loads(work(python, "packages"))
        arrays = {name: (folder / "models" / name / "arrays.bin").read_bytes() for name in pythons}
        first = next(iter(arrays.values()))
        return compare(packages, judged, {name: data == first for name, data in arrays.items()})


@click.command()
@click.option("--envs", type=click.Path(file_okay=False, path_type=Path), help="Keep the environments here, and use them again.")
@click.option("--save", "saved", is_flag=True, help="Keep the table in benchmarks/results.")
def main(envs: Path | None, saved: bool) -> None:
    """Compare models across versions of scikit-learn."""
    with tempfile.TemporaryDirectory() as temporary:
        found, agree = run(envs or Path(temporary), lambda step: click.echo(step, err=True))
    click.echo(found.markdown())
    if saved:
        save("versions", [found], ("scipy",))
    if not agree:
        sys.exit(1)


if __name__ == "__main__":
    main()
