"""Pictures of a report, drawn with matplotlib, which is imported when the first is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedgekit.display import visible
from hedgekit.report import Confusion, LearningPoint, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A colour, a marker and a line for each system, so that no picture needs its colours.
_LOOKS = (("#0b5394", "o", "-"), ("#b45f06", "s", "--"))
_AXES = {
    "hedged": ("hedged_probability", "share that is hedged"),
    "classes": ("probability of the class given", "share that is right"),
    "certainty": ("certainty found", "certainty labelled"),
}
# Names of classes longer than this are set aslant, and names longer than that are cut, or they would leave no room.
_LONG, _TOO_LONG = 8, 24


def drawn_on(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The axes to draw on: those given, or those of a new figure."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError('pictures need matplotlib: pip install "hedgekit[plots]"') from error
    _, fresh = pyplot.subplots(figsize=size, layout="constrained")
    return fresh


def reliability(report: Report, ax: Axes | None = None) -> Axes:
    """What was said against what was true, in ten bins of equal weight, with the base model beside."""
    axes = drawn_on(ax, (4.6, 4.6))
    axes.plot((0, 1), (0, 1), color="0.6", linewidth=1, linestyle=":", label="perfect")
    systems = dict.fromkeys(item.system for item in report.bins)
    for name, (colour, marker, line) in zip(systems, _LOOKS, strict=False):
        bins = [item for item in report.bins if item.system == name]
        x, y = [item.predicted for item in bins], [item.observed for item in bins]
        axes.plot(x, y, color=colour, marker=marker, linestyle=line, markersize=4, label=plain(name))
    across, up = _AXES[report.bins_of or "hedged"]
    axes.set(xlabel=across, ylabel=up, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.legend(loc="upper left", frameon=False)
    return axes


def confusion(table: Confusion, ax: Axes | None = None) -> Axes:
    """How often each labelled class was answered with each class: the number, on a shade of its share of the row."""
    rows, columns = len(table.labelled), len(table.found)
    axes = drawn_on(ax, (1.9 + 0.75 * columns, 1.5 + 0.6 * rows))
    shares = [[count / (sum(row) or 1.0) for count in row] for row in table.counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for at, row in enumerate(table.counts):
        for place, count in enumerate(row):
            colour = "white" if shares[at][place] > 0.5 else "black"
            axes.text(place, at, f"{count:g}" if count < 1000 else f"{count:,.0f}", ha="center", va="center", color=colour)
    aslant = max(map(len, table.found)) > _LONG
    names = [plain(name) for name in table.found]
    axes.set_xticks(range(columns), names, rotation=30 if aslant else 0, ha="right" if aslant else "center")
    axes.set_yticks(range(rows), [plain(name) for name in table.labelled])
    axes.set(xlabel="found", ylabel="labelled")
    return axes


def learning_curve(points: tuple[LearningPoint, ...], ax: Axes | None = None) -> Axes:
    """What the model and a bag of words reach with more and more sentences to learn from."""
    axes = drawn_on(ax, (5.2, 3.8))
    for name, field, (colour, marker, line) in zip(("model", "bag of words"), ("model", "bag_of_words"), _LOOKS, strict=True):
        known = [(point.n, getattr(point, field)) for point in points if getattr(point, field) is not None]
        if known:
            axes.plot(*zip(*known, strict=True), color=colour, marker=marker, linestyle=line, markersize=4, label=name)
    axes.set(xlabel="sentences learned from", ylabel=plain(points[0].figure, 2 * _TOO_LONG))
    axes.legend(frameon=False)
    return axes


def plain(name: str, longest: int = _TOO_LONG) -> str:
    """A name that matplotlib takes as it stands: a dollar would begin a formula, and a leading underscore hides a line."""
    shown = visible(name)
    shown = (shown if len(shown) <= longest else f"{shown[: longest - 1]}…").replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown
