"""Learning where sentences end: abbreviations by Punkt, and the words that commonly begin a sentence."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hedgekit.errors import LexiconError
from hedgekit.text.sentences import Segmenter

_LISTS = ("titles", "numbered", "abbreviations", "starters")
_LEARNED = re.compile(r"[a-z]{2,5}|[a-z](?:\.[a-z])+")
_WORD = re.compile(r"(?P<after>[a-z)]{3,}[.?!][\"”']?\s+[\"“']?|\n\s*[\"“']?)?(?P<word>[A-Za-z]+(?:['’][a-z]+)?)")
# A word begins sentences when, capitalised, it stands at the start of one this often, and is written small elsewhere.
_MIN_STARTS, _MIN_SHARE, _MIN_SMALL = 8, 0.75, 5


def read_abbreviations(path: str | Path) -> dict[str, frozenset[str]]:
    """Read the curated word lists of ``seeds/abbreviations.toml``.

    Raises
    ------
    LexiconError
        With file and reason.
    """
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path}: not valid TOML: {error}") from None
    if set(data) != set(_LISTS):
        raise LexiconError(f"{path}: the lists must be {', '.join(_LISTS)}; found {', '.join(data)}")
    return {name: frozenset(words) for name, words in data.items()}


def fit_segmenter(abbreviations: str | Path, texts: Sequence[str] = ()) -> Segmenter:
    """Combine the curated lists with what Punkt learns from raw text.

    Parameters
    ----------
    abbreviations : str or Path
        The curated lists.
    texts : sequence of str
        Running text; may be empty.
    """
    lists = read_abbreviations(abbreviations)
    return Segmenter(
        lists["titles"],
        lists["numbered"],
        lists["abbreviations"] | (learn_abbreviations(texts) if texts else frozenset()),
        lists["starters"] | learn_starters(texts),
    )


def learn_abbreviations(texts: Sequence[str]) -> frozenset[str]:
    """Abbreviations by Punkt's log-likelihood test (Kiss and Strunk 2006, as implemented in NLTK)."""
    from nltk.tokenize.punkt import PunktTrainer

    trainer = PunktTrainer()
    for text in texts:
        trainer.train(text, finalize=False)
    trainer.finalize_training()
    return frozenset(word for word in trainer.get_params().abbrev_types if _LEARNED.fullmatch(word))


def learn_starters(texts: Sequence[str]) -> frozenset[str]:
    """Words that, when capitalised, nearly always begin a sentence."""
    starting: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        for match in _WORD.finditer(text):
            word = match["word"]
            if word[0].islower():
                small[word] += not match["after"]
            else:
                (starting if match["after"] else inside)[word.lower()] += 1
    return frozenset(
        word for word, n in starting.items() if n >= _MIN_STARTS and n / (n + inside[word]) >= _MIN_SHARE and small[word] >= _MIN_SMALL
    )
