"""How right hedgekit is on documents that it was not fitted on, beside a bag of words and lists of phrases.

Run ``python -m benchmarks.accuracy --corpora FOLDER``; five fits of the recipe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from benchmarks.plots import Floats, reliability
from benchmarks.rivals import Rival, bag_of_words, lexicon_cues, phrase_list, reliable_cues, seen_cues
from benchmarks.tables import RESULTS, Table, save
from hedgekit.corpora import LabelledSentence
from hedgekit.model import CertaintyModel
from hedgekit.results import Sentence
from hedgekit.training import general
from hedgekit.training.measure import figures, intervals, tally

_SPANS = ("cue span F1", "cue typed F1")
_HEDGED = "hedged F1"
_CALIBRATION = "calibration error of hedged_probability"
_FALSE_ALARMS = "false alarms per 1,000 sentences without a cue"
# The figures that are shown, with their column heads.
COLUMNS = {
    "cue span F1": "cue span F1",
    "cue typed F1": "cue typed F1",
    "attribution overlap F1": "attribution overlap F1",
    "certainty r": "certainty r",
    "certainty mean absolute error": "certainty MAE",
    _HEDGED: _HEDGED,
    _CALIBRATION: "calibration error",
    _FALSE_ALARMS: "false alarms",
}
_LIST = frozenset({*_SPANS, _HEDGED, _FALSE_ALARMS})
_BAG = frozenset({"certainty r", "certainty mean absolute error", _HEDGED, _CALIBRATION})
_NOTES = (
    "Five-fold by document: every system is fitted or counted on four fifths and judged on the fifth; the shipped model is not used.",
    "hedgekit with 95 % bootstrap intervals over documents (1,000 resamples).",
    "Bag of words: tf-idf of words and word pairs (min_df=2) with ridge for certainty and logistic regression for hedged; "
    "strength and threshold chosen by cross-validation by document on the training part.",
    "Lists: every longest match is a cue of the phrase's commonest type; hedged where a cue of a hedging type stands "
    "(all but reportative, booster and approximator).",
    "False alarms: cues found per 1,000 sentences in which none is labelled.",
)


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table: who annotates, and which figures it can be asked for."""

    name: str
    annotate: Rival
    gives: frozenset[str]
    with_intervals: bool = False


def systems(
    material: general.Material, train: Sequence[LabelledSentence], progress: Callable[[str], None] = lambda _: None
) -> list[System]:
    """Fit hedgekit and its rivals on ``train``."""
    model = CertaintyModel(general.fit(material, train, progress), {"name": "held out"})
    progress("rivals")
    return [System("hedgekit", model.annotate, frozenset(COLUMNS), with_intervals=True), *rivals(material, train)]


def rivals(material: general.Material, train: Sequence[LabelledSentence]) -> list[System]:
    """What users would pick instead, fitted or counted on ``train``."""
    tables = material.tables
    return [
        System("bag of words", bag_of_words(train), _BAG),
        System("list of the cues seen in training", phrase_list(seen_cues(train), tables), _LIST),
        System("the same, phrases that were cues at least half of the time", phrase_list(reliable_cues(train, tables), tables), _LIST),
        System("hedgekit's lexicon as a list", phrase_list(lexicon_cues(material.lexicon), tables), _LIST),
    ]


def table(part: str, gold: Sequence[LabelledSentence], rows: Sequence[System], n_samples: int = 1000) -> Table:
    """Measure every system on one part of the held-out sentences."""
    documents = len({sentence.group for sentence in gold})
    claims = sum(sentence.certainty is not None for sentence in gold)
    cues = sum(len(sentence.cues) for sentence in gold)
    attributions = sum(len(sentence.attributions or ()) for sentence in gold)
    size = (
        f"{part}: {len(gold)} sentences of {documents} documents, {claims} with a claim, {sum(item.hedged for item in gold)} hedged, "
        f"{cues} cues, {attributions} attributions, {sum(not item.cues for item in gold)} sentences without a cue"
    )
    return Table(size, ("system", *COLUMNS.values()), tuple(_row(system, gold, n_samples) for system in rows))


def alarms_by_register(gold: Sequence[LabelledSentence], rows: Sequence[System]) -> Table:
    """Cues found where none is labelled, and sentences held to be hedged there, for each kind of text."""
    quiet = [sentence for sentence in gold if not sentence.cues]
    registers = sorted({(sentence.origin, sentence.register) for sentence in quiet})
    answers = [(system, system.annotate([sentence.text for sentence in quiet])) for system in rows]
    shown = []
    for origin, register in registers:
        at = [number for number, sentence in enumerate(quiet) if (sentence.origin, sentence.register) == (origin, register)]
        cells = [f"{origin}, {register}" if register else origin, str(len(at))]
        for system, found in answers:
            cues = sum(len(found[number].cues) for number in at)
            hedged = sum(found[number].hedged for number in at)
            counts = (cues if _FALSE_ALARMS in system.gives else None, hedged)
            cells.append(" / ".join("-" if count is None else f"{1000 * count / len(at):.0f}" for count in counts))
        shown.append(tuple(cells))
    title = "False alarms: cues found / sentences held to be hedged, per 1,000 sentences without a cue"
    return Table(title, ("register", "sentences", *(system.name for system in rows)), tuple(shown))


def _row(system: System, gold: Sequence[LabelledSentence], n_samples: int) -> tuple[str, ...]:
    counted = tally(system.annotate([sentence.text for sentence in gold]), gold)
    values = {figure.figure: figure.value for figure in figures(counted, "")}
    ends = intervals(counted, [sentence.group for sentence in gold], n_samples=n_samples) if system.with_intervals else {}
    return (system.name, *(_cell(name, values[name], ends.get(name)) if name in system.gives else "-" for name in COLUMNS))


def _cell(name: str, value: float, ends: tuple[float, float] | None) -> str:
    if math.isnan(value):
        return "-"
    digits = 0 if name == _FALSE_ALARMS else 3 if name in (_CALIBRATION, "certainty mean absolute error") else 2
    shown = f"{value:.{digits}f}"
    return shown if ends is None else f"{shown} ({ends[0]:.{digits}f} to {ends[1]:.{digits}f})"


def run(corpora: Path | None, progress: Callable[[str], None] = lambda _: None, picture: Path | None = None) -> list[Table]:
    """Fit everything on each four fifths of the documents, and measure each part of the five fifths together.

    ``picture`` is where the reliability diagram of ``hedged_probability`` is written, if anywhere.
    """
    material = general.read_material(corpora)
    pooled, test = cross_validated(material, progress)
    gold = {part: [sentence for sentence in test if sentence.origin == part] for part in sorted({sentence.origin for sentence in test})}
    tables = [table(part, sentences, pooled) for part, sentences in gold.items()]
    if picture is not None:
        drawn = [system for system in pooled if _CALIBRATION in system.gives]
        reliability({part: {system.name: _claims(system, sentences) for system in drawn} for part, sentences in gold.items()}, picture)
    return [*tables, replace(alarms_by_register(test, pooled), notes=_NOTES)]


def _claims(system: System, gold: Sequence[LabelledSentence]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The probability that a system gives to the sentences that make a claim, and whether they are hedged."""
    claims = [sentence for sentence in gold if sentence.certainty is not None]
    found = system.annotate([sentence.text for sentence in claims])
    return np.array([sentence.hedged_probability for sentence in found]), np.array([sentence.hedged for sentence in claims])


def cross_validated(
    material: general.Material, progress: Callable[[str], None] = lambda _: None, folds: Sequence[int] = range(general.HELD_OUT_FOLDS)
) -> tuple[list[System], list[LabelledSentence]]:
    """Every system with its answers for sentences that it was not fitted on, and those sentences."""
    answers: dict[str, dict[str, Sentence]] = {}
    kinds: dict[str, System] = {}
    held_out: list[LabelledSentence] = []
    for fold in folds:
        train, test = general.split(material.sentences, fold)
        held_out += test
        texts = [sentence.text for sentence in test]
        for system in systems(material, train, general.prefixed(progress, f"fold {fold + 1}")):
            kinds[system.name] = system
            answers.setdefault(system.name, {}).update(zip(texts, system.annotate(texts), strict=True))
    return [replace(system, annotate=partial(_looked_up, answers[name])) for name, system in kinds.items()], held_out


def _looked_up(answers: Mapping[str, Sentence], texts: Sequence[str]) -> list[Sentence]:
    return [answers[text] for text in texts]


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), help="Folder of the corpora; without it the seeds are split.")
@click.option("--save", "saved", is_flag=True, help="Keep the tables in benchmarks/results.")
def main(corpora: Path | None, saved: bool) -> None:
    """Measure accuracy on held-out documents."""
    tables = run(corpora, lambda step: click.echo(step, err=True), RESULTS / "reliability.png" if saved else None)
    for found in tables:
        click.echo(found.markdown())
    if saved:
        save("accuracy", tables)


if __name__ == "__main__":
    main()
