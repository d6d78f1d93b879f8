"""Where the models and seeds that come with hedgekit are."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def data_folder(name: str) -> Traversable:
    """The folder ``"models"`` or ``"seeds"``.

    Installed they are packages inside of hedgekit. In a checkout they stand beside it, and a Python that is started there finds
    the package in the checkout before the installed one.
    """
    try:
        return files(f"hedgekit.{name}")
    except ModuleNotFoundError:
        beside = Path(__file__).resolve().parent.parent / name
        if not (beside / "__init__.py").is_file():
            raise
        return beside
