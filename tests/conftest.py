"""What several test modules share."""

from __future__ import annotations

# ruff: noqa: E402
# Before numpy is imported: a fit whose threads wait for each other takes many times as long where one core is held by another program.
import os

for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

import hedgekit
from hedgekit.classes import ClassModel
from hedgekit.model import CertaintyModel
from hedgekit.text.characters import CharacterTables, build_tables
from hedgekit.text.sentences import Segmenter

if TYPE_CHECKING:
    from hedgekit.training.general import Material

# The same examples on every machine, and no failure because one is slow.
settings.register_profile("hedgekit", deadline=None, derandomize=True)
settings.load_profile("hedgekit")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of everything that hedgekit grows from."""
    return Path(__file__).resolve().parent.parent / "seeds"


@pytest.fixture(scope="session")
def tables() -> CharacterTables:
    """The character tables of this interpreter."""
    return build_tables()


@pytest.fixture(scope="session")
def segmenter(seeds: Path) -> Segmenter:
    """A segmenter that knows the seed words alone, without those learned in training."""
    words = tomllib.loads((seeds / "abbreviations.toml").read_text(encoding="utf-8"))
    return Segmenter(**{name: frozenset(words[name]) for name in ("titles", "numbered", "abbreviations", "starters")})


@pytest.fixture(scope="session")
def model() -> CertaintyModel:
    """The shipped model."""
    return hedgekit.load("general")


@pytest.fixture(scope="session")
def seed_texts(seeds: Path) -> list[str]:
    """The project's own labelled sentences, without their labels."""
    lines = (seeds / "sentences.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line)["text"] for line in lines if line]


@pytest.fixture(scope="session")
def seed_material() -> Material:
    """All seeds, read once."""
    from hedgekit.training.general import read_material

    return read_material(None)


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory, tables: CharacterTables) -> Path:
    """A saved model that is complete and small, fitted on invented sentences; no test changes it."""
    from refresh_formats import small_model

    folder = tmp_path_factory.mktemp("small") / "model"
    small_model(tables).save(folder)
    return folder


@pytest.fixture(scope="session")
def class_model(model: CertaintyModel) -> CertaintyModel:
    """The shipped model with three invented classes."""
    n = len(model.parameters.heads.space.names)
    weights = np.random.default_rng(0).normal(size=(n, 3)).astype(np.float32)
    classes = ClassModel(("red", "green", "blue"), weights, np.zeros(3))
    return CertaintyModel(replace(model.parameters, classes=classes), model.info)
