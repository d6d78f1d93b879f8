"""What everything grows from: the cue lexicon and the labelled sentences hold what the annotation guide asks for."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hedgekit.batch import from_sentences
from hedgekit.corpora import read_guide, read_scopes
from hedgekit.labels import CUE_TYPES, KINDS, CueType, Level, level_of
from hedgekit.lexicon import Lexicon, build_phrases, plain, read_contrasts, read_lexicon
from hedgekit.model import CertaintyModel
from hedgekit.text.characters import CharacterTables

# A name or number, and further ones that follow it: what a template would fill in.
_FILLED = re.compile(r"\b(?:[A-Z][\w'’-]*|\d[\w.,:]*)(?:\s+(?:[A-Z][\w'’-]*|\d[\w.,:]*))*")


def skeleton(text: str) -> str:
    """A sentence with its capitalised words and numbers masked: equal for two sentences made from one template."""
    return _FILLED.sub("_", text)


@pytest.fixture(scope="module")
def lexicon(seeds: Path) -> Lexicon:
    return read_lexicon(seeds / "cues")


@pytest.fixture(scope="module")
def contrasts(seeds: Path, lexicon: Lexicon) -> Lexicon:
    return read_contrasts(seeds / "contrasts", lexicon)


@pytest.fixture(scope="module")
def rows(seeds: Path) -> list[dict[str, Any]]:
    with (seeds / "sentences.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def place_of(text: str, words: str, nth: int = 1) -> tuple[int, int] | None:
    """Where ``words`` stand for the nth time as whole words."""
    found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]
    return found[nth - 1] if 1 <= nth <= len(found) else None


def test_place_of_whole_words() -> None:
    assert [place_of("The mayor may, may go.", "may", nth) for nth in (0, 1, 2, 3)] == [None, (10, 13), (15, 18), None]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Oslo fell by 3 percent.", "New York fell by 4.5 percent.", True),
        ("On 5 May it rained.", "In Oslo it snowed.", False),
        ("Oslo fell.", "Oslo rose.", False),
    ],
)
def test_skeleton(one: str, other: str, same: bool) -> None:
    assert (skeleton(one) == skeleton(other)) is same


# The cue lexicon


def test_the_lexicon_is_large(lexicon: Lexicon) -> None:
    assert len(lexicon) >= 600
    assert len(lexicon.forms()) >= len(lexicon)


@pytest.mark.parametrize("kind", CUE_TYPES)
def test_every_type_has_entries(kind: CueType, lexicon: Lexicon) -> None:
    assert sum(entry.type is kind for entry in lexicon.entries) >= 18


def test_every_entry_has_an_example(lexicon: Lexicon) -> None:
    assert [entry.place for entry in lexicon.entries if not (entry.fires or entry.unseen)] == []


def test_every_bracket_holds_something(lexicon: Lexicon) -> None:
    for entry in lexicon.entries:
        for example in (*entry.fires, *entry.unseen):
            assert "[" not in example.text, entry.place
            assert "]" not in example.text, entry.place
            for start, end, _ in example.cues:
                cue = example.text[start:end]
                assert cue == cue.strip(), entry.place
                assert re.match(r"\w", cue), (entry.place, cue)
                assert not re.match(r"\w", example.text[end : end + 1]), (entry.place, cue)
                assert not re.match(r"\w", example.text[max(start - 1, 0) : start]), (entry.place, cue)


def test_examples_and_contrasts_stand_once(lexicon: Lexicon, contrasts: Lexicon) -> None:
    entries = (*lexicon.entries, *contrasts.entries)
    texts = [text for entry in entries for text in (*(example.text for example in (*entry.fires, *entry.unseen)), *entry.quiet)]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_many_entries_say_where_they_are_quiet(lexicon: Lexicon) -> None:
    assert sum(bool(entry.quiet) for entry in lexicon.entries) >= 0.5 * len(lexicon)
    assert sum(len(entry.quiet) for entry in lexicon.entries) >= 1_000


def test_quiet_sentences_have_no_brackets(lexicon: Lexicon, contrasts: Lexicon) -> None:
    entries = (*lexicon.entries, *contrasts.entries)
    assert [text for entry in entries for text in entry.quiet if "[" in text or "]" in text] == []


def test_every_entry_says_where_it_is_described(lexicon: Lexicon) -> None:
    assert [entry.place for entry in lexicon.entries if not re.fullmatch(r"own|.*\b(?:19|20)\d\d\b.*", entry.described)] == []


def test_modifiers(lexicon: Lexicon) -> None:
    assert len(lexicon.modifiers["intensifier"]) >= 50
    assert len(lexicon.modifiers["negator"]) >= 5
    for words in lexicon.modifiers.values():
        assert len(set(words)) == len(words)
        assert [word for word in words if word != " ".join(word.lower().split())] == []


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("may", "modal"),
        ("reportedly", "reportative"),
        ("likely", "epistemic"),
        ("apparently", "inferential"),
        ("whether", "investigative"),
        ("if", "conditional"),
    ],
)
def test_words_of_the_annotation_guide(form: str, kind: str, lexicon: Lexicon) -> None:
    assert (form, CueType(kind)) in lexicon.forms()


# The words of the segmenter


def test_abbreviations(seeds: Path) -> None:
    words = tomllib.loads((seeds / "abbreviations.toml").read_text(encoding="utf-8"))
    assert sorted(words) == ["abbreviations", "numbered", "starters", "titles"]
    for values in words.values():
        assert [word for word in values if word != word.lower().strip() or word.endswith(".")] == []
    apart = [word for name in ("titles", "numbered", "abbreviations") for word in set(words[name])]
    assert [word for word, count in Counter(apart).items() if count > 1] == []


# The labelled sentences


def test_there_are_many_sentences(rows: list[dict[str, Any]]) -> None:
    assert len(rows) >= 1_200
    registers = Counter(row["register"] for row in rows)
    assert len(registers) >= 8
    assert min(registers.values()) >= 30


def test_rows_have_the_same_fields(rows: list[dict[str, Any]]) -> None:
    fields = {"id", "register", "text", "certainty", "hedged", "cues", "attributions"}
    assert [row["id"] for row in rows if set(row) - {"note"} != fields] == []


@pytest.mark.parametrize("field", ["id", "text"])
def test_ids_and_texts_stand_once(field: str, rows: list[dict[str, Any]]) -> None:
    assert [value for value, count in Counter(row[field] for row in rows).items() if count > 1] == []


def test_no_two_sentences_come_from_one_template(rows: list[dict[str, Any]]) -> None:
    # A heading that is all names has nothing that a template would share.
    counts = Counter(skeleton(row["text"]) for row in rows)
    assert [text for text, count in counts.items() if count > 1 and re.search("[a-z]", text)] == []


def test_texts_are_trimmed_lines(rows: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in rows if not row["text"] or row["text"] != " ".join(row["text"].split())] == []


def test_certainty_is_none_or_between_0_and_1(rows: list[dict[str, Any]]) -> None:
    known = [row["certainty"] for row in rows if row["certainty"] is not None]
    assert all(isinstance(value, float) and 0 <= value <= 1 for value in known)
    assert 0.1 <= 1 - len(known) / len(rows) <= 0.25
    assert sum(value >= 0.9 for value in known) > 100
    assert sum(value < 0.5 for value in known) > 100


def test_hedged_is_true_or_false(rows: list[dict[str, Any]]) -> None:
    assert {type(row["hedged"]) for row in rows} == {bool}
    assert [row["id"] for row in rows if row["certainty"] is None and row["hedged"]] == []
    assert 0.2 < sum(row["hedged"] for row in rows) / len(rows) < 0.8


def test_cues_are_found_and_typed(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        taken: set[int] = set()
        for cue in row["cues"]:
            assert set(cue) - {"nth"} == {"text", "type", "scope"}, row["id"]
            assert cue["type"] in CUE_TYPES, row["id"]
            assert cue["text"] == cue["text"].strip() != "", (row["id"], cue)
            place = place_of(row["text"], cue["text"], cue.get("nth", 1))
            assert place is not None, (row["id"], cue)
            assert taken.isdisjoint(range(*place)), (row["id"], cue)
            taken.update(range(*place))


def test_every_cue_but_approximators_of_amounts_has_a_scope(seeds: Path) -> None:
    """The reader checks that a scope contains its cue; here, who has none, and that no scope takes the final stop."""
    without = Counter[str]()
    for sentence in read_guide(seeds / "sentences.jsonl"):
        for (_, _, kind), scope in zip(sentence.cues, sentence.scopes, strict=True):
            without[kind] += scope is None
            assert scope is None or scope == (0, len(sentence.text)) or sentence.text[scope[1] - 1] not in ".?!", sentence.text
    assert without.pop(CueType.APPROXIMATOR) > 50
    assert without.total() <= 2


def test_scopes_labelled_apart_are_well_formed(seeds: Path) -> None:
    scopes = read_scopes(seeds / "scopes.jsonl")
    assert sum(map(len, scopes.values())) > 1500
    words = set(re.findall(r"\w+", re.sub(r"\d", "", (seeds / "scopes.jsonl").read_text(encoding="utf-8"))))
    assert words == {"id", "scopes", "news", "prose"}


def test_attributions_are_found_and_of_a_kind(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        for attribution in row["attributions"]:
            assert set(attribution) == {"source", "cue", "content", "kind"}, row["id"]
            assert attribution["kind"] in KINDS, row["id"]
            assert attribution["cue"], row["id"]
            for words in (attribution["source"], attribution["cue"], attribution["content"]):
                assert words is None or (words and place_of(row["text"], words)), (row["id"], words)


def test_every_type_and_kind_is_common(rows: list[dict[str, Any]]) -> None:
    types = Counter(cue["type"] for row in rows for cue in row["cues"])
    kinds = Counter(attribution["kind"] for row in rows for attribution in row["attributions"])
    assert min(types[kind] for kind in CUE_TYPES) >= 30
    assert min(kinds[kind] for kind in KINDS) >= 10


# Every entry does something


def test_every_form_can_be_reached(lexicon: Lexicon, tables: CharacterTables) -> None:
    """No form is written so that it never matches, and none is hidden behind another that looks the same to the tokeniser."""
    forms = [form for form, _ in lexicon.forms()]
    table = build_phrases([(form, number + 1) for number, form in enumerate(forms)], tables)
    batch = from_sentences(forms, tables)
    first, length, value = table.find(batch)
    found = {int(batch.sentence[at]): (int(size), int(number) - 1) for at, size, number in zip(first, length, value, strict=True)}
    assert [form for number, form in enumerate(forms) if found.get(number) != (batch.lengths[number], number)] == []


def test_every_marked_cue_is_in_the_lexicon(lexicon: Lexicon) -> None:
    """Each example fires because of a form of its own entry, and some example of every entry with the entry's own type."""
    for entry in lexicon.entries:
        ends = [re.compile(rf"(?<!\w){re.escape(form)}$") for form in entry.forms]
        kinds = set()
        for example in (*entry.fires, *entry.unseen):
            found = {kind for a, b, kind in example.cues if any(end.search(plain(example.text[a:b])) for end in ends)}
            assert found, (entry.place, example.text)
            kinds |= found
        assert entry.type in kinds, entry.place


AMBIGUOUS = (
    *("may", "might", "can", "could", "must", "should", "would", "certain", "clear", "appear", "suggest", "about", "around", "some"),
    *("feel", "claim", "source", "report", "expect", "plan", "hope", "believe", "as if", "likely", "possible", "sure", "fear", "think"),
    *("chance", "risk", "question", "doubt", "most", "many", "officials", "experts", "told", "show", "found", "fact", "know", "really"),
)


@pytest.mark.parametrize("form", AMBIGUOUS)
def test_ambiguous_forms_are_met_both_ways(form: str, lexicon: Lexicon) -> None:
    pattern = re.compile(rf"(?<!\w){form}(?:s|es|ed|ing)?(?!\w)")
    fires = [
        example.text
        for entry in lexicon.entries
        for example in entry.fires
        for a, b, _ in example.cues
        if pattern.search(plain(example.text[a:b]))
    ]
    quiet = [text for entry in lexicon.entries for text in entry.quiet if pattern.search(plain(text))]
    assert len(fires) >= 2
    assert len(quiet) >= 2


@pytest.mark.parametrize("kind", CUE_TYPES)
def test_every_type_is_met_both_ways(kind: CueType, lexicon: Lexicon) -> None:
    entries = [entry for entry in lexicon.entries if entry.type is kind]
    assert sum(len(entry.fires) for entry in entries) >= 40
    assert sum(len(entry.quiet) for entry in entries) >= 40


def test_every_example_fires_or_stays_quiet_as_it_says(lexicon: Lexicon, model: CertaintyModel) -> None:
    """Without exception: in each example exactly the marked cues are found, and in each quiet sentence none."""
    assert wrong(lexicon, model) == ([], [])
    assert sum(len(entry.fires) for entry in lexicon.entries) > 2 * len(lexicon)


def test_contrasts_are_mostly_told_apart(contrasts: Lexicon, model: CertaintyModel) -> None:
    """They are for training, and some were written to be hard: they promise nothing one by one."""
    fires, quiet = wrong(contrasts, model)
    assert len(fires) <= 0.1 * sum(len(entry.fires) for entry in contrasts.entries)
    assert len(quiet) <= 0.06 * sum(len(entry.quiet) for entry in contrasts.entries)


def wrong(lexicon: Lexicon, model: CertaintyModel) -> tuple[list[str], list[str]]:
    """The sentences that should fire in which other spans are found than are marked, and the quiet ones in which any is."""
    examples = [example for entry in lexicon.entries for example in (*entry.fires, *entry.unseen)]
    found = model.annotate([example.text for example in examples])
    wanted = [[(start, end) for start, end, _ in example.cues] for example in examples]
    fires = [
        example.text
        for example, want, got in zip(examples, wanted, found, strict=True)
        if want != [(cue.start, cue.end) for cue in got.cues]
    ]
    silent = model.annotate([text for entry in lexicon.entries for text in entry.quiet])
    return fires, [sentence.text for sentence in silent if sentence.cues]


def test_the_shipped_model_knows_the_labelled_sentences(rows: list[dict[str, Any]], model: CertaintyModel) -> None:
    found = model.annotate([row["text"] for row in rows])
    none = [sentence.certainty is None for sentence, row in zip(found, rows, strict=True) if row["certainty"] is None]
    assert sum(none) >= 0.85 * len(none)
    claims = [sentence.certainty is not None for sentence, row in zip(found, rows, strict=True) if row["certainty"] is not None]
    assert sum(claims) >= 0.97 * len(claims)


def test_answers_are_labelled_as_sentences_are(seeds: Path, rows: list[dict[str, Any]]) -> None:
    """Spans match (the reader sees to that), ids and texts stand once, and the whole scale is met."""
    answers = read_guide(seeds / "answers.jsonl", "answers")
    with (seeds / "answers.jsonl").open(encoding="utf-8") as lines:
        raw = [json.loads(line) for line in lines]
    assert len(answers) == len({row["id"] for row in raw}) == len({row["text"] for row in raw}) > 800
    assert {row["text"] for row in raw}.isdisjoint(row["text"] for row in rows)
    for row in raw:
        assert set(row) == {"id", "register", "text", "certainty", "hedged", "cues", "attributions"}
        assert row["certainty"] is None or 0 <= row["certainty"] <= 1
    levels = Counter(level_of(answer.certainty) for answer in answers)
    assert min(levels[level] for level in Level) > 25


def test_claims_and_none(seeds: Path, rows: list[dict[str, Any]]) -> None:
    """Texts that make no claim, and short claims that look as if they made none."""
    found = read_guide(seeds / "claims.jsonl", "claims")
    texts = {sentence.text for sentence in found}
    assert len(texts) == len(found) > 500
    assert texts.isdisjoint(row["text"] for row in rows)
    none = sum(sentence.certainty is None for sentence in found)
    assert none > 400
    assert len(found) - none > 100
    assert not any(sentence.hedged for sentence in found if sentence.certainty is None)


def test_variants(seeds: Path, rows: list[dict[str, Any]]) -> None:
    """Variants of one claim differ in certainty, and open questions are met as the main point and beside it."""
    found = read_guide(seeds / "variants.jsonl", "variants")
    texts = {sentence.text for sentence in found}
    assert len(texts) == len(found) > 700
    assert texts.isdisjoint(row["text"] for row in rows)
    claims: dict[str, list[float]] = {}
    for sentence in found:
        assert sentence.certainty is not None
        if sentence.group.startswith("variants-claim"):
            claims.setdefault(sentence.group, []).append(sentence.certainty)
    assert len(claims) > 80
    assert all(max(values) - min(values) > 0.1 for values in claims.values())
    asking = [s.certainty for s in found if s.certainty is not None and any(kind == "investigative" for _, _, kind in s.cues)]
    assert min(sum(value < 0.3 for value in asking), sum(value > 0.75 for value in asking)) > 60
