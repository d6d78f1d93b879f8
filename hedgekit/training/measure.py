"""The figures by which a model is judged, computed the same way everywhere.

Spans are compared by start and end, micro-averaged over sentences; the typed figure also needs the type. An attribution
overlaps when both its source and its cue overlap the labelled ones (none matches none), each labelled one used once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.corpora import LabelledSentence, Offsets
from hedgekit.results import Attribution, Sentence, Span

Floats = npt.NDArray[np.float64]

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    part: str
    figure: str
    value: float
    n: int


def f1(right: int, gold: int, found: int) -> float:
    """Harmonic mean of precision and recall; 0 where nothing is right."""
    return 2 * right / max(gold + found, 1)


# What is counted in each sentence; the figures are ratios of the sums.
_COUNTS = (
    "cues right",
    "cues right and typed",
    "cues labelled",
    "cues found",
    "false alarms",
    "sentences without a cue",
    "scopes labelled",
    "scopes exact",
    "scope words shared",
    "scope words",
    "attributions overlapping",
    "attributions exact",
    "attributions exact and of their kind",
    "attributions labelled",
    "attributions found",
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in each sentence, so that sentences can be drawn again without being compared again.

    Attributes
    ----------
    counts : dict of str to ndarray of int64, shape (n_sentences,)
        Cues and attributions.
    wanted, got : ndarray of float64, shape (n_sentences,)
        Certainty as labelled and as found; NaN where there is none.
    hedged, said : ndarray of bool, shape (n_sentences,)
        Hedged as labelled and as found.
    probability : ndarray of float64, shape (n_sentences,)
        The probability found for ``hedged``.
    """

    counts: dict[str, npt.NDArray[np.int64]]
    wanted: Floats
    got: Floats
    hedged: npt.NDArray[np.bool_]
    said: npt.NDArray[np.bool_]
    probability: Floats

    def take(self, rows: npt.NDArray[np.int64]) -> Tally:
        """The sentences of ``rows``, each as often as it stands there."""
        counts = {name: values[rows] for name, values in self.counts.items()}
        return Tally(counts, self.wanted[rows], self.got[rows], self.hedged[rows], self.said[rows], self.probability[rows])


def measure(found: Sequence[Sentence], gold: Sequence[LabelledSentence], part: str) -> list[Figure]:
    """All figures of one part of the held-out data."""
    return figures(tally(found, gold), part)


def measure_domain(found: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> list[Figure]:
    """The figures of a corpus that marks uncertain sentences, and cues and scopes in some of them, part by part.

    A hedged sentence without a cue was labelled as a whole: it counts for the sentences alone.
    """
    rows = []
    for part in sorted({label.origin for label in gold}):
        mine = [(sentence, label) for sentence, label in zip(found, gold, strict=True) if label.origin == part]
        hedged, said = np.array([label.hedged for _, label in mine]), np.array([sentence.hedged for sentence, _ in mine])
        right = int((hedged & said).sum())
        rows += [
            Figure(part, "sentence F1", f1(right, int(hedged.sum()), int(said.sum())), len(mine)),
            Figure(part, "sentence precision", right / max(int(said.sum()), 1), int(said.sum())),
            Figure(part, "sentence recall", right / max(int(hedged.sum()), 1), int(hedged.sum())),
        ]
        marked = [(sentence, label) for sentence, label in mine if label.cues or not label.hedged]
        counts = np.array([_cue_counts(sentence, label) for sentence, label in marked]).sum(axis=0)
        n = dict(zip(_COUNTS, counts.tolist(), strict=False))
        shown = [*_cue_figures(n), *_scope_figures(n), *_false_alarm_figures(n)]
        rows += [Figure(part, name, value, size) for name, value, size in shown if name != "cue typed F1"]
    return rows


def tally(found: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> Tally:
    """Compare every sentence with its labels."""
    rows = [_cue_counts(sentence, label) + _attribution_counts(sentence, label) for sentence, label in zip(found, gold, strict=True)]
    counts = np.array(rows, dtype=np.int64).reshape(-1, len(_COUNTS))
    return Tally(
        counts={name: counts[:, column] for column, name in enumerate(_COUNTS)},
        wanted=np.array([np.nan if label.certainty is None else label.certainty for label in gold]),
        got=np.array([np.nan if sentence.certainty is None else sentence.certainty for sentence in found]),
        hedged=np.array([label.hedged for label in gold]),
        said=np.array([sentence.hedged for sentence in found]),
        probability=np.array([sentence.hedged_probability for sentence in found]),
    )


def figures(counted: Tally, part: str) -> list[Figure]:
    """The figures of what was counted."""
    n = {name: int(values.sum()) for name, values in counted.counts.items()}
    rows = [*_cue_figures(n), *_scope_figures(n), *_attribution_figures(n), *_certainty_figures(counted), *_false_alarm_figures(n)]
    return [Figure(part, name, value, size) for name, value, size in rows]


def intervals(
    counted: Tally, groups: Sequence[str], *, n_samples: int = 1000, level: float = 0.95, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Bootstrap intervals of all figures, by drawing whole documents.

    Parameters
    ----------
    counted : Tally
    groups : sequence of str
        The document of each sentence.
    n_samples : int
    level : float
        The share of samples inside the interval.
    seed : int

    Returns
    -------
    dict
        Lower and upper end by the name of the figure; NaN where no sample defines it.
    """
    _, document = np.unique(np.array(groups), return_inverse=True)
    rows = np.split(np.argsort(document, kind="stable"), np.cumsum(np.bincount(document))[:-1])
    generator = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(n_samples):
        sample = np.concatenate([rows[number] for number in generator.integers(len(rows), size=len(rows))])
        for figure in figures(counted.take(sample), ""):
            drawn.setdefault(figure.figure, []).append(figure.value)
    edges = ((1 - level) / 2, (1 + level) / 2)
    return {name: _ends(np.array(values), edges) for name, values in drawn.items()}


def _ends(values: Floats, edges: tuple[float, float]) -> tuple[float, float]:
    """Quantiles of the samples in which the figure is defined."""
    values = values[~np.isnan(values)]
    low, high = np.quantile(values, edges) if values.size else (np.nan, np.nan)
    return float(low), float(high)


def _cue_counts(sentence: Sentence, label: LabelledSentence) -> tuple[int, ...]:
    wanted = {(start, end): str(kind) for start, end, kind in label.cues}
    got = {(cue.start, cue.end): str(cue.type) for cue in sentence.cues}
    both = wanted.keys() & got.keys()
    typed = sum(wanted[span] == got[span] for span in both)
    return len(both), typed, len(wanted), len(got), 0 if wanted else len(got), not wanted, *_scope_counts(sentence, label)


def _scope_counts(sentence: Sentence, label: LabelledSentence) -> tuple[int, int, int, int]:
    """Of the cues found with their exact span whose scope was labelled: how many, how many exact, words in both and in each."""
    labelled = exact = shared = size = 0
    scopes = {cue[:2]: scope for cue, scope in zip(label.cues, label.scopes, strict=True) if scope is not None}
    for cue in sentence.cues:
        wanted = scopes.get((cue.start, cue.end))
        if wanted is None:
            continue
        gold = _word_starts(label.text, wanted)
        got = set() if cue.scope is None else _word_starts(label.text, (cue.scope.start, cue.scope.end))
        labelled += 1
        exact += gold == got
        shared += len(gold & got)
        size += len(gold) + len(got)
    return labelled, exact, shared, size


def _word_starts(text: str, span: Offsets) -> set[int]:
    """Where the words of a span begin; signs and spaces are not counted, so that they do not matter at its edges."""
    return {match.start() for match in _WORDS.finditer(text, *span)}


def _attribution_counts(sentence: Sentence, label: LabelledSentence) -> tuple[int, ...]:
    overlapping = exact = kinds = 0
    left = list(label.attributions or ())
    for attribution in sentence.attributions:
        match = next((item for item in left if _overlap(attribution.cue, item.cue) and _overlap(attribution.source, item.source)), None)
        if match is not None:
            left.remove(match)
            overlapping += 1
            same = _offsets(attribution) == (match.source, match.cue)
            exact += same
            kinds += same and attribution.kind == match.kind
    return overlapping, exact, kinds, len(label.attributions or ()), len(sentence.attributions)


def _scope_figures(n: dict[str, int]) -> list[tuple[str, float, int]]:
    labelled = n["scopes labelled"]
    if not labelled:
        return []
    return [
        ("scope exact, share of the cues found", n["scopes exact"] / labelled, labelled),
        ("scope by word, F1", 2 * n["scope words shared"] / max(n["scope words"], 1), labelled),
    ]


def _cue_figures(n: dict[str, int]) -> list[tuple[str, float, int]]:
    right, labelled, found = n["cues right"], n["cues labelled"], n["cues found"]
    return [
        ("cue span F1", f1(right, labelled, found), labelled),
        ("cue span precision", right / max(found, 1), found),
        ("cue span recall", right / max(labelled, 1), labelled),
        ("cue typed F1", f1(n["cues right and typed"], labelled, found), labelled),
    ]


def _attribution_figures(n: dict[str, int]) -> list[tuple[str, float, int]]:
    labelled, exact = n["attributions labelled"], n["attributions exact"]
    return [
        ("attribution overlap F1", f1(n["attributions overlapping"], labelled, n["attributions found"]), labelled),
        ("attribution kind, share of the exact", n["attributions exact and of their kind"] / max(exact, 1), exact),
    ]


def _false_alarm_figures(n: dict[str, int]) -> list[tuple[str, float, int]]:
    quiet = n["sentences without a cue"]
    return [("false alarms per 1,000 sentences without a cue", 1000 * n["false alarms"] / max(quiet, 1), quiet)]


def _offsets(attribution: Attribution) -> tuple[Offsets | None, Offsets | None]:
    source, cue = attribution.source, attribution.cue
    return (None if source is None else (source.start, source.end)), (None if cue is None else (cue.start, cue.end))


def _overlap(span: Span | None, gold: Offsets | None) -> bool:
    if span is None or gold is None:
        return span is None and gold is None
    return span.start < gold[1] and gold[0] < span.end


def _certainty_figures(counted: Tally) -> list[tuple[str, float, int]]:
    wanted, got = counted.wanted, counted.got
    claims = ~np.isnan(wanted)
    both = claims & ~np.isnan(got)
    hedged, said, probability = counted.hedged[claims], counted.said[claims], counted.probability[claims]
    error = np.abs(wanted[both] - got[both])
    return [
        ("certainty r", pearson(wanted[both], got[both]), int(both.sum())),
        ("certainty mean absolute error", float(error.mean()) if error.size else float("nan"), int(both.sum())),
        ("share of claims scored", both.sum() / max(claims.sum(), 1), int(claims.sum())),
        ("no claim, share found", float(np.isnan(got)[~claims].mean()) if (~claims).any() else float("nan"), int((~claims).sum())),
        ("hedged F1", f1(int((hedged & said).sum()), int(hedged.sum()), int(said.sum())), int(hedged.sum())),
        ("calibration error of hedged_probability", calibration_error(probability, hedged), int(claims.sum())),
    ]


def pearson(x: Floats, y: Floats) -> float:
    """Pearson's correlation; NaN where one of the two does not vary."""
    return float(np.corrcoef(x, y)[0, 1]) if x.size > 1 and np.ptp(x) and np.ptp(y) else float("nan")


def calibration_error(probability: Floats, label: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over bins of equal count."""
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(probability[part].mean() - label[part].mean()) * part.size for part in parts if part.size]
    return float(sum(gaps) / max(probability.size, 1))
