"""The user's own words: added, replaced, switched off, refused where wrong, and the model in use unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

import hedgekit
from hedgekit.errors import LexiconError
from hedgekit.model import CertaintyModel

TEXT = "Scuttlebutt has it that the mill may close."


def cues(model: CertaintyModel, text: str = TEXT) -> list[tuple[str, str]]:
    return [(cue.text, str(cue.type)) for cue in model.annotate([text])[0].cues]


def test_an_added_phrase_is_a_cue_wherever_it_stands(model: CertaintyModel) -> None:
    own = model.with_lexicon({"scuttlebutt has it": "reportative", "mill": "booster"})
    assert cues(own) == [("Scuttlebutt has it", "reportative"), ("mill", "booster"), ("may", "modal")]
    assert cues(model) == [("may", "modal")]
    first = own.annotate([TEXT])[0].cues[0]
    assert first.probability == 1
    assert own.score(TEXT) != model.score(TEXT)


def test_a_known_phrase_is_replaced(model: CertaintyModel) -> None:
    assert cues(model.with_lexicon({"may": "booster"})) == [("may", "booster")]


def test_the_longest_match_wins_then_the_first(model: CertaintyModel) -> None:
    own = model.with_lexicon({"may": "booster", "may close": "epistemic", "close to": "weasel"})
    assert cues(own) == [("may close", "epistemic")]
    assert cues(own, "It may close to us.") == [("may close", "epistemic")]
    assert cues(own, "It may be close to us.") == [("may", "booster"), ("close to", "weasel")]


def test_what_is_switched_off_is_no_cue_nor_part_of_one(model: CertaintyModel) -> None:
    text = "It is highly likely that the dam may fail."
    assert cues(model, text) == [("highly likely", "epistemic"), ("may", "modal")]
    assert cues(model.with_lexicon(off=["likely"]), text) == [("may", "modal")]
    assert cues(model.with_lexicon({"highly likely": "booster"}, off=["likely"]), text)[0] == ("highly likely", "booster")


def test_whole_types_are_switched_off(model: CertaintyModel) -> None:
    assert cues(model.with_lexicon(types_off=["modal"])) == []
    assert cues(model.with_lexicon({"mill": "modal"}, types_off=["modal"])) == []


def test_case_and_apostrophes_do_not_matter(model: CertaintyModel) -> None:
    own = model.with_lexicon({"Word's Out": "reportative"})
    assert cues(own, "WORD’S OUT that it closed.") == [("WORD’S OUT", "reportative")]


def test_from_a_file(model: CertaintyModel, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('off = ["may"]\ntypes_off = ["weasel"]\n[cues]\n"scuttlebutt has it" = "reportative"\n', encoding="utf-8")
    own = model.with_lexicon(path)
    assert cues(own) == [("Scuttlebutt has it", "reportative")]
    assert not any(kind == "weasel" for _, kind in cues(own, "Critics say it is ugly."))
    assert cues(model.with_lexicon(str(path), off=["scuttlebutt"])) == [("Scuttlebutt has it", "reportative")]


def test_it_is_saved_with_the_model(model: CertaintyModel, tmp_path: Path) -> None:
    own = model.with_lexicon({"mill": "booster"}, off=["may"], types_off=["weasel"])
    own.save(tmp_path / "own")
    assert cues(hedgekit.load(tmp_path / "own")) == [("mill", "booster")]


def test_it_replaces_what_was_added_before(model: CertaintyModel) -> None:
    own = model.with_lexicon({"mill": "booster"})
    assert cues(own.with_lexicon()) == cues(model)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cues": {"mill": "guess"}}, "cues: 'mill': unknown cue type 'guess'; valid are reportative"),
        ({"cues": {"mill": None}}, "cues: 'mill': unknown cue type None"),
        ({"cues": {" ": "modal"}}, "cues: an entry without a form, got ' '"),
        ({"cues": {"mill": "modal", "MILL": "modal"}}, "cues: 'MILL' stands already in cues as 'mill'"),
        ({"cues": {"mill": "modal"}, "off": ["mill"]}, "off: 'mill' stands already in cues as 'mill'"),
        ({"off": "mill"}, r"off: give a list, such as \['mill'\], not a bare string"),
        ({"types_off": ["modals"]}, "types_off: unknown cue type 'modals'"),
        ({"cues": {"a " * 33: "modal"}}, "has 33 tokens"),
        ({"cues": ["mill"]}, r"cues must map phrases to types, or be the path of a TOML file; got list: \['mill'\]"),
        ({"cues": {3: "modal"}}, "an entry without a form, got 3"),
        ({"off": 5}, "off must be a list of strings, got 5"),
        ({"cues": "/nowhere/own.toml"}, "own.toml: cannot be read"),
    ],
)
def test_mistakes_are_refused(model: CertaintyModel, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        model.with_lexicon(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[cues\n", "not valid TOML"),
        ('words = ["a"]\n', "unknown field 'words'; valid are cues, off, types_off"),
        ('cues = ["a"]\n', "cues must be a table"),
        ('off = "a"\n', "off must be a list of strings, got 'a'"),
        ('[cues]\n"a" = "guess"\n', r"own.toml, \[cues\]: 'a': unknown cue type 'guess'"),
        ("off = [3]\n", "off: an entry without a form, got 3"),
    ],
)
def test_mistakes_in_a_file_are_refused(model: CertaintyModel, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError, match=message):
        model.with_lexicon(path)
