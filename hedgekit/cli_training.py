"""The verbs of the command line that need labelled data, and the options that tell where its labels stand.

Loaded when one of them, or a list of all verbs, is asked for. Nothing heavy is imported here.
"""

from __future__ import annotations

import json
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
    from hedgekit.report import Comparison, Report

_WORSE = 1


# What the commands share ---------------------------------------------------------------------------------------------

_COLUMN_OPTIONS = (
    click.option("--text", metavar="COL", help="The column with the sentences."),
    click.option("--certainty", metavar="COL", help="The column with a certainty, 0 to 1, or on --scale."),
    click.option("--label", metavar="COL", help="The column with a class."),
    click.option("--cues", metavar="COL", help="The column with cue spans."),
    click.option("--group", metavar="COL", help="The column with document or author: drawn and split as a whole."),
    click.option("--weight", metavar="COL", help="The column with how much a sentence counts."),
    click.option("--annotator", metavar="COL", help="The column with who labelled."),
    click.option("--scale", type=float, nargs=2, metavar="LOW HIGH", help="The ends of the scale of certainty, such as 1 6."),
    click.option("--missing", metavar="HOW", help="What to do with missing sentences; by default they are refused."),
)
_COLUMNS = ("text", "certainty", "label", "cues", "group", "weight", "annotator", "scale", "missing")


def column_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell where sentences and labels stand; :func:`columns_of` takes them out again."""
    for option in reversed(_COLUMN_OPTIONS):
        command = option(command)
    return command


def columns_of(options: dict[str, Any]) -> dict[str, Any]:
    """Those of the column options that were given, as keyword arguments of :func:`hedgekit.read_labelled`."""
    return {name: options[name] for name in _COLUMNS if options[name] is not None}


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


COMMANDS: dict[str, click.Command] = {"evaluate": evaluate, "compare": compare}
