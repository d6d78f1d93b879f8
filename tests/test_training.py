"""Training: the same fit twice, readers that name the line of a mistake, folds, figures, and learned phrases."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from hedgekit.batch import from_sentences
from hedgekit.corpora import LabelledAttribution, LabelledSentence, lexicon_examples, read_guide
from hedgekit.cues import STRENGTHS, pack_phrase
from hedgekit.errors import DataError, LexiconError
from hedgekit.labels import CUE_TYPES, KINDS, AttributionKind, CueType
from hedgekit.lexicon import Entry, Lexicon
from hedgekit.model import CertaintyModel
from hedgekit.results import Attribution, Cue, Sentence, Span
from hedgekit.training import general
from hedgekit.training.cues import fit_cues
from hedgekit.training.folds import fold_of
from hedgekit.training.linear import fit_hashed, fit_jointly
from hedgekit.training.measure import calibration_error, f1, measure, pearson
from hedgekit.training.segmentation import fit_segmenter, read_abbreviations
from hedgekit.training.words import read_tags
from hedgekit.windows import LinearTable

ROW: dict[str, Any] = {"id": "x-1", "text": "It may rain.", "certainty": 0.42, "hedged": True, "cues": [{"text": "may", "type": "modal"}]}


@pytest.fixture(scope="module")
def material(seed_material: general.Material) -> general.Material:
    """A fifth of the seeds and a small lexicon."""
    whole = seed_material
    lexicon = Lexicon(whole.lexicon.entries[::25], whole.lexicon.modifiers)
    return replace(whole, sentences=whole.sentences[::5][:250], lexicon=lexicon, examples=lexicon_examples(lexicon))


@pytest.fixture(scope="module")
def fitted(material: general.Material) -> CertaintyModel:
    return _fit(material)


def _fit(material: general.Material) -> CertaintyModel:
    info = {"name": "small", "description": "For tests.", "data": material.data}
    return CertaintyModel(general.fit(material, material.sentences), info)


# The same fit twice


def test_a_fit_is_the_same_twice_byte_for_byte(fitted: CertaintyModel, material: general.Material, tmp_path: Path) -> None:
    assert len(material.sentences) == 250
    fitted.save(tmp_path / "one")
    _fit(material).save(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_small_fit_has_learned_something(fitted: CertaintyModel, material: general.Material) -> None:
    found = fitted.annotate([sentence.text for sentence in material.sentences])
    values = {figure.figure: figure.value for figure in measure(found, material.sentences, "seen")}
    assert values["cue span F1"] > 0.7
    assert values["certainty r"] > 0.7
    plain = fitted.score(["The barn burned down.", "The firm sold its mines.", "Rain fell on Friday.", "She left the bank."])
    hedged = fitted.score(
        ["The barn may burn down.", "The firm may sell its mines.", "Rain may fall on Friday.", "She may leave the bank."]
    )
    assert np.nanmean(plain) > np.nanmean(hedged) + 0.05


def test_explanations_of_a_small_fit_have_words(fitted: CertaintyModel) -> None:
    [sentence] = fitted.annotate(["The barn may burn down."])
    assert all(item.name for item in sentence.explain().contributions)
    assert sentence.explain().total == pytest.approx(sentence.certainty, abs=1e-9)


# Readers


def _file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_read_guide(tmp_path: Path) -> None:
    row = {
        **ROW,
        "text": "“It may rain,” Ana said; it may\u2028not.",
        "cues": [
            {"text": "said", "type": "reportative"},
            {"text": "may", "type": "modal", "nth": 2},
            {"start": 4, "end": 7, "type": "modal"},
        ],
        "attributions": [{"source": "Ana", "cue": {"text": "said"}, "content": None, "kind": "named"}],
    }
    [sentence] = read_guide(_file(tmp_path, "", json.dumps(row, ensure_ascii=False), ""))
    assert [(sentence.text[a:b], kind) for a, b, kind in sentence.cues] == [
        ("may", CueType.MODAL),
        ("said", CueType.REPORTATIVE),
        ("may", CueType.MODAL),
    ]
    assert sentence.cues[0][0] == 4
    assert sentence.attributions == (LabelledAttribution((15, 18), (19, 23), None, AttributionKind.NAMED),)
    assert (sentence.group, sentence.origin, sentence.certainty, sentence.hedged) == ("x-1", "labelled", 0.42, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": ""}, "text must be a sentence, got ''"),
        ({"text": 3}, "text must be a sentence, got 3"),
        ({"certainty": 42}, "certainty must be null or 0 to 1, got 42"),
        ({"certainty": "high"}, "certainty must be null or 0 to 1, got 'high'"),
        ({"certainty": True}, "certainty must be null or 0 to 1, got True"),
        ({"hedged": "yes"}, "hedged must be true or false, got 'yes'"),
        ({"hedged": None}, "hedged must be true or false, got None"),
        ({"cues": [{"text": "may", "type": "mood"}]}, "unknown cue type 'mood'; valid are reportative"),
        ({"cues": [{"text": "might", "type": "modal"}]}, "'might' number 1 does not stand in the sentence"),
        ({"cues": [{"text": "may", "type": "modal", "nth": 2}]}, r"'may' number 2 does not stand in the sentence \(found 1 times\)"),
        ({"cues": [{"start": 3, "end": 99, "type": "modal"}]}, "span 3 to 99"),
        ({"cues": [{"start": 3, "end": 6, "text": "rain", "type": "modal"}]}, "span 3 to 6 does not hold 'rain' but 'may'"),
        ({"cues": [{"start": "3", "end": 6, "type": "modal"}]}, "start and end of a span must be whole numbers, got '3' and 6"),
        ({"cues": [{"type": "modal"}]}, "a span needs its words"),
        ({"cues": [{"text": "may", "type": "modal"}, {"text": "may rain", "type": "modal"}]}, "cues 'may' and 'may rain' overlap"),
        ({"cues": {"text": "may"}}, "cues must be a list of objects"),
        ({"cues": ["may"]}, "cues must be a list of objects"),
        ({"attributions": [{"source": "It", "cue": None, "kind": "someone"}]}, "unknown kind of attribution 'someone'"),
        ({"attributions": [{"source": "They", "cue": None, "kind": "named"}]}, "'They' number 1 does not stand"),
        ({"attributions": [{"source": 3, "cue": None, "kind": "named"}]}, "a span is a string or an object, got 3"),
    ],
)
def test_mistakes_are_named_with_file_and_line(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps(ROW), "", json.dumps({**ROW, **change}))
    with pytest.raises(DataError, match=rf"labelled\.jsonl:3: {message}"):
        read_guide(path)


@pytest.mark.parametrize("field", ["text", "cues", "certainty", "hedged"])
def test_missing_fields_are_named(field: str, tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps({name: value for name, value in ROW.items() if name != field}))
    with pytest.raises(DataError, match=rf":1: field '{field}' is missing; found"):
        read_guide(path)


@pytest.mark.parametrize(
    ("line", "message"), [("{", ":2: not valid JSON"), ("[1]", r":2: a line holds one JSON object, found \[1\]"), ("3", ":2: a line")]
)
def test_lines_that_are_no_objects(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read_guide(_file(tmp_path, json.dumps(ROW), line))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.jsonl: cannot be read"):
        read_guide(tmp_path / "gone.jsonl")
    with pytest.raises(DataError, match="no labelled sentence found"):
        read_guide(_file(tmp_path, ""))
    (tmp_path / "latin.jsonl").write_bytes("é".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin\.jsonl: cannot be read as UTF-8"):
        read_guide(tmp_path / "latin.jsonl")


def test_a_treebank_has_ten_columns(tmp_path: Path) -> None:
    path = tmp_path / "bank.conllu"
    path.write_text("# one\n1\tIt\tit\tPRON\tPRP\t_\t0\t_\t_\t_\n1-2\tIt's\n\n1\tmay\tMD\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bank\.conllu:5: a CoNLL-U token has 10 columns, found 3"):
        list(read_tags(path))
    path.write_text("1\tIt\tit\tPRON\tPRP\t_\t0\t_\t_\t_\n", encoding="utf-8")
    assert list(read_tags(path)) == [("It", "PRP")]


def test_word_lists_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text("titles = [", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"words\.toml: not valid TOML"):
        read_abbreviations(path)
    path.write_text('titles = ["mr"]\nothers = []\n', encoding="utf-8")
    with pytest.raises(LexiconError, match=r"the lists must be titles, .*found titles, others"):
        fit_segmenter(path)


def test_corpora_must_be_where_they_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"news\.jsonl: not found; --corpora must name the folder"):
        general.read_material(tmp_path)


# Folds


def test_folds_keep_groups_together_whatever_their_order() -> None:
    groups = [f"document {number % 40}" for number in range(200)]
    folds = fold_of(groups, 5)
    assert set(folds.tolist()) == set(range(5))
    assert len(set(zip(groups, folds.tolist(), strict=True))) == 40
    np.testing.assert_array_equal(fold_of(groups[::-1], 5)[::-1], folds)
    np.testing.assert_array_equal(fold_of(groups[50:90], 5), folds[50:90])
    assert (fold_of(groups, 5, salt="other") != folds).any()
    assert fold_of([], 5).shape == (0,)


def test_no_document_is_on_both_sides() -> None:
    sentences = [_labelled("It rained.", group=f"d{number % 30}", origin="news" if number % 3 else "seeds") for number in range(300)]
    kept, held = general.split(sentences)
    assert len(kept) + len(held) == 300
    assert held
    assert not {sentence.group for sentence in held} & {sentence.group for sentence in kept if sentence.origin != "seeds"}
    assert all(sentence.origin != "seeds" for sentence in held)


# Figures


@dataclass
class Found:
    """A sentence as the measure looks at it."""

    cues: tuple[Cue, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    certainty: float | None = 0.9
    hedged: bool = False
    hedged_probability: float = 0.0


TEXT = "Ana said it may possibly rain."
SAID, MAY, POSSIBLY, ANA, IT = (4, 8), (12, 15), (16, 24), (0, 3), (9, 11)


def _labelled(text: str = TEXT, cues: tuple[tuple[int, int, CueType], ...] = (), **fields: Any) -> LabelledSentence:
    defaults: dict[str, Any] = {"group": "g", "origin": "hand", "attributions": (), "certainty": 0.9, "hedged": False}
    return LabelledSentence(text=text, cues=cues, **{**defaults, **fields})


def _cue(place: tuple[int, int], kind: CueType) -> Cue:
    return Cue(Span(TEXT, *place), kind, 0.9)


def _attribution(source: tuple[int, int] | None, cue: tuple[int, int], kind: AttributionKind) -> Attribution:
    return Attribution(None if source is None else Span(TEXT, *source), Span(TEXT, *cue), None, None, kind)


def _figures(found: list[Found], gold: list[LabelledSentence]) -> dict[str, tuple[float, int]]:
    return {figure.figure: (figure.value, figure.n) for figure in measure(cast(list[Sentence], found), gold, "hand")}


def approx(value: float, n: int) -> Any:
    """A figure with its number of cases."""
    return (pytest.approx(value), n)


def test_cue_figures() -> None:
    gold = [_labelled(cues=((*SAID, CueType.REPORTATIVE), (*MAY, CueType.MODAL), (*POSSIBLY, CueType.EPISTEMIC))), _labelled()]
    found = [
        Found((_cue(SAID, CueType.REPORTATIVE), _cue(MAY, CueType.EPISTEMIC), _cue((12, 24), CueType.MODAL))),
        Found((_cue(IT, CueType.MODAL),)),
    ]
    values = _figures(found, gold)
    assert values["cue span F1"] == approx(4 / 7, 3)
    assert values["cue span precision"] == approx(2 / 4, 4)
    assert values["cue span recall"] == approx(2 / 3, 3)
    assert values["cue typed F1"] == approx(2 / 7, 3)


def test_attribution_figures() -> None:
    named, unnamed, hearsay = AttributionKind.NAMED, AttributionKind.UNNAMED, AttributionKind.HEARSAY
    gold = [
        _labelled(attributions=(LabelledAttribution(ANA, SAID, None, named), LabelledAttribution(None, MAY, None, hearsay))),
        _labelled(attributions=(LabelledAttribution(ANA, SAID, None, named),)),
    ]
    found = [
        Found(attributions=(_attribution(ANA, SAID, unnamed), _attribution(None, MAY, hearsay), _attribution(IT, MAY, named))),
        Found(attributions=(_attribution((0, 2), SAID, named), _attribution((1, 3), SAID, named))),
    ]
    values = _figures(found, gold)
    assert values["attribution overlap F1"] == approx(2 * 3 / (3 + 5), 3)
    assert values["attribution kind, share of the exact"] == approx(1 / 2, 2)


def test_certainty_figures() -> None:
    wanted: list[float | None] = [0.9, 0.5, 0.4, 0.2, None, None]
    got: list[float | None] = [0.8, 0.5, 0.5, None, None, 0.9]
    hedged = [False, True, True, True, False, False]
    said = [True, True, True, False, False, True]
    probability = [0.75, 1.0, 0.75, 0.0, 0.0, 1.0]
    gold = [_labelled(certainty=value, hedged=flag) for value, flag in zip(wanted, hedged, strict=True)]
    found = [Found(certainty=value, hedged=flag, hedged_probability=p) for value, flag, p in zip(got, said, probability, strict=True)]
    values = _figures(found, gold)
    assert values["certainty r"] == approx(np.corrcoef([0.9, 0.5, 0.4], [0.8, 0.5, 0.5])[0, 1], 3)
    assert values["certainty mean absolute error"] == approx(0.2 / 3, 3)
    assert values["share of claims scored"] == approx(3 / 4, 4)
    assert values["no claim, share found"] == approx(1 / 2, 2)
    assert values["hedged F1"] == approx(2 * 2 / (3 + 3), 3)
    assert values["calibration error of hedged_probability"] == approx((0.75 + 0.0 + 0.25 + 1.0) / 4, 4)


def test_all_right_is_one() -> None:
    cues = ((*SAID, CueType.REPORTATIVE), (*MAY, CueType.MODAL))
    gold = [_labelled(cues=cues, attributions=(LabelledAttribution(ANA, SAID, None, KINDS[0]),), hedged=True, certainty=0.4), _labelled()]
    found = [
        Found(tuple(_cue((a, b), kind) for a, b, kind in cues), (_attribution(ANA, SAID, KINDS[0]),), 0.4, True, 1.0),
        Found(),
    ]
    values = _figures(found, gold)
    names = ("cue span F1", "cue typed F1", "attribution overlap F1", "attribution kind, share of the exact", "certainty r", "hedged F1")
    for name in names:
        assert values[name][0] == pytest.approx(1), name
    assert values["calibration error of hedged_probability"][0] == 0


def test_small_figures() -> None:
    assert f1(3, 4, 5) == pytest.approx(6 / 9)
    assert f1(0, 0, 0) == 0
    assert np.isnan(pearson(np.array([1.0]), np.array([1.0])))
    assert pearson(np.array([1.0, 2.0, 4.0]), np.array([-1.0, -2.0, -4.0])) == pytest.approx(-1)
    assert calibration_error(np.array([0.5, 0.5]), np.array([True, False]), bins=1) == 0
    assert calibration_error(np.array([]), np.array([], dtype=bool)) == 0


# Learned phrases


def _strengths(texts: list[str], sentences: list[LabelledSentence], material: general.Material) -> list[tuple[str, int]]:
    """Type and strength of the one phrase found in each text by a detector that was fitted on the sentences."""
    lexicon = Lexicon((Entry(("may",), CueType.MODAL),), dict.fromkeys(material.lexicon.modifiers, ()))
    detector = fit_cues(sentences, lexicon, material.words, material.tables)
    _, _, values = detector.phrases.find(from_sentences(texts, material.tables))
    assert len(values) == len(texts)
    return [(str(CUE_TYPES[(int(value) - 1) % len(CUE_TYPES)]), (int(value) - 1) // len(CUE_TYPES)) for value in values]


def test_phrases_are_as_strong_as_they_were_reliable(material: general.Material) -> None:
    sentences = []
    for number in range(20):
        place = f"pond {number}"
        for form, times in (("zorbly", 20), ("flane", 4), ("by hearsay", 12)):
            text = f"It {form} rose near {place}."
            cues = ((3, 3 + len(form), CueType.EPISTEMIC if form != "by hearsay" else CueType.REPORTATIVE),) if number < times else ()
            sentences.append(_labelled(text, cues, group=place))
    texts = ["Boats zorbly sank.", "Boats flane sank.", "Boats by hearsay sank.", "Boats may sink."]
    always, seldom, mostly, listed = _strengths(texts, sentences, material)
    assert (always[0], seldom[0], mostly[0], listed[0]) == ("epistemic", "epistemic", "reportative", "modal")
    assert always[1] > mostly[1] > seldom[1] >= 0
    assert max(always[1], listed[1]) < STRENGTHS


def test_packed_phrases_differ() -> None:
    packed = {pack_phrase(kind, strength) for kind in range(len(CUE_TYPES)) for strength in range(STRENGTHS)}
    assert len(packed) == len(CUE_TYPES) * STRENGTHS
    assert 1 <= min(packed) <= max(packed) < 1 << 16


def test_a_model_that_teaches_is_followed_where_it_is_right() -> None:
    """What the teacher knows of a row that the data do not have becomes part of the weights; its scores alone are not kept."""
    weights = np.zeros((3, 16))
    weights[1, [2, 3]], weights[2, [4, 5]] = 4.0, 4.0
    teacher = LinearTable.rounded(weights, np.array([1.0, 0.0, 0.0]))
    rows = np.array([[0, 8], [2, 8], [4, 8], [1, 8]] * 20)
    labels = np.array([0, 1, 2, 0] * 20)
    unseen = np.array([[3, 8], [5, 8], [6, 8]])
    alone = fit_hashed(rows, labels, 3, 16, strength=1.0)
    taught = fit_hashed(rows, labels, 3, 16, strength=1.0, taught_by=teacher)
    assert np.ptp(alone.scores(unseen), axis=0).max() == 0
    assert taught.scores(unseen).argmax(axis=1).tolist() == [1, 2, 0]
    assert taught.scores(rows).argmax(axis=1).tolist() == labels.tolist()
    two = fit_hashed(rows[labels < 2], labels[labels < 2], 3, 16, strength=1.0, taught_by=teacher)
    assert two.scores(unseen[[0, 2]]).argmax(axis=1).tolist() == [1, 0]


def test_words_and_sentences_are_fitted_together() -> None:
    """Many words that each are a little suspicious must not make a sentence a hedged one."""
    generator = np.random.default_rng(0)
    words = generator.integers(1, 12, size=(300, 10))
    words[:100, 0] = 0
    inside = np.zeros(words.shape, dtype=np.bool_)
    inside[:60, 0] = True
    sentence = np.repeat(np.arange(300), 10)
    found = fit_jointly(words.reshape(-1, 1), inside.reshape(-1), sentence, 16, strength=1.0)
    odds = found.scores(np.arange(12)[:, None])[:, 0]
    assert 0.4 < 1 / (1 + np.exp(-odds[0])) < 0.8
    assert odds[1:].max() < -3
    none = 1 / (1 + np.exp(found.scores(words.reshape(-1, 1))[:, 0].reshape(300, 10)))
    assert (1 - none.prod(axis=1))[100:].mean() < 0.05
