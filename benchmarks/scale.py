"""Throughput and peak memory from a thousand sentences to a million, with one process and two.

Run ``python -m benchmarks.scale [--up-to N] [--save]``. The sentences are streamed: none is kept. Each figure comes from a process of its
own, so that its peak is its own.
"""

from __future__ import annotations

import itertools
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

import hedgekit
from benchmarks.tables import RESULTS, Table, save
from hedgekit.corpora import LabelledSentence, read_guide
from hedgekit.streams import gather

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TASKS = ("score_many", "analyze_many", "tf-idf")
JOBS = (1, 2)
_PARAGRAPH = 10
_BATCH = 4096
_ROOT = Path(__file__).resolve().parent.parent
_MEGA = 1_000_000
_STATUS_UNIT = 1024
# What is reckoned from the throughput.
_BILLION, _HOUR, _CORES, _LOST = 1_000_000_000, 3600, 64, 0.2


@dataclass(frozen=True, slots=True)
class Figure:
    """What one run measured.

    Attributes
    ----------
    task : str
    jobs, n : int
        Processes and sentences.
    seconds : float
        From the first sentence to the last result, with the start of the workers.
    peak : float
        Megabytes; the sum of the peaks of all processes, so that what they share counts more than once.
    """

    task: str
    jobs: int
    n: int
    seconds: float
    peak: float

    @property
    def rate(self) -> float:
        """Sentences a second."""
        return self.n / self.seconds


def labelled() -> list[LabelledSentence]:
    """The project's own sentences."""
    return read_guide(_ROOT / "seeds" / "sentences.jsonl", "seeds")


def stream(source: list[LabelledSentence], n: int) -> Iterator[str]:
    """``n`` sentences, each the first half of one and the second half of another, made as they are asked for."""
    words = [sentence.text.split() for sentence in source]
    first = [" ".join(one[: len(one) // 2]) for one in words]
    second = [" ".join(one[len(one) // 2 :]) for one in words]
    choice = random.Random(0).choice
    return (f"{choice(first)} {choice(second)}" for _ in range(n))


def run(task: str, jobs: int, n: int) -> Figure:
    """One run in this process."""
    source = labelled()
    sentences = stream(source, n)
    if task == "tf-idf":
        # Brings scikit-learn, which the others do without.
        from benchmarks.speed import fitted_pipeline

        pipeline = fitted_pipeline(source)
        start = time.perf_counter()
        done = sum(len(pipeline.predict_proba(batch)) for batch in gather(sentences, _BATCH))
    else:
        model = hedgekit.load()
        model.score(["It may rain."])
        start = time.perf_counter()
        if task == "score_many":
            done = sum(map(len, model.score_many(sentences, n_jobs=jobs, batch_size=_BATCH)))
        else:
            texts = (" ".join(group) for group in gather(sentences, _PARAGRAPH))
            counted = sum(1 for document in model.analyze_many(texts, n_jobs=jobs) if document.certainty is not None or document)
            done = n if counted == -(-n // _PARAGRAPH) else -1
    seconds = time.perf_counter() - start
    if done != n:
        raise AssertionError(f"{done} sentences were answered, of {n}")
    return Figure(task, jobs, n, seconds, peak_memory())


def peak_memory() -> float:
    """Megabytes; this process and its children at their peaks."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else _STATUS_UNIT)
    return (own + sum(_children_peaks())) / _MEGA


def _children_peaks() -> Iterator[int]:
    """Bytes, where the system tells them."""
    for path in Path("/proc/self/task").glob("*/children"):
        for process in path.read_text().split():
            status = Path("/proc", process, "status").read_text()
            peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
            yield int(peak) * _STATUS_UNIT


def measured(task: str, jobs: int, n: int) -> Figure:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--one", task, str(jobs), str(n)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[3:])} failed:\n{done.stderr}")
    return Figure(**json.loads(done.stdout.splitlines()[-1]))


def runs(sizes: tuple[int, ...]) -> list[Figure]:
    """Every task with one process and two; the pipeline with one, for it has no more."""
    wanted = [(task, jobs) for task in TASKS for jobs in (JOBS if task != "tf-idf" else JOBS[:1])]
    return [measured(task, jobs, n) for (task, jobs), n in itertools.product(wanted, sizes)]


def name_of(task: str, jobs: int) -> str:
    """A task and its processes in words."""
    shown = {"score_many": "score_many", "analyze_many": "analyze_many, paragraphs of ten", "tf-idf": "tf-idf + logistic regression"}[task]
    return f"{shown}, {jobs} process{'es' if jobs > 1 else ''}"


def table(figures: list[Figure]) -> Table:
    """Sentences a second and megabytes."""
    rows = [
        (name_of(figure.task, figure.jobs), f"{figure.n:,}", f"{figure.rate:,.0f}", f"{figure.seconds:.2f}", f"{figure.peak:.0f}")
        for figure in figures
    ]
    notes = (
        "Sentences: the halves of the project's seed sentences, combined anew at random while they are streamed: not natural text.",
        "Time is by the clock, from the first sentence to the last result; with two processes it includes their start.",
        "Memory is the sum of the peaks of all processes, Python and libraries included; the pipeline's includes its training.",
        f"score_many and the pipeline work in batches of {_BATCH:,}.",
    )
    return Table("Streams of sentences", ("", "sentences", "sentences a second", "seconds", "peak memory, MB"), tuple(rows), notes)


def reckoning(figures: list[Figure]) -> Table:
    """What a billion sentences cost at the throughput of the longest run of each kind with one process."""
    longest = {figure.task: figure for figure in sorted(figures, key=lambda figure: figure.n) if figure.jobs == 1}
    rows = [
        (name_of(task, 1), f"{longest[task].rate:,.0f}", f"{_BILLION / longest[task].rate / _HOUR:.1f}", machines(longest[task].rate))
        for task in TASKS
        if task in longest
    ]
    notes = (
        f"Hours of one core of this machine: {_BILLION:,} sentences divided by the sentences a second. The other column takes a cluster of "
        f"{_CORES} such cores that loses {100 * _LOST:.0f} % of its time to reading, sending and waiting.",
        "A core of another machine may be twice as fast or half; run the command there.",
    )
    return Table("A billion sentences", ("", "sentences a second and core", "core hours", f"hours on {_CORES} cores"), tuple(rows), notes)


def machines(rate: float) -> str:
    """Hours for a billion sentences on a cluster."""
    return f"{_BILLION / rate / _HOUR / _CORES / (1 - _LOST):.2f}"


def draw(figures: list[Figure], path: Path) -> None:
    """Throughput and memory by the number of sentences, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(9.6, 4.2), layout="constrained")
    FigureCanvasAgg(picture)
    speed, memory = picture.subplots(1, 2)
    colours = {"score_many": "#0b5394", "analyze_many": "#38761d", "tf-idf": "#b45f06"}
    for (task, jobs), group in itertools.groupby(figures, key=lambda figure: (figure.task, figure.jobs)):
        found = list(group)
        style = {"color": colours[task], "linestyle": "-" if jobs == 1 else "--", "marker": "o", "markersize": 4}
        sizes = [figure.n for figure in found]
        speed.plot(sizes, [figure.rate for figure in found], label=name_of(task, jobs), **style)
        memory.plot(sizes, [figure.peak for figure in found], **style)
    speed.set(xscale="log", yscale="log", xlabel="sentences", ylabel="sentences a second")
    memory.set(xscale="log", xlabel="sentences", ylabel="peak memory, MB", ylim=(0, None))
    speed.legend(frameon=False, fontsize=8)
    picture.savefig(path, dpi=110, metadata={"Software": None})


@click.command()
@click.option("--up-to", default=SIZES[-1], show_default=True, help="The most sentences.")
@click.option("--save", "saved", is_flag=True, help="Keep table and picture in benchmarks/results.")
@click.option("--one", type=(click.Choice(TASKS), int, int), hidden=True, help="Task, processes and sentences of one run, printed as JSON.")
def main(up_to: int, saved: bool, one: tuple[str, int, int] | None) -> None:
    """Measure throughput and memory."""
    if one is not None:
        figure = run(*one)
        click.echo(json.dumps({name: getattr(figure, name) for name in Figure.__slots__}))
        return
    figures = runs(tuple(size for size in SIZES if size <= up_to))
    found = [table(figures), reckoning(figures)]
    click.echo("\n".join(part.markdown() for part in found))
    if saved:
        save("scale", found)
        draw(figures, RESULTS / "scale.png")


if __name__ == "__main__":
    main()
