"""Pictures of what a benchmark measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_BINS = 10


def bins_of(probability: Floats, label: Bools, bins: int = _BINS) -> tuple[Floats, Floats]:
    """Mean probability, and share of the positive class, in bins of equal count; the points of a reliability diagram."""
    parts = [part for part in np.array_split(np.argsort(probability, kind="stable"), bins) if part.size]
    return np.array([probability[part].mean() for part in parts]), np.array([label[part].mean() for part in parts])


def reliability(panels: Mapping[str, Mapping[str, tuple[Floats, Bools]]], path: Path) -> None:
    """Draw a reliability diagram for each part of the data, with a line for each system, and write it as PNG.

    Parameters
    ----------
    panels : mapping of part to mapping of system to (probability, label)
    path : Path
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * len(panels), 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (part, systems) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(1, len(panels), place)
        axes.plot((0, 1), (0, 1), color="0.6", linewidth=1, linestyle=":", label="perfect")
        for (name, (probability, label)), style in zip(systems.items(), (("#0b5394", "o", "-"), ("#b45f06", "s", "--")), strict=False):
            colour, marker, line = style
            axes.plot(*bins_of(probability, label), color=colour, marker=marker, linestyle=line, markersize=4, label=name)
        axes.set(title=part, xlabel="hedged_probability", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        if place == 1:
            axes.set_ylabel("share that is hedged")
        axes.legend(loc="upper left", frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
