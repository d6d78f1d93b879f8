"""Fitting the tagger of parts of speech on a treebank."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np

from hedgekit.batch import from_sentences
from hedgekit.cues import CueDetector
from hedgekit.errors import DataError
from hedgekit.keys import Ints
from hedgekit.speech import PARTS_OF_SPEECH, SPEECH_BITS, SpeechTagger, speech_rows, with_affixes
from hedgekit.text.characters import CharacterTables
from hedgekit.training.linear import fit_apart

_GROUP = {tag: number for number, tags in enumerate(PARTS_OF_SPEECH) for tag in tags}
_SIGN, _OTHER = len(PARTS_OF_SPEECH) - 2, len(PARTS_OF_SPEECH) - 1


def read_treebank(path: str | Path) -> list[tuple[str, list[tuple[str, int]]]]:
    """Sentences of a CoNLL-U file, each with its words and the number of their part of speech.

    Raises
    ------
    DataError
        With file and line: a token line that has not ten columns, a sentence without its text.
    """
    found: list[tuple[str, list[tuple[str, int]]]] = []
    text: str | None = None
    words: list[tuple[str, int]] = []
    with Path(path).open(encoding="utf-8") as lines:
        # The last sentence may end with the file.
        for number, line in enumerate(chain(lines, ["\n"]), 1):
            cells = line.rstrip("\n").split("\t")
            if line.startswith("# text = "):
                text = line[len("# text = ") :].rstrip("\n")
            elif not line.strip():
                if words and text is None:
                    raise DataError(f"{path}:{number}: a sentence without '# text = ' before it")
                if words and text is not None:
                    found.append((text, words))
                text, words = None, []
            elif cells[0].isdigit():
                if len(cells) != 10:
                    raise DataError(f"{path}:{number}: a CoNLL-U token has 10 columns, found {len(cells)}")
                words.append((cells[1], _GROUP.get(cells[4], _SIGN if cells[3] == "PUNCT" else _OTHER)))
    return found


def fit_speech(treebank: list[tuple[str, list[tuple[str, int]]]], detector: CueDetector, tables: CharacterTables) -> SpeechTagger:
    """Fit the tagger; tokens that the treebank cuts otherwise do not count.

    Parameters
    ----------
    treebank : list of (text, words)
        From :func:`read_treebank`.
    detector : CueDetector
        Gives the token table.
    tables : CharacterTables
    """
    batch = from_sentences([text for text, _ in treebank], tables)
    part = np.full(len(batch.tokens), -1, dtype=np.int64)
    for base, (text, words) in zip(batch.starts.tolist(), treebank, strict=True):
        behind = 0
        for word, group in words:
            at = text.find(word, behind)
            if at >= 0:
                behind = at + len(word)
                _mark(part, batch.tokens.starts, base + at, group)
    rows = speech_rows(batch, with_affixes(batch, detector.table(batch)))
    labels = np.stack([np.where(part < 0, -1, part == group) for group in range(len(PARTS_OF_SPEECH))], axis=1).astype(np.int64)
    return SpeechTagger(fit_apart(rows, labels, 1 << SPEECH_BITS, strength=0.3, min_count=2))


def _mark(part: Ints, starts: Ints, at: int, group: int) -> None:
    token = int(starts.searchsorted(at))
    if token < starts.size and starts[token] == at:
        part[token] = group
