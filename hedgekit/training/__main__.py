"""``python -m hedgekit.training general --corpora FOLDER --out FOLDER``: fit a shipped model by its recipe."""

from __future__ import annotations

from pathlib import Path

import click

from hedgekit.errors import HedgekitError
from hedgekit.training import general


@click.command(help="Fit the shipped model NAME by its recipe.")
@click.argument("name", type=click.Choice(["general"]))
@click.option("--corpora", type=click.Path(path_type=Path), help="Folder of the labelled corpora; without it the seeds alone are used.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write; the default is models/NAME.")
@click.option("--no-figures", is_flag=True, help="Do not take held-out figures (a sixth of the time).")
def main(name: str, corpora: Path | None, out: Path | None, no_figures: bool) -> None:
    """Fit one model and write it."""
    try:
        model = general.build(corpora, measured=not no_figures, progress=lambda step: click.echo(step, err=True))
        folder = out or Path("models") / name
        model.save(folder)
    except HedgekitError as error:
        raise click.ClickException(str(error)) from error
    for row in model.info["metrics"]:
        click.echo(f"{row['part']:<8}{row['figure']:<42}{row['value']:.3f}  (n = {row['n']})")
    click.echo(f"written to {folder}")


if __name__ == "__main__":
    main()
