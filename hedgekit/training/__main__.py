"""``python -m hedgekit.training general --corpora FOLDER --out FOLDER``: fit a shipped model by its recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from hedgekit import persistence
from hedgekit.errors import DataError, HedgekitError
from hedgekit.model import CertaintyModel
from hedgekit.training import domain, general, reported, science
from hedgekit.training.domain import DOMAINS


@click.command(help="Fit the shipped model NAME by its recipe.")
@click.argument("name", type=click.Choice(["general", *DOMAINS, reported.NAME, science.NAME]))
@click.option(
    "--corpora", type=click.Path(path_type=Path), help="Folder of the labelled corpora; without it general is fitted on the seeds alone."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write; the default is models/NAME.")
@click.option("--no-figures", is_flag=True, help="Do not take held-out figures (a sixth of the time).")
def main(name: str, corpora: Path | None, out: Path | None, no_figures: bool) -> None:
    """Fit one model and write it."""
    try:
        model = _build(name, corpora, measured=not no_figures, progress=lambda step: click.echo(step, err=True))
        folder = out or Path("models") / name
        # What the shipped models share with general is stored once.
        persistence.write(folder, model.parameters, model.info, None if out or name == "general" else "general")
    except HedgekitError as error:
        raise click.ClickException(str(error)) from error
    for row in model.info["metrics"]:
        click.echo(f"{row['part']:<11}{row['figure']:<50}{row['value']:.3f}  (n = {row['n']})")
    click.echo(f"written to {folder}")


def _build(name: str, corpora: Path | None, *, measured: bool, progress: Callable[[str], None]) -> CertaintyModel:
    if name == "general":
        return general.build(corpora, measured=measured, progress=progress)
    if corpora is None:
        raise DataError(
            f"{name} is fitted on a corpus: give --corpora, the folder that holds it; only general can be fitted on the seeds alone"
        )
    if name == reported.NAME:
        return reported.build(corpora, measured=measured, progress=progress)
    if name == science.NAME:
        return science.build(corpora, measured=measured, progress=progress)
    return domain.build(name, corpora, measured=measured, progress=progress)


if __name__ == "__main__":
    main()
