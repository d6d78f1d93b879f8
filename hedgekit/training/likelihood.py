"""``python -m hedgekit.training.likelihood --corpora FOLDER``: what people mean by words that name a likelihood.

Five surveys asked people which number they give to such words. All valid answers to one wording are put together, whoever
gave them; of them the median and the middle half are kept (:mod:`hedgekit.likelihood`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from hedgekit.errors import DataError, HedgekitError
from hedgekit.training.general import existing

Answers = Iterator[tuple[str, str]]

# The forms in which a surveyed wording stands in a text, where they are not the wording itself. What is left out: frequencies
# ("often"), the plain future ("will happen"), and "we believe", whose doubt belongs to a holder.
_FORMS: Mapping[str, tuple[str, ...]] = {
    "may happen": ("may",),
    "might happen": ("might",),
    "could happen": ("could",),
    "chances are slight": ("chances are slight", "chances were slight"),
    "with low probability": ("with low probability", "low probability"),
    "with moderate probability": ("with moderate probability", "moderate probability"),
    "with high probability": ("with high probability", "high probability"),
}
_FREQUENCIES = ("always", "almost always", "frequently", "more often than not", "never", "not often", "often", "rarely", "usually")
_LEFT_OUT = frozenset((*_FREQUENCIES, "will happen", "we believe", "we doubt", "control"))


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey: its file and how to read it.

    Attributes
    ----------
    name, source : str
        A short name, and where it is described.
    files : tuple of str
    answers : callable
        From the rows of a file to pairs of wording and answer, 0 to 100, as written.
    """

    name: str
    source: str
    files: tuple[str, ...]
    answers: Callable[[csv.DictReader[str]], Answers]


def _in_columns(rows: csv.DictReader[str]) -> Answers:
    """A column for each wording."""
    for row in rows:
        for wording, answer in row.items():
            yield wording.strip('"').replace("_", " "), answer


def _in_rows(rows: csv.DictReader[str]) -> Answers:
    for row in rows:
        yield row["term"], row["probability"]


def _of_participants(rows: csv.DictReader[str]) -> Answers:
    for row in rows:
        if row["include_participant"] == "True":
            yield row["uncertainty_expression"], row["response"]


SURVEYS = (
    Survey("zonination", "Perceptions of probability and numbers, zonination (2015)", ("zonination_probly.csv",), _in_columns),
    Survey("wadefagen", "Perception of probability words, W. Fagen-Ulmschneider (2019)", ("wadefagen_survey-results.csv",), _in_columns),
    Survey(
        "mauboussin",
        "Probability survey, A. Mauboussin and M. Mauboussin (2018)",
        ("mauboussin_probability_survey_results.csv",),
        _in_columns,
    ),
    Survey(
        "belem",
        "Perceptions of linguistic uncertainty by language models and humans, C. Belem et al. (2024), EMNLP",
        ("uci_humans_experiment1_proc.csv", "uci_humans_experiment2_proc.csv"),
        _of_participants,
    ),
    Survey("capphrase", "CAPphrase, A. Kucharski (2026), CC BY 4.0", ("capphrase_absolute_judgements.csv",), _in_rows),
)
# Columns of the surveys that are no wordings.
_PERSON = frozenset({"age bin", "gender", "esl", "your highest level of education", "your gender identity", "age range"})


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the surveys say of one wording.

    Attributes
    ----------
    forms : tuple of str
        How it stands in a text.
    median, low, high : float
        0 to 1.
    answers : int
    surveys : tuple of str
    """

    forms: tuple[str, ...]
    median: float
    low: float
    high: float
    answers: int
    surveys: tuple[str, ...]


def survey(corpora: str | Path) -> list[Surveyed]:
    """Put the answers of all surveys together.

    Parameters
    ----------
    corpora : str or Path
        The folder that holds ``estimative_probability/``.

    Returns
    -------
    list of Surveyed
        In the order of the median.

    Raises
    ------
    DataError
        If a file is missing or holds no answer.
    """
    found: dict[str, list[float]] = {}
    named: dict[str, list[str]] = {}
    for asked in SURVEYS:
        for name in asked.files:
            path = existing(Path(corpora) / "estimative_probability" / name)
            before = sum(map(len, found.values()))
            for wording, answer in _valid(path, asked):
                found.setdefault(wording, []).append(answer)
                if asked.name not in named.setdefault(wording, []):
                    named[wording].append(asked.name)
            if sum(map(len, found.values())) == before:
                raise DataError(f"{path}: no answer from 0 to 100 found; give the file as it was published")
    rows = []
    for wording, answers in found.items():
        low, median, high = (round(float(value) / 100, 4) for value in np.percentile(answers, [25, 50, 75]))
        rows.append(Surveyed(_FORMS.get(wording, (wording,)), median, low, high, len(answers), tuple(named[wording])))
    return sorted(rows, key=lambda row: (row.median, row.low, row.forms))


def _valid(path: Path, asked: Survey) -> Iterator[tuple[str, float]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for wording, answer in asked.answers(csv.DictReader(lines)):
                plain = " ".join(wording.lower().split())
                if plain in _LEFT_OUT or plain in _PERSON:
                    continue
                try:
                    number = float(answer)
                except (TypeError, ValueError):
                    continue  # left unanswered
                if 0 <= number <= 100:
                    yield plain, number
    except (KeyError, AttributeError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is not the file of that survey ({type(error).__name__}: {error}); give it as it was published") from error


def written(rows: list[Surveyed]) -> str:
    """The rows as the TOML file that is shipped."""
    lines = ["# What people mean by words that name a likelihood: median and middle half of their answers, 0 to 1."]
    lines += ["# Written by `python -m hedgekit.training.likelihood`; the answers themselves are not redistributed.", "", "[surveys]"]
    lines += [f"{asked.name} = {json.dumps(asked.source)}" for asked in SURVEYS]
    for row in rows:
        lines += ["", "[[phrase]]", f"forms = {json.dumps(list(row.forms))}"]
        lines += [f"{name} = {getattr(row, name)}" for name in ("median", "low", "high", "answers")]
        lines.append(f"surveys = {json.dumps(list(row.surveys))}")
    return "\n".join(lines) + "\n"


@click.command(help="Compute what people mean by words that name a likelihood, from five surveys.")
@click.option("--corpora", type=click.Path(path_type=Path), required=True, help="Folder that holds estimative_probability/.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("seeds/likelihoods.toml"), show_default=True, help="File to write.")
def main(corpora: Path, out: Path) -> None:
    """Write the table."""
    try:
        rows = survey(corpora)
    except HedgekitError as error:
        raise click.ClickException(str(error)) from error
    out.write_text(written(rows), encoding="utf-8")
    for row in rows:
        click.echo(f"{' / '.join(row.forms):<28}{row.median:>6.2f}  ({row.low:.2f} to {row.high:.2f}, {row.answers} answers)")
    click.echo(f"written to {out}")


if __name__ == "__main__":
    main()
