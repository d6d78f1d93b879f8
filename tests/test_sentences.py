"""Where sentences end: exact cases as newspapers have them, what holds for any text, and time that grows with the length."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hedgekit.text.sentences import Segmenter

# Running text; " | " stands for a space at which a sentence ends.
RUNNING = [
    # Plain sentences.
    "The bridge is closed. | It reopens on Friday.",
    "Who paid? | Nobody knows! | The bill is lost.",
    "Really?! | Yes!!! | Fine.",
    "The quay floods every spring. | nobody repairs it. | The mayor shrugs.",
    # Titles, initials, names.
    "Mr. Okafor met Mrs. Lindqvist on Tuesday. | Dr. Bauer was absent.",
    "Gen. Mark Ruiz briefed Sen. Dana Holt. | Gov. Pell declined to comment.",
    "Lt. Col. Brandt signed the order. | Nobody read it.",
    "The ferry left St. Petersburg at dawn. | Rev. Amos Kyle was aboard.",
    "Prof. A. N. Whitby wrote the report. | It ran to 40 pages.",
    "J. R. Harlan bought the paper in 1962. | His son sold it.",
    "The estate of George W. Tully was sold. | It fetched $3.2 million.",
    "Tom Sykes Jr. was elected. | His father, Tom Sykes Sr., wept.",
    "The case of Hill v. Dunn was heard in April. | Both lost.",
    "The prize went to Team B. | The captain wept.",
    "They rowed and so did I. | The others slept.",
    # Companies and institutions.
    "Halden & Co. bought Bright Inc. for $2 billion. | The deal closed in June.",
    "Acme Corp. Chairman Lee Voss resigned. | Shares fell.",
    "He joined Bright Inc. | The pay was better.",
    "Yahoo! shares rose on Monday. | Others fell.",
    "She holds a Ph.D. from Leeds. | Her sister has an M.D. from York.",
    # Places and acronyms with full stops.
    "He moved to the U.S. | The company followed.",
    "The U.S. Senate voted on Friday. | The bill passed.",
    "The U.S. and the U.K. signed. | France did not.",
    "Envoys from the U.N. visited the camp. | They left at noon.",
    "She works for the U.N. | It pays well.",
    "Prices rose in Washington, D.C. | The mayor was calm.",
    "The plant in Mobile, Ala. employs 300 people. | It may close.",
    "EASTON, Ill. (HP) - A barge sank in the river on Monday. | Nobody was hurt.",
    "He lives at 12 Main St. | It is a quiet street.",
    "St. Louis won. | St. Paul lost.",
    "It broke the Korea-U.S. Free Trade Agreement. | Seoul protested.",
    "The policy is pro-U.S. | The rival is not.",
    "LONDON, Oct. 8 (HP) - Oil rose. | Gold fell.",
    "Rep. Lou Marsh (R-Ky.) voted yes. | Others left.",
    # Months, clock times, numbers.
    "The strike began on Oct. 8 and ended on Nov. 2. | Work resumed.",
    "The gallery opened in Sept. 2019. | The roof leaked by Dec. 1.",
    "On Jan. 3, 1988 the mine flooded. | Two men drowned.",
    "The shop opens at 9 a.m. on weekdays. | The bakery opens at 6.",
    "The flight left at 6 p.m. | It landed at 9 p.m. in Oslo.",
    "At 7:30 a.m. EST the sirens rang. | It was a drill.",
    "The 3 p.m. train was late. | So was the bus.",
    "The rate rose 0.25 points to 4.5 percent. | Markets shrugged.",
    "Shares fell 3.5%. | Bonds rose.",
    "It costs $1.50. | The old one cost 90 cents.",
    "Sales rose. | $5 million was spent.",
    "The bridge closed in 2021. | It reopened in 2024.",
    "Rain fell all day. | 12 people were rescued.",
    "Their song is No. 5 in the charts. | No. 4 is older.",
    "The clause is in Sec. 12 of the act (see pp. 40 to 44). | Few have read it.",
    "The reading was 40 C. | The grid failed.",
    "Version 2.0.1 is out. | It fixes the lamp.",
    "Seat no. 5 is free. | No. 6 is not.",
    "Lou Marsh of Ohio voted no. | Amy Tull voted yes.",
    "He is 5 ft. tall. | She is 6 ft. | They are a pair.",
    "It was 1 a.m. when he left. | It rained.",
    "The chapel stood empty.[13] | Monks returned in 1790.[14][15] | They left again.",
    # Other abbreviations.
    "The shed holds bolts, nuts, etc. | The key is lost.",
    "Marsh et al. reported a decline. | The sample was small.",
    "Bring fruit, e.g. apples, i.e. no sweets. | Water is free.",
    "It was Brazil vs. Chile in the final. | Chile won.",
    "They are tall, approx. 30 cm each. | Most are red.",
    # Addresses.
    "Visit www.example.org for details. | The form is at https://example.org/a.b?c=dune. | Hurry!",
    "Write to press.office@example.co.uk today. | Replies take a week.",
    "The file plan.v2.pdf is missing. | Send it again.",
    "The mayor resigned. | @easton denied everything. | #harbour",
    # Quotations.
    '"The dam is safe," Reyes said. | "We checked it twice."',
    '"We checked it twice." | Reyes then left.',
    'He called it "a quiet scandal". | Nobody disagreed.',
    'He called it "a quiet scandal." | Nobody disagreed.',
    "“It is over.” | The crowd went home.",
    "‘It is over.’ | The crowd went home.",
    "'It is over.' | The crowd went home.",
    '"Is the dam safe?" Reyes asked. | Nobody answered.',
    "“Is the dam safe?” Ana Reyes asked. | Nobody answered.",
    '"Is the dam safe?" she asked. | Nobody answered.',
    '"Stop!" shouted the guard. | The boys ran.',
    '"Is it safe?" | The room fell silent.',
    'She asked, "Why now?" | Nobody knew.',
    '"I will not go. | I will not even call," Marsh said.',
    '"The U.S. is ready," Holt said. | "So are we."',
    "“We met in the U.S.” | The minister smiled.",
    "\"They said 'no.'\" | The clerk wrote it down.",
    "The book («Night.») sold well. | The film did not.",
    "Thanks for the lift :) | See you on Monday",
    # Brackets and dashes.
    "The minister (a former judge) resigned. | (She had been ill.) | The post is vacant.",
    "[The speaker paused.] | The hall was still.",
    "The talks failed (see p. 12). | A new round starts in May.",
    "EASTON — The mayor resigned on Monday. | Her deputy takes over.",
    "The vote was lost. | — The Editors",
    # Ellipses.
    "He waited ... and waited. | Then he left.",
    "He waited... | Then he left.",
    "Well… maybe not. | Ask again.",
    "He waited. . . and waited. | Then he left.",
    '"I thought ... I was wrong," Marsh said. | "Sorry."',
]

# Text as it lies on the page, and its sentences.
LAID_OUT = [
    ("", []),
    (" \n\t\r\n ", []),
    (".", ["."]),
    ("...", ["..."]),
    ("The end", ["The end"]),
    ("  It rained.   It poured.  ", ["It rained.", "It poured."]),
    # Months, titles and acronyms that a line end breaks.
    (
        "The strike began on Oct.\n8 and ended a week later. Work resumed.",
        ["The strike began on Oct.\n8 and ended a week later.", "Work resumed."],
    ),
    ("The strike began on Oct.\r\n8 and ended a week later.", ["The strike began on Oct.\r\n8 and ended a week later."]),
    ("The report names Mr.\nOkafor and his wife. Both deny it.", ["The report names Mr.\nOkafor and his wife.", "Both deny it."]),
    ("The bill is before the U.S.\nSenate this week. It may pass.", ["The bill is before the U.S.\nSenate this week.", "It may pass."]),
    ("Their song is No.\n5 in the charts.", ["Their song is No.\n5 in the charts."]),
    # Headlines.
    (
        "Mayor quits over harbour deal\n\nThe mayor of Easton resigned. She gave no reason.",
        ["Mayor quits over harbour deal", "The mayor of Easton resigned.", "She gave no reason."],
    ),
    (
        "Mayor quits over harbour deal\nThe mayor of Easton resigned on Monday after a long inquiry into the harbour deal.",
        ["Mayor quits over harbour deal", "The mayor of Easton resigned on Monday after a long inquiry into the harbour deal."],
    ),
    (
        "Mayor quits over 'harbour deal'\n\"I have done nothing wrong,\" the mayor of Easton told reporters on Monday.",
        ["Mayor quits over 'harbour deal'", '"I have done nothing wrong," the mayor of Easton told reporters on Monday.'],
    ),
    (
        "Will the mayor resign?\nThe inquiry into the harbour deal ends on Monday, and nobody in Easton dares to guess.",
        ["Will the mayor resign?", "The inquiry into the harbour deal ends on Monday, and nobody in Easton dares to guess."],
    ),
    (
        "HARBOUR DEAL\nMayor quits\nThe mayor of Easton resigned on Monday after a long inquiry into the harbour deal.",
        ["HARBOUR DEAL", "Mayor quits", "The mayor of Easton resigned on Monday after a long inquiry into the harbour deal."],
    ),
    # Hard-wrapped lines.
    (
        "The council of the port voted late on Monday to close\nthe northern quay for repairs, although fishermen had\n"
        "asked for a delay. The work begins in May, and it will\ntake a year.",
        [
            "The council of the port voted late on Monday to close\nthe northern quay for repairs, although fishermen had\n"
            "asked for a delay.",
            "The work begins in May, and it will\ntake a year.",
        ],
    ),
    (
        "The council asked the minister of transport, Ms. Anna\nHolm of the Centre Party, to delay the works until the\n"
        "Easter holidays are over.\nShe agreed.",
        [
            "The council asked the minister of transport, Ms. Anna\nHolm of the Centre Party, to delay the works until the\n"
            "Easter holidays are over.",
            "She agreed.",
        ],
    ),
    (
        "The quay is closed and\r\nthe ferries are late. The\r\nfish rots.",
        ["The quay is closed and\r\nthe ferries are late.", "The\r\nfish rots."],
    ),
    # Paragraphs.
    ("The quay is closed\n\nnobody knows why", ["The quay is closed", "nobody knows why"]),
    ("The quay is closed\n \t \nNobody knows why", ["The quay is closed", "Nobody knows why"]),
    ("The quay is closed\r\n\r\nnobody knows why\r\n", ["The quay is closed", "nobody knows why"]),
    ("Page one ends\fpage two begins", ["Page one ends", "page two begins"]),
    ("One paragraph\u2029another", ["One paragraph", "another"]),
    # Lists.
    ("The plan:\n- build a wall\n- dig a well\n- plant trees", ["The plan:", "- build a wall", "- dig a well", "- plant trees"]),
    ("• Rates rose\n• Shares fell", ["• Rates rose", "• Shares fell"]),
    (
        "1. Open the box.\n2. Take out the lamp.\n3. Plug it in.",
        ["1. Open the box.", "2. Take out the lamp.", "3. Plug it in."],
    ),
    ("a) open the box\nb) take out the lamp", ["a) open the box", "b) take out the lamp"]),
    ("1) Open the box 2) Take out the lamp 3) Plug it in", ["1) Open the box", "2) Take out the lamp", "3) Plug it in"]),
    # Characters that are no plain space.
    ("\ufeffThe quay is closed. It reopens in May.", ["\ufeffThe quay is closed.", "It reopens in May."]),
    ("Name:\tRuth Asher.\tAge:\t40.", ["Name:\tRuth Asher.", "Age:\t40."]),
    ("He met Mr.\u00a0Okafor.\u00a0They talked.", ["He met Mr.\u00a0Okafor.", "They talked."]),
    ("会議は終わった。次は来週だ。", ["会議は終わった。", "次は来週だ。"]),
    ("本当ですか？！はい！", ["本当ですか？！", "はい！"]),
    ("「終わった。」『次は？』彼は去った。", ["「終わった。」", "『次は？』", "彼は去った。"]),
    ("The quay is closed.\u3000It reopens in May.", ["The quay is closed.", "It reopens in May."]),
    ("The quay is closed.\x00\ud800 It reopens in May.", ["The quay is closed.\x00\ud800 It reopens in May."]),
]


def split(segmenter: Segmenter, text: str) -> list[str]:
    return [text[start:end] for start, end in segmenter.spans(text)]


@pytest.mark.parametrize("marked", RUNNING)
def test_running_text(marked: str, segmenter: Segmenter) -> None:
    assert split(segmenter, marked.replace(" | ", " ")) == marked.split(" | ")


@pytest.mark.parametrize("marked", RUNNING)
def test_running_text_between_other_paragraphs(marked: str, segmenter: Segmenter) -> None:
    text = "A line above\n\n" + marked.replace(" | ", " ") + "\n\nA line below"
    assert split(segmenter, text) == ["A line above", *marked.split(" | "), "A line below"]


@pytest.mark.parametrize(("text", "expected"), LAID_OUT, ids=range(len(LAID_OUT)))
def test_text_as_it_lies_on_the_page(text: str, expected: list[str], segmenter: Segmenter) -> None:
    assert split(segmenter, text) == expected


def test_offsets_count_in_the_whole_text(segmenter: Segmenter) -> None:
    assert segmenter.spans("\n\n One came.  Two\nwent.\n\n \nThree stay ") == [(3, 12), (14, 23), (27, 37)]


def test_an_unknown_word_list_changes_the_result() -> None:
    text = "The Bdmr. Harbour is old."
    bare = Segmenter(frozenset(), frozenset(), frozenset(), frozenset())
    assert split(bare, text) == ["The Bdmr.", "Harbour is old."]
    assert split(Segmenter(frozenset({"bdmr"}), frozenset(), frozenset(), frozenset()), text) == [text]


WORDS = ["The", "mayor", "said", "it.", "Mr.", "U.S.", "a.m.", "No.", "Oct.", "5", "A.", "i", "I", "é"]
SIGNS = [*"()[]\"'”“.…?!。-•\x00\ufeff\ud800", "...", "1)", "2)", "a)", ":)", "[3]"]
GAPS = [*" \n\r\t\f\u2028\u2029\u3000\x1c\x85", "  ", "\n\n", "\r\n"]
PIECES = st.lists(st.sampled_from(WORDS + SIGNS + GAPS), max_size=40)
TEXT = st.one_of(st.text(st.characters(exclude_categories=()), max_size=80), PIECES.map("".join), PIECES.map(" ".join))


@given(TEXT)
def test_sentences_are_trimmed_ordered_and_cover_all(segmenter: Segmenter, text: str) -> None:
    last = 0
    for start, end in segmenter.spans(text):
        assert last <= start < end <= len(text)
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()


@given(TEXT, TEXT)
@example("", ":) 0")
def test_paragraphs_do_not_see_each_other(segmenter: Segmenter, one: str, other: str) -> None:
    one = one.rstrip()
    shift = len(one) + 2
    apart = segmenter.spans(one) + [(start + shift, end + shift) for start, end in segmenter.spans(other)]
    assert segmenter.spans(one + "\n\n" + other) == apart


@given(TEXT)
def test_the_same_text_gives_the_same_sentences(segmenter: Segmenter, text: str) -> None:
    assert segmenter.spans(text) == segmenter.spans("".join(list(text)))


PATHOLOGICAL = {
    "no space": "a" * 1_000_000,
    "brackets": "[" * 50_000,
    "closing brackets": "]" * 200_000,
    "quotation marks": '"' * 200_000,
    "titles": "Mr. " * 20_000,
    "may": "may " * 50_000,
    "dots": "." * 1_000_000,
    "spaced dots": ". " * 300_000,
    "spaces": " " * 1_000_000,
    "tabs": "\t" * 1_000_000,
    "newlines": "\n" * 1_000_000,
    "windows newlines": "\r\n" * 500_000,
    "old newlines": "\r" * 1_000_000,
    "spaced newlines": "\n  " * 200_000,
    "a dot, then spaces": "." + " " * 1_000_000,
    "a dot, spaces, a word": "." + " " * 1_000_000 + "A",
    "words far apart": ("a." + " " * 1_000) * 1_000,
    "initials": "A. " * 100_000,
    "acronym": "A." * 300_000,
    "shouts": "! " * 100_000,
    "short lines": "A\n" * 100_000,
    "bullets": "\n- a" * 50_000,
    "labels": "1) " * 100_000,
    "wide lines": ("x" * 50 + "\n") * 20_000,
    "a dot before quotation marks": "." + '"' * 500_000,
    "hyphens": "a-" * 300_000,
    "joined words": "Go. " + "A&" * 300_000,
    "spaces, then dots": " " * 200_000 + ". a " * 20_000,
    "a bullet, spaces, then dots": "•" + " " * 200_000 + ". a " * 20_000,
    "spaced labels": ("1" + " " * 50 + ". a ") * 10_000,
    "smileys": " " * 100_000 + ":) a " * 100_000,
    "ideographic stops": "。" * 200_000,
    "ideographic stops and letters": "字。" * 100_000,
    "mixed stops": ".。" * 200_000,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_time_grows_with_the_length(name: str, segmenter: Segmenter) -> None:
    text = PATHOLOGICAL[name]
    begin = time.perf_counter()
    segmenter.spans(text)
    assert time.perf_counter() - begin < 5
