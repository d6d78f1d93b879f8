"""Rules across sentences: who speaks where a quotation stands alone, and whom a short mention means."""

from __future__ import annotations

import re
import time

import pytest

from hedgekit.labels import AttributionKind
from hedgekit.speakers import Said, Turn, resolve

NAMED, UNNAMED, SELF = AttributionKind.NAMED, AttributionKind.UNNAMED, AttributionKind.SELF


def led_back(marked: str, kinds: tuple[AttributionKind, ...] = ()) -> list[str | None]:
    """What each source in square brackets refers to, in sentences that end with a full stop."""
    text, sources = "", []
    for part in re.split(r"(\[[^\]]+\])", marked):
        if part.startswith("["):
            sources.append((len(text), len(text) + len(part) - 2))
        text += part.strip("[]")
    ends = [match.end() for match in re.finditer(r"\.", text)]
    turns = [Turn(start, end, 0, False, False) for start, end in zip([0, *ends], ends, strict=False)]
    said = [
        Said(sum(end <= start for end in ends), (start, end_), kinds[number] if kinds else NAMED)
        for number, (start, end_) in enumerate(sources)
    ]
    return [None if span is None else text[slice(*span)] for span in resolve(text, turns, said).refers_to]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Defence Minister Jan Novak] said so. [Novak] denied it.", [None, "Defence Minister Jan Novak"]),
        ("[Defence Minister Jan Novak] said so. [The minister] denied it.", [None, "Defence Minister Jan Novak"]),
        ("[Defence Minister Jan Novak] said so. [He] denied it.", [None, "Defence Minister Jan Novak"]),
        ("[Jan Novak] said so. [Eva Novak] said no. [Novak] denied it.", [None, None, None]),
        ("[Jan Novak] told [Eva Holt] so. [She] denied it.", [None, None, None]),
        ("[The finance ministry] said so. [He] denied it.", [None, None]),
        ("[Jan Novak] said so. [Jan Novak] denied it.", [None, None]),
        ("[Mr Novak] said so. [She] denied it.", [None, None]),
        ("[Jan Novak and Eva Holt] said so. [He] denied it.", [None, None]),
        ("[Jan Novak, who met Eva Holt,] said so. [Holt] denied it.", [None, "Eva Holt"]),
        ("[Novak campaign manager Eva Holt] said so. [The campaign] denied it.", [None, None]),
        ("Troops met Jan Novak in town. [Novak] said so.", ["Jan Novak"]),
        ("Troops met Jan Novak and Eva Novak in town. [Novak] said so.", [None]),
        ("[Jan Novak] said so. It rained. It rained. It rained. It rained. [He] denied it.", [None, None]),
        ("[He] said so.", [None]),
        ("Maria Silva met Joao Costa. [Joao Costa] said so. [She] denied it.", [None, None]),
        ("[Her brother Tom Bell] said so. [She] denied it.", [None, None]),
        ("[Defence Minister Jan Novak] said so. Finance Minister Eva Marek left. [The minister] denied it.", [None, None]),
        ("[The minister] said so.", [None]),
    ],
)
def test_short_mentions_are_led_back_where_one_fits(text: str, expected: list[str | None]) -> None:
    assert led_back(text) == expected


def quotations(*rows: tuple[str | None, bool, bool]) -> dict[int, str]:
    """The speakers given to sentences of ten characters, each with its own source, whether it is all quotation, and whether it runs on."""
    turns = [Turn(10 * number, 10 * number + 10, 0, quoted, runs_on) for number, (_, quoted, runs_on) in enumerate(rows)]
    text = "".join((name or "").ljust(10) for name, _, _ in rows)
    said = [Said(number, (10 * number, 10 * number + len(name)), NAMED) for number, (name, _, _) in enumerate(rows) if name]
    found = resolve(text, turns, said)
    return {number: text[slice(*speaker.source)] for number, speaker in found.spoken.items()}


def test_a_quotation_behind_its_speaker() -> None:
    assert quotations(("Kim", False, False), (None, True, False)) == {1: "Kim"}


def test_a_quotation_that_runs_on_to_its_speaker() -> None:
    assert quotations(("Lee", False, False), (None, True, False), ("Kim", False, True)) == {1: "Kim"}


def test_a_quotation_belongs_to_the_first_speaker_behind_it() -> None:
    turns = [Turn(0, 10, 0, True, False), Turn(10, 30, 0, False, True)]
    found = resolve("We won.    Kim said, Lee denied ", turns, [Said(1, (11, 14), NAMED), Said(1, (21, 24), NAMED)])
    assert found.spoken[0].source == (11, 14)


def test_a_chain_of_quotations() -> None:
    assert quotations(("Kim", False, False), (None, True, False), (None, True, False)) == {1: "Kim", 2: "Kim"}


def test_no_speaker_is_made_up() -> None:
    assert quotations((None, False, False), (None, True, False)) == {}
    assert quotations(("Kim", False, False), (None, False, False), (None, True, False)) == {}


def test_a_mark_that_is_missing_gives_nobody_the_rest() -> None:
    turns = [Turn(0, 10, 0, False, False, closed=False), Turn(10, 20, 0, True, True, closed=False), Turn(20, 30, 1, True, False)]
    found = resolve("Kim       It rained Of course ", turns, [Said(0, (0, 3), NAMED)])
    assert list(found.spoken) == [2]


def test_i_in_a_quotation_is_no_speaker() -> None:
    turns = [Turn(0, 10, 0, False, False), Turn(10, 20, 0, True, False)]
    found = resolve("Kim       I think it", turns, [Said(0, (0, 3), NAMED), Said(1, (10, 11), SELF)])
    assert found.spoken[1].source == (0, 3)


def test_many_sources_take_linear_time() -> None:
    def seconds(n: int) -> float:
        names = [f"Ann Holt{number % 97}" if number % 2 else f"Holt{number % 97}" for number in range(n)]
        starts = [20 * number for number in range(n)]
        text = "".join(f"{name} said so.".ljust(20) for name in names)
        turns = [Turn(start, start + 20, 0, False, False) for start in starts]
        said = [Said(number, (start, start + len(names[number])), NAMED) for number, start in enumerate(starts)]
        begin = time.process_time()
        assert len(resolve(text, turns, said).refers_to) == n
        return time.process_time() - begin

    seconds(500)
    # Quadratic time would be sixteen times as long.
    assert seconds(8000) < 10 * max(seconds(2000), 0.02)
