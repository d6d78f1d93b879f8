"""The verbs of the command line that need labelled data, and the options that tell where its labels stand.

Loaded when one of them, or a list of all verbs, is asked for. Nothing heavy is imported here.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hedgekit.cli import output
from hedgekit.errors import DataWarning
from hedgekit.writing import write_whole

if TYPE_CHECKING:
    from hedgekit.model import CertaintyModel
    from hedgekit.report import Comparison, Report

_WORSE = 1


# What the commands share ---------------------------------------------------------------------------------------------

_COLUMN_OPTIONS = (
    click.option("--text", metavar="COL", help="The column with the sentences."),
    click.option("--certainty", metavar="COL", help="The column with a certainty, 0 to 1, or on --scale."),
    click.option("--label", metavar="COL", help="The column with a class."),
    click.option("--cues", metavar="COL", help="The column with cue spans."),
    click.option("--group", metavar="COL", help="The column with document or author, drawn and split as a whole; an empty name for none."),
    click.option("--weight", metavar="COL", help="The column with how much a sentence counts."),
    click.option("--annotator", metavar="COL", help="The column with who labelled."),
    click.option("--scale", type=float, nargs=2, metavar="LOW HIGH", help="The ends of the scale of certainty, such as 1 6."),
    click.option(
        "--classes", metavar="NAMES", help="The classes in their order, such as low,middle,high, or renamed: 0=certain,1=uncertain."
    ),
    click.option("--missing", metavar="HOW", help="What an empty label means: raise (the default), drop, 'no claim' or keep."),
    click.option("--file-format", metavar="FORM", help="The form of FILE where its suffix does not tell, such as jsonl or bioscope."),
)
_ROLES = ("certainty", "label", "cues", "group", "weight", "annotator")
_COLUMNS = ("text", *_ROLES, "scale", "classes", "missing", "file_format")


def column_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell where sentences and labels stand; :func:`columns_of` takes them out again."""
    for option in reversed(_COLUMN_OPTIONS):
        command = option(command)
    return command


def columns_of(options: dict[str, Any]) -> dict[str, Any]:
    """Those of the column options that were given, as keyword arguments of :func:`hedgekit.read_labelled`."""
    given = {name: options[name] for name in _COLUMNS if options[name] is not None}
    # An empty name says that there is no such column.
    given |= {name: False for name in _ROLES if given.get(name) == ""}
    if "classes" in given:
        given["classes"] = _classes(given["classes"])
    if "file_format" in given:
        given["format"] = given.pop("file_format")
    return given


def _classes(value: str) -> list[str] | dict[str, str]:
    """Names in their order, or a table from old names to new ones."""
    parts = [part.strip() for part in value.split(",")]
    pairs = [[side.strip() for side in part.split("=")] for part in parts]
    if all(len(pair) == 2 and all(pair) for pair in pairs):
        return {old: new for old, new in pairs}  # noqa: C416 - dict() of lists has no type
    if "=" in value or not all(parts):
        raise click.UsageError(f"--classes takes names, such as low,middle,high, or pairs, such as 0=certain,1=uncertain; got {value!r}")
    return parts


def result_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell how a result is written; :func:`write_result` obeys them."""
    out = click.option("--out", metavar="PATH", help="A file to write to, whole or not at all; by default standard output.")
    form = click.option("--format", "form", type=click.Choice(("text", "json", "html")), default="text", show_default=True)
    return form(out(command))


@contextmanager
def told_warnings() -> Iterator[None]:
    """Tell what is worth a look in the data as one line on standard error each."""
    from hedgekit.display import visible

    def show(message: Warning | str, *rest: Any, **more: Any) -> None:
        click.echo(f"hedgekit: warning: {visible(str(message)).strip()}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", DataWarning)
        warnings.showwarning = show
        yield


def write_result(result: Report | Comparison, form: str, out: str | None) -> None:
    """Write a report or comparison as text, JSON or HTML."""
    if form == "html":
        written = result.to_html()
    elif form == "json":
        written = json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    else:
        written = f"{result}\n"
    if out is None:
        stream = output()
        stream.write(written)
        stream.flush()
    else:
        try:
            write_whole(Path(out), written)
        except OSError as error:
            raise click.ClickException(f"cannot write {out}: {error.strerror or error}; what stood there before is unchanged") from error


# The commands --------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("model")
@click.argument("file")
@column_options
@click.option("--base", metavar="NAME|PATH", help="The model to stand beside it; by default the one that it was trained from.")
@click.option("--bag-of-words/--no-bag-of-words", default=True, show_default=True, help="Whether a bag of words stands beside it.")
@result_options
def evaluate(model: str, file: str, base: str | None, bag_of_words: bool, form: str, out: str | None, **options: Any) -> None:
    """Measure a model on labelled sentences.

    Tells every figure for which FILE has labels, with a 95 % interval, beside a base model and a bag of words, and the mistakes worth
    reading first. MODEL is the name of a shipped model or a model folder; FILE holds labelled sentences that it was not fitted on.
    """
    import hedgekit

    with told_warnings():
        report = hedgekit.evaluate(model, file, base=base or "auto", bag_of_words=bag_of_words, **columns_of(options))
    write_result(report, form, out)


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--on", "file", required=True, metavar="FILE", help="The labelled sentences to compare them on.")
@column_options
@result_options
def compare(a: str, b: str, file: str, form: str, out: str | None, **options: Any) -> None:
    """Tell whether B is better than A beyond noise.

    A and B are names of shipped models or model folders; FILE holds labelled sentences that neither was fitted on.

    The exit status is 1 if B is worse beyond noise by the main figure, 0 if it is not, and 2 if something failed.
    """
    import hedgekit

    with told_warnings():
        comparison = hedgekit.compare(a, b, file, **columns_of(options))
    write_result(comparison, form, out)
    if comparison.worse:
        raise click.exceptions.Exit(_WORSE)


@click.command()
@click.argument("file")
@click.option(
    "--out", required=True, metavar="DIR", help="The folder to write the model to: a new one, or that of a model, which is replaced."
)
@column_options
@click.option("--base", default="general", show_default=True, metavar="NAME|PATH", help="The model to start from.")
@click.option("--name", metavar="NAME", help="What the model is called; by default as its folder.")
@click.option(
    "--figures/--no-figures", default=True, show_default=True, help="Whether to measure what was learned, which takes most of the time."
)
@click.option("--jobs", type=int, default=1, show_default=True, metavar="N", help="Processes to measure in; -1 uses all processors.")
def train(file: str, out: str, base: str, name: str | None, figures: bool, jobs: int, **options: Any) -> None:
    """Fit a model on labelled sentences of your own.

    Whatever FILE labels is learned on top of the base: a certainty, classes, cues. Tells the main figure on sentences that were held
    out, beside the base and a bag of words. The model is written whole or not at all.
    """
    import hedgekit
    from hedgekit.persistence import check_place

    place = check_place(out)
    with told_warnings():
        model = hedgekit.train(
            file,
            base=base,
            name=name or place.absolute().name or "retrained",
            measured=figures,
            n_jobs=jobs,
            progress=sys.stderr is not None and sys.stderr.isatty(),
            **columns_of(options),
        )
    model.save(place)
    stream = output()
    stream.writelines(f"{line}\n" for line in _told_figures(model))
    stream.write(f"written to {place}\n")
    stream.flush()


def _told_figures(model: CertaintyModel) -> Iterator[str]:
    """The main figure of the model on held-out sentences, and that of others beside it."""
    from hedgekit.training.statistic import HEADLINES

    rows = model.info["metrics"]
    held_out = {row["figure"]: row for row in rows if row["part"] == "held out"}
    figure = next((name for name in HEADLINES if name in held_out), None)
    if figure is None:
        yield "not measured"
        return
    told = [f"{row['value']:.3f} {row['part']}" for row in rows if row["figure"] == figure]
    yield f"{figure}: {', '.join(told)} ({held_out[figure]['n']} labelled)"
    if "bag_of_words" in model.info:
        yield str(model.info["bag_of_words"])


@click.command()
@click.argument("pool")
@click.option("--n", type=int, default=100, show_default=True, metavar="N", help="How many sentences to suggest.")
@click.option("--model", default="general", show_default=True, metavar="NAME|PATH", help="The model that shall learn from them.")
@click.option("--labelled", metavar="FILE", help="Labelled sentences, which are not suggested again.")
@click.option("--text", metavar="COL", help="The column with the sentences.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Which of equally good sentences is taken.")
@click.option("--out", metavar="PATH", help="A new file to write to; by default standard output.")
def suggest(pool: str, n: int, model: str, labelled: str | None, text: str | None, seed: int, out: str | None) -> None:
    """Choose sentences to label next.

    Writes a CSV table of those of which the model is unsure, and which differ: text, what the model says, why, and an empty column
    label to fill in. POOL is a text file with a sentence on each line, or a table.
    """
    import hedgekit

    if out is not None and Path(out).exists():
        raise click.ClickException(f"{out} stands there already, and may hold labels; choose another name, or remove it first")
    with told_warnings():
        found = hedgekit.suggest(pool, n, model=model, labelled=labelled, text=text, seed=seed)
    table = found.to_csv()
    assert table is not None
    if out is not None:
        write_whole(Path(out), table)
        return
    stream = output()
    stream.write(table)
    stream.flush()


COMMANDS: dict[str, click.Command] = {"evaluate": evaluate, "compare": compare, "train": train, "suggest": suggest}
