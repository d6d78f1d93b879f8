"""Word clusters: words that stand in like company fall together, from running text alone."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from hedgekit.text.characters import CharacterTables
from hedgekit.text.tokens import word_key
from hedgekit.training.clusters import cluster_words
from hedgekit.training.running_text import read_running_text, running_text_files
from hedgekit.training.words import build_vocabulary

ANIMALS, CITIES = ("dog", "cat", "horse", "goat"), ("Oslo", "Lima", "Riga", "Bern")


@pytest.fixture(scope="module")
def text() -> str:
    beasts = [f"The {one} bit the {other} in the yard." for one, other in product(ANIMALS, repeat=2)]
    towns = [f"She flew from {one} to {other} yesterday." for one, other in product(CITIES, repeat=2)]
    return "\n".join(beasts + towns)


def test_words_in_like_company_share_a_cluster(text: str, tables: CharacterTables) -> None:
    found = cluster_words([text], tables, n_clusters=6, dimensions=5, seen=3)
    of = {word: found[word_key(word, tables)] for word in (*ANIMALS, *CITIES)}
    assert len({of[word] for word in ANIMALS}) == 1
    assert len({of[word] for word in CITIES}) == 1
    assert of["dog"] != of["Oslo"]
    assert set(found.values()) <= set(range(1, 7))


def test_the_same_text_gives_the_same_clusters(text: str, tables: CharacterTables) -> None:
    assert cluster_words([text], tables, n_clusters=6, seen=3) == cluster_words(iter([text]), tables, n_clusters=6, seen=3)


@pytest.mark.parametrize(("texts", "seen"), [([], 1), ([""], 1), (["one two three"], 2)])
def test_no_word_often_enough_gives_no_cluster(texts: list[str], seen: int, tables: CharacterTables) -> None:
    assert cluster_words(texts, tables, seen=seen) == {}


def test_rare_words_are_left_out(tables: CharacterTables) -> None:
    found = cluster_words(["rain rain rain sun"], tables, seen=2)
    assert list(found) == [word_key("rain", tables)]


def test_the_vocabulary_knows_clusters_and_keeps_them(tables: CharacterTables) -> None:
    words = build_vocabulary([("dog", "NN")], {word_key("dog", tables): 3, word_key("lima", tables): 9}, {}, tables)
    keys = np.array([word_key(word, tables) for word in ("dog", "lima", "unheard")], dtype=np.uint64)
    assert words.look_up(keys)[1].tolist() == [3, 9, 0]
    wider = words.with_cue_words(np.array([word_key("maybe", tables)], dtype=np.uint64))
    assert wider.look_up(keys)[1].tolist() == [3, 9, 0]


def test_running_text_is_taken_out_of_its_files(tmp_path: Path) -> None:
    for name, text in {
        "raw/b.txt": "second",
        "raw/a.txt": "first",
        "biomedical/x.xml": "<s>AT <cue>may</cue> &amp; can</s>",
        "sentences/en-train.conllu": "# sent_id = 1\n# text = It rained.\n1\tIt\n",
        "sentences/en-dev.conllu": "# text = Never read.\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(read_running_text(running_text_files(tmp_path))) == ["first", "second", "AT may & can", "It rained."]
