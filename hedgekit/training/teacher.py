"""``python -m hedgekit.training.teacher --corpora FOLDER --encoder FOLDER``: labels for sentences that nobody has labelled.

A small transformer encoder, fine-tuned on labelled sentences, grades a sentence better than linear models over named features
can, but takes hundreds of times as long. So it is not shipped: it grades running text once, and the ``general`` model learns from
its grades as from those of an annotator (distillation: Hinton, Vinyals and Dean 2015). What is written is ``taught.jsonl`` of
the seeds: offsets and grades, nothing of the text.

It learns from the project's own labels alone, and has never seen one of the annotation guide's sentences in the corpora's
``guide/``: nothing of the labels that hedgekit is measured on reaches a model through its grades.

Needs ``pip install "hedgekit[teacher]"`` and a folder with a BERT-like encoder and its tokenizer; the grades that come with
hedgekit are by MiniLM (Wang et al. 2020) as all-MiniLM-L6-v2 was published, under Apache-2.0. Numbers differ in the last digits from
machine to machine, so a new run does not give the same file to the byte.
"""

from __future__ import annotations

import bisect
import itertools
import json
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from hedgekit.corpora import LabelledSentence, checksum
from hedgekit.errors import DataError, HedgekitError
from hedgekit.labels import CUE_TYPES
from hedgekit.text.sentences import Segmenter
from hedgekit.training import general
from hedgekit.writing import write_whole

Floats = npt.NDArray[np.float64]

# Where sentences are taken from, and how many at most of each.
_SOURCES = (("news/polnear/train/text/*.txt", 30_000), ("raw/abc_science.txt", 30_000), ("raw/brown.txt", 25_000))
# A sentence belongs to the document of the nearest labelled one of its file within so many characters: documents are not marked there.
_NEAR = 4000
# Sentences of fewer characters are headings and crumbs, of which the seeds hold enough.
_SHORTEST = 16
_LETTERS = re.compile(r"\W+")

_EPOCHS, _BATCH, _LONGEST = 2, 32, 160
_ENCODER_RATE, _HEAD_RATE, _WARM = 1.5e-4, 1e-3, 0.06
# Rows of sentences of like length: so many batches are sorted together.
_SORTED_TOGETHER = 50
_GRADE, _HEDGED, _CLAIM = range(3)
_GRADE_WEIGHT, _WIDTH = 8.0, 0.05


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A sentence of running text that has no label."""

    file: str
    doc: str
    start: int
    end: int
    text: str


def unlabelled(corpora: Path, known: Sequence[LabelledSentence], segmenter: Segmenter, seed: int = 0) -> list[Unlabelled]:
    """Sentences of the corpora's running text that are not among the known ones, with the documents they belong to.

    Parameters
    ----------
    corpora : Path
        The folder of labelled corpora.
    known : sequence of LabelledSentence
        All labelled sentences, whoever labelled them.
    segmenter : Segmenter
    seed : int
        Of the draw where a source has more sentences than are taken.
    """
    groups = {_letters(sentence.text): sentence.group for sentence in known}
    chosen: list[Unlabelled] = []
    for pattern, most in _SOURCES:
        found: list[Unlabelled] = []
        for path in sorted(corpora.glob(pattern)):
            text = path.read_bytes().decode("utf-8")
            own = path.stem if path.parent.name == "text" else None
            found += _of_file(text, path.relative_to(corpora).as_posix(), own, groups, segmenter)
        random.Random(seed).shuffle(found)
        chosen += found[:most]
    return sorted(chosen, key=lambda sentence: (sentence.file, sentence.start))


def _of_file(text: str, name: str, own: str | None, groups: dict[str, str], segmenter: Segmenter) -> Iterator[Unlabelled]:
    spans = segmenter.spans(text)
    labelled = [(start, groups[letters]) for start, end in spans if (letters := _letters(text[start:end])) in groups]
    starts = [start for start, _ in labelled]
    for start, end in spans:
        if end - start < _SHORTEST or _letters(text[start:end]) in groups:
            continue
        doc = own or _nearest(start, starts, labelled) or f"{Path(name).stem}-{start // _NEAR}"
        yield Unlabelled(name, doc, start, end, text[start:end])


def _nearest(start: int, starts: Sequence[int], labelled: Sequence[tuple[int, str]]) -> str | None:
    at = bisect.bisect(starts, start)
    beside = [labelled[place] for place in (at - 1, at) if 0 <= place < len(labelled)]
    distance, doc = min(((abs(place - start), doc) for place, doc in beside), default=(_NEAR, None))
    return doc if distance < _NEAR else None


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).lower()


class Encoder:
    """A pretrained encoder with heads for the cues of a sentence, its certainty, hedging, and whether it makes a claim.

    Parameters
    ----------
    folder : Path
        Holds a BERT-like encoder and its tokenizer, as transformers saves them.
    seed : int
        Of the heads, and of the order of training.

    Raises
    ------
    ImportError
        If torch or transformers is not installed.
    DataError
        If the folder holds no encoder.
    """

    def __init__(self, folder: Path, seed: int = 0) -> None:
        try:
            import torch
            from transformers import AutoModel, AutoTokenizer
        except ImportError as error:
            raise ImportError('fine-tuning an encoder needs torch and transformers: pip install "hedgekit[teacher]"') from error
        torch.manual_seed(seed)
        self._random = random.Random(seed)
        self._torch = torch
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            self.body = AutoModel.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise DataError(
                f"{folder}: holds no encoder that transformers can read ({why:.200}); "
                "give the folder of a BERT-like encoder: config.json, its weights and its tokenizer"
            ) from error
        width, nn = self.body.config.hidden_size, torch.nn

        def judge() -> Any:
            return nn.Sequential(nn.Linear(2 * width, 256), nn.GELU(), nn.Dropout(0.1), nn.Linear(256, 1))

        # Outside, and for each type of cue begin and inside; every judgement looks at the words that matter to it, and at all.
        tags, attention = nn.Linear(width, 1 + 2 * len(CUE_TYPES)), nn.Linear(width, 3)
        judges = nn.ModuleList([judge() for _ in (_GRADE, _HEDGED, _CLAIM)])
        self.heads = nn.ModuleDict({"tags": tags, "attention": attention, "judges": judges, "dropout": nn.Dropout(0.1)})

    def fit(self, graded: Sequence[LabelledSentence], examples: Sequence[LabelledSentence], progress: Callable[[str], None]) -> None:
        """Fine-tune on sentences with all labels, and on examples with cues alone."""
        torch = self._torch
        rows = [self._row(sentence, graded=True) for sentence in graded] + [self._row(sentence, graded=False) for sentence in examples]
        steps = math.ceil(len(rows) / _BATCH) * _EPOCHS
        parameters = [{"params": self.body.parameters(), "lr": _ENCODER_RATE}, {"params": self.heads.parameters(), "lr": _HEAD_RATE}]
        optimizer = torch.optim.AdamW(parameters, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min((step + 1) / (_WARM * steps), max(0.0, (steps - step) / ((1 - _WARM) * steps)))
        )
        self.body.train()
        self.heads.train()
        order = (batch for _ in range(_EPOCHS) for batch in self._batches([len(row.ids) for row in rows], mixed=True))
        for step, batch in enumerate(itertools.islice(order, steps), 1):
            loss = self._loss([rows[number] for number in batch])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*self.body.parameters(), *self.heads.parameters()], 1.0)
            optimizer.step()
            schedule.step()
            if step % 100 == 0:
                progress(f"step {step} of {steps}, loss {loss.item():.2f}")

    def grades(self, texts: Sequence[str], progress: Callable[[str], None] = lambda _: None) -> Floats:
        """Certainty, and the probabilities of being hedged and of making a claim: shape ``(n, 3)``, 0 to 1."""
        torch = self._torch
        self.body.eval()
        self.heads.eval()
        encoded = [self.tokenizer(text, truncation=True, max_length=_LONGEST)["input_ids"] for text in texts]
        found = np.zeros((len(texts), 3))
        with torch.no_grad():
            for number, batch in enumerate(self._batches([len(ids) for ids in encoded], mixed=False), 1):
                _, judged = self._forward([encoded[at] for at in batch])
                found[batch] = judged.sigmoid().numpy()
                if number % 200 == 0:
                    progress(f"{number * _BATCH} of {len(texts)} sentences graded")
        return found

    def _row(self, sentence: LabelledSentence, *, graded: bool) -> _Row:
        encoded = self.tokenizer(sentence.text, truncation=True, max_length=_LONGEST, return_offsets_mapping=True)
        tags = []
        for start, end in encoded["offset_mapping"]:
            tag = -100 if start == end else 0
            for first, last, kind in sentence.cues:
                if start < end and first <= start and end <= last:
                    tag = 1 + 2 * CUE_TYPES.index(kind) + (start != first)
            tags.append(tag)
        return _Row(encoded["input_ids"], tags, graded, sentence.certainty, sentence.hedged)

    def _batches(self, lengths: Sequence[int], *, mixed: bool) -> Iterator[list[int]]:
        """Numbers of rows, those of like length together."""
        order = list(range(len(lengths)))
        if mixed:
            self._random.shuffle(order)
        size = _BATCH * _SORTED_TOGETHER
        for start in range(0, len(order), size):
            part = sorted(order[start : start + size], key=lengths.__getitem__)
            batches = [part[at : at + _BATCH] for at in range(0, len(part), _BATCH)]
            if mixed:
                self._random.shuffle(batches)
            yield from batches

    def _forward(self, ids: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        torch = self._torch
        mask = self._padded([[1] * len(row) for row in ids], 0)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.body(input_ids=self._padded(ids, 0), attention_mask=mask).last_hidden_state
            hidden = self.heads["dropout"](hidden)
            weights = self.heads["attention"](hidden).masked_fill(mask[..., None] == 0, -1e4).softmax(1)
            seen = torch.einsum("bte,btd->bed", weights.to(hidden.dtype), hidden)
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            judged = [judge(torch.cat([seen[:, number], mean], -1)) for number, judge in enumerate(self.heads["judges"])]
            return self.heads["tags"](hidden).float(), torch.cat(judged, -1).float()

    def _padded(self, rows: Sequence[Sequence[int]], filling: int) -> Any:
        longest = max(len(row) for row in rows)
        return self._torch.tensor([[*row, *[filling] * (longest - len(row))] for row in rows])

    def _loss(self, rows: Sequence[_Row]) -> Any:
        torch, functional = self._torch, self._torch.nn.functional
        tags, judged = self._forward([row.ids for row in rows])
        wanted = self._padded([row.tags for row in rows], -100)
        loss = functional.cross_entropy(tags.reshape(-1, tags.shape[-1]), wanted.reshape(-1), ignore_index=-100, reduction="sum")
        claims = torch.tensor([float(row.certainty is not None) for row in rows])
        certainty = torch.tensor([row.certainty or 0.0 for row in rows])
        graded, hedged = torch.tensor([[float(row.graded), float(row.hedged)] for row in rows]).T
        error = judged[:, _GRADE].sigmoid() - certainty
        loss = loss + _GRADE_WEIGHT * (claims * ((error**2 + _WIDTH**2).sqrt() - _WIDTH)).sum()
        for column, labels, counted in ((_HEDGED, hedged, claims), (_CLAIM, claims, graded)):
            loss = loss + (counted * functional.binary_cross_entropy_with_logits(judged[:, column], labels, reduction="none")).sum()
        return loss / len(rows)


@dataclass(frozen=True, slots=True)
class _Row:
    ids: list[int]
    tags: list[int]
    graded: bool
    certainty: float | None
    hedged: bool


def lines(sentences: Sequence[Unlabelled], grades: Floats) -> Iterator[str]:
    """The file ``taught.jsonl``: a line for each document, as in :func:`hedgekit.corpora.read_standoff`, but without cues."""
    for (file, doc), part in itertools.groupby(zip(sentences, grades.tolist(), strict=True), lambda item: (item[0].file, item[0].doc)):
        items = [
            [one.start, one.end, checksum(one.text), round(grade, 2) if claim >= 0.5 else None, claim >= 0.5 and hedged >= 0.5]
            for one, (grade, hedged, claim) in part
        ]
        yield json.dumps({"file": file, "doc": doc, "sentences": items}, separators=(",", ":"))


@click.command(help="Fine-tune an encoder on the project's own labels, and let it grade running text of the corpora.")
@click.option("--corpora", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the labelled corpora.")
@click.option("--encoder", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of a BERT-like encoder.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("seeds/taught.jsonl"), show_default=True, help="File to write.")
def main(corpora: Path, encoder: Path, out: Path) -> None:
    """Write the grades of running text."""
    try:
        teacher = Encoder(encoder)
        material = general.read_material(corpora)
        own = [sentence for sentence in material.sentences if sentence.origin in general.OWN]
        teacher.fit(own, material.examples, click.echo)
        sentences = unlabelled(corpora, material.sentences, material.segmenter)
        grades = teacher.grades([sentence.text for sentence in sentences], click.echo)
        write_whole(out, "".join(f"{line}\n" for line in lines(sentences, grades)))
    except (HedgekitError, ImportError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(sentences)} sentences, written to {out}")


if __name__ == "__main__":
    main()
