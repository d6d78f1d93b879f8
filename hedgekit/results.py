"""What hedgekit returns: frozen views of the arrays that a batch left behind.

The arrays are the data. A :class:`Sentence` holds a reference to them and its row, a :class:`Span` two offsets and a
reference to the text; the objects cost something only when they are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from hedgekit.errors import NotBuiltError
from hedgekit.labels import (
    ASPECT_CERTAINTIES,
    ASPECTS,
    CUE_TYPES,
    KINDS,
    VOICES,
    Aspect,
    AspectCertainty,
    AttributionKind,
    CueType,
    Level,
    Voice,
    level_of,
)
from hedgekit.likelihood import Likelihood, likelihood_of

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
_NO_SPAN = -1


class Span:
    """A stretch of the text that the user passed in.

    Attributes
    ----------
    start, end : int
        Character offsets: ``text[start:end] == span.text``, always.
    text : str
        The stretch itself.
    """

    __slots__ = ("_source", "end", "start")
    start: int
    end: int
    _source: str

    def __init__(self, source: str, start: int, end: int) -> None:
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", end)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; cannot delete {name!r}")

    @property
    def text(self) -> str:
        """The words of the span."""
        return self._source[self.start : self.end]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Span):
            return NotImplemented
        return (self.start, self.end, self.text) == (other.start, other.end, other.text)

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.text))

    def __repr__(self) -> str:
        return f"Span({self.text!r}, {self.start}, {self.end})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _pickled_span, (self.text, self.start, self.end)

    def to_dict(self) -> dict[str, Any]:
        """Text and offsets as plain values."""
        return {"text": self.text, "start": self.start, "end": self.end}


class _Detached(str):
    """The text of a span that was pickled alone: it keeps its offsets without the document around it."""

    __slots__ = ("offset",)
    offset: int

    def __getitem__(self, key: Any) -> str:
        return str.__getitem__(self, slice(key.start - self.offset, key.stop - self.offset))


def _pickled_span(text: str, start: int, end: int) -> Span:
    source = _Detached(text)
    source.offset = start
    return Span(source, start, end)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that change how far the sentence commits its reader to a claim.

    Attributes
    ----------
    span : Span
    type : CueType
    probability : float
        Of being a cue here, 0 to 1.
    scope : Span or None
        The stretch of its sentence that the cue puts in doubt, or, of a report or a booster, that it ascribes or strengthens;
        it contains the cue. None for an approximator of a number or an amount.
    likelihood : Likelihood or None
        What people mean by it, where it names a likelihood for which surveys asked (:mod:`hedgekit.likelihood`).
    """

    span: Span
    type: CueType
    probability: float
    scope: Span | None = None
    likelihood: Likelihood | None = None

    @property
    def text(self) -> str:
        """The words of the cue."""
        return self.span.text

    @property
    def start(self) -> int:
        """Offset of its first character."""
        return self.span.start

    @property
    def end(self) -> int:
        """Offset behind its last character."""
        return self.span.end

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            **self.span.to_dict(),
            "type": str(self.type),
            "probability": self.probability,
            "scope": _plain(self.scope),
            "likelihood": _plain(self.likelihood),
        }


@dataclass(frozen=True, slots=True)
class Attribution:
    """A claim that is ascribed to somebody.

    Attributes
    ----------
    source : Span or None
        Who says it, as written; None where no source is written ("reportedly"). In a text it may stand in another sentence: that
        of the speaker of a quotation which stands alone.
    cue : Span or None
        The reporting words; None for a quotation that stands alone.
    content : Span or None
        What is ascribed, within the sentence, quotation marks included: from its first word to its last, though the speaker may
        stand between.
    refers_to : Span or None
        An earlier, fuller mention of the source, where only one fits.
    kind : AttributionKind
    certainty : float or None
        How sure the source itself is, 0 to 1, by its own words: the certainty of the content alone. None without a content.
    """

    source: Span | None
    cue: Span | None
    content: Span | None
    refers_to: Span | None
    kind: AttributionKind
    certainty: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            "source": _plain(self.source),
            "cue": _plain(self.cue),
            "content": _plain(self.content),
            "refers_to": _plain(self.refers_to),
            "kind": str(self.kind),
            "certainty": self.certainty,
        }


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one thing added to the certainty of a sentence.

    Attributes
    ----------
    name : str
        A cue, with its source where one is written ("Seoul says": both together), a word, :data:`WHOLE`, or a feature of the model.
    value : float
    span : Span or None
        Where the cue or the word stands.
    """

    name: str
    value: float
    span: Span | None = None

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {"name": self.name, "value": self.value, "span": _plain(self.span)}


# What a sentence's length, its first word, the set of its cues and the like add together.
WHOLE = "the sentence as a whole"
# So many characters beside a cue may change what people mean by it.
_BESIDE = 30
# What adds less than this is told together.
_WORTH_TELLING = 0.015


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a sentence got its certainty: ``baseline`` plus all contributions is ``total``, which is then clipped to 0 to 1.

    Attributes
    ----------
    baseline : float
        The certainty of a sentence without any feature.
    contributions : tuple of Contribution
        Cues, words outside cues, and the sentence as a whole; the strongest first.
    features : tuple of Contribution
        The same by feature of the model: with ``baseline`` they add up to ``total`` too.
    """

    baseline: float
    contributions: tuple[Contribution, ...]
    features: tuple[Contribution, ...] = ()

    @property
    def total(self) -> float:
        """The certainty before it is clipped."""
        return math.fsum((self.baseline, *(item.value for item in self.contributions)))

    def __str__(self) -> str:
        told = [item for item in self.contributions if abs(item.value) >= _WORTH_TELLING]
        parts = [f"baseline {self.baseline:.2f}", *(f"{item.name} {item.value:+.2f}" for item in told)]
        rest = math.fsum(item.value for item in self.contributions if abs(item.value) < _WORTH_TELLING)
        if abs(rest) >= 0.005:
            parts.append(f"the rest {rest:+.2f}")
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            "baseline": self.baseline,
            "contributions": [item.to_dict() for item in self.contributions],
            "features": [item.to_dict() for item in self.features],
        }


# Not frozen, for every short text has one: to fill the fields of a frozen one takes ten times as long. Only this class sets them.
@dataclass(slots=True, eq=False)
class Columns:
    """Annotated sentences as arrays; what the objects of this module are views of.

    ``texts`` holds one string that all sentences share (``shared``), or one for each sentence. Offsets count in the
    sentence's own string; -1 stands for a missing span. Cues and attributions of sentence ``i`` are the rows
    ``bounds[i]`` to ``bounds[i + 1] - 1`` of their arrays.
    """

    texts: tuple[str, ...]
    shared: bool
    start: Array
    end: Array
    certainty: Array
    hedged_probability: Array
    hedged: Array
    voice: Array  # index into VOICES, -1 where no claim is made
    cue_bounds: Array
    cue_start: Array
    cue_end: Array
    cue_type: Array
    cue_probability: Array
    cue_scope: Array | Callable[[Columns], Array]  # (n, 2), or what gives it when it is first looked at
    attribution_bounds: Array
    attribution_spans: Array  # (n, 4, 2): source, cue, content, earlier mention
    attribution_kind: Array
    attribution_certainty: Array
    explanation_bounds: Array = field(default_factory=lambda: np.zeros(1, np.int64))
    explanation_feature: Array = field(default_factory=lambda: np.zeros(0, np.int32))
    explanation_value: Array = field(default_factory=lambda: np.zeros(0))
    explanation_span: Array = field(default_factory=lambda: np.zeros((0, 2), np.int32))  # the word or cue, -1 for the whole sentence
    explanation_baseline: float = 0.0
    feature_names: tuple[str, ...] = ()
    aspects: Array = field(default_factory=lambda: np.zeros((0, 0), np.int8))  # index into ASPECT_CERTAINTIES, a column for each aspect
    label: Array = field(default_factory=lambda: np.zeros(0, np.int16))  # index into classes, -1 where none is told
    label_probabilities: Array = field(default_factory=lambda: np.zeros((0, 0)))  # a column for each class
    classes: tuple[str, ...] = ()
    unexplained: str = ""  # why nothing adds up to the certainty, where nothing does

    def __post_init__(self) -> None:
        n, explained = self.start.size, self.explanation_value.size
        if len(self.aspects) != n:
            self.aspects = np.zeros((n, 0), np.int8)
        if len(self.label) != n:
            self.label = np.full(n, -1, np.int16)
            self.label_probabilities = np.zeros((n, 0))
        if len(self.explanation_span) != explained:
            self.explanation_span = np.full((explained, 2), _NO_SPAN, np.int32)
        if self.explanation_bounds.size != n + 1 and not explained:
            self.explanation_bounds = np.zeros(n + 1, np.int64)

    def __reduce__(self) -> tuple[type[Columns], tuple[Any, ...]]:
        return Columns, tuple(getattr(self, item.name) for item in fields(self))

    def __len__(self) -> int:
        return int(self.start.size)

    def text_of(self, row: int) -> str:
        """The string that the offsets of a sentence count in."""
        return self.texts[0] if self.shared else self.texts[row]

    def scopes(self) -> Array:
        """Start and end of the scope of each cue, shape ``(n, 2)``; found out when it is first looked at."""
        # Read once: another thread may put the array there in between.
        found = self.cue_scope
        if callable(found):
            self.cue_scope = found = found(self)
        return found

    def single(self, row: int) -> Columns:
        """The columns of one sentence alone."""
        self.scopes()
        changed: dict[str, Any] = {"texts": (self.text_of(row),), "shared": True}
        for item in fields(self):
            value = getattr(self, item.name)
            if not isinstance(value, np.ndarray):
                continue
            group = item.name.split("_")[0]
            if item.name.endswith("_bounds"):
                changed[item.name] = np.array([0, value[row + 1] - value[row]])
            elif group in ("cue", "attribution", "explanation"):
                bounds = getattr(self, f"{group}_bounds")
                changed[item.name] = value[bounds[row] : bounds[row + 1]].copy()
            else:
                changed[item.name] = value[row : row + 1].copy()
        return Columns(**{item.name: changed.get(item.name, getattr(self, item.name)) for item in fields(self)})

    def compact(self) -> Columns:
        """The same with everything found out, and the names of those features only that occur: a pickle carries no model."""
        self.scopes()
        used, rows = np.unique(self.explanation_feature, return_inverse=True)
        names = tuple(self.feature_names[feature] for feature in used.tolist())
        return replace(self, feature_names=names, explanation_feature=rows.astype(np.int32))


class Sentence:
    """One sentence: how certain it sounds, which words make it so, on whose word it rests.

    Attributes
    ----------
    text : str
    start, end : int
        Offsets in the string that the user passed in.
    certainty : float or None
        0 to 1; None where no claim is made.
    level : Level or None
    hedged : bool
    hedged_probability : float
        0 to 1, calibrated.
    cues : tuple of Cue
    attributions : tuple of Attribution
    voice : Voice or None
    aspects : dict of Aspect to AspectCertainty, or None
        What a scientific finding is certain of; from the model ``science`` alone.
    label : str or None
        The class, from models that were trained on a user's own.
    label_probabilities : dict of str to float, or None
        The probability of each of those classes.
    """

    __slots__ = ("_columns", "_row")
    _columns: Columns
    _row: int

    def __init__(self, columns: Columns, row: int) -> None:
        object.__setattr__(self, "_columns", columns)
        object.__setattr__(self, "_row", row)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Sentence is frozen; cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Sentence is frozen; cannot delete {name!r}")

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return int(self._columns.start[self._row])

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return int(self._columns.end[self._row])

    @property
    def text(self) -> str:
        """The sentence itself."""
        return self._columns.text_of(self._row)[self.start : self.end]

    @property
    def certainty(self) -> float | None:
        """How strongly the wording commits the reader to the main claim, 0 to 1; None where there is no claim."""
        return _number(self._columns.certainty[self._row])

    @property
    def level(self) -> Level | None:
        """The certainty in a word."""
        return level_of(self.certainty)

    @property
    def hedged_probability(self) -> float:
        """Probability that the main claim is left less than fully asserted, 0 to 1."""
        return float(self._columns.hedged_probability[self._row])

    @property
    def hedged(self) -> bool:
        """Whether ``hedged_probability`` reaches the model's threshold."""
        return bool(self._columns.hedged[self._row])

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues in the order of the text."""
        columns, source = self._columns, self._columns.text_of(self._row)
        low, high = columns.cue_bounds[self._row : self._row + 2].tolist()
        if low == high:
            return ()
        scopes = columns.scopes()
        return tuple(
            Cue(
                Span(source, int(columns.cue_start[i]), int(columns.cue_end[i])),
                CUE_TYPES[int(columns.cue_type[i])],
                float(columns.cue_probability[i]),
                _span(source, *scopes[i].tolist()),
                self._likelihood(int(columns.cue_start[i]), int(columns.cue_end[i])),
            )
            for i in range(low, high)
        )

    @property
    def attributions(self) -> tuple[Attribution, ...]:
        """The attributions in the order of their cues."""
        columns, text = self._columns, self._columns.text_of(self._row)
        low, high = columns.attribution_bounds[self._row : self._row + 2].tolist()
        found = []
        for i in range(low, high):
            source, cue, content, earlier = (_span(text, start, end) for start, end in columns.attribution_spans[i].tolist())
            kind, certainty = KINDS[int(columns.attribution_kind[i])], _number(columns.attribution_certainty[i])
            found.append(Attribution(source, cue, content, earlier, kind, certainty))
        return tuple(found)

    @property
    def voice(self) -> Voice | None:
        """On whose word the main claim rests: the author's own, or the weakest link that answers for it; None where no claim is made.

        From the strongest to the weakest: named, document, unnamed, hearsay.
        """
        voice = int(self._columns.voice[self._row])
        return None if voice < 0 else VOICES[voice]

    @property
    def aspects(self) -> dict[Aspect, AspectCertainty] | None:
        """How a scientific finding speaks of each aspect; None unless the model was trained on them."""
        found = self._columns.aspects[self._row].tolist()
        return {aspect: ASPECT_CERTAINTIES[number] for aspect, number in zip(ASPECTS, found, strict=True)} if found else None

    @property
    def label(self) -> str | None:
        """The class, from models that were trained on a user's own; otherwise None."""
        number = int(self._columns.label[self._row])
        return None if number < 0 else self._columns.classes[number]

    @property
    def label_probabilities(self) -> dict[str, float] | None:
        """The probability of each of those classes, 0 to 1; None where there is no label."""
        if self._columns.label[self._row] < 0:
            return None
        return dict(zip(self._columns.classes, self._columns.label_probabilities[self._row].tolist(), strict=True))

    def explain(self) -> Explanation:
        """What moved the certainty, by cue and word, adding up to it before it is clipped.

        Raises
        ------
        NotBuiltError
            If the certainty comes from an estimator of the user's own, whose answers are no sum over features.

        Examples
        --------
        >>> import hedgekit
        >>> [sentence] = hedgekit.annotate(["The bridge may close."])
        >>> why = sentence.explain()
        >>> abs(min(max(why.total, 0), 1) - sentence.certainty) < 1e-9
        True
        """
        columns, text = self._columns, self._columns.text_of(self._row)
        if columns.unexplained:
            raise NotBuiltError(columns.unexplained)
        low, high = columns.explanation_bounds[self._row : self._row + 2].tolist()
        rows = zip(
            columns.explanation_feature[low:high].tolist(),
            columns.explanation_value[low:high].tolist(),
            columns.explanation_span[low:high].tolist(),
            strict=True,
        )
        features = []
        parts: dict[tuple[int, int], list[float]] = {}
        first, last = columns.cue_bounds[self._row : self._row + 2].tolist()
        cues = {
            (start, end): text[start:end]
            for start, end in zip(columns.cue_start[first:last].tolist(), columns.cue_end[first:last].tolist(), strict=True)
        }
        inside = {place: span for span in cues for place in range(*span)}
        for attribution in self.attributions:
            source, cue = attribution.source, attribution.cue
            if source is not None and cue is not None and (cue.start, cue.end) in cues and self.start <= source.start < self.end:
                in_order = sorted((source, cue), key=lambda span: span.start)
                cues[cue.start, cue.end] = " ".join(span.text for span in in_order)
                for place in range(source.start, source.end):
                    inside.setdefault(place, (cue.start, cue.end))
        for feature, value, (start, end) in rows:
            features.append(Contribution(columns.feature_names[feature], value, _span(text, start, end)))
            parts.setdefault(inside.get(start, (start, end)), []).append(value)
        items = [
            Contribution(cues.get(span, text[slice(*span)]) if span[0] >= 0 else WHOLE, math.fsum(values), _span(text, *span))
            for span, values in parts.items()
            if any(values)
        ]
        return Explanation(columns.explanation_baseline, _strongest_first(items), _strongest_first(features))

    def _likelihood(self, start: int, end: int) -> Likelihood | None:
        text = self._columns.text_of(self._row)
        # Within its sentence, as far as two words reach.
        low, high = max(self.start, start - _BESIDE), min(self.end, end + _BESIDE)
        return likelihood_of(text[start:end], text[end:high], text[low:start])

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values that JSON can hold."""
        aspects = self.aspects
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "certainty": self.certainty,
            "level": None if self.level is None else str(self.level),
            "hedged": self.hedged,
            "hedged_probability": self.hedged_probability,
            "cues": [cue.to_dict() for cue in self.cues],
            "attributions": [attribution.to_dict() for attribution in self.attributions],
            "voice": None if self.voice is None else str(self.voice),
            "aspects": None if aspects is None else {str(aspect): str(certainty) for aspect, certainty in aspects.items()},
            "label": self.label,
            "label_probabilities": self.label_probabilities,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sentence):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.text, self.start, self.end))

    def __repr__(self) -> str:
        shown = "None" if self.certainty is None else f"{self.certainty:.2f}"
        return f"Sentence({self.text!r}, certainty={shown}, cues={[cue.text for cue in self.cues]})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self._columns.single(self._row).compact(), 0)

    def _repr_html_(self) -> str:
        from hedgekit.display import sentence_html

        return sentence_html(self)


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who answers for claims of a document.

    Attributes
    ----------
    name : str
        Its fullest mention.
    kind : AttributionKind
        The commonest of its mentions.
    mentions : tuple of Span
        Where it stands as a source.
    claims : int
        Attributions that rest on it.
    certainty : float or None
        Mean certainty of what it said, by its own words; None where nothing is ascribed in words.
    """

    name: str
    kind: AttributionKind
    mentions: tuple[Span, ...]
    claims: int
    certainty: float | None

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {
            "name": self.name,
            "kind": str(self.kind),
            "mentions": [span.to_dict() for span in self.mentions],
            "claims": self.claims,
            "certainty": self.certainty,
        }


class Sources(tuple[Source, ...]):
    """The sources of a document: a tuple that shows itself as a table in a notebook.

    Examples
    --------
    >>> import hedgekit
    >>> sources = hedgekit.analyze("The wiring was old, Fire Chief Ana Ruiz said. It may fail again, she said.").sources()
    >>> [(source.name, source.claims) for source in sources]
    [('Fire Chief Ana Ruiz', 2)]
    >>> sources == tuple(sources)
    True
    """

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Source: ...
    @overload
    def __getitem__(self, index: slice) -> Sources: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Source | Sources:
        return Sources(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row for each source: its name and kind, the number of its mentions and claims, its mean certainty.

        Raises
        ------
        ImportError
            If pandas is not installed: ``pip install "hedgekit[pandas]"``.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError('tables need pandas: pip install "hedgekit[pandas]"') from error
        return pd.DataFrame(
            {
                "name": [source.name for source in self],
                "kind": [str(source.kind) for source in self],
                "mentions": [len(source.mentions) for source in self],
                "claims": [source.claims for source in self],
                "certainty": np.array([math.nan if source.certainty is None else source.certainty for source in self], float),
            }
        )

    def _repr_html_(self) -> str:
        from hedgekit.display import sources_html

        return sources_html(self)


# Among so many claims at its beginning a text gives its answer.
_ANSWER = 3


class Document(Sequence[Sentence]):
    """A text as a sequence of its sentences.

    The sentences are in order, do not overlap, have no white space at their edges, and cover every other character.

    Parameters
    ----------
    columns : Columns or callable
        What was found, or what gives it when it is first looked at.
    """

    __slots__ = ("_held",)
    _held: Columns | Callable[[], Columns]

    def __init__(self, columns: Columns | Callable[[], Columns]) -> None:
        object.__setattr__(self, "_held", columns)

    @property
    def _columns(self) -> Columns:
        """What was found; asked for when it is first looked at."""
        held = self._held
        if not isinstance(held, Columns):
            held = held()
            object.__setattr__(self, "_held", held)
        return held

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Document is frozen; cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Document is frozen; cannot delete {name!r}")

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Sentence, ...]: ...
    def __getitem__(self, index: int | slice) -> Sentence | tuple[Sentence, ...]:
        if isinstance(index, slice):
            return tuple(Sentence(self._columns, row) for row in range(len(self))[index])
        return Sentence(self._columns, range(len(self))[index])

    def __iter__(self) -> Iterator[Sentence]:
        return (Sentence(self._columns, row) for row in range(len(self)))

    @property
    def text(self) -> str:
        """The text as it was passed in."""
        return self._columns.texts[0]

    @property
    def certainty(self) -> float | None:
        """Mean certainty of the sentences that make a claim; None where none does."""
        known = self._columns.certainty[~np.isnan(self._columns.certainty)]
        return float(known.mean()) if known.size else None

    @property
    def main_certainty(self) -> float | None:
        """Certainty of what the text as a whole puts forward: the answer, where it is an answer, not the padding around it.

        That is the certainty of its first claim, or, where one of its first three claims is hedged, of the first that is: "It was
        Rome. I'm not sure." None where no sentence makes a claim.

        Examples
        --------
        >>> import hedgekit
        >>> document = hedgekit.analyze("Good question! It might be Vienna. Vienna lies on the Danube.")
        >>> document.main_certainty == document[1].certainty
        True
        """
        claims = (~np.isnan(self._columns.certainty)).nonzero()[0]
        if not claims.size:
            return None
        hedged = claims[:_ANSWER][self._columns.hedged[claims[:_ANSWER]]]
        return float(self._columns.certainty[hedged[0] if hedged.size else claims[0]])

    def sources(self) -> Sources:
        """Each written source once, in the order of their first mention.

        Mentions are joined where one refers to the other, and by their wording: "the minister" and "Kim" count with "South Korean
        Defense Minister Kim Yong-Hyun" where the text leaves no doubt. Pronouns that cannot be led back are joined by their wording
        too, whoever they mean.
        """
        groups: dict[str, list[Attribution]] = {}
        for sentence in self:
            for attribution in sentence.attributions:
                if attribution.source is not None:
                    fullest = attribution.refers_to or attribution.source
                    groups.setdefault(fullest.text.casefold().removeprefix("the "), []).append(attribution)
        return Sources(_source(group) for group in groups.values())

    def to_frame(self, of: Literal["sentences", "cues", "attributions"] = "sentences") -> pd.DataFrame:
        """A pandas DataFrame with a row for each sentence, cue or attribution.

        Parameters
        ----------
        of : {"sentences", "cues", "attributions"}
            What a row is. Aspects and classes of sentences have columns where the model gives them. Cues and attributions have
            the number of their sentence, and text and offsets of each of their spans; ``likelihood`` is the median.

        Raises
        ------
        OptionError
            If ``of`` is something else.
        ImportError
            If pandas is not installed: ``pip install "hedgekit[pandas]"``.

        Examples
        --------
        >>> import hedgekit
        >>> document = hedgekit.analyze("It rained. The mayor said the dam may break.")
        >>> document.to_frame("cues")[["sentence", "text", "start", "end", "type"]]
           sentence  text  start  end         type
        0         1  said     21   25  reportative
        1         1   may     34   37        modal
        """
        from hedgekit.tables import document_frame

        return document_frame(self, of)

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain values that JSON can hold."""
        return {
            "text": self.text,
            "certainty": self.certainty,
            "main_certainty": self.main_certainty,
            "sources": [source.to_dict() for source in self.sources()],
            "sentences": [sentence.to_dict() for sentence in self],
        }

    def to_html(self, path: str | Path | None = None) -> str:
        """The text as a self-contained HTML page, with certainty, cues and sources marked; also written to ``path``, if given.

        The file is written whole or not at all: what stood there before is only replaced by a page that is complete.
        """
        from hedgekit.display import document_page

        page = document_page(self)
        if path is not None:
            from hedgekit.writing import write_whole

            write_whole(Path(path), page)
        return page

    def _repr_html_(self) -> str:
        from hedgekit.display import document_html

        return document_html(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        return self.text == other.text and len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        shown = "None" if self.certainty is None else f"{self.certainty:.2f}"
        return f"Document({len(self)} sentences, certainty={shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Document, (self._columns.compact(),)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _span(text: str, start: int, end: int) -> Span | None:
    return None if start == _NO_SPAN else Span(text, start, end)


def _strongest_first(items: list[Contribution]) -> tuple[Contribution, ...]:
    return tuple(sorted(items, key=lambda item: -abs(item.value)))


def _plain(value: Span | Likelihood | None) -> dict[str, Any] | None:
    return None if value is None else value.to_dict()


def _source(group: list[Attribution]) -> Source:
    spans = [attribution.source for attribution in group if attribution.source is not None]
    known = [attribution.certainty for attribution in group if attribution.certainty is not None]
    kinds = [attribution.kind for attribution in group]
    name = (group[0].refers_to or spans[0]).text
    # The speaker of several quotations is one mention with several claims.
    mentions = tuple({(span.start, span.end): span for span in spans}.values())
    return Source(name, max(KINDS, key=kinds.count), mentions, len(group), math.fsum(known) / len(known) if known else None)
