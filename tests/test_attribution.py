"""On whose word: sources, contents, kinds, chains, the source's own certainty, and the voice of the sentence."""

from __future__ import annotations

import time

import pytest

import hedgekit
from hedgekit.labels import AttributionKind, Voice
from hedgekit.model import CertaintyModel
from hedgekit.results import Span


def said(model: CertaintyModel, text: str) -> list[tuple[str | None, str | None, str | None, str]]:
    """Source, cue, content and kind of each attribution of one sentence."""
    [sentence] = model.annotate([text])
    return [(words(a.source), words(a.cue), words(a.content), str(a.kind)) for a in sentence.attributions]


def words(span: Span | None) -> str | None:
    return None if span is None else span.text


def voice(model: CertaintyModel, text: str) -> Voice | None:
    return model.annotate([text])[0].voice


def own(model: CertaintyModel, text: str) -> float:
    [attribution] = model.annotate([text])[0].attributions
    assert attribution.certainty is not None
    return attribution.certainty


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The minister said that the dam failed.", ("The minister", "said", "that the dam failed", "named")),
        ("The treaty was signed on Tuesday, the ministry said.", ("the ministry", "said", "The treaty was signed on Tuesday", "named")),
        ("North is sending troops, Seoul says.", ("Seoul", "says", "North is sending troops", "named")),
        ("According to a report, prices rose.", ("a report", "According to", "prices rose", "document")),
        ("Two officials said the plan was dead.", ("Two officials", "said", "the plan was dead", "unnamed")),
        ("I think the shop is closed.", ("I", "think", "the shop is closed", "self")),
        ('"We won," said Ann Holt.', ("Ann Holt", "said", '"We won,"', "named")),
    ],
)
def test_source_cue_content_and_kind(text: str, expected: tuple[str, str, str, str], model: CertaintyModel) -> None:
    assert said(model, text) == [expected]


def test_hearsay_has_no_source(model: CertaintyModel) -> None:
    for text, cue in (("Six were reportedly killed.", "reportedly"), ("She is said to be rich.", "is said")):
        [(source, found, _, kind)] = said(model, text)
        assert (source, kind) == (None, "hearsay")
        assert found is not None
        assert found.startswith(cue)


def test_a_chain_is_two_attributions_in_their_order(model: CertaintyModel) -> None:
    inner, outer = said(model, "The bridge is safe, Kim said, according to Politico.")
    assert inner == ("Kim", "said", "The bridge is safe", "named")
    assert outer == ("Politico", "according to", "The bridge is safe, Kim said", "named")


def test_the_inner_link_of_a_chain_keeps_its_content(model: CertaintyModel) -> None:
    found = said(model, "The army has moved south, the minister told lawmakers, the agency reported.")
    assert [(source, content) for source, _, content, _ in found] == [
        ("the minister", "The army has moved south"),
        ("the agency", "The army has moved south, the minister told lawmakers"),
    ]


def test_whoever_is_cited_is_the_source(model: CertaintyModel) -> None:
    found = said(model, "The men came to train, the agency reported, citing a military intelligence source.")
    assert found[-1][0] == "a military intelligence source"
    assert found[-1][3] == "unnamed"


def test_each_source_has_its_own_clause(model: CertaintyModel) -> None:
    found = said(model, "Hamas says it hit a school, while Israel says the strike hit a base.")
    assert [(source, content) for source, _, content, _ in found] == [
        ("Hamas", "it hit a school"),
        ("Israel", "the strike hit a base"),
    ]


def test_a_pronoun_is_the_whole_source(model: CertaintyModel) -> None:
    assert [row[0] for row in said(model, "After the meeting he said the deal was dead.")] == ["he"]


def test_a_passive_does_not_share_the_source_before_it(model: CertaintyModel) -> None:
    found = said(model, "Kim said the plan failed and was believed to be rich.")
    assert [row[0] for row in found if row[1] is not None and "believed" in row[1]] in ([], [None])


def test_nobody_is_no_source(model: CertaintyModel) -> None:
    assert said(model, "Nobody said that the dam was safe.") == []


def test_a_condition_is_no_source(model: CertaintyModel) -> None:
    [(source, *_)] = said(model, "Officials speaking on condition of anonymity said the raid failed.")
    assert source is not None
    assert "Officials" in source


def test_a_missing_mark_does_not_ascribe_what_follows(model: CertaintyModel) -> None:
    document = model.analyze('"We will win, said Coach Dan Marsh. The crowd cheered. The stadium burned down at noon.')
    assert [sentence.attributions for sentence in document][1:] == [(), ()]


def test_belief_in_a_quotation_is_not_the_writers(model: CertaintyModel) -> None:
    assert [row[3] for row in said(model, '"We believe there were losses," Kim said.')] == ["named"]


def test_a_source_is_as_sure_as_its_words(model: CertaintyModel) -> None:
    plain = own(model, "The minister said that the dam failed.")
    likely = own(model, "The minister said that the dam is likely to fail.")
    may = own(model, "The minister said that the dam may fail.")
    assert plain > 0.8 > likely > may
    # The reader has it at second hand.
    [sentence] = model.annotate(["The minister said that the dam failed."])
    assert sentence.certainty is not None
    assert plain > sentence.certainty


def test_a_source_that_doubts_is_unsure(model: CertaintyModel) -> None:
    assert own(model, "He suspects that the plan works.") < own(model, "He says that the plan works.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The road was closed.", Voice.AUTHOR),
        ("I think the shop is closed.", Voice.AUTHOR),
        ("The treaty was signed, the ministry said.", Voice.NAMED),
        ("Officials said the treaty was signed.", Voice.UNNAMED),
        ("The treaty was signed, a report said.", Voice.DOCUMENT),
        ("Six were reportedly killed.", Voice.HEARSAY),
        ("Asked about the losses near the town, Kim said that they were heavy.", Voice.NAMED),
        ("The old mayor, who is said to be ill, opened the bridge on Monday and spoke for an hour to a large crowd.", Voice.AUTHOR),
        ("Will it rain?", None),
    ],
)
def test_voice(text: str, expected: Voice | None, model: CertaintyModel) -> None:
    assert voice(model, text) == expected


def test_quotations_get_their_speaker(model: CertaintyModel) -> None:
    text = '"We won. They lost," Ann Holt said.\n\n"It was easy." The crowd left.'
    document = model.analyze(text)
    found = [[(words(a.source), words(a.cue), words(a.content)) for a in sentence.attributions] for sentence in document]
    assert found == [
        [("Ann Holt", None, '"We won.')],
        [("Ann Holt", "said", 'They lost,"')],
        [("Ann Holt", None, '"It was easy."')],
        [],
    ]
    [alone] = document[2].attributions
    assert alone.source is not None
    assert text[alone.source.start : alone.source.end] == "Ann Holt"
    assert alone.kind is AttributionKind.NAMED
    assert document[2].voice == "named"


def test_short_mentions_refer_to_the_fullest(model: CertaintyModel) -> None:
    document = model.analyze("Defence Minister Jan Novak said the dam held. The minister said it was old. He said it was safe.")
    assert [words(sentence.attributions[0].refers_to) for sentence in document] == [None, *["Defence Minister Jan Novak"] * 2]
    [source] = document.sources()
    assert (source.name, source.claims, len(source.mentions)) == ("Defence Minister Jan Novak", 3, 3)
    assert source.certainty is not None
    assert source.certainty > 0.8


def test_an_article_is_read_the_same_alone_and_among_others(model: CertaintyModel) -> None:
    texts = ["Ann Holt said no. She left.", '"Yes," said Bo Lind. "Of course."', "It rained.", "Troops met Jan Novak.", "Novak said so."]
    together = list(model.analyze_many(texts))
    assert [document.to_dict() for document in together] == [hedgekit.load("general").analyze(text).to_dict() for text in texts]


ODD_TEXTS = [
    '"',
    '""""""',
    "“ ” “ « »",
    "“Yes, he said.",
    "Q: Did you see it?\nA: I did.\nSMITH: No, you did not.\nJONES: Yes.",
    'From: Ann <a@b.c>\nTo: Bob\nSubject: Re: "plan"\n\nHi.',
    "He said “we ‘won’ it” and “left.",
    "Ann, Bo, Cy, Di and Ed said so.",
    "said said said",
    "According to according to",
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_are_read(text: str, model: CertaintyModel) -> None:
    for sentence in model.analyze(text):
        for attribution in sentence.attributions:
            for span in (attribution.source, attribution.refers_to):
                assert span is None or 0 <= span.start < span.end <= len(text)
            for span in (attribution.cue, attribution.content):
                assert span is None or sentence.start <= span.start < span.end <= sentence.end


@pytest.mark.parametrize("text", ['"', '""""""', "“ ” “ « »", '"Yes. No. Perhaps."', "Q: Did you see it?\nA: I did."])
def test_no_source_is_made_up(text: str, model: CertaintyModel) -> None:
    assert all(attribution.source is None for sentence in model.analyze(text) for attribution in sentence.attributions)


def test_a_quotation_of_ten_thousand_words_takes_linear_time(model: CertaintyModel) -> None:
    def seconds(n: int) -> float:
        start = time.process_time()
        model.analyze('"' + "The talks will fail. " * n + '" she said.')[0].attributions  # noqa: B018 - looked at
        return time.process_time() - start

    seconds(100)
    assert min(seconds(4000) for _ in range(2)) < 12 * max(min(seconds(1000) for _ in range(2)), 0.01)
