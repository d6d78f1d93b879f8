"""What is known of single words: the usual part of speech, counted in a treebank, and the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from hedgekit.errors import DataError
from hedgekit.keys import KeyIndex
from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import folded_key, tokenize
from hedgekit.vocabulary import EDGE, FINITE, FLAGGED, INTENSIFIER, NEGATOR, Vocabulary

# A tag belongs to a word's class when the word bears it at least this often.
_SHARE = 0.15
_FINITE_TAGS = ("VBD", "VBZ", "VBP", "MD")
_MODIFIER_FLAGS = {"intensifier": INTENSIFIER, "negator": NEGATOR}


def read_tags(path: str | Path) -> Iterable[tuple[str, str]]:
    """Words with their Penn tags from a CoNLL-U file.

    Raises
    ------
    DataError
        With file and line, if a token line has not ten columns.
    """
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#") or not line.strip() or not cells[0].isdigit():
                continue
            if len(cells) != 10:
                raise DataError(f"{path}:{number}: a CoNLL-U token has 10 columns, found {len(cells)}")
            yield cells[1], cells[4]


def build_vocabulary(
    tagged: Iterable[tuple[str, str]],
    clusters: Mapping[int, int],
    modifiers: Mapping[str, Sequence[str]],
    tables: CharacterTables,
) -> Vocabulary:
    """Give every single-token word the set of its usual tags as its class.

    Parameters
    ----------
    tagged : iterable of (word, tag)
        May be empty: then no word has a class.
    clusters : mapping
        Cluster of each word's key, from 1.
    modifiers : mapping
        Words by kind, as in :class:`hedgekit.lexicon.Lexicon`.
    tables : CharacterTables
    """
    counts: dict[int, Counter[str]] = {}
    keys: dict[str, int | None] = {}
    for word, tag in tagged:
        if word not in keys:
            found = tokenize(word, tables).keys
            keys[word] = int(found[0]) if found.size == 1 else None
        key = keys[word]
        if key is not None:
            counts.setdefault(key, Counter())[tag] += 1
    past = {key for word, key in keys.items() if word.lower().endswith("ed")}
    flags: dict[int, int] = {}
    for kind, words in modifiers.items():
        for word in words:
            found = tokenize(word, tables).keys
            if found.size == 1:
                flags[int(found[0])] = _MODIFIER_FLAGS[kind]
    for flag, signs in FLAGGED.items():
        for sign in signs:
            flags[folded_key(sign)] = flags.get(folded_key(sign), 0) | flag
    for key, tags in counts.items():
        # Regular verbs have one form for the past and the participle, and a small treebank may hold only one of the two.
        finite = sum(tags[tag] for tag in (*_FINITE_TAGS, "VBN") if tag != "VBN" or key in past)
        if finite >= _SHARE * sum(tags.values()):
            flags[key] = flags.get(key, 0) | EDGE | FINITE
    names: dict[str, int] = {}
    classes: dict[int, int] = {}
    for key in sorted(counts):
        total = sum(counts[key].values())
        name = "|".join(sorted(tag for tag, n in counts[key].items() if n >= _SHARE * total))
        classes[key] = names.setdefault(name, len(names) + 1)
    order = sorted(classes.keys() | clusters.keys() | flags.keys())
    return Vocabulary(
        KeyIndex(np.array(order, dtype=np.uint64)),
        np.array([*(classes.get(key, 0) for key in order), 0], dtype=np.uint16),
        np.array([*(clusters.get(key, 0) for key in order), 0], dtype=np.uint16),
        np.array([*(flags.get(key, 0) for key in order), 0], dtype=np.uint16),
    )
