"""Tables in Markdown, and the file that keeps the last results of a benchmark."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
_PACKAGES = ("hedgekit", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table with notes on how its numbers came about."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """The table, its columns aligned."""
        widths = [max(len(row[column]) for row in (self.header, *self.rows)) for column in range(len(self.header))]
        rule = tuple("-" * width for width in widths)
        lines = [_line(row, widths) for row in (self.header, rule, *self.rows)]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"## {self.title}", "", *lines, "", *notes, *([""] if notes else [])])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def made_with(packages: Sequence[str] = ()) -> str:
    """Date, versions and kind of machine, without its name."""
    found = [f"{name} {version(name)}" for name in (*_PACKAGES, *packages)]
    python = f"Python {platform.python_version()}"
    return ", ".join([date.today().isoformat(), *found, python, f"{platform.system()} {platform.machine()}"])


def save(name: str, tables: Sequence[Table], packages: Sequence[str] = (), folder: Path = RESULTS) -> Path:
    """Replace the results of the benchmark ``name``.

    Parameters
    ----------
    name : str
        The benchmark's module.
    tables : sequence of Table
    packages : sequence of str
        Further packages whose versions matter.
    folder : Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    head = [f"# {name.capitalize()}", "", f"Written by `python -m benchmarks.{name} --save`: {made_with(packages)}.", ""]
    path.write_text("\n".join([*head, *(table.markdown() for table in tables)]).rstrip("\n") + "\n", encoding="utf-8")
    return path
