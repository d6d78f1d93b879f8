"""``python -m hedgekit.training.agreement``: how far two labelling passes over the same sentences agree.

Chance-corrected measures are NLTK's: Cohen's kappa (Cohen 1960) and Krippendorff's alpha (Krippendorff 1980).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click
import numpy as np

from hedgekit.corpora import LabelledAttribution, LabelledSentence, Offsets, _guide_row
from hedgekit.errors import DataError, HedgekitError
from hedgekit.labels import level_of
from hedgekit.training.general import seeds_folder
from hedgekit.training.measure import Figure, f1, pearson

_PASSES = ("first", "second")
_NO_CLAIM = "no claim"


def read_pass(path: str | Path, sentences: str | Path) -> list[LabelledSentence]:
    """Read one pass; its rows hold no text, which comes from the settled sentences by ``id``.

    Parameters
    ----------
    path : str or Path
        For example ``seeds/passes/first.jsonl``.
    sentences : str or Path
        ``seeds/sentences.jsonl``.

    Returns
    -------
    list of LabelledSentence
        In the order of the settled sentences.

    Raises
    ------
    DataError
        With file, line and reason, or the first id that only one of the files has.
    """
    texts = {row["id"]: row["text"] for _, row in _rows(Path(sentences))}
    found: dict[str, LabelledSentence] = {}
    for place, row in _rows(Path(path)):
        name = str(row.get("id"))
        if name not in texts:
            raise DataError(f"{place}: id {name!r} does not stand in {sentences}; every row of a pass labels one of its sentences")
        if name in found:
            raise DataError(f"{place}: id {name!r} stands twice; keep one of the rows")
        found[name] = _guide_row({**row, "text": texts[name]}, place, Path(path).stem)
    missing = [name for name in texts if name not in found]
    if missing:
        raise DataError(f"{path}: no row for {missing[0]!r} and {len(missing) - 1} others of {sentences}; a pass labels every sentence")
    return [found[name] for name in texts]


def _rows(path: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); run this in a clone, or name the folder with --seeds") from error
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append((f"{path}:{number}", json.loads(line)))
        except json.JSONDecodeError as error:
            raise DataError(f"{path}:{number}: not valid JSON: {error}") from None
    return rows


def agreement(first: Sequence[LabelledSentence], second: Sequence[LabelledSentence]) -> list[Figure]:
    """All figures for two passes over the same sentences.

    Spans and attributions are compared as in :mod:`hedgekit.training.measure`, the first pass taking the place of what
    was found. ``hedged`` and level are compared on all sentences, with "no claim" as a level of its own; certainty on
    those where both passes see a claim.

    Parameters
    ----------
    first, second : sequence of LabelledSentence
        In the same order.

    Returns
    -------
    list of Figure
    """
    pairs = list(zip(first, second, strict=True))
    levels = [[str(level_of(sentence.certainty) or _NO_CLAIM) for sentence in labels] for labels in (first, second)]
    hedged = [[sentence.hedged for sentence in labels] for labels in (first, second)]
    claims = [(a.certainty, b.certainty) for a, b in pairs if a.certainty is not None and b.certainty is not None]
    certainty = [[a for a, _ in claims], [b for _, b in claims]]
    figures = [
        *_cue_figures(pairs),
        _attribution_figure(pairs),
        ("hedged, Cohen's kappa", kappa(*hedged), len(pairs)),
        ("hedged, Krippendorff's alpha", alpha(*hedged), len(pairs)),
        ("level, Cohen's kappa", kappa(*levels), len(pairs)),
        ("level, Krippendorff's alpha", alpha(*levels), len(pairs)),
        ("certainty, Krippendorff's alpha (interval)", alpha(*certainty, distance="interval"), len(claims)),
        ("certainty, Pearson's r", pearson(*(np.array(values) for values in certainty)), len(claims)),
    ]
    return [Figure("passes", name, value, n) for name, value, n in figures]


def kappa(first: Sequence[Any], second: Sequence[Any]) -> float:
    """Cohen's kappa of two lists of labels.

    Examples
    --------
    >>> kappa([True, True, False, False], [True, True, False, True])
    0.5
    """
    return float(_task(first, second, "nominal").kappa())


def alpha(first: Sequence[Any], second: Sequence[Any], *, distance: Literal["nominal", "interval"] = "nominal") -> float:
    """Krippendorff's alpha of two lists of labels, or with interval distance of numbers.

    Examples
    --------
    >>> alpha([0.2, 0.4, 0.9], [0.2, 0.4, 0.9], distance="interval")
    1.0
    """
    return float(_task(first, second, distance).alpha())


def _task(first: Sequence[Any], second: Sequence[Any], distance: Literal["nominal", "interval"]) -> Any:
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import binary_distance, interval_distance

    data = [(coder, item, label) for coder, labels in zip(_PASSES, (first, second), strict=True) for item, label in enumerate(labels)]
    return AnnotationTask(data, distance=binary_distance if distance == "nominal" else interval_distance)


_Pairs = Sequence[tuple[LabelledSentence, LabelledSentence]]


def _cue_figures(pairs: _Pairs) -> list[tuple[str, float, int]]:
    spans = typed = n_first = n_second = 0
    for one, other in pairs:
        typed += len(set(one.cues) & set(other.cues))
        spans += len({cue[:2] for cue in one.cues} & {cue[:2] for cue in other.cues})
        n_first += len(one.cues)
        n_second += len(other.cues)
    return [("cue span F1", f1(spans, n_first, n_second), n_second), ("cue typed F1", f1(typed, n_first, n_second), n_second)]


def _attribution_figure(pairs: _Pairs) -> tuple[str, float, int]:
    matched = n_first = n_second = 0
    for one, other in pairs:
        left = list(other.attributions or ())
        n_first += len(one.attributions or ())
        n_second += len(left)
        for attribution in one.attributions or ():
            match = next((item for item in left if _same(attribution, item)), None)
            if match is not None:
                left.remove(match)
                matched += 1
    return "attribution overlap F1", f1(matched, n_first, n_second), n_second


def _same(one: LabelledAttribution, other: LabelledAttribution) -> bool:
    return _overlap(one.cue, other.cue) and _overlap(one.source, other.source)


def _overlap(one: Offsets | None, other: Offsets | None) -> bool:
    if one is None or other is None:
        return one is other
    return one[0] < other[1] and other[0] < one[1]


@click.command(help="How far the two labelling passes over the project's own sentences agree.")
@click.option("--seeds", type=click.Path(path_type=Path), help="Folder with sentences.jsonl and passes/; the default is the project's own.")
def main(seeds: Path | None) -> None:
    """Print the figures, a line each."""
    folder = seeds or seeds_folder()
    try:
        passes = [read_pass(folder / "passes" / f"{name}.jsonl", folder / "sentences.jsonl") for name in _PASSES]
    except HedgekitError as error:
        raise click.ClickException(str(error)) from error
    for figure in agreement(*passes):
        click.echo(f"{figure.figure:<44}{figure.value:.3f}  (n = {figure.n})")


if __name__ == "__main__":
    main()
