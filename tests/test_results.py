"""The result types, built from hand-made columns: frozen, equal, picklable, with exact offsets."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import pickle
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgekit.labels import CUE_TYPES, KINDS, VOICES, Aspect, AspectCertainty, AttributionKind, CueType, Level, Voice, level_of
from hedgekit.likelihood import Likelihood, likelihood_of
from hedgekit.results import WHOLE, Attribution, Columns, Contribution, Cue, Document, Explanation, Sentence, Source, Sources, Span

TEXT = (
    "Prices may rise, the Ministry of Salt said. Who knows? The ministry denied it. "
    "Reportedly, a clerk left. “Über-Salz” 😀 is, a clerk thinks, gone."
)


def _at(words: str, nth: int = 1) -> tuple[int, int]:
    start = -1
    for _ in range(nth):
        start = TEXT.index(words, start + 1)
    return start, start + len(words)


NONE = (-1, -1)
SENTENCES = [
    "Prices may rise, the Ministry of Salt said.",
    "Who knows?",
    "The ministry denied it.",
    "Reportedly, a clerk left.",
    "“Über-Salz” 😀 is, a clerk thinks, gone.",
]
CUES = [
    (0, _at("may"), CueType.MODAL, 0.75),
    (0, _at("said"), CueType.REPORTATIVE, 1.0),
    (2, _at("denied"), CueType.REPORTATIVE, 0.5),
    (3, _at("Reportedly"), CueType.REPORTATIVE, 0.875),
    (4, _at("thinks"), CueType.DOXASTIC, 0.625),
]
ATTRIBUTIONS = [
    (0, (_at("the Ministry of Salt"), _at("said"), _at("Prices may rise"), NONE), AttributionKind.NAMED, 0.5),
    (2, (_at("The ministry"), _at("denied"), NONE, _at("the Ministry of Salt")), AttributionKind.NAMED, math.nan),
    (3, (NONE, _at("Reportedly"), _at("a clerk left"), NONE), AttributionKind.HEARSAY, 0.875),
    (4, (_at("a clerk", 2), _at("thinks"), _at("“Über-Salz” 😀 is"), NONE), AttributionKind.UNNAMED, 0.75),
    (4, (_at("a clerk", 2), NONE, NONE, NONE), AttributionKind.UNNAMED, 0.25),
]
VOICE = [Voice.NAMED, None, Voice.NAMED, Voice.HEARSAY, Voice.UNNAMED]
EXPLAINED = [[(0, -0.5), (1, -0.0625)], [], [(1, -0.0625)], [(0, -0.25), (2, 0.125), (1, -0.375)], [(2, 0.375)]]
CERTAINTY = [0.375, math.nan, 0.875, 0.4375, 1.0]


def _bounds(rows: list[int]) -> np.ndarray:
    return np.searchsorted(rows, np.arange(len(SENTENCES) + 1)).astype(np.int64)


def make_columns(**changed: Any) -> Columns:
    spans = [_at(sentence) for sentence in SENTENCES]
    items = [item for row in EXPLAINED for item in row]
    values: dict[str, Any] = {
        "texts": (TEXT,),
        "shared": True,
        "start": np.array([start for start, _ in spans]),
        "end": np.array([end for _, end in spans]),
        "certainty": np.array(CERTAINTY),
        "hedged_probability": np.array([0.9375, 0.0, 0.125, 0.75, 0.25]),
        "hedged": np.array([True, False, False, True, False]),
        "voice": np.array([-1 if voice is None else VOICES.index(voice) for voice in VOICE]),
        "cue_bounds": _bounds([row for row, *_ in CUES]),
        "cue_start": np.array([span[0] for _, span, *_ in CUES]),
        "cue_end": np.array([span[1] for _, span, *_ in CUES]),
        "cue_type": np.array([CUE_TYPES.index(kind) for *_, kind, _ in CUES], dtype=np.uint8),
        "cue_probability": np.array([probability for *_, probability in CUES]),
        "cue_scope": np.array([_at("may rise"), (-1, -1), _at("denied it"), _at("Reportedly, a clerk left"), (-1, -1)]),
        "attribution_bounds": _bounds([row for row, *_ in ATTRIBUTIONS]),
        "attribution_spans": np.array([spans for _, spans, *_ in ATTRIBUTIONS]),
        "attribution_kind": np.array([KINDS.index(kind) for _, _, kind, _ in ATTRIBUTIONS], dtype=np.uint8),
        "attribution_certainty": np.array([certainty for *_, certainty in ATTRIBUTIONS]),
        "explanation_bounds": np.cumsum([0, *map(len, EXPLAINED)]),
        "explanation_feature": np.array([feature for feature, _ in items], dtype=np.int32),
        "explanation_value": np.array([value for _, value in items]),
        "explanation_baseline": 0.9375,
        "feature_names": ("modal: may", "reportative", "length"),
    }
    return Columns(**{**values, **changed})


def separate_columns() -> Columns:
    """The first two sentences, each a string of its own."""
    one = make_columns()
    return Columns(
        **{
            **{field.name: getattr(one, field.name) for field in dataclasses.fields(Columns)},
            "texts": ("It may rain.", "  It fell."),
            "shared": False,
            "start": np.array([0, 2]),
            "end": np.array([12, 10]),
            "certainty": np.array([0.5, 0.9]),
            "hedged_probability": np.array([0.75, 0.25]),
            "hedged": np.array([True, False]),
            "voice": np.array([0, 0]),
            "cue_bounds": np.array([0, 1, 2]),
            "cue_start": np.array([3, 5]),
            "cue_end": np.array([6, 9]),
            "cue_type": np.array([CUE_TYPES.index(CueType.MODAL)] * 2),
            "cue_probability": np.array([0.5, 0.25]),
            "cue_scope": np.array([[3, 11], [5, 9]]),
            "attribution_bounds": np.zeros(3, np.int64),
            "attribution_spans": np.zeros((0, 4, 2), np.int64),
            "attribution_kind": np.zeros(0, np.uint8),
            "attribution_certainty": np.zeros(0),
            "explanation_bounds": np.array([0, 2, 3]),
        }
    )


@pytest.fixture
def document() -> Document:
    return Document(make_columns())


def empty_document(text: str = " \n ") -> Document:
    nothing = np.zeros(0)
    bounds = np.zeros(1, np.int64)
    sentences, cues = (nothing,) * 6, (bounds, *(nothing,) * 4, np.zeros((0, 2)))
    return Document(Columns((text,), True, *sentences, *cues, bounds, np.zeros((0, 4, 2)), nothing, nothing))


def all_spans(document: Document) -> list[Span]:
    spans = [cue.span for sentence in document for cue in sentence.cues]
    for sentence in document:
        for attribution in sentence.attributions:
            spans += [span for span in (attribution.source, attribution.cue, attribution.content) if span is not None]
    return spans


# Spans


def test_a_span_is_a_stretch_of_its_text() -> None:
    span = Span("It may rain.", 3, 6)
    assert (span.text, span.start, span.end) == ("may", 3, 6)
    assert span.to_dict() == {"text": "may", "start": 3, "end": 6}
    assert repr(span) == "Span('may', 3, 6)"


@given(st.text(st.characters(exclude_categories=()), max_size=30), st.data())
def test_spans_survive_pickling_without_their_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = Span(text, start, end)
    again = span
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(again, protocol))
        assert again == span
        assert again.text == text[start:end]
        assert (again.start, again.end, hash(again), repr(again)) == (start, end, hash(span), repr(span))
    assert copy.copy(span) == copy.deepcopy(span) == copy.deepcopy(again) == span


def test_a_pickled_span_does_not_carry_its_text_along() -> None:
    assert len(pickle.dumps(Span("x" * 100_000, 5, 10))) < 200


def test_spans_are_equal_by_words_and_place() -> None:
    span = Span("It may rain.", 3, 6)
    assert span == Span("He may not.", 3, 6)
    assert hash(span) == hash(Span("He may not.", 3, 6))
    assert span != Span("May may may", 8, 11)
    assert span != Span("It can rain.", 3, 6)
    assert span != "may"
    assert span != (3, 6, "may")
    assert len({span, Span("He may not.", 3, 6), Span("He may not.", 3, 7)}) == 2


# Frozen


def test_nothing_can_be_set_or_deleted(document: Document) -> None:
    sentence = document[0]
    for thing in (
        document,
        sentence,
        sentence.cues[0].span,
        sentence.cues[0],
        sentence.attributions[0],
        sentence.explain(),
        document.sources()[0],
    ):
        for name in ("text", "start", "certainty", "_columns", "kind", "other"):
            # A slotted frozen dataclass raises TypeError for names it does not know on some versions of Python.
            with pytest.raises((AttributeError, TypeError)):
                setattr(thing, name, 1)
            with pytest.raises((AttributeError, TypeError)):
                delattr(thing, name)
    assert document == Document(make_columns())


@pytest.mark.parametrize("name", ["start", "words"])
def test_the_refusal_names_the_field(name: str, document: Document) -> None:
    for thing, kind in ((document, "Document"), (document[0], "Sentence"), (document[0].cues[0].span, "Span")):
        with pytest.raises(AttributeError, match=f"{kind} is frozen; cannot set '{name}'"):
            setattr(thing, name, 1)
        with pytest.raises(AttributeError, match=f"{kind} is frozen; cannot delete '{name}'"):
            delattr(thing, name)


def test_lists_of_results_are_tuples(document: Document) -> None:
    sentence = document[0]
    for values in (sentence.cues, sentence.attributions, document[:2], sentence.explain().contributions):
        assert type(values) is tuple


def test_sources_are_a_tuple_that_shows_itself(document: Document) -> None:
    sources = document.sources()
    assert isinstance(sources, tuple)
    assert sources == tuple(sources)
    assert hash(sources) == hash(tuple(sources))
    assert sources[0] is next(iter(sources))
    assert sources[-1:] == tuple(sources)[-1:]
    for again in (pickle.loads(pickle.dumps(sources)), copy.deepcopy(sources), sources[:]):
        assert type(again) is Sources
        assert again == sources
    frame = sources.to_frame()
    assert list(frame.columns) == ["name", "kind", "mentions", "claims", "certainty"]
    assert frame["name"].tolist() == [source.name for source in sources]
    assert frame["mentions"].tolist() == [len(source.mentions) for source in sources]
    assert sources[:0].to_frame().shape == (0, 5)


def test_tables_of_sources_need_pandas(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"hedgekit\[pandas\]"):
        document.sources().to_frame()


# Sentences


def test_sentences_of_a_document(document: Document) -> None:
    assert [sentence.text for sentence in document] == SENTENCES
    assert [TEXT[sentence.start : sentence.end] for sentence in document] == SENTENCES
    assert [sentence.certainty for sentence in document] == [0.375, None, 0.875, 0.4375, 1.0]
    assert [sentence.level for sentence in document] == [Level.LOW, None, Level.HIGH, Level.LOW, Level.ABSOLUTE]
    assert [sentence.hedged for sentence in document] == [True, False, False, True, False]
    assert [sentence.hedged_probability for sentence in document] == [0.9375, 0.0, 0.125, 0.75, 0.25]


def test_values_are_plain_python(document: Document) -> None:
    for sentence in document:
        assert type(sentence.start) is type(sentence.end) is int
        assert type(sentence.certainty) in (float, type(None))
        assert type(sentence.hedged) is bool
        assert type(sentence.hedged_probability) is float
        for cue in sentence.cues:
            assert type(cue.start) is type(cue.end) is int
            assert type(cue.probability) is float


def test_cues(document: Document) -> None:
    may, said = document[0].cues
    surveyed = likelihood_of("may")
    assert surveyed is not None
    assert may == Cue(Span(TEXT, 7, 10), CueType.MODAL, 0.75, scope=Span(TEXT, 7, 15), likelihood=surveyed)
    assert (may.text, may.start, may.end) == ("may", 7, 10)
    assert said.likelihood is None
    assert said.scope is None
    assert may.type == "modal"
    assert said.text == "said"
    assert document[1].cues == ()
    assert [cue.type for sentence in document for cue in sentence.cues] == [kind for *_, kind, _ in CUES]


def test_attributions(document: Document) -> None:
    [ministry] = document[0].attributions
    assert ministry.source == Span(TEXT, *_at("the Ministry of Salt"))
    assert ministry.cue is not None
    assert ministry.cue.text == "said"
    assert ministry.content is not None
    assert ministry.content.text == "Prices may rise"
    assert (ministry.kind, ministry.refers_to, ministry.certainty) == (AttributionKind.NAMED, None, 0.5)
    [later] = document[2].attributions
    assert (later.refers_to, later.content, later.certainty) == (ministry.source, None, None)
    [hearsay] = document[3].attributions
    assert hearsay.source is None
    assert hearsay.kind == "hearsay"
    assert document[1].attributions == ()
    assert document[4].attributions[1] == Attribution(Span(TEXT, *_at("a clerk", 2)), None, None, None, AttributionKind.UNNAMED, 0.25)


def test_every_offset_counts_in_the_text_passed_in(document: Document) -> None:
    spans = all_spans(document)
    assert len(spans) == len(CUES) + 11
    assert all(TEXT[span.start : span.end] == span.text for span in spans)
    assert {"may", "“Über-Salz” 😀 is", "a clerk"} <= {span.text for span in spans}


def test_fields_of_later_stages_are_there(document: Document) -> None:
    sentence = document[0]
    assert [sentence.aspects, sentence.label, sentence.label_probabilities] == [None, None, None]


def test_the_voice_of_each_sentence(document: Document) -> None:
    assert [sentence.voice for sentence in document] == VOICE
    assert [sentence.to_dict()["voice"] for sentence in document] == ["named", None, "named", "hearsay", "unnamed"]


def test_sentences_with_strings_of_their_own() -> None:
    columns = separate_columns()
    first, second = Sentence(columns, 0), Sentence(columns, 1)
    assert (first.text, first.cues[0].text) == ("It may rain.", "may")
    assert (second.text, second.start, second.cues[0].text, second.cues[0].start) == ("It fell.", 2, "fell", 5)
    for sentence in (first, second):
        again = pickle.loads(pickle.dumps(sentence))
        assert again == sentence
        assert again.cues[0].text == sentence.cues[0].text


@pytest.mark.parametrize(
    ("certainty", "level"),
    [
        (1.0, Level.ABSOLUTE),
        (0.90, Level.ABSOLUTE),
        (math.nextafter(0.90, 0), Level.HIGH),
        (0.75, Level.HIGH),
        (math.nextafter(0.75, 0), Level.MODERATE),
        (0.50, Level.MODERATE),
        (math.nextafter(0.50, 0), Level.LOW),
        (0.30, Level.LOW),
        (math.nextafter(0.30, 0), Level.UNCERTAIN),
        (0.0, Level.UNCERTAIN),
        (math.nan, None),
    ],
)
def test_level_boundaries(certainty: float, level: Level | None) -> None:
    sentence = Document(make_columns(certainty=np.array([certainty, *CERTAINTY[1:]])))[0]
    assert sentence.level is level
    assert sentence.certainty == (None if level is None else certainty)
    assert level_of(sentence.certainty) is level


def test_no_certainty_shows_as_none(document: Document) -> None:
    question = document[1]
    assert (question.certainty, question.level, question.hedged) == (None, None, False)
    assert repr(question) == "Sentence('Who knows?', certainty=None, cues=[])"
    assert repr(document[0]) == f"Sentence({SENTENCES[0]!r}, certainty=0.38, cues=['may', 'said'])"


# Explanations


def test_an_explanation_adds_up(document: Document) -> None:
    for sentence, raw in zip(document, EXPLAINED, strict=True):
        why = sentence.explain()
        assert why.baseline == 0.9375
        assert why.total == why.baseline + sum(value for _, value in raw)
        if sentence.certainty is not None:
            assert min(max(why.total, 0), 1) == sentence.certainty


def test_the_strongest_feature_comes_first(document: Document) -> None:
    why = document[3].explain()
    assert why.features == (Contribution("reportative", -0.375), Contribution("modal: may", -0.25), Contribution("length", 0.125))
    assert why.to_dict()["features"][0] == {"name": "reportative", "value": -0.375, "span": None}
    # These columns do not say what a feature comes from.
    assert why.contributions == (Contribution(WHOLE, -0.5),)


def test_contributions_are_told_by_cue_and_word() -> None:
    may, said, prices = _at("may"), _at("said"), _at("Prices")
    columns = make_columns(
        explanation_bounds=np.array([0, 6, 6, 6, 6, 6]),
        explanation_feature=np.zeros(6, np.int32),
        explanation_value=np.array([-0.25, -0.125, 0.0625, -0.0625, 0.03125, 0.0078125]),
        explanation_span=np.array([may, may, said, (-1, -1), prices, (-1, -1)]),
    )
    why = Sentence(columns, 0).explain()
    assert why.contributions == (
        Contribution("may", -0.375, Span(TEXT, *may)),
        Contribution("the Ministry of Salt said", 0.0625, Span(TEXT, *said)),
        Contribution(WHOLE, -0.0546875),
        Contribution("Prices", 0.03125, Span(TEXT, *prices)),
    )
    assert str(why) == "baseline 0.94, may -0.38, the Ministry of Salt said +0.06, the sentence as a whole -0.05, Prices +0.03"
    assert why.total == 0.9375 + sum(item.value for item in why.features)
    assert str(Explanation(0.5, (Contribution("likely", -0.25), Contribution("a", 0.01), Contribution("b", -0.004)))) == (
        "baseline 0.50, likely -0.25, the rest +0.01"
    )
    assert str(Explanation(0.5, (Contribution("tiny", 0.0049),))) == "baseline 0.50"


def test_aspects_come_from_the_columns() -> None:
    assert make_columns().aspects.shape == (len(SENTENCES), 0)
    rows = np.array([[0, 1, 2, 2, 2, 0]] * len(SENTENCES), dtype=np.int8)
    document = Document(make_columns(aspects=rows))
    assert document[0].aspects == {
        Aspect.NUMBER: AspectCertainty.CERTAIN,
        Aspect.EXTENT: AspectCertainty.UNCERTAIN,
        Aspect.PROBABILITY: AspectCertainty.NOT_PRESENT,
        Aspect.CONDITION: AspectCertainty.NOT_PRESENT,
        Aspect.SUGGESTION: AspectCertainty.NOT_PRESENT,
        Aspect.FRAMING: AspectCertainty.CERTAIN,
    }
    assert document[0].to_dict()["aspects"]["extent"] == "uncertain"
    assert document.to_frame()["aspect_extent"].tolist() == ["uncertain"] * len(SENTENCES)
    assert pickle.loads(pickle.dumps(document[0])) == document[0]


def test_columns_without_explanations() -> None:
    columns = make_columns(
        explanation_bounds=np.zeros(1, np.int64), explanation_feature=np.zeros(0, np.int32), explanation_value=np.zeros(0)
    )
    sentence = Sentence(columns, 4)
    assert sentence.explain() == Explanation(0.9375, ())
    assert pickle.loads(pickle.dumps(sentence)) == sentence


def test_explanations_stay_out_of_equality(document: Document) -> None:
    other = Document(make_columns(explanation_baseline=0.5))
    assert other == document
    assert other[0] == document[0]
    assert other[0].explain() != document[0].explain()


# Equality and pickles


def test_equal_sentences_have_equal_hashes(document: Document) -> None:
    again = Document(make_columns())
    assert list(again) == list(document)
    assert [hash(sentence) for sentence in again] == [hash(sentence) for sentence in document]
    assert len({*document, *again}) == len(SENTENCES)
    assert document[0] != document[1]
    assert document[0] != SENTENCES[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"certainty": np.array([0.5, *CERTAINTY[1:]])},
        {"certainty": np.array([math.nan, *CERTAINTY[1:]])},
        {"hedged": np.zeros(5, bool)},
        {"hedged_probability": np.zeros(5)},
        {"cue_probability": np.zeros(5)},
        {"cue_type": np.zeros(5, np.uint8) + 9},
        {"cue_end": np.array([span[1] - 1 for _, span, *_ in CUES])},
        {"attribution_kind": np.zeros(5, np.uint8) + 4},
        {"texts": (TEXT.replace("Prices", "Profit"),)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_any_other_value_makes_a_difference(changed: dict[str, Any], document: Document) -> None:
    other = Document(make_columns(**changed))
    assert other != document
    assert other[0] != document[0]


def test_every_thing_survives_pickling(document: Document) -> None:
    things: list[Any] = [document, empty_document(), *document, *document.sources(), *all_spans(document), Likelihood(0.7, 0.6, 0.8)]
    things += [thing for sentence in document for thing in (*sentence.cues, *sentence.attributions, sentence.explain())]
    for thing in things:
        for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
            assert type(again) is type(thing)
            assert again == thing
            assert hash(again) == hash(thing)
            assert repr(again) == repr(thing)
            assert again.to_dict() == thing.to_dict()


def test_a_sentence_pickled_alone_keeps_all(document: Document) -> None:
    for row, sentence in enumerate(document):
        again = pickle.loads(pickle.dumps(sentence))
        assert again.to_dict() == document[row].to_dict()
        assert again.explain() == sentence.explain()
        assert all(TEXT[cue.start : cue.end] == cue.text for cue in again.cues)
        assert pickle.loads(pickle.dumps(again)) == sentence


def test_pickling_all_sentences_holds_the_text_once() -> None:
    text = TEXT + "x" * 100_000
    sentences = list(Document(make_columns(texts=(text,))))
    data = pickle.dumps(sentences)
    assert len(data) < 150_000
    assert pickle.loads(data) == sentences


def test_a_document_pickles_as_columns() -> None:
    many = 2_000
    columns = make_columns()
    bounds = np.zeros(many + 1, np.int64)
    wide = dataclasses.replace(
        columns,
        start=np.zeros(many, np.int64),
        end=np.full(many, 10),
        certainty=np.full(many, 0.5),
        hedged_probability=np.full(many, 0.5),
        hedged=np.ones(many, bool),
        cue_bounds=bounds,
        attribution_bounds=bounds,
        explanation_bounds=bounds,
    )
    assert len(pickle.dumps(Document(wide))) < 80 * many


# Documents


def test_a_document_is_a_sequence(document: Document) -> None:
    assert len(document) == 5
    assert document[-1] == document[4]
    assert document[np.int64(2)] == document[2]  # type: ignore[call-overload]
    assert document[1:3] == (document[1], document[2])
    assert document[::-1] == tuple(reversed(document))
    assert document[10:] == ()
    assert document[2] in document
    assert document.index(document[2]) == 2
    assert document.count(document[2]) == 1
    for row in (5, -6):
        with pytest.raises(IndexError):
            document[row]
    with pytest.raises(TypeError):
        document["first"]  # type: ignore[call-overload]


def test_certainty_of_a_document(document: Document) -> None:
    assert document.text == TEXT
    assert document.certainty == (0.375 + 0.875 + 0.4375 + 1.0) / 4
    assert document.main_certainty == 0.375  # the first claim that is hedged
    plain = Document(make_columns(hedged=np.zeros(5, dtype=np.bool_)))
    assert plain.main_certainty == 0.375  # the first claim
    later = Document(make_columns(hedged=np.array([False, False, False, True, True])))
    assert later.main_certainty == 0.4375  # the third claim is hedged
    last = Document(make_columns(hedged=np.array([False, False, False, False, True])))
    assert last.main_certainty == 0.375  # the fourth is too far from the beginning
    assert repr(document) == "Document(5 sentences, certainty=0.67)"


def test_one_claim_is_the_main_claim() -> None:
    document = Document(make_columns(certainty=np.array([math.nan, math.nan, 0.875, math.nan, math.nan])))
    assert document.certainty == document.main_certainty == 0.875
    silent = Document(make_columns(certainty=np.full(5, math.nan)))
    assert silent.certainty is silent.main_certainty is None


def test_an_empty_document() -> None:
    document = empty_document()
    assert (len(document), document.text, document.certainty, document.main_certainty, document.sources()) == (0, " \n ", None, None, ())
    assert document == empty_document()
    assert document != empty_document("")
    assert repr(document) == "Document(0 sentences, certainty=None)"
    assert document.to_dict() == {"text": " \n ", "certainty": None, "main_certainty": None, "sources": [], "sentences": []}


def test_equal_documents(document: Document) -> None:
    again = Document(make_columns())
    assert again == document
    assert hash(again) == hash(document)
    assert len({again, document}) == 1
    assert document != list(document)
    assert document != tuple(document)


def test_sources_are_grouped_by_their_words() -> None:
    text = "The ministry said so, a clerk said. THE MINISTRY denied it; the Ministry hoped. A Clerk left."
    columns = make_columns()
    at = {words: text.index(words) for words in ("The ministry", "a clerk", "THE MINISTRY", "the Ministry", "A Clerk")}
    spans = [[(start, start + len(words)), *[(-1, -1)] * 3] for words, start in at.items()]
    document = Document(
        dataclasses.replace(
            columns,
            texts=(text,),
            attribution_certainty=np.array([0.5, 0.5, 0.25, 0.25, math.nan]),
            attribution_bounds=np.array([0, 2, 2, 4, 5, 5]),
            attribution_spans=np.array(spans),
            attribution_kind=np.array(
                [KINDS.index(AttributionKind(kind)) for kind in ("document", "unnamed", "named", "named", "unnamed")]
            ),
        )
    )
    ministry, clerk = document.sources()
    assert (ministry.name, ministry.kind, ministry.claims, ministry.certainty) == (
        "The ministry",
        AttributionKind.NAMED,
        3,
        (0.5 + 0.25 + 0.25) / 3,
    )
    assert [span.text for span in ministry.mentions] == ["The ministry", "THE MINISTRY", "the Ministry"]
    assert (clerk.name, clerk.kind, clerk.claims, clerk.certainty) == ("a clerk", AttributionKind.UNNAMED, 2, 0.5)


def test_sources_of_the_document(document: Document) -> None:
    assert [(source.name, source.kind, source.claims, source.certainty) for source in document.sources()] == [
        ("the Ministry of Salt", "named", 2, 0.5),
        ("a clerk", "unnamed", 2, 0.5),
    ]
    assert Source("x", AttributionKind.SELF, (), 0, None).to_dict() == {
        "name": "x",
        "kind": "self",
        "mentions": [],
        "claims": 0,
        "certainty": None,
    }


# Plain values and tables


def test_to_dict_is_json(document: Document) -> None:
    plain = document.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert list(plain) == ["text", "certainty", "main_certainty", "sources", "sentences"]
    assert list(plain["sentences"][0]) == [
        "text", "start", "end", "certainty", "level", "hedged", "hedged_probability",
        "cues", "attributions", "voice", "aspects", "label", "label_probabilities",
    ]  # fmt: skip
    assert plain["sentences"][1] == {
        "text": "Who knows?",
        "start": 44,
        "end": 54,
        "certainty": None,
        "level": None,
        "hedged": False,
        "hedged_probability": 0.0,
        "cues": [],
        "attributions": [],
        "voice": None,
        "aspects": None,
        "label": None,
        "label_probabilities": None,
    }
    assert plain["sentences"][0]["level"] == "low"
    assert plain["sentences"][0]["cues"][0] == {
        "text": "may", "start": 7, "end": 10, "type": "modal", "probability": 0.75, "scope": {"text": "may rise", "start": 7, "end": 15},
        "likelihood": document[0].cues[0].likelihood.to_dict() if document[0].cues[0].likelihood else None,
    }  # fmt: skip
    assert plain["sentences"][3]["attributions"] == [
        {
            "source": None,
            "cue": {"text": "Reportedly", "start": _at("Reportedly")[0], "end": _at("Reportedly")[1]},
            "content": {"text": "a clerk left", "start": _at("a clerk left")[0], "end": _at("a clerk left")[1]},
            "refers_to": None,
            "kind": "hearsay",
            "certainty": 0.875,
        }
    ]


def test_to_dict_tells_plain_strings_from_enumerations(document: Document) -> None:
    plain = document.to_dict()
    sentence = plain["sentences"][0]
    assert type(sentence["level"]) is type(sentence["cues"][0]["type"]) is type(sentence["attributions"][0]["kind"]) is str
    assert type(plain["sources"][0]["kind"]) is str


def test_a_cue_with_scope_and_likelihood() -> None:
    cue = Cue(Span(TEXT, 7, 10), CueType.MODAL, 0.75, scope=Span(TEXT, 0, 15), likelihood=Likelihood(0.5, 0.25, 0.75))
    assert cue.to_dict()["scope"] == {"text": "Prices may rise", "start": 0, "end": 15}
    assert cue.to_dict()["likelihood"] == {"median": 0.5, "low": 0.25, "high": 0.75}
    assert pickle.loads(pickle.dumps(cue)) == cue


def test_to_frame(document: Document) -> None:
    pd = pytest.importorskip("pandas")
    frame = document.to_frame()
    assert list(frame.columns) == [
        "text", "start", "end", "certainty", "level", "hedged", "hedged_probability", "cues", "cue_types", "sources", "voice", "label",
    ]  # fmt: skip
    assert frame["text"].tolist() == SENTENCES
    assert [TEXT[start:end] for start, end in zip(frame["start"], frame["end"], strict=True)] == SENTENCES
    np.testing.assert_array_equal(frame["certainty"].to_numpy(), CERTAINTY)
    assert frame["certainty"].dtype == np.float64
    assert frame["hedged"].dtype == np.bool_
    assert frame["level"].iloc[[0, 2, 4]].tolist() == ["low", "high", "absolute"]
    assert frame["level"].isna().tolist() == [False, True, False, False, False]
    assert frame["cues"].tolist() == ["may, said", "", "denied", "Reportedly", "thinks"]
    assert frame["cue_types"].tolist() == ["modal, reportative", "", "reportative", "reportative", "doxastic"]
    assert frame["sources"].tolist() == ["the Ministry of Salt", "", "The ministry", "", "a clerk, a clerk"]
    empty = empty_document().to_frame()
    assert isinstance(empty, pd.DataFrame)
    assert list(empty.columns) == list(frame.columns)
    assert len(empty) == 0
