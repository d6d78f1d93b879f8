"""What score, annotate, analyze and analyze_many promise, whatever the text."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import pickle
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgekit
from hedgekit import labels, likelihood, results
from hedgekit.labels import AttributionKind, CueType, Level, Voice, level_of
from hedgekit.model import CertaintyModel
from hedgekit.results import Document, Sentence, Span

SENTENCES = [
    "The ferry to Brook Island sank on Monday.",
    "The ferry may have hit a sandbank, two passengers said.",
    "Who was at the helm?",
    "According to the harbour office, at least nine people were aboard.",
    "",
    "It is unclear whether the captain, who reportedly left first, will be charged.",
    "Thank you very much!",
    "The owner definitely knew about the leak.",
    "“We think the pumps probably failed,” said Ines Quell, the chief engineer.",
]
ARTICLE = (
    "The ferry to Brook Island sank on Monday. Two passengers said it may have hit a sandbank.\n\n"
    "Who was at the helm? The harbour office, which is investigating the case, reportedly has not decided.\n"
    "“We think the pumps probably failed,” said Ines Quell, the chief engineer. Her report is due in May."
)
# Texts of printable and unprintable characters alike, with words that cues are made of among them.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=())) | st.lists(
    st.sampled_from(["may ", "likely ", "said ", "Dr. ", "according to ", '"', "”", "\n", "\n\n", ". ", "? ", " \t", "\u2028", "5.", "İß"])
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=6)
).map("".join)


def same(one: Sentence, other: Sentence, shift: int = 0) -> None:
    """Assert that two sentences agree, the second being moved by ``shift`` characters."""
    assert one.text == other.text
    assert (one.certainty is None) is (other.certainty is None)
    if one.certainty is not None and other.certainty is not None:
        assert one.certainty == pytest.approx(other.certainty, abs=1e-9)
    assert one.hedged_probability == pytest.approx(other.hedged_probability, abs=1e-9)
    assert one.hedged == other.hedged
    assert [(cue.text, cue.start + shift, cue.end + shift, cue.type) for cue in one.cues] == [
        (cue.text, cue.start, cue.end, cue.type) for cue in other.cues
    ]
    np.testing.assert_allclose([cue.probability for cue in one.cues], [cue.probability for cue in other.cues], atol=1e-9, rtol=0)
    assert [(a.kind, a.source and a.source.text, a.cue and a.cue.text) for a in one.attributions] == [
        (a.kind, a.source and a.source.text, a.cue and a.cue.text) for a in other.attributions
    ]


def spans(sentence: Sentence) -> Iterator[Span]:
    """All spans of a sentence."""
    for cue in sentence.cues:
        yield cue.span
    for attribution in sentence.attributions:
        yield from (span for span in (attribution.source, attribution.cue, attribution.content, attribution.refers_to) if span is not None)


# Types and shapes


def test_score_of_one_sentence_is_a_float(model: CertaintyModel) -> None:
    value = model.score(SENTENCES[0])
    assert type(value) is float
    assert 0 <= value <= 1


def test_score_of_many_is_a_float64_array(model: CertaintyModel) -> None:
    scores = model.score(SENTENCES)
    assert isinstance(scores, np.ndarray)
    assert scores.dtype == np.float64
    assert scores.shape == (len(SENTENCES),)


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pd.Series,
        pd.Index,
        lambda texts: pd.Series(texts, index=range(100, 100 + len(texts))),
        lambda texts: pd.Series(texts, dtype="string"),
    ],
)
def test_any_sequence_will_do(container: Callable[[list[str]], object], model: CertaintyModel) -> None:
    np.testing.assert_array_equal(model.score(container(SENTENCES)), model.score(SENTENCES))  # type: ignore[call-overload]
    assert model.annotate(container(SENTENCES)) == model.annotate(SENTENCES)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [[], (), np.array([], dtype=str), pd.Series([], dtype=object)])
def test_nothing_gives_nothing(nothing: list[str], model: CertaintyModel) -> None:
    scores = model.score(nothing)
    assert scores.shape == (0,)
    assert scores.dtype == np.float64
    assert model.annotate(nothing) == []
    assert list(model.analyze_many(nothing)) == []


@pytest.mark.parametrize("text", ["", " ", "\n\n", " \t\r\n ", "\u2003\u00a0"])
def test_a_blank_text_has_no_sentence(text: str, model: CertaintyModel) -> None:
    document = model.analyze(text)
    assert (len(document), document.certainty, document.main_certainty, document.sources()) == (0, None, None, ())
    assert document.text == text
    assert math.isnan(model.score(text))


def test_annotate_gives_a_list_of_sentences_in_order(model: CertaintyModel) -> None:
    found = model.annotate(SENTENCES)
    assert type(found) is list
    assert all(type(sentence) is Sentence for sentence in found)
    assert [sentence.text for sentence in found] == SENTENCES
    assert [(sentence.start, sentence.end) for sentence in found] == [(0, len(text)) for text in SENTENCES]


def test_annotate_splits_nothing(model: CertaintyModel) -> None:
    [sentence] = model.annotate(["It may rain. It may snow.\n\nPerhaps."])
    assert [cue.text for cue in sentence.cues] == ["may", "may", "Perhaps"]


def test_fields_have_the_types_of_the_contract(model: CertaintyModel) -> None:
    for sentence in model.annotate(SENTENCES):
        assert sentence.certainty is None or (type(sentence.certainty) is float and 0 <= sentence.certainty <= 1)
        assert sentence.level is level_of(sentence.certainty)
        assert sentence.level is None or isinstance(sentence.level, Level)
        assert type(sentence.hedged) is bool
        assert type(sentence.hedged_probability) is float
        assert 0 <= sentence.hedged_probability <= 1
        assert (sentence.aspects, sentence.label, sentence.label_probabilities) == (None,) * 3
        assert (sentence.voice is None) == (sentence.certainty is None)
        assert sentence.voice is None or isinstance(sentence.voice, Voice)
        for cue in sentence.cues:
            assert isinstance(cue.type, CueType)
            assert type(cue.probability) is float
            assert 0 <= cue.probability <= 1
            assert {type(cue.start), type(cue.end)} == {int}
        for attribution in sentence.attributions:
            assert isinstance(attribution.kind, AttributionKind)
            assert attribution.cue is not None


def test_nan_stands_exactly_where_certainty_is_none(model: CertaintyModel, seed_texts: list[str]) -> None:
    texts = [*SENTENCES, *seed_texts]
    scores, found = model.score(texts), model.annotate(texts)
    assert [math.isnan(value) for value in scores] == [sentence.certainty is None for sentence in found]
    np.testing.assert_array_equal(scores, [math.nan if sentence.certainty is None else sentence.certainty for sentence in found])
    assert np.isnan(scores).any()
    assert not any(sentence.hedged for sentence in found if sentence.certainty is None)
    assert all(sentence.hedged_probability == 0 for sentence in found if sentence.certainty is None)


def test_a_question_makes_no_claim(model: CertaintyModel) -> None:
    [sentence] = model.annotate(["Where is the station?"])
    assert (sentence.certainty, sentence.level, sentence.hedged) == (None, None, False)


def test_certainty_of_a_document(model: CertaintyModel) -> None:
    document = model.analyze(ARTICLE)
    known = [sentence.certainty for sentence in document if sentence.certainty is not None]
    assert document.certainty == pytest.approx(sum(known) / len(known), abs=1e-12)
    single = model.analyze("The bridge is closed.")
    assert single.main_certainty == single.certainty == single[0].certainty


# The same sentence, the same result


def test_alone_as_in_a_batch(model: CertaintyModel, seed_texts: list[str]) -> None:
    texts = [*SENTENCES, *seed_texts[::9]]
    for text, together in zip(texts, model.annotate(texts), strict=True):
        [alone] = model.annotate([text])
        same(alone, together)


def test_order_does_not_matter(model: CertaintyModel, seed_texts: list[str]) -> None:
    texts = seed_texts[:600]
    np.testing.assert_allclose(model.score(texts[::-1])[::-1], model.score(texts), atol=1e-9, rtol=0)


def test_analyze_agrees_with_annotate(model: CertaintyModel) -> None:
    document = model.analyze(ARTICLE)
    assert len(document) == 6
    for sentence, alone in zip(document, model.annotate([sentence.text for sentence in document]), strict=True):
        same(alone, sentence, shift=sentence.start)


def test_the_same_result_twice(model: CertaintyModel, seed_texts: list[str]) -> None:
    again = hedgekit.load("general")
    np.testing.assert_array_equal(model.score(seed_texts), again.score(seed_texts))
    assert model.analyze(ARTICLE) == again.analyze(ARTICLE)
    assert model.annotate(SENTENCES) == again.annotate(SENTENCES)


def test_functions_use_the_general_model(model: CertaintyModel) -> None:
    assert hedgekit.score(SENTENCES[0]) == model.score(SENTENCES[0])
    assert hedgekit.annotate(SENTENCES) == model.annotate(SENTENCES)
    assert hedgekit.analyze(ARTICLE) == model.analyze(ARTICLE)
    assert model.name == model.info["name"] == "general"


# Missing values


@pytest.mark.parametrize("gap", [None, math.nan, np.nan, pd.NA, pd.NaT, np.float32("nan")])
def test_missing_values_pass_through_as_nan(gap: object, model: CertaintyModel) -> None:
    texts = [SENTENCES[0], gap, SENTENCES[1]]
    scores = model.score(texts, missing="nan")
    assert np.isnan(scores).tolist() == [False, True, False]
    np.testing.assert_allclose(scores[[0, 2]], model.score([SENTENCES[0], SENTENCES[1]]), atol=1e-9, rtol=0)
    np.testing.assert_array_equal(model.score(pd.Series(texts, dtype=object)), scores)
    np.testing.assert_array_equal(model.score(np.array(texts, dtype=object), missing="nan"), scores)


def test_all_missing(model: CertaintyModel) -> None:
    assert np.isnan(model.score([None, None], missing="nan")).all()


# Many documents


def test_analyze_many_is_lazy(model: CertaintyModel) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield f"Tank {number} may leak. Nobody knows."

    documents = model.analyze_many(endless())
    assert taken == 0
    first = list(itertools.islice(documents, 3))
    assert [document[0].text for document in first] == [f"Tank {number} may leak." for number in range(3)]
    assert taken < 5_000


def test_analyze_many_equals_analyze(model: CertaintyModel) -> None:
    texts = [ARTICLE, "", SENTENCES[1], "  \n ", *SENTENCES, ARTICLE * 3]
    for text, document in zip(texts, model.analyze_many(texts), strict=True):
        assert type(document) is Document
        assert document.text == text
        alone = model.analyze(text)
        assert len(document) == len(alone)
        for one, other in zip(alone, document, strict=True):
            same(one, other)
            assert one.explain().total == pytest.approx(other.explain().total, abs=1e-9)


def test_two_processes_give_what_one_gives(model: CertaintyModel) -> None:
    texts = [f"{text} Number {number} may follow." for number in range(80) for text in SENTENCES]
    one, two = list(model.analyze_many(texts)), list(model.analyze_many(iter(texts), n_jobs=2))
    assert one == two
    assert one[7][0].explain() == two[7][0].explain()


# Any text at all


@given(ANY_TEXT)
@settings(max_examples=200)
def test_analyze_never_raises_and_every_offset_holds(text: str) -> None:
    document = hedgekit.analyze(text)
    assert document.text == text
    end = 0
    for sentence in document:
        assert end <= sentence.start < sentence.end <= len(text)
        assert not text[end : sentence.start].strip()
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip()
        end = sentence.end
        for span in spans(sentence):
            assert sentence.start <= span.start < span.end <= sentence.end
            assert span.text == text[span.start : span.end]
    assert not text[end:].strip()


@given(st.lists(ANY_TEXT, max_size=5))
@settings(max_examples=100)
def test_annotate_never_raises_and_every_offset_holds(texts: list[str]) -> None:
    found = hedgekit.annotate(texts)
    assert [sentence.text for sentence in found] == texts
    np.testing.assert_array_equal(
        hedgekit.score(texts), [math.nan if sentence.certainty is None else sentence.certainty for sentence in found]
    )
    for text, sentence in zip(texts, found, strict=True):
        for span in spans(sentence):
            assert span.text == text[span.start : span.end] != ""
        for before, after in itertools.pairwise(sentence.cues):
            assert before.end <= after.start


@given(ANY_TEXT)
@settings(max_examples=60)
def test_results_of_any_text_survive_json_and_pickle(text: str) -> None:
    document = hedgekit.analyze(text)
    assert json.loads(json.dumps(document.to_dict(), allow_nan=False)) == document.to_dict()
    assert pickle.loads(pickle.dumps(document)) == document


@pytest.mark.parametrize(
    "text",
    [
        "\ud800 may \udfff fail, he said.",
        "\x00may\x00fail\x07. \x1b[31mIt may\x7f.",
        "".join(map(chr, range(160))),
        "\ufeffIt may rain.",
        "İt may rain. ǅ ß ﬁ ſ said.",
        "e\u0301\u0301\u0301 may \u200d\u200b said",
        "مرحبا may قال. 雨が降るかもしれない。",
        "👩‍👩‍👧‍👦 may 🏴‍☠️ said 😀.",
    ],
)
def test_strange_characters(text: str, model: CertaintyModel) -> None:
    document = model.analyze(text)
    assert document.text == text
    for sentence in document:
        for span in spans(sentence):
            assert span.text == text[span.start : span.end]


# Long and odd texts take time in proportion to their length

PATHOLOGICAL = {
    "a megabyte without a space": ("x", 1_000_000),
    "brackets": ("[", 50_000),
    "titles": ("Mr. ", 20_000),
    "cues": ("may ", 50_000),
    "reporting": ("he said ", 6_000),
    "quotation marks": ('" ', 30_000),
    "full stops": (".", 50_000),
    "line breaks": ("\n", 200_000),
    "short lines": ("It may\n", 10_000),
    "initials": ("A.", 30_000),
    "spaces": (" ", 500_000),
    "commas": ("a, ", 20_000),
    "hyphens": ("a-", 100_000),
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_time_is_linear(name: str, model: CertaintyModel) -> None:
    unit, count = PATHOLOGICAL[name]

    def seconds(n: int) -> float:
        text = unit * n
        start = time.process_time()
        document = model.analyze(text)
        assert document.text == text
        return time.process_time() - start

    seconds(count // 8)
    eighth, whole = seconds(count // 8), seconds(count)
    # Quadratic time would be sixty-four times as long; what is short is not measured well.
    assert whole < max(24 * eighth, 2.0)


# Results


def test_results_are_frozen(model: CertaintyModel) -> None:
    document = model.analyze(ARTICLE)
    sentence = document[1]
    for thing, name in ((document, "text"), (sentence, "certainty"), (sentence, "new"), (sentence.cues[0].span, "start")):
        with pytest.raises(AttributeError):
            setattr(thing, name, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        sentence.cues[0].probability = 1.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        sentence.attributions[0].kind = AttributionKind.NAMED  # type: ignore[misc]
    with pytest.raises(TypeError):
        document[0] = sentence  # type: ignore[index]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_round_trips(protocol: int, model: CertaintyModel) -> None:
    document = model.analyze(ARTICLE)
    again = pickle.loads(pickle.dumps(document, protocol))
    assert again == document
    assert hash(again) == hash(document)
    for one, other in zip(document, again, strict=True):
        assert one.explain() == other.explain()
        assert pickle.loads(pickle.dumps(one, protocol)) == one
        assert pickle.loads(pickle.dumps(one, protocol)).explain() == one.explain()
        assert pickle.loads(pickle.dumps(one.cues, protocol)) == one.cues
        assert pickle.loads(pickle.dumps(one.attributions, protocol)) == one.attributions
    lone = pickle.loads(pickle.dumps(model.annotate(SENTENCES)[1], protocol))
    assert lone == model.annotate(SENTENCES)[1]


def test_a_pickle_carries_no_model(model: CertaintyModel) -> None:
    assert len(pickle.dumps(model.annotate(["The lock may be broken."])[0])) < 5_000
    assert len(pickle.dumps(model.analyze(ARTICLE))) < 40_000


def test_to_dict_is_plain_json(model: CertaintyModel) -> None:
    document = model.analyze(ARTICLE)
    plain = document.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["text"] == ARTICLE
    assert [row["text"] for row in plain["sentences"]] == [sentence.text for sentence in document]
    assert type(plain["sentences"][1]["cues"][0]["type"]) is str


def test_to_frame_has_a_row_for_each_sentence(model: CertaintyModel) -> None:
    document = model.analyze(ARTICLE)
    frame = document.to_frame()
    assert frame["text"].tolist() == [sentence.text for sentence in document]
    np.testing.assert_array_equal(
        frame["certainty"].to_numpy(float), [math.nan if sentence.certainty is None else sentence.certainty for sentence in document]
    )


def test_explanations_add_up(model: CertaintyModel, seed_texts: list[str]) -> None:
    for sentence in (*model.annotate([*SENTENCES, *seed_texts]), *model.analyze(ARTICLE)):
        why = sentence.explain()
        assert math.fsum((why.baseline, *(item.value for item in why.contributions))) == pytest.approx(why.total, abs=1e-12)
        assert [abs(item.value) for item in why.contributions] == sorted((abs(item.value) for item in why.contributions), reverse=True)
        if sentence.certainty is not None:
            assert min(max(why.total, 0.0), 1.0) == pytest.approx(sentence.certainty, abs=1e-9)


def test_all_that_results_return_has_a_public_name() -> None:
    """Dataclasses and enumerations of the results can be imported from the package."""
    for module in (results, labels, likelihood):
        for name, item in vars(module).items():
            if isinstance(item, type) and item.__module__ == module.__name__ and not name.startswith("_") and name != "Columns":
                assert name in hedgekit.__all__, name


def test_public_names() -> None:
    assert set(hedgekit.__all__) <= set(dir(hedgekit))
    for name in hedgekit.__all__:
        assert getattr(hedgekit, name).__doc__
    with pytest.raises(AttributeError, match="no_such_name"):
        hedgekit.no_such_name  # noqa: B018
