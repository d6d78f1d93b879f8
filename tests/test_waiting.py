"""Texts that wait to be judged together get what each would get alone."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence

import numpy as np
import pytest

from hedgekit.model import CertaintyModel
from hedgekit.results import Columns
from hedgekit.waiting import ENOUGH, LONG, Group, Spans

TEXTS = [f"The dam may hold. Officials said level {number} was safe." for number in range(ENOUGH)]


def empty(text: str) -> Columns:
    none = np.zeros(0, np.int64)
    bounds = np.zeros(1, np.int64)
    spans = np.zeros((0, 4, 2), np.int64)
    return Columns((text,), True, *(none,) * 6, bounds, *(none,) * 4, spans[:, 0], bounds, spans, none, none)


class Judge:
    """Counts how often it is asked, for how many texts."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.too_large: str = ""

    def __call__(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Columns]:
        if self.too_large in texts:
            raise MemoryError
        assert [found[0] for found in spans] == [(0, len(text)) for text in texts]
        self.asked.append(len(texts))
        return [empty(text) for text in texts]


def add(group: Group, text: str, sentences: int = 1) -> object:
    return group.add(text, [(0, len(text))] * sentences)


def test_the_first_look_judges_all_that_wait() -> None:
    judge = Judge()
    group = Group(judge)
    items = [group.add(text, [(0, len(text))]) for text in ("a", "bc", "def")]
    assert judge.asked == []
    assert items[1]().texts == ("bc",)
    assert judge.asked == [3]
    assert [item().texts for item in items] == [("a",), ("bc",), ("def",)]
    assert judge.asked == [3]


@pytest.mark.parametrize(("text", "sentences"), [("a", ENOUGH), ("a" * LONG, 1)])
def test_enough_is_judged_at_once(text: str, sentences: int) -> None:
    judge = Judge()
    group = Group(judge)
    add(group, "b")
    add(group, text, sentences)
    assert judge.asked == [2]
    add(group, "c")
    assert judge.asked == [2]


def test_one_text_too_large_for_memory_does_not_harm_the_others() -> None:
    judge = Judge()
    group = Group(judge)
    item = group.add("a", [(0, 1)])
    judge.too_large = "b" * LONG
    large = group.add(judge.too_large, [(0, LONG)])
    assert judge.asked == []
    assert item().texts == ("a",)
    with pytest.raises(MemoryError):
        large()
    later = group.add("c", [(0, 1)])
    assert later().texts == ("c",)
    judge.too_large = ""
    assert large().texts == ("b" * LONG,)
    assert judge.asked == [1, 1, 1]


def test_documents_that_waited_are_those_that_did_not(model: CertaintyModel) -> None:
    together = [model.analyze(text) for text in TEXTS]
    for document, text in zip(together, TEXTS, strict=True):
        alone = model.analyze(text)
        assert alone == document
        assert alone[1].explain() == document[1].explain()
        assert [sentence.certainty for sentence in alone] == model.score([sentence.text for sentence in alone]).tolist()


def test_a_waiting_document_can_be_pickled(model: CertaintyModel) -> None:
    document = model.analyze("The dam may hold.")
    assert pickle.loads(pickle.dumps(document)) == document
    assert pickle.loads(pickle.dumps(model)).analyze("The dam may hold.") == document


def test_several_threads(model: CertaintyModel) -> None:
    texts = TEXTS[::3]
    expected = [model.analyze(text).to_dict() for text in texts]
    found: list[list[object]] = [[] for _ in range(4)]

    def work(number: int) -> None:
        documents = [model.analyze(text) for text in texts]
        found[number] += [document.to_dict() for document in documents]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(part == expected for part in found)
