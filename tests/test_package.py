"""What is installed: the wheel holds all it needs, runs by itself, and is light to import."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hedgekit
from hedgekit import persistence

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("hedgekit", "models", "seeds", "pyproject.toml", "README.md", "LICENSE")
TEXT = "The dam broke. Officials said repairs may take years."
# Written so that this file does not match itself.
HOME = re.compile(r"(?<![\w.])/(?:home|Users|ro[o]t)/\w|[A-Z]:\\+User[s]\\")
SKIPPED = {"__pycache__", "build", "dist", "node_modules"}


def _python(code: str, folder: Path, *options: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-W", "error", *options, "-c", code]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources with what is installed: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("build")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    [found] = (folder / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", str(folder), str(wheel)], check=True, capture_output=True, timeout=300)
    return folder


def test_the_wheel_is_small(wheel: Path) -> None:
    # Five models; what they share is stored once.
    assert wheel.stat().st_size < 17_000_000
    assert re.fullmatch(r"hedgekit-\d+\.\d+\S*-py3-none-any\.whl", wheel.name)


def test_the_wheel_holds_everything(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {"hedgekit/py.typed", "hedgekit/models/__init__.py", "hedgekit/seeds/__init__.py"}
    expected |= {f"hedgekit/{path.relative_to(ROOT / 'hedgekit').as_posix()}" for path in (ROOT / "hedgekit").rglob("*.py")}
    for name in persistence.shipped():
        expected |= {f"hedgekit/models/{name}/{part}" for part in (persistence.HEADER, persistence.ARRAYS, persistence.CARD)}
    expected |= {"hedgekit/seeds/sentences.jsonl", "hedgekit/seeds/abbreviations.toml", "hedgekit/seeds/likelihoods.toml"}
    expected |= {f"hedgekit/seeds/cues/{path.name}" for path in (ROOT / "seeds" / "cues").glob("*.toml")}
    assert expected <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "notebooks/")) or "__pycache__" in name]


def test_the_installed_package_runs_by_itself(installed: Path, tmp_path: Path) -> None:
    code = (
        "import hedgekit, pathlib\n"
        "from importlib.resources import files\n"
        "assert pathlib.Path(hedgekit.__file__).is_relative_to(pathlib.Path(hedgekit.__path__[0]))\n"
        f"document = hedgekit.analyze({TEXT!r})\n"
        "print(hedgekit.__file__, hedgekit.load().name, len(document), [cue.text for cue in document[1].cues], sep='|')\n"
        "print(files('hedgekit.models'), files('hedgekit.seeds').joinpath('sentences.jsonl').is_file(), sep='|')"
    )
    first, second = _python(code, tmp_path, PYTHONPATH=str(installed)).splitlines()
    place, name, count, cues = first.split("|")
    assert Path(place).is_relative_to(installed)
    assert (name, count) == ("general", "2")
    assert "'may'" in cues
    models, seeds = second.split("|")
    assert installed.as_posix() in Path(models).as_posix()
    assert seeds == "True"


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hedgekit", "score", "-"],
        input="It may rain.\nIt rained.\n",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    low, high = map(float, done.stdout.split())
    assert low < high


def test_importing_and_analysing_is_light(tmp_path: Path) -> None:
    code = (
        "import sys, hedgekit\n"
        f"hedgekit.analyze({TEXT!r}).to_dict()\n"
        "hedgekit.score(['It may rain.'])\n"
        "hedgekit.annotate(['It may rain.'])[0].explain()\n"
        "list(hedgekit.load().analyze_many(['It may rain.']))\n"
        "print([name for name in ('sklearn', 'scipy', 'nltk', 'joblib', 'pandas', 'click', 'tqdm') if name in sys.modules])"
    )
    assert _python(code, tmp_path).strip() == "[]"


def test_nothing_is_written_on_import(installed: Path, tmp_path: Path) -> None:
    _python(f"import hedgekit; hedgekit.analyze({TEXT!r})", tmp_path, "-B", PYTHONPATH=str(installed))
    assert list(tmp_path.iterdir()) == []


def _is_made(folder: Path) -> bool:
    """Whether a folder is made by tools and no part of the repository."""
    hidden = folder.name.startswith(".") and folder.name not in (".ci", ".github")
    return hidden or folder.name in SKIPPED or folder.suffix == ".egg-info" or (folder / "pyvenv.cfg").exists()


def _files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not _is_made(Path(folder) / name)]
        yield from (Path(folder) / name for name in names)


def test_no_file_names_somebodys_home() -> None:
    found = []
    for path in _files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in HOME.finditer(text)]
    assert found == []


@pytest.mark.parametrize("path", ["/ho" + "me/ana/x", "see /Us" + "ers/ana", "'/ro" + "ot/x'", "C:\\Us" + "ers\\ana"])
def test_homes_are_recognised(path: str) -> None:
    assert HOME.search(path)
    assert not HOME.search("https://example.org/ho" + "me/page")


def test_a_checkout_finds_its_own_models_and_seeds(tmp_path: Path) -> None:
    """A Python that is started in the checkout imports hedgekit from there, where models and seeds stand beside the package."""
    for name in ("hedgekit", "models", "seeds"):
        (tmp_path / name).symlink_to(ROOT / name)
    packages = Path(np.__file__).parent.parent
    # Without site no editable installation tells where the models are.
    found = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(packages)!r}]; import hedgekit"
    code = f"{found}; print(hedgekit.__file__, hedgekit.score('It may rain.'))"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    where, score = done.stdout.split()
    assert Path(where).parent.parent == tmp_path
    assert float(score) == hedgekit.score("It may rain.")
