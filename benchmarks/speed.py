"""How fast hedgekit is beside scikit-learn's tf-idf + logistic regression on the same sentences.

Run ``python -m benchmarks.speed [--corpora FOLDER]``. CPU time, one process; a ratio above 1 means that hedgekit is faster.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import hedgekit
from benchmarks.rivals import tfidf_classifier
from benchmarks.tables import Table, save
from hedgekit.corpora import LabelledSentence, read_guide
from hedgekit.training.general import seeds_folder

SLICES = 3
SLICE_SIZE = 1900
_PARAGRAPH = 10
_WORDS = range(3, 81)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that hedgekit does, and what the pipeline does with the same sentences.

    ``prepare`` shapes the sentences for hedgekit before the clock runs.
    """

    name: str
    ours: Callable[[Any], object]
    theirs: Callable[[Sequence[str]], object]
    prepare: Callable[[Sequence[str]], Any] = list


def paragraphs(sentences: Sequence[str]) -> list[str]:
    """The sentences in paragraphs of ten."""
    return [" ".join(sentences[at : at + _PARAGRAPH]) for at in range(0, len(sentences), _PARAGRAPH)]


def tasks(pipeline: Any) -> list[Task]:
    """What is timed. The shipped model, through the functions that users call."""

    def one_by_one(sentences: Sequence[str]) -> None:
        for sentence in sentences:
            pipeline.predict_proba([sentence])

    whole = pipeline.predict_proba
    return [
        Task("score", hedgekit.score, whole),
        Task("annotate", hedgekit.annotate, whole),
        Task("annotate, every field read (to_dict)", lambda batch: [sentence.to_dict() for sentence in hedgekit.annotate(batch)], whole),
        Task("analyze, paragraphs of ten", _analyzed, whole, paragraphs),
        Task(
            "analyze, each looked at before the next", lambda texts: [hedgekit.analyze(text).certainty for text in texts], whole, paragraphs
        ),
        Task(
            "analyze, every field read (to_dict)",
            lambda texts: [hedgekit.analyze(text).to_dict() for text in texts],
            whole,
            paragraphs,
        ),
        Task("score, one string at a time", lambda batch: [hedgekit.score(sentence) for sentence in batch], one_by_one),
    ]


def _analyzed(texts: Sequence[str]) -> None:
    """Analyse all, then look at each: those that wait are judged together."""
    for document in [hedgekit.analyze(text) for text in texts]:
        _ = document.certainty


def ratio(task: Task, sentences: Sequence[str]) -> float:
    """CPU time of the pipeline divided by that of hedgekit."""
    prepared = task.prepare(sentences)
    theirs = _cpu_time(task.theirs, sentences)
    return theirs / max(_cpu_time(task.ours, prepared), 1)


def _cpu_time(call: Callable[[Any], object], argument: Any) -> int:
    start = time.process_time_ns()
    call(argument)
    return time.process_time_ns() - start


def measure(pipeline: Any, sentences: Sequence[str], slice_size: int = SLICE_SIZE) -> list[tuple[str, list[float]]]:
    """The ratio of every task on each of three disjoint slices, after a warm-up on the sentences that follow them."""
    slices = [sentences[number * slice_size : (number + 1) * slice_size] for number in range(SLICES + 1)]
    if len(slices[-1]) < slice_size:
        raise ValueError(f"{(SLICES + 1) * slice_size} sentences are needed, got {len(sentences)}")
    timed = []
    for task in tasks(pipeline):
        ratio(task, slices[-1])
        timed.append((task.name, [ratio(task, part) for part in slices[:SLICES]]))
    return timed


def table(timed: Sequence[tuple[str, list[float]]], notes: Sequence[str]) -> Table:
    """Median, lowest and highest of the slices."""
    rows = [(name, *(f"{value:.2f}" for value in (statistics.median(ratios), min(ratios), max(ratios)))) for name, ratios in timed]
    header = ("hedgekit", "times as fast as tf-idf + logistic regression", "lowest slice", "highest slice")
    return Table("CPU time of predict_proba divided by that of hedgekit", header, tuple(rows), tuple(notes))


def raw_sentences(folder: Path, n: int) -> list[str]:
    """``n`` different sentences, of equal shares of all files, by hedgekit's segmenter, in random order."""
    segmenter = hedgekit.load("general").parameters.segmenter
    paths = sorted(folder.glob("*.txt"))
    generator = random.Random(0)
    found: dict[str, None] = {}
    for number, path in enumerate(paths, 1):
        texts = path.read_text(encoding="utf-8", errors="replace").split("\n\n")
        generator.shuffle(texts)
        for text in texts:
            found.update(dict.fromkeys(" ".join(text[a:b].split()) for a, b in segmenter.spans(text) if len(text[a:b].split()) in _WORDS))
            if len(found) >= n * number / len(paths):
                break
    sentences = list(found)[:n]
    generator.shuffle(sentences)
    return sentences


def recombined(labelled: Sequence[LabelledSentence], n: int) -> list[str]:
    """``n`` different strings, each the first half of one sentence and the second half of another."""
    generator = random.Random(0)
    words = [sentence.text.split() for sentence in labelled]
    found: dict[str, None] = {}
    while len(found) < n:
        first, second = generator.choice(words), generator.choice(words)
        found[" ".join([*first[: len(first) // 2], *second[len(second) // 2 :]])] = None
    return list(found)


def labelled_sentences(corpora: Path | None) -> list[LabelledSentence]:
    """What the pipeline is trained on."""
    labelled = read_guide(seeds_folder() / "sentences.jsonl", "seeds")
    for part in ("news", "prose") if corpora is not None else ():
        labelled += read_guide(Path(corpora or "") / "guide" / f"{part}.jsonl", part)
    return labelled


def fitted_pipeline(labelled: Sequence[LabelledSentence]) -> Any:
    """The pipeline, fitted on the ``hedged`` labels."""
    return tfidf_classifier().fit([sentence.text for sentence in labelled], [sentence.hedged for sentence in labelled])


def run(corpora: Path | None) -> Table:
    """Fit the pipeline, gather sentences, time everything."""
    labelled = labelled_sentences(corpora)
    n = (SLICES + 1) * SLICE_SIZE
    if corpora is None:
        sentences = recombined(labelled, n)
        origin = "the halves of the project's seed sentences, combined anew at random: not natural text"
    else:
        sentences = raw_sentences(corpora / "raw", n)
        origin = "raw running text of the corpora (news, general prose, encyclopedia, speeches), split by hedgekit, in random order"
    length = statistics.mean(len(sentence.split()) for sentence in sentences)
    notes = (
        f"Sentences: {origin}; {length:.0f} words on average.",
        f"Median of {SLICES} disjoint slices of {SLICE_SIZE:,} sentences after a warm-up on as many others, in one process.",
        f"The pipeline: TfidfVectorizer(ngram_range=(1, 2), min_df=2) and LogisticRegression(), fitted on {len(labelled):,} sentences; "
        "it gets all sentences of a slice in one call, or one in a call in the last row.",
        "annotate and analyze return lazy views; the rows with every field read build every span, cue and attribution.",
        "analyze judges short texts in groups, when one of them is looked at; looked at one by one they cost a call each.",
    )
    return table(measure(fitted_pipeline(labelled), sentences), notes)


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), help="Folder of the corpora; without it the seeds are recombined.")
@click.option("--save", "saved", is_flag=True, help="Keep the table in benchmarks/results.")
def main(corpora: Path | None, saved: bool) -> None:
    """Measure speed."""
    found = run(corpora)
    click.echo(found.markdown())
    if saved:
        save("speed", [found])


if __name__ == "__main__":
    main()
