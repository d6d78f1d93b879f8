"""How well sentence ends are found in the paragraphs of a treebank, beside pysbd and untrained Punkt.

Run ``python -m benchmarks.segmentation --corpora FOLDER``. The paragraphs are those of the development part of UD English
EWT, their sentences joined by one space; compared are the ends inside paragraphs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

import hedgekit
from benchmarks.tables import Table, save
from hedgekit.training.measure import f1

# From a paragraph, where its sentences end.
Splitter = Callable[[str], list[int]]
_TREEBANK = Path("sentences", "en_ewt-ud-dev.conllu")
_PARAGRAPH_MARKS = ("# newpar", "# newdoc")


def read_paragraphs(lines: Iterable[str]) -> list[list[str]]:
    """The sentences of each paragraph of a CoNLL-U file.

    Examples
    --------
    >>> read_paragraphs(["# newpar", "# text = It rained.", "# text = It stopped.", "# newpar", "# text = Good."])
    [['It rained.', 'It stopped.'], ['Good.']]
    """
    found: list[list[str]] = []
    for line in lines:
        if line.startswith(_PARAGRAPH_MARKS):
            found.append([])
        elif line.startswith("# text = "):
            found[-1].append(line.removeprefix("# text = ").strip())
    return [sentences for sentences in found if sentences]


def inner_ends(sentences: Sequence[str]) -> set[int]:
    """Where the sentences end in the paragraph that joins them by one space, the last excepted.

    Examples
    --------
    >>> sorted(inner_ends(["It rained.", "It stopped.", "Good."]))
    [10, 22]
    """
    ends, at = set(), -1
    for sentence in sentences[:-1]:
        at += 1 + len(sentence)
        ends.add(at)
    return ends


def compare(paragraphs: Sequence[Sequence[str]], split: Splitter) -> tuple[float, float, float]:
    """F1, precision and recall of the inner sentence ends."""
    right = n_gold = n_found = 0
    for sentences in paragraphs:
        text = " ".join(sentences)
        gold, found = inner_ends(sentences), {end for end in split(text) if end < len(text)}
        right += len(gold & found)
        n_gold += len(gold)
        n_found += len(found)
    return f1(right, n_gold, n_found), right / max(n_found, 1), right / max(n_gold, 1)


def ours() -> Splitter:
    """The segmenter of the shipped model."""
    segmenter = hedgekit.load("general").parameters.segmenter
    return lambda text: [end for _, end in segmenter.spans(text)]


def punkt() -> Splitter:
    """NLTK's Punkt without trained parameters, as it comes when nothing is downloaded."""
    from nltk.tokenize.punkt import PunktSentenceTokenizer

    tokenizer = PunktSentenceTokenizer()
    return lambda text: [end for _, end in tokenizer.span_tokenize(text)]


def pysbd() -> Splitter | None:
    """pysbd's English rules, or None where it is not installed. Its sentences are looked up in the text, in order."""
    try:
        from pysbd import Segmenter
    except ImportError:
        return None
    segmenter = Segmenter(language="en", clean=False)

    def split(text: str) -> list[int]:
        ends, at = [], 0
        for sentence in map(str.strip, segmenter.segment(text)):
            start = text.find(sentence, at)
            if sentence and start >= 0:
                at = start + len(sentence)
                ends.append(at)
        return ends

    return split


def run(corpora: Path) -> tuple[Table, list[str]]:
    """The table, and the packages whose versions it depends on."""
    path = corpora / _TREEBANK
    with path.open(encoding="utf-8") as lines:
        paragraphs = read_paragraphs(lines)
    found = {"hedgekit": ours(), "pysbd": pysbd(), "NLTK Punkt, untrained": punkt()}
    splitters = {name: split for name, split in found.items() if split is not None}
    rows = tuple((name, *(f"{value:.3f}" for value in compare(paragraphs, split))) for name, split in splitters.items())
    n_sentences, n_ends = sum(map(len, paragraphs)), sum(len(inner_ends(sentences)) for sentences in paragraphs)
    notes = [
        f"UD English EWT, development part: {n_sentences:,} sentences in {len(paragraphs)} paragraphs, {n_ends:,} inner ends.",
        "A paragraph is its sentences joined by one space; compared are the ends of its sentences, the last excepted.",
    ]
    if "pysbd" not in splitters:
        notes.append("pysbd is not installed and was left out; `pip install pysbd`.")
    packages = ["nltk", *(["pysbd"] if "pysbd" in splitters else [])]
    return Table("Sentence ends inside paragraphs", ("system", "F1", "precision", "recall"), rows, tuple(notes)), packages


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the corpora; holds sentences/.")
@click.option("--save", "saved", is_flag=True, help="Keep the table in benchmarks/results.")
def main(corpora: Path, saved: bool) -> None:
    """Measure where sentences end."""
    found, packages = run(corpora)
    click.echo(found.markdown())
    if saved:
        save("segmentation", [found], packages)


if __name__ == "__main__":
    main()
