"""What each part of the training data contributes: the recipe fitted without it, judged on held-out documents.

Run ``python -m benchmarks.contribution --corpora FOLDER``; five fits for each fold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchmarks.tables import Table, save
from hedgekit.corpora import LabelledSentence
from hedgekit.model import CertaintyModel
from hedgekit.results import Sentence
from hedgekit.training import general
from hedgekit.training.measure import measure

COLUMNS = (
    "cue span F1",
    "cue span recall",
    "cue typed F1",
    "attribution overlap F1",
    "certainty r",
    "hedged F1",
    "no claim, share found",
    "false alarms per 1,000 sentences without a cue",
)
FOLDS = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """A choice of training data: which origins of sentences, and whether the lexicon."""

    name: str
    left_out: Collection[str] = ()
    lexicon: bool = True
    taught: bool = True

    def material(self, material: general.Material) -> general.Material:
        """The material without what is left out."""
        if not self.taught:
            material = replace(material, taught=[])
        if self.lexicon:
            return material
        return replace(material, examples=[], lexicon=replace(material.lexicon, entries=()))

    def train(self, sentences: Sequence[LabelledSentence]) -> list[LabelledSentence]:
        """The sentences without those that are left out."""
        return [sentence for sentence in sentences if sentence.origin not in self.left_out]


VARIANTS = (
    Variant("everything"),
    Variant("without the seeds' sentences, answers, claims and variants", ("seeds", "answers", "claims", "variants")),
    Variant("without the lexicon and its examples", lexicon=False),
    Variant("without a teacher's grades", taught=False),
    # The teacher learned from these labels.
    Variant("without the labels laid over the corpora", ("standoff",), taught=False),
    Variant("seeds alone (sentences, answers, lexicon)", ("news", "prose", "standoff"), taught=False),
)


def run(
    material: general.Material,
    variants: Sequence[Variant] = VARIANTS,
    folds: Sequence[int] = range(FOLDS),
    progress: Callable[[str], None] = lambda _: None,
) -> list[Table]:
    """Fit every variant on the training part of each fold; a table for each part of the held-out sentences."""
    gold: list[LabelledSentence] = []
    found: dict[str, list[Sentence]] = {variant.name: [] for variant in variants}
    for fold in folds:
        train, test = general.split(material.sentences, fold)
        gold += test
        for variant in variants:
            progress(f"fold {fold + 1}: {variant.name}")
            parameters = general.fit(variant.material(material), variant.train(train))
            found[variant.name] += CertaintyModel(parameters, {"name": "held out"}).annotate([sentence.text for sentence in test])
    tables = []
    for part in sorted({sentence.origin for sentence in gold}):
        rows = [number for number, sentence in enumerate(gold) if sentence.origin == part]
        title = f"{part}: {len(rows)} sentences of {len({gold[number].group for number in rows})} documents"
        cells = tuple(
            _row(name, [answers[number] for number in rows], [gold[number] for number in rows]) for name, answers in found.items()
        )
        note = f"Held out by document: {len(folds)} of {general.HELD_OUT_FOLDS} folds, each judged by fits on the other documents."
        tables.append(Table(title, ("training data", *COLUMNS), cells, (note,)))
    return tables


def _row(name: str, answers: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> tuple[str, ...]:
    values = {figure.figure: figure.value for figure in measure(answers, gold, "")}
    return (name, *(f"{values[column]:.0f}" if "per 1,000" in column else f"{values[column]:.3f}" for column in COLUMNS))


@click.command()
@click.option(
    "--corpora",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder of the corpora, whose guide/ is held out in part.",
)
@click.option(
    "--folds", default=FOLDS, show_default=True, type=click.IntRange(1, general.HELD_OUT_FOLDS), help="How many folds are judged."
)
@click.option("--save", "saved", is_flag=True, help="Keep the tables in benchmarks/results.")
def main(corpora: Path, folds: int, saved: bool) -> None:
    """Measure what each part of the training data contributes."""
    tables = run(general.read_material(corpora), folds=range(folds), progress=lambda step: click.echo(step, err=True))
    for found in tables:
        click.echo(found.markdown())
    if saved:
        save("contribution", tables)


if __name__ == "__main__":
    main()
