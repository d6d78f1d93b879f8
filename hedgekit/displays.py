"""Pictures of documents in the manner of scikit-learn's displays: made by a class method, drawn on axes that stay reachable.

Each display holds the numbers that it draws, so that they can be checked or drawn otherwise. matplotlib is imported when
the first is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from hedgekit.display_data import (
    Bootstrap,
    CertaintyGroup,
    CueGroup,
    Estimate,
    Floats,
    claims,
    cue_counts,
    each_claim,
    grouped,
    lone,
    numbers,
    one_of,
    types_of,
)
from hedgekit.errors import OptionError
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.plots import drawn_on, plain
from hedgekit.results import Document

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container
    from matplotlib.figure import Figure

Kind = Literal["sentences", "certainty", "hedged"]

# Colour-blind safe (after Okabe and Ito), each with a marker of its own, so that no picture needs its colours.
_COLOURS = ("#0b5394", "#b45f06", "#007a5a", "#8f3f6f", "#4a4a4a", "#8a6d00")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_LEVELS = ((0.30, "low"), (0.50, "moderate"), (0.75, "high"), (0.90, "absolute"))
_PER = 1000
# A name longer than this is cut, or it would leave no room for the picture.
_LONG = 32


class _Drawn:
    """What displays have in common: axes and figure, once something was drawn."""

    ax_: Axes
    figure_: Figure

    def _draw_on(self, ax: Axes | None, size: tuple[float, float]) -> Axes:
        self.ax_ = drawn_on(ax, size)
        self.figure_ = cast("Figure", self.ax_.get_figure())
        return self.ax_


class CertaintyDisplay(_Drawn):
    """Certainty along a document, or compared over documents, outlets or years.

    Made by :meth:`from_document` or :meth:`from_documents`.

    Parameters
    ----------
    groups : sequence of CertaintyGroup
    kind : {"sentences", "certainty", "hedged"}, default="certainty"
        What :meth:`plot` draws unless it is told otherwise.

    Attributes
    ----------
    groups : tuple of CertaintyGroup
        The numbers that are drawn.
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    artists_ : list of matplotlib artists and containers
        The bars along a document, or the points with their intervals, in the order of the groups.

    Examples
    --------
    >>> import hedgekit
    >>> documents = [hedgekit.analyze(text) for text in ("It rained. It snowed.", "It may rain. It could snow.")]
    >>> display = hedgekit.CertaintyDisplay.from_documents(documents, labels=["sure", "unsure"], kind="hedged")
    >>> display.ax_.get_xlabel()
    'share of claims that is hedged (%)'
    >>> [group.share_hedged.value for group in display.groups]
    [0.0, 1.0]
    """

    artists_: list[Artist | Container]

    def __init__(self, groups: Sequence[CertaintyGroup], *, kind: Kind = "certainty") -> None:
        self.groups = tuple(groups)
        self.kind = kind

    @classmethod
    def from_document(cls, document: Document, *, ax: Axes | None = None, **style: Any) -> CertaintyDisplay:
        """Draw the certainty of each sentence along a document: a bar each, those that are hedged hatched, no bar where no claim is made.

        Parameters
        ----------
        document : Document
        ax : matplotlib axes, optional
            To draw on; by default a new figure.
        **style
            For :meth:`matplotlib.axes.Axes.bar`.

        Returns
        -------
        CertaintyDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed: ``pip install "hedgekit[plots]"``.
        """
        certainty, hedged, _ = numbers(document)
        group = CertaintyGroup("document", certainty, hedged, 1, lone(certainty), lone(np.where(np.isnan(certainty), np.nan, hedged)))
        return cls([group], kind="sentences").plot(ax, **style)

    @classmethod
    def from_documents(
        cls,
        documents: Iterable[Document],
        *,
        labels: Sequence[object] | None = None,
        by: Sequence[object] | Callable[[Document], object] | None = None,
        kind: Literal["certainty", "hedged"] = "certainty",
        n_samples: int = 1000,
        level: float = 0.95,
        random_state: int = 0,
        ax: Axes | None = None,
        **style: Any,
    ) -> CertaintyDisplay:
        """Compare documents, or groups of them such as outlets or years.

        Each row shows how certainty is distributed (a box from the first to the third quartile, whiskers over the middle 90 %) and its
        mean, or the share of claims that is hedged, each with a bootstrap interval. Whole documents are drawn where a group has several,
        because the sentences of one are not independent; of a single document its sentences are drawn. Intervals from fewer than about
        ten documents are a rough guide and often too narrow.

        Parameters
        ----------
        documents : iterable of Document
        labels : sequence, optional
            A name for each document; each is a row.
        by : sequence or callable, optional
            What each document belongs to, such as its outlet or year, or what tells it; documents of one group share a row. Groups
            are in their own order where they have one, otherwise in the order in which they come.
        kind : {"certainty", "hedged"}, default="certainty"
        n_samples : int, default=1000
            Bootstrap samples.
        level : float, default=0.95
            The share of them inside each interval.
        random_state : int, default=0
        ax : matplotlib axes, optional
            To draw on; by default a new figure.
        **style
            For :meth:`matplotlib.axes.Axes.errorbar`.

        Returns
        -------
        CertaintyDisplay

        Raises
        ------
        OptionError
            If labels or groups do not fit the documents, or an option has no valid value.
        ImportError
            If matplotlib is not installed: ``pip install "hedgekit[plots]"``.
        """
        one_of("kind", kind, ("certainty", "hedged"))
        draw = Bootstrap(n_samples, level, random_state)
        groups = []
        for name, members in grouped(documents, labels, by):
            found = [numbers(document) for document in members]
            certainty = np.concatenate([item[0] for item in found])
            hedged = np.concatenate([item[1] for item in found])
            sums = [claims(*item[:2]) for item in found]
            units = np.array(sums, float) if len(members) > 1 else each_claim(certainty, hedged)
            mean, share = draw.ratios(units[:, :2], units[:, 2])
            groups.append(CertaintyGroup(name, certainty, hedged, len(members), mean, share))
        return cls(groups, kind=kind).plot(ax, **style)

    def plot(self, ax: Axes | None = None, *, kind: Kind | None = None, **style: Any) -> CertaintyDisplay:
        """Draw on axes, or on those of a new figure.

        Parameters
        ----------
        ax : matplotlib axes, optional
        kind : {"sentences", "certainty", "hedged"}, optional
            By default that of the display.
        **style
            For the bars or the points.
        """
        kind = kind or self.kind
        one_of("kind", kind, ("sentences", "certainty", "hedged"))
        if kind == "sentences":
            if len(self.groups) != 1:
                raise OptionError(f"kind 'sentences' draws one document or group; this display has {len(self.groups)}")
            self._draw_sentences(self._draw_on(ax, (8, 2.8)), style)
        else:
            axes = self._draw_on(ax, (6.4, 1.3 + 0.45 * len(self.groups)))
            self._draw_groups(axes, kind, style)
        return self

    def to_frame(self) -> pd.DataFrame:
        """The numbers of each row as a pandas DataFrame.

        Raises
        ------
        ImportError
            If pandas is not installed: ``pip install "hedgekit[pandas]"``.
        """
        return _frame(
            [
                {
                    "group": group.name,
                    "documents": group.n_documents,
                    "sentences": len(group.certainty),
                    "claims": int((~np.isnan(group.certainty)).sum()),
                    **_cells("certainty", group.mean),
                    **_cells("hedged", group.share_hedged),
                }
                for group in self.groups
            ]
        )

    def _draw_sentences(self, axes: Axes, style: dict[str, Any]) -> None:
        group = self.groups[0]
        known = ~np.isnan(group.certainty)
        bars = []
        for hedged, name, look in (
            (False, "not hedged", {"color": "#f2d03c", "edgecolor": "#5c4d00"}),
            (True, "hedged", {"color": "#a9bfe8", "edgecolor": "#1c3a7a", "hatch": "///"}),
        ):
            at = (known & (group.hedged == hedged)).nonzero()[0]
            bars.append(axes.bar(at + 1, group.certainty[at], **{"width": 0.8, "linewidth": 0.6, "label": name, **look, **style}))
        silent = (~known).nonzero()[0]
        if silent.size:
            axes.plot(silent + 1, np.zeros(silent.size), "x", color="#4a4a4a", markersize=4, label="no claim", clip_on=False)
        count = len(group.certainty)
        axes.set(xlabel="sentence (number in the text)", ylabel="certainty (0 to 1)", ylim=(0, 1), xlim=(0.4, max(count, 1) + 0.6))
        axes.locator_params(axis="x", integer=True)
        for bound, _ in _LEVELS:
            axes.axhline(bound, color="0.75", linewidth=0.6, zorder=0)
        axes.legend(ncols=3, frameon=False, loc="lower left", bbox_to_anchor=(0, 1))
        self.artists_ = list(bars)

    def _draw_groups(self, axes: Axes, kind: Kind, style: dict[str, Any]) -> None:
        factor = 100 if kind == "hedged" else 1
        look = {"fmt": "o", "color": _COLOURS[0], "capsize": 3, "markersize": 5, "linewidth": 1.6, "zorder": 3, **style}
        self.artists_ = []
        for row, group in enumerate(self.groups):
            if kind == "certainty":
                _draw_box(axes, row, group.certainty)
            found = group.share_hedged if kind == "hedged" else group.mean
            value, low, high = (number * factor for number in (found.value, found.low, found.high))
            self.artists_.append(axes.errorbar([value], [row], xerr=[[max(value - low, 0)], [max(high - value, 0)]], **look))
        names = [f"{plain(group.name, _LONG)}\n({_counted(group.n_documents, len(group.certainty))})" for group in self.groups]
        axes.set_yticks(range(len(names)), names)
        axes.set(ylim=(len(names) - 0.4, -0.6))
        if kind == "hedged":
            axes.set(xlabel="share of claims that is hedged (%)", xlim=(-2, 102))
        else:
            axes.set(xlabel="certainty (0 to 1)", xlim=(-0.02, 1.02))
            for bound, name in _LEVELS:
                axes.axvline(bound, color="0.75", linewidth=0.6, zorder=0)
                axes.annotate(
                    name, (bound, 1), (2, 2), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=7, color="0.3"
                )


class CueProfileDisplay(_Drawn):
    """How many cues of each type documents have for every 1,000 words.

    Made by :meth:`from_documents`.

    Parameters
    ----------
    groups : sequence of CueGroup
    types : sequence of CueType
        The types that are drawn, from the top.

    Attributes
    ----------
    groups : tuple of CueGroup
        The numbers that are drawn.
    types : tuple of CueType
    ax_ : matplotlib axes
    figure_ : matplotlib figure
    artists_ : list of matplotlib artists and containers
        The points with their intervals, in the order of the groups; of more than six groups the one image.

    Examples
    --------
    >>> import hedgekit
    >>> documents = [hedgekit.analyze(text) for text in ("It rained. It snowed.", "It may rain. It could snow.")]
    >>> display = hedgekit.CueProfileDisplay.from_documents(documents, labels=["sure", "unsure"])
    >>> round(display.groups[1].rates[hedgekit.CueType.MODAL].value)
    333
    """

    artists_: list[Artist | Container]

    def __init__(self, groups: Sequence[CueGroup], *, types: Sequence[CueType] = CUE_TYPES) -> None:
        self.groups = tuple(groups)
        self.types = tuple(types)

    @classmethod
    def from_documents(
        cls,
        documents: Iterable[Document],
        *,
        labels: Sequence[object] | None = None,
        by: Sequence[object] | Callable[[Document], object] | None = None,
        types: Sequence[CueType | str] | None = None,
        n_samples: int = 1000,
        level: float = 0.95,
        random_state: int = 0,
        ax: Axes | None = None,
        **style: Any,
    ) -> CueProfileDisplay:
        """Count the cues of documents, or of groups of them, and draw their rates by type.

        Up to six groups are drawn as points with bootstrap intervals, more as a table of shades with the rates written in.

        Parameters
        ----------
        documents : iterable of Document
        labels, by
            As for :meth:`CertaintyDisplay.from_documents`.
        types : sequence of CueType, optional
            By default all ten.
        n_samples, level, random_state
            As for :meth:`CertaintyDisplay.from_documents`.
        ax : matplotlib axes, optional
            To draw on; by default a new figure.
        **style
            For :meth:`matplotlib.axes.Axes.errorbar`, or :meth:`matplotlib.axes.Axes.imshow` where there are more than six groups.

        Returns
        -------
        CueProfileDisplay

        Raises
        ------
        OptionError
            If labels, groups or types do not fit.
        ImportError
            If matplotlib is not installed: ``pip install "hedgekit[plots]"``.

        Notes
        -----
        A word is a run of letters and digits; hyphens, apostrophes, points and commas inside of it do not end it.
        """
        shown = types_of(types)
        draw = Bootstrap(n_samples, level, random_state)
        groups = []
        for name, members in grouped(documents, labels, by):
            units = np.concatenate([cue_counts(document, whole=len(members) > 1) for document in members])
            rates = draw.ratios(_PER * units[:, [CUE_TYPES.index(kind) for kind in shown]], units[:, -1])
            groups.append(CueGroup(name, int(units[:, -1].sum()), len(members), dict(zip(shown, rates, strict=True))))
        return cls(groups, types=shown).plot(ax, **style)

    def plot(self, ax: Axes | None = None, **style: Any) -> CueProfileDisplay:
        """Draw on axes, or on those of a new figure.

        Parameters
        ----------
        ax : matplotlib axes, optional
        **style
            For the points, or the image.
        """
        if len(self.groups) <= len(_COLOURS):
            self._draw_points(self._draw_on(ax, (6.4, 1.5 + 0.42 * len(self.types))), style)
        else:
            self._draw_image(self._draw_on(ax, (2 + 0.75 * len(self.types), 1.6 + 0.34 * len(self.groups))), style)
        return self

    def to_frame(self) -> pd.DataFrame:
        """The rates as a pandas DataFrame with a row for each group and type.

        Raises
        ------
        ImportError
            If pandas is not installed: ``pip install "hedgekit[pandas]"``.
        """
        return _frame(
            [
                {
                    "group": group.name,
                    "documents": group.n_documents,
                    "words": group.n_words,
                    "type": str(kind),
                    **_cells("per_1000_words", group.rates[kind]),
                }
                for group in self.groups
                for kind in self.types
            ]
        )

    def _draw_points(self, axes: Axes, style: dict[str, Any]) -> None:
        step = 0.7 / max(len(self.groups), 1)
        self.artists_ = []
        for number, group in enumerate(self.groups):
            found = [group.rates[kind] for kind in self.types]
            value, low, high = (np.array([getattr(rate, name) for rate in found]) for name in ("value", "low", "high"))
            rows = np.arange(len(found)) + step * (number - (len(self.groups) - 1) / 2)
            look = {"fmt": _MARKERS[number], "color": _COLOURS[number], "markersize": 4.5, "linewidth": 1.3, "capsize": 2, **style}
            spread = np.maximum([value - low, high - value], 0)
            self.artists_.append(axes.errorbar(value, rows, xerr=spread, label=plain(group.name, _LONG), **look))
        axes.set_yticks(range(len(self.types)), [str(kind) for kind in self.types])
        for row in range(1, len(self.types)):
            axes.axhline(row - 0.5, color="0.88", linewidth=0.6, zorder=0)
        axes.set(xlabel="cues per 1,000 words", ylabel="type of cue", ylim=(len(self.types) - 0.5, -0.5))
        # Room for the markers of types that do not occur.
        axes.set_xlim(left=-0.015 * axes.get_xlim()[1])
        if len(self.groups) > 1:
            axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)

    def _draw_image(self, axes: Axes, style: dict[str, Any]) -> None:
        rates = np.array([[group.rates[kind].value for kind in self.types] for group in self.groups])
        image = axes.imshow(rates, **{"cmap": "cividis", "aspect": "auto", "vmin": 0, **style})
        shades: Floats = np.ma.filled(np.ma.asarray(image.norm(rates)), 0.0)
        for (row, column), rate in np.ndenumerate(rates):
            light = shades[row, column] > 0.5
            shown = "--" if math.isnan(rate) else f"{rate:.1f}"
            axes.text(column, row, shown, ha="center", va="center", fontsize=8, color="black" if light else "white")
        axes.set_xticks(range(len(self.types)), [str(kind) for kind in self.types], rotation=30, ha="right")
        axes.set_yticks(range(len(self.groups)), [plain(group.name, _LONG) for group in self.groups])
        axes.set(xlabel="type of cue")
        axes.figure.colorbar(image, ax=axes, label="cues per 1,000 words")
        self.artists_ = [image]


# Drawing -------------------------------------------------------------------------------------------------------------


def _draw_box(axes: Axes, row: int, certainty: Floats) -> None:
    """Quartiles as a box, the middle 90 % as a line."""
    known = certainty[~np.isnan(certainty)]
    if not known.size:
        return
    low, first, median, third, high = np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95])
    axes.plot([low, high], [row, row], color="0.55", linewidth=1, zorder=1)
    axes.barh([row], [third - first], left=[first], height=0.42, color="0.86", edgecolor="0.55", linewidth=0.8, zorder=2)
    axes.plot([median, median], [row - 0.21, row + 0.21], color="0.3", linewidth=1.4, zorder=2)


def _counted(n_documents: int, n_sentences: int) -> str:
    documents = "" if n_documents == 1 else f"{n_documents:,} documents, "
    return f"{documents}{n_sentences:,} {'sentence' if n_sentences == 1 else 'sentences'}"


def _cells(name: str, found: Estimate) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('tables need pandas: pip install "hedgekit[pandas]"') from error
    return pd.DataFrame(rows)
