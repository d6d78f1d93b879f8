"""The verbs of the library in a shell.

Nothing heavy is imported here: the library itself is loaded by the commands that need it, so that ``--help`` and
mistakes in the arguments answer at once.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shlex
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from hedgekit.errors import HedgekitError
from hedgekit.options import shell_options

if TYPE_CHECKING:
    from hedgekit.model import CertaintyModel
    from hedgekit.results import Document, Sentence

# What is read at once: large enough that a batch costs little, small enough that memory stays bounded. From a pipe
# less arrives at once, and is answered at once.
_BLOCK = 1 << 20
_PATIENCE = 2.0  # seconds before a progress bar appears
_INTERRUPTED = 130
_FAILED = 2

_COLUMNS = ("start", "end", "certainty", "level", "hedged", "hedged_probability", "cues", "sources")


class _Tool(click.Group):
    """A group whose every failure is one line on standard error, and for which a reader that stops early is none."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, and leave with a status."""
        extra["standalone_mode"] = False
        run = super().main
        with shell_options():
            status = _status(lambda: run(args, prog_name or "hedgekit", *rest, **extra))
        sys.exit(status)

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        """Read the arguments, which may print help."""
        with _early_end():
            return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), *_later()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        return super().get_command(ctx, cmd_name) or _later().get(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and see that all output is out while a failure can still be told."""
        with _early_end():
            super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()


def _later() -> dict[str, click.Command]:
    """The commands that need labelled data; their module is loaded when one is asked for, and imports this one."""
    from hedgekit.cli_training import COMMANDS

    return COMMANDS


@contextmanager
def _early_end() -> Iterator[None]:
    """Leave in peace when the reader of the output has gone: click would make it a failure."""
    try:
        yield
    except BrokenPipeError:
        _dropoutput()
        raise click.exceptions.Exit(0) from None


def _status(run: Callable[[], Any]) -> int:
    """The exit status of a run."""
    try:
        status = run()
    except click.UsageError as error:
        return _complain(f"{error.format_message().rstrip('.')}; see hedgekit --help")
    except click.ClickException as error:
        return _complain(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        _dropoutput()
        return _INTERRUPTED
    except HedgekitError as error:
        return _complain(str(error))
    except OSError as error:
        _dropoutput()
        return _complain(f"cannot go on: {error.strerror or error}")
    return status if isinstance(status, int) else 0


def _complain(message: str) -> int:
    from hedgekit.display import visible

    click.echo(f"hedgekit: error: {visible(message).strip()}", err=True)
    return _FAILED


def _dropoutput() -> None:
    """Send what is left in the buffers nowhere, or Python would fail on it once more when it shuts down."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


@click.group(cls=_Tool, name="hedgekit", no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hedgekit", prog_name="hedgekit", message="%(prog)s %(version)s")
def main() -> None:
    """How certain does a text sound, which words make it so, and on whose word does it rest?"""


_file = click.argument("file")
_model = click.option(
    "--model", "name", default="general", show_default=True, metavar="NAME|PATH", help="A shipped model or a model folder."
)


def _format(*names: str) -> Callable[..., Any]:
    return click.option("--format", "form", type=click.Choice(names), default="text", show_default=True, help="What to write.")


@main.command()
@_file
@_model
@_format("text", "jsonl", "csv", "html")
@click.option(
    "--color/--no-color", "colour", default=None, help="Colours in text; by default if a terminal reads it and NO_COLOR is not set."
)
def analyze(file: str, name: str, form: str, colour: bool | None) -> None:
    """Split running text into sentences and show how certain each is.

    FILE is a text in UTF-8; - is standard input. Offsets count characters behind a byte order mark, if there is one.
    """
    out = output()
    with _opened(file) as stream:
        text = "".join(_text(block, offset, file) for offset, block in _blocks(stream))
    document = _load(name).analyze(text)
    _WRITERS[form](document, out, _wants_colour(out) if colour is None else colour)


def _write_text(document: Document, out: TextIO, colour: bool) -> None:
    from hedgekit.display import document_text

    out.write(document_text(document, colour=colour))


def _write_html(document: Document, out: TextIO, colour: bool) -> None:
    from hedgekit.display import document_page

    out.write(document_page(document))


def _write_jsonl(document: Document, out: TextIO, colour: bool) -> None:
    out.writelines(_json(sentence.to_dict()) for sentence in document)


def _write_csv(document: Document, out: TextIO, colour: bool) -> None:
    from hedgekit.tables import extra_names

    # The text stays last, and what only some models give stands before it.
    extra, table = extra_names(document), csv.writer(out, lineterminator="\n")
    table.writerow((*_COLUMNS, *extra, "text"))
    table.writerows(_row(sentence, extra) for sentence in document)


_WRITERS: dict[str, Callable[[Document, TextIO, bool], None]] = {
    "text": _write_text,
    "html": _write_html,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}


def _row(sentence: Sentence, extra: Sequence[str]) -> tuple[object, ...]:
    from hedgekit.tables import extra_values

    more = extra_values(sentence) if extra else {}
    return (
        sentence.start,
        sentence.end,
        "" if sentence.certainty is None else f"{sentence.certainty:.4f}",
        sentence.level or "",
        sentence.hedged,
        f"{sentence.hedged_probability:.4f}",
        ", ".join(cue.text for cue in sentence.cues),
        ", ".join(item.source.text for item in sentence.attributions if item.source is not None),
        *(f"{value:.4f}" if isinstance(value, float) else value for value in map(more.get, extra)),
        sentence.text,
    )


@main.command()
@_file
@_model
@_format("text", "jsonl", "csv")
def score(file: str, name: str, form: str) -> None:
    """Score one sentence a line.

    Each line gets a number from 0 to 1, or nan where no claim is made. FILE is a text in UTF-8 with a sentence on each
    line; - is standard input. It is read and answered in pieces, so
    that it may be larger than memory.
    """
    out = output()
    with _opened(file) as stream:
        model = _load(name)
        table = csv.writer(out, lineterminator="\n")
        if form == "csv":
            table.writerow(("certainty", "text"))
        with _progress(stream, out) as advance:
            for offset, block in _blocks(stream):
                lines = _lines(_text(block, offset, file))
                _write_scores(lines, model.score(lines).tolist(), form, out, table)
                out.flush()
                advance(len(block))


def _write_scores(lines: list[str], scores: list[float], form: str, out: TextIO, table: Any) -> None:
    if form == "text":
        out.writelines(f"{value:.4f}\n" for value in scores)
    elif form == "csv":
        table.writerows(("" if math.isnan(value) else f"{value:.4f}", line) for value, line in zip(scores, lines, strict=True))
    else:
        pairs = zip(lines, scores, strict=True)
        out.writelines(_json({"text": line, "certainty": None if math.isnan(value) else value}) for line, value in pairs)


@main.command()
@_format("text", "jsonl")
def models(form: str) -> None:
    """List the shipped models.

    Name, format version, size, and what each is.
    """
    from hedgekit.persistence import shipped

    out = output()
    found = [_described(name) for name in shipped()]
    if form == "jsonl":
        out.writelines(_json(item) for item in found)
        return
    width = max((len(item["name"]) for item in found), default=0)
    for item in found:
        out.write(f"{item['name']:<{width}}  format {item['format']}  {item['bytes'] / 1e6:6.2f} MB  {item['description']}\n")


def _described(name: str) -> dict[str, Any]:
    from hedgekit.persistence import stored

    number, size = stored(name)
    return {"name": name, "description": _load(name).info["description"], "format": number, "bytes": size}


# Input ---------------------------------------------------------------------------------------------------------------


def _load(name: str) -> CertaintyModel:
    import hedgekit

    return hedgekit.load(name)


@contextmanager
def _opened(file: str) -> Iterator[io.BufferedIOBase]:
    if file == "-":
        if sys.stdin is None:
            raise click.ClickException("standard input is closed; pass a file or a pipe")
        yield cast(io.BufferedIOBase, sys.stdin.buffer)
        return
    try:
        stream = open(file, "rb")  # noqa: SIM115, PTH123 - closed below; only opening it may fail with this message
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise click.ClickException(f"cannot read {file}: {reason}; pass a text file, or - for standard input") from error
    with stream:
        yield stream


def _blocks(stream: io.BufferedIOBase) -> Iterator[tuple[int, bytes]]:
    """Whole lines and their offset in bytes."""
    offset = 0
    kept: list[bytes] = []
    while block := stream.read1(_BLOCK):
        cut = block.rfind(b"\n") + 1
        kept.append(block[:cut] if cut else block)
        if cut:
            whole = b"".join(kept)
            yield offset, whole
            offset, kept = offset + len(whole), [block[cut:]]
    if last := b"".join(kept):
        yield offset, last


def _text(data: bytes, offset: int, file: str) -> str:
    shown = "standard input" if file == "-" else file
    nul = data.find(0)
    if nul >= 0:
        raise click.ClickException(
            f"{shown} is no text: byte {offset + nul} is NUL; pass UTF-8, and if it is UTF-16, convert it: {_conversion('UTF-16', file)}"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{shown} is not UTF-8: byte {offset + error.start} is 0x{data[error.start]:02x}; convert it, for example: "
            + _conversion("WINDOWS-1252", file)
        ) from error
    return text.removeprefix("\ufeff") if offset == 0 else text


def _conversion(encoding: str, file: str) -> str:
    return f"iconv -f {encoding} -t UTF-8{'' if file == '-' else ' ' + shlex.quote(file)}"


def _lines(text: str) -> list[str]:
    """The lines as ``wc`` and ``sed`` count them: only a line feed ends one, with a carriage return before it or not."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


# Output --------------------------------------------------------------------------------------------------------------


def output() -> TextIO:
    """Standard output as UTF-8 whatever the locale."""
    if sys.stdout is None:
        raise click.ClickException("standard output is closed; there is nowhere to write to")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdout


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"


def _wants_colour(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def _progress(stream: io.BufferedIOBase, out: TextIO) -> Iterator[Callable[[int], object]]:
    """What to call with a number of bytes done; shown to whoever waits at a terminal and does not see the output there."""
    if sys.stderr is None or not sys.stderr.isatty() or out.isatty():
        yield _silent
        return
    from tqdm import tqdm

    with tqdm(total=_size(stream), unit="B", unit_scale=True, delay=_PATIENCE, leave=False, file=sys.stderr) as bar:
        yield bar.update


def _silent(size: int) -> None:
    """Show nothing."""


def _size(stream: io.BufferedIOBase) -> int | None:
    """Bytes of a regular file; None for a pipe, whose end is not known."""
    status = os.fstat(stream.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
