"""Scope: the stretch that a cue puts in doubt. It holds its cue, stays in its sentence, and ends where the clause does."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgekit.batch import from_sentences
from hedgekit.cues import Cues
from hedgekit.labels import CueType
from hedgekit.model import CertaintyModel
from hedgekit.scope import CueSpans, Places, of_amounts, places


def scopes(model: CertaintyModel, text: str) -> dict[str, str | None]:
    [sentence] = model.annotate([text])
    return {cue.text: None if cue.scope is None else cue.scope.text for cue in sentence.cues}


@pytest.mark.parametrize(
    ("text", "cue", "scope"),
    [
        ("The minister said the talks may resume in June, but ministers met on Monday.", "may", "may resume in June"),
        ("The mayor asked whether the road was safe.", "whether", "whether the road was safe"),
        ("The shop will close if the union refuses, he added.", "if", "if the union refuses"),
        ("The ministry said that 14 men were found.", "said", "said that 14 men were found"),
        ("Perhaps the mayor forgot.", "Perhaps", "Perhaps the mayor forgot"),
        ("Our results suggest that the protein binds to the promoter.", "suggest", "suggest that the protein binds to the promoter"),
        ("There are fears of a possible attack on the dam.", "possible", "possible attack on the dam"),
        ("About 300 people were there.", "About", None),
    ],
)
def test_scope_ends_with_what_the_cue_governs(text: str, cue: str, scope: str | None, model: CertaintyModel) -> None:
    assert scopes(model, text)[cue] == scope


WORDS = st.sampled_from(
    [
        "the",
        "mayor",
        "may",
        "reportedly",
        "(has)",
        ",",
        "resigned",
        ";",
        "but",
        "critics",
        "said",
        "“it",
        "is",
        "likely”",
        "whether",
        "some",
        "300",
        "?",
        ".",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=25))
def test_a_scope_holds_its_cue_and_stays_in_its_sentence(model: CertaintyModel, words: list[str]) -> None:
    text = " ".join(words)
    for document in (model.analyze(text), model.annotate([text])):
        for sentence in document:
            for cue in sentence.cues:
                if cue.scope is None:
                    assert cue.type is CueType.APPROXIMATOR
                else:
                    assert sentence.start <= cue.scope.start <= cue.start < cue.end <= cue.scope.end <= sentence.end
                    assert text[cue.scope.start : cue.scope.end] == cue.scope.text


def test_offsets_count_in_the_document(model: CertaintyModel) -> None:
    text = "It rained. \n\nThe dam may fail in June, the minister said."
    [_, sentence] = model.analyze(text)
    scope = sentence.cues[0].scope
    assert scope is not None
    assert (scope.text, scope.start) == ("may fail in June", text.index("may fail"))


def test_approximators_of_amounts(model: CertaintyModel) -> None:
    texts = ["About 30 came.", "About $30 was paid.", "Nearly all of them came.", "It is usually closed.", "The cause is largely unknown."]
    batch = from_sentences(texts, model.parameters.tables)
    cues = spans(model.parameters.detector.predict(batch))
    words = [batch.text[batch.tokens.starts[a] : batch.tokens.ends[b]] for a, b in zip(cues.first, cues.last, strict=True)]
    found = dict(zip(words, of_amounts(batch, cues).tolist(), strict=True))
    assert found == {"About": True, "Nearly": True, "usually": False, "largely": False, "unknown": False}


def spans(cues: Cues) -> CueSpans:
    return CueSpans(cues.first, cues.last, cues.sentence, cues.type)


def test_places_lead_from_the_edges_of_the_sentence_to_the_cue(model: CertaintyModel) -> None:
    batch = from_sentences(["Yes, the dam may fail, she said."], model.parameters.tables)
    table = model.parameters.detector.table(batch)
    before, behind = places(batch, table, spans(model.parameters.detector.predict(batch, table)))
    words = [batch.text[a:b] for a, b in zip(batch.tokens.starts, batch.tokens.ends, strict=True)]
    assert [words[token] for token in before.token[: before.bounds[1]]] == ["Yes", "the", "may"]
    assert [words[token] for token in behind.token[: behind.bounds[1]]] == ["may", "fail", "she", "said"]


def test_the_first_of_equal_places_is_taken() -> None:
    found = Places(1, np.array([0, 2, 3]), np.array([0, 0, 1]), np.array([4, 6, 9]))
    assert found.best(np.array([0.5, 0.5, -1.0])).tolist() == [4, 9]
    assert found.best(np.array([0.5, 0.75, -1.0])).tolist() == [6, 9]


def test_scopes_of_an_endless_sentence_take_little_memory(model: CertaintyModel) -> None:
    """Cues times places of a sentence without an end would fill the memory."""
    [sentence] = model.annotate(["It may rain, he said, and " * 2000])
    tracemalloc.start()
    scopes = [cue.scope for cue in sentence.cues]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(scopes) > 2000
    assert peak < 1_500_000_000
