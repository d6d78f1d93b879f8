"""Running text of the corpora, without its labels: what word clusters are learned from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hedgekit.corpora import without_markup

_SOURCES = ("raw/*.txt", "news/polnear/train/text/**/*.txt", "wikipedia/train_*.txt", "biomedical/*.xml", "sentences/*train*.conllu")
_TREEBANK_TEXT = re.compile(r"^# text = (.*)$", re.MULTILINE)


def running_text_files(corpora: str | Path) -> list[Path]:
    """The files that :func:`read_running_text` reads, those that are there, in a fixed order."""
    root = Path(corpora)
    return [path for pattern in _SOURCES for path in sorted(root.glob(pattern)) if path.is_file()]


def read_running_text(files: list[Path]) -> Iterator[str]:
    """The text of each file: plain, or taken out of XML or CoNLL-U."""
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".xml":
            text = without_markup(text)
        elif path.suffix == ".conllu":
            text = "\n".join(_TREEBANK_TEXT.findall(text))
        yield text
