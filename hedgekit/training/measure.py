"""The figures by which a model is judged, computed the same way everywhere.

Spans are compared by start and end, micro-averaged over sentences; the typed figure also needs the type. An attribution
overlaps when both its source and its cue overlap the labelled ones (none matches none), each labelled one used once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgekit.corpora import LabelledSentence, Offsets
from hedgekit.results import Attribution, Sentence, Span

Floats = npt.NDArray[np.float64]


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


def measure(found: Sequence[Sentence], gold: Sequence[LabelledSentence], part: str) -> list[Figure]:
    """All figures of one part of the held-out data."""
    figures = [*_cue_figures(found, gold), *_attribution_figures(found, gold), *_certainty_figures(found, gold)]
    return [Figure(part, name, value, n) for name, value, n in figures]


def _cue_figures(found: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> list[tuple[str, float, int]]:
    spans = typed = n_gold = n_found = 0
    for sentence, label in zip(found, gold, strict=True):
        wanted = {(start, end): str(kind) for start, end, kind in label.cues}
        got = {(cue.start, cue.end): str(cue.type) for cue in sentence.cues}
        both = wanted.keys() & got.keys()
        spans += len(both)
        typed += sum(wanted[span] == got[span] for span in both)
        n_gold += len(wanted)
        n_found += len(got)
    return [
        ("cue span F1", f1(spans, n_gold, n_found), n_gold),
        ("cue span precision", spans / max(n_found, 1), n_found),
        ("cue span recall", spans / max(n_gold, 1), n_gold),
        ("cue typed F1", f1(typed, n_gold, n_found), n_gold),
    ]


def _attribution_figures(found: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> list[tuple[str, float, int]]:
    overlapping = exact = kinds = n_gold = n_found = 0
    for sentence, label in zip(found, gold, strict=True):
        left = list(label.attributions or ())
        n_gold += len(left)
        n_found += len(sentence.attributions)
        for attribution in sentence.attributions:
            match = next((item for item in left if _overlap(attribution.cue, item.cue) and _overlap(attribution.source, item.source)), None)
            if match is not None:
                left.remove(match)
                overlapping += 1
                same = _offsets(attribution) == (match.source, match.cue)
                exact += same
                kinds += same and attribution.kind == match.kind
    return [
        ("attribution overlap F1", f1(overlapping, n_gold, n_found), n_gold),
        ("attribution kind, share of the exact", kinds / max(exact, 1), exact),
    ]


def _offsets(attribution: Attribution) -> tuple[Offsets | None, Offsets | None]:
    source, cue = attribution.source, attribution.cue
    return (None if source is None else (source.start, source.end)), (None if cue is None else (cue.start, cue.end))


def _overlap(span: Span | None, gold: Offsets | None) -> bool:
    if span is None or gold is None:
        return span is None and gold is None
    return span.start < gold[1] and gold[0] < span.end


def _certainty_figures(found: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> list[tuple[str, float, int]]:
    wanted = np.array([np.nan if label.certainty is None else label.certainty for label in gold])
    got = np.array([np.nan if sentence.certainty is None else sentence.certainty for sentence in found])
    claims = ~np.isnan(wanted)
    both = claims & ~np.isnan(got)
    hedged = np.array([label.hedged for label in gold])[claims]
    said = np.array([sentence.hedged for sentence in found])[claims]
    probability = np.array([sentence.hedged_probability for sentence in found])[claims]
    return [
        ("certainty r", pearson(wanted[both], got[both]), int(both.sum())),
        ("certainty mean absolute error", float(np.abs(wanted[both] - got[both]).mean()), int(both.sum())),
        ("share of claims scored", both.sum() / max(claims.sum(), 1), int(claims.sum())),
        ("no claim, share found", float(np.isnan(got)[~claims].mean()) if (~claims).any() else float("nan"), int((~claims).sum())),
        ("hedged F1", f1(int((hedged & said).sum()), int(hedged.sum()), int(said.sum())), int(hedged.sum())),
        ("calibration error of hedged_probability", calibration_error(probability, hedged), int(claims.sum())),
    ]


def pearson(x: Floats, y: Floats) -> float:
    """Pearson's correlation."""
    return float(np.corrcoef(x, y)[0, 1]) if x.size > 1 else float("nan")


def calibration_error(probability: Floats, label: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over bins of equal count."""
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(probability[part].mean() - label[part].mean()) * part.size for part in parts if part.size]
    return float(sum(gaps) / max(probability.size, 1))
