"""What measuring a model on labelled data returns: frozen tables of plain values."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hedgekit.errors import DataError, NotBuiltError, OptionError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BETTER, WORSE, EVEN = "better", "worse", "no difference beyond noise"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of a model, beside a base model and a bag of words.

    Attributes
    ----------
    figure : str
    value : float or None
        None where it is not defined: a correlation of one sentence.
    low, high : float or None
        The 95 % interval, by drawing whole groups.
    base, bag_of_words : float or None
        The same figure of the base model and of a bag of words; None where they have none.
    n : int
        How many sentences, cues or answers it is a figure of.
    rising : bool
        Whether more is better.
    """

    figure: str
    value: float | None
    low: float | None
    high: float | None
    base: float | None
    bag_of_words: float | None
    n: int
    rising: bool


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How well a class is told from the others.

    Attributes
    ----------
    label : str
    precision, recall, f1 : float or None
    low, high : float or None
        The 95 % interval of ``f1``.
    n, found : int
        Sentences that were labelled, and found, to be of the class.
    """

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None
    high: float | None
    n: int
    found: int


@dataclass(frozen=True, slots=True)
class TypeRow:
    """How well cues of a type are found, and how far wrong the sentences are in which one was found.

    Attributes
    ----------
    type : str
    precision, recall, f1 : float or None
        Of cues with their exact span and type; None where no cues were labelled.
    low, high : float or None
        The 95 % interval of ``f1``.
    n, found : int
        Cues that were labelled and found, in sentences that were labelled for cues.
    sentences : int
        Sentences with a label in which a cue of the type was found.
    error : float or None
        How far wrong they are on average: absolute error of certainty, or probability of the wrong classes.
    bias : float or None
        Certainty found minus labelled, on average: above 0 the model takes them for too certain.
    """

    type: str
    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None
    high: float | None
    n: int
    found: int
    sentences: int
    error: float | None
    bias: float | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The main figure of one group.

    Attributes
    ----------
    group : str
    value : float or None
        None where it is not defined; a correlation needs five sentences.
    error : float or None
        How far wrong its sentences are on average.
    n : int
        Sentences.
    """

    group: str
    value: float | None
    error: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A sentence on which the model is wrong.

    Attributes
    ----------
    place, group, text : str
    labelled, found, base : float, str or None
        The label, and the answers of the model and of the base model.
    error : float
        How far wrong: absolute error of certainty, probability of the wrong classes, or number of wrong cues.
    cues : str
        The cues that the model found.
    """

    place: str
    group: str
    text: str
    labelled: float | str | None
    found: float | str | None
    base: float | str | None
    error: float
    cues: str


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """What was said, and what was true, in one of ten bins of equal weight.

    Attributes
    ----------
    system : str
    predicted, observed : float
        Mean probability and share of what came true, or mean certainty as found and as labelled.
    weight : float
    """

    system: str
    predicted: float
    observed: float
    weight: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each labelled class was answered with each class.

    Attributes
    ----------
    labelled, found : tuple of str
        Rows and columns.
    counts : tuple of tuple of float
        Weights of the sentences.
    """

    labelled: tuple[str, ...]
    found: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """What a model and a bag of words reach when they are fitted on some of the data.

    Attributes
    ----------
    n : int
        Sentences fitted on.
    figure : str
    model, bag_of_words : float or None
    """

    n: int
    figure: str
    model: float | None
    bag_of_words: float | None


class _Tables:
    """What reports and comparisons have in common: their tables as plain values and as DataFrames."""

    __slots__ = ()
    _TABLES: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values that JSON can hold."""
        plain: dict[str, Any] = _plain(self)
        return plain

    def to_frame(self, table: str = "figures") -> pd.DataFrame:
        """One of the tables as a pandas DataFrame, with a row for each of its rows; its names are listed where an unknown one is asked for.

        Parameters
        ----------
        table : str

        Raises
        ------
        OptionError
            If there is no such table.
        ImportError
            If pandas is not installed: ``pip install "hedgekit[pandas]"``.
        """
        if table not in self._TABLES:
            raise OptionError(f"table must be one of {', '.join(self._TABLES)}; got {table!r}")
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError('tables need pandas: pip install "hedgekit[pandas]"') from error
        rows = [_plain(row) for row in getattr(self, table)]
        return pd.DataFrame(rows, columns=[item.name for item in fields(_ROWS[table])] if table in _ROWS else None)


@dataclass(frozen=True, slots=True, repr=False)
class Report(_Tables):
    """How good a model is on labelled data: see :func:`hedgekit.evaluate`.

    Printed it is a table, in a notebook a coloured one.

    Attributes
    ----------
    model : str
        Its name.
    base : str or None
        The name of the model beside it.
    n, n_groups : int
        Sentences and groups.
    n_samples, level : int, float
        Bootstrap samples, and the share of them inside each interval.
    figures : tuple of FigureRow
    headline : str
        The figure that stands for all.
    by_class : tuple of ClassRow
    by_type : tuple of TypeRow
    by_group : tuple of GroupRow
        The worst first; empty where each sentence is a group of its own.
    errors : tuple of ErrorRow
        The worst first; among the first ten at most one of a group, as far as there are so many.
    notes : tuple of str
        What one should know before believing the figures.
    overlap : int
        Sentences known to stand in the training data of the model.
    bins : tuple of ReliabilityBin
    bins_of : str or None
        What the bins are of: "hedged", "classes" or "certainty".
    answers : Confusion or None
    learning : tuple of LearningPoint
        From the model's own training.
    """

    model: str
    base: str | None
    n: int
    n_groups: int
    n_samples: int
    level: float
    figures: tuple[FigureRow, ...]
    headline: str
    by_class: tuple[ClassRow, ...]
    by_type: tuple[TypeRow, ...]
    by_group: tuple[GroupRow, ...]
    errors: tuple[ErrorRow, ...]
    notes: tuple[str, ...]
    overlap: int
    bins: tuple[ReliabilityBin, ...]
    bins_of: str | None
    answers: Confusion | None
    learning: tuple[LearningPoint, ...]

    _TABLES = ("figures", "by_class", "by_type", "by_group", "errors")

    @property
    def main(self) -> FigureRow:
        """The row of the figure that stands for all."""
        return next(row for row in self.figures if row.figure == self.headline)

    def __getitem__(self, figure: str) -> FigureRow:
        """The row of a figure, by its name."""
        return _named(self.figures, figure)

    def reliability(self, ax: Axes | None = None) -> Axes:
        """Draw what was said against what was true, in ten bins of equal weight.

        Parameters
        ----------
        ax : matplotlib axes, optional
            To draw on; by default a new figure.

        Returns
        -------
        matplotlib axes

        Raises
        ------
        DataError
            If the labels hold neither certainty nor classes.
        ImportError
            If matplotlib is not installed: ``pip install "hedgekit[plots]"``.
        """
        if not self.bins:
            raise DataError("there is no reliability to draw: the labels hold neither certainty nor classes with probabilities")
        from hedgekit.plots import reliability

        return reliability(self, ax)

    def confusion(self, ax: Axes | None = None) -> Axes:
        """Draw how often each labelled class was answered with each class; see :meth:`reliability`."""
        if self.answers is None:
            raise DataError("there is no confusion to draw: the labels hold no classes that the model gives")
        from hedgekit.plots import confusion

        return confusion(self.answers, ax)

    def learning_curve(self, ax: Axes | None = None) -> Axes:
        """Draw how the model grew with its training data, as its training noted it; see :meth:`reliability`.

        Raises
        ------
        NotBuiltError
            If the model notes no learning curve.
        """
        if not self.learning:
            raise NotBuiltError(f"the model {self.model!r} notes no learning curve; models made by hedgekit.train do")
        from hedgekit.plots import learning_curve

        return learning_curve(self.learning, ax)

    def to_html(self) -> str:
        """The report as a self-contained HTML page: no script, nothing loaded, light or dark as the reader prefers."""
        from hedgekit.report_display import report_page

        return report_page(self)

    def _repr_html_(self) -> str:
        from hedgekit.report_display import report_html

        return report_html(self)

    def __str__(self) -> str:
        from hedgekit.report_display import report_text

        return report_text(self)

    def __repr__(self) -> str:
        return f"Report({self.model!r}, {self.n} sentences, {self.headline} {_shown(self.main.value)})"


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One figure of two models.

    Attributes
    ----------
    figure : str
    a, b, difference : float or None
        ``difference`` is b minus a.
    low, high : float or None
        Its 95 % interval, by drawing whole groups for both at once.
    share_better : float or None
        The share of the samples in which b is better.
    verdict : str
        "better", "worse" or "no difference beyond noise": of b.
    n : int
        How many sentences or labels it is a figure of.
    rising : bool
        Whether more is better.
    """

    figure: str
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    share_better: float | None
    verdict: str
    n: int
    rising: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A sentence on which two models differ.

    Attributes
    ----------
    place, group, text : str
    labelled, a, b : float, str or None
        The label and both answers.
    change : float
        By how much the error of b is smaller than that of a.
    """

    place: str
    group: str
    text: str
    labelled: float | str | None
    a: float | str | None
    b: float | str | None
    change: float


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(_Tables):
    """Two models on the same labelled data: see :func:`hedgekit.compare`.

    Attributes
    ----------
    a, b : str
        Their names.
    n, n_groups : int
        Sentences and groups.
    n_samples, level : int, float
        Bootstrap samples, and the share of them inside each interval.
    figures : tuple of DifferenceRow
    headline : str
        The figure that stands for all.
    gained, lost : tuple of ChangeRow
        Where b is right and a wrong, or nearer, and the reverse; the largest change first.
    notes : tuple of str
        What one should know before believing the figures.
    """

    a: str
    b: str
    n: int
    n_groups: int
    n_samples: int
    level: float
    figures: tuple[DifferenceRow, ...]
    headline: str
    gained: tuple[ChangeRow, ...]
    lost: tuple[ChangeRow, ...]
    notes: tuple[str, ...]

    _TABLES = ("figures", "gained", "lost")

    @property
    def main(self) -> DifferenceRow:
        """The row of the figure that stands for all."""
        return next(row for row in self.figures if row.figure == self.headline)

    @property
    def verdict(self) -> str:
        """Whether b is better, worse, or neither beyond noise, by the main figure."""
        return self.main.verdict

    @property
    def worse(self) -> bool:
        """Whether b is worse than a beyond noise, by the main figure."""
        return self.verdict == WORSE

    def __getitem__(self, figure: str) -> DifferenceRow:
        """The row of a figure, by its name."""
        return _named(self.figures, figure)

    def to_html(self) -> str:
        """The comparison as a self-contained HTML page: no script, nothing loaded, light or dark as the reader prefers."""
        from hedgekit.report_display import comparison_page

        return comparison_page(self)

    def _repr_html_(self) -> str:
        from hedgekit.report_display import comparison_html

        return comparison_html(self)

    def __str__(self) -> str:
        from hedgekit.report_display import comparison_text

        return comparison_text(self)

    def __repr__(self) -> str:
        return f"Comparison({self.a!r}, {self.b!r}, {self.n} sentences, {self.headline}: {self.verdict})"


_Row = TypeVar("_Row", FigureRow, DifferenceRow)

_ROWS: dict[str, type] = {
    "by_class": ClassRow,
    "by_type": TypeRow,
    "by_group": GroupRow,
    "errors": ErrorRow,
    "gained": ChangeRow,
    "lost": ChangeRow,
}


def _named(rows: tuple[_Row, ...], figure: str) -> _Row:
    for row in rows:
        if row.figure == figure:
            return row
    raise KeyError(f"no figure is called {figure!r}; there are {', '.join(row.figure for row in rows)}")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _shown(value: float | None) -> str:
    return "--" if value is None else f"{value:.3f}"
