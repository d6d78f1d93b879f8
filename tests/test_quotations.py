"""Which words stand between quotation marks: straight and typographic, over sentences, with marks that are missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgekit.batch import Batch, from_sentences, from_spans
from hedgekit.model import CertaintyModel
from hedgekit.quotations import quoted, whole_quotations


def inside(batch: Batch, model: CertaintyModel) -> str:
    """The words in quotations, joined by spaces; marks and other signs left out."""
    flags = quoted(batch, model.parameters.detector.table(batch))
    tokens = batch.tokens
    words = [batch.text[a:b] for a, b, flag in zip(tokens.starts.tolist(), tokens.ends.tolist(), flags.tolist(), strict=True) if flag]
    return " ".join(word for word in words if word[0].isalnum())


def running(text: str, model: CertaintyModel) -> Batch:
    spans = np.array(model.parameters.segmenter.spans(text), dtype=np.int64).reshape(-1, 2)
    document = np.zeros(len(spans), np.int64)
    return from_spans(text, spans[:, 0], spans[:, 1], model.parameters.tables, document=document)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"We won," she said.', "We won"),
        ("“We won,” she said, “and you lost.”", "We won and you lost"),
        ('She said: "We won', "We won"),
        ('We won," she said.', ""),
        ('He called it "a sort of" win.', "a sort of"),
        ("« We won », she said.", "We won"),
        ("''We won,'' she said.", ""),
        ('""', ""),
        ("No marks at all.", ""),
    ],
)
def test_words_of_one_sentence(text: str, words: str, model: CertaintyModel) -> None:
    assert inside(from_sentences([text], model.parameters.tables), model) == words


def test_a_quotation_runs_on_over_the_sentences_of_its_paragraph(model: CertaintyModel) -> None:
    text = '"We won. They lost," she said. Nobody cheered.\n\n"It rained." The crowd left.'
    assert inside(running(text, model), model) == "We won They lost It rained"


def test_a_missing_mark_spoils_no_more_than_its_paragraph(model: CertaintyModel) -> None:
    text = '"We won. They lost.\n\nNobody cheered.'
    assert inside(running(text, model), model) == "We won They lost"


def test_sentences_given_alone_begin_outside(model: CertaintyModel) -> None:
    assert inside(from_sentences(['"We won.', "They lost."], model.parameters.tables), model) == "We won"


def test_whole_quotations(model: CertaintyModel) -> None:
    batch = running('"We won. They lost," she said. "Nobody cheered."', model)
    whole, runs_on, closed = whole_quotations(batch, model.parameters.detector.table(batch))
    assert whole.tolist() == [True, False, True]
    assert runs_on.tolist() == [False, True, False]
    assert closed.tolist() == [True] * 3
    open_ended = running('"We won. They lost.\n\nIt "rained".', model)
    assert whole_quotations(open_ended, model.parameters.detector.table(open_ended))[2].tolist() == [False, False, True]


@given(text=st.text(alphabet=st.sampled_from(list('ab “”"«»\n.')), max_size=60))
def test_any_marks_at_all(text: str, model: CertaintyModel) -> None:
    batch = running(text, model)
    flags = quoted(batch, model.parameters.detector.table(batch))
    assert flags.size == len(batch.tokens)
    assert {flags.size for flags in whole_quotations(batch, model.parameters.detector.table(batch))} == {len(batch)}
