"""The benchmarks run and count what they say, on sizes that take seconds; their real results are in benchmarks/results."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hedgekit

# The benchmarks are no part of the package, and pysbd installs a "benchmarks" of its own, so the checkout comes first for
# this import; hedgekit is imported above, so that an installed one stays the one that is tested.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import accuracy, attribution, coldstart, contribution, findings, rivals, scale, segmentation, speed, tables, uncertainty
from benchmarks.plots import bins_of, reliability
from hedgekit.corpora import LabelledSentence
from hedgekit.findings import Finding
from hedgekit.labels import ASPECT_CERTAINTIES, ASPECTS, AspectCertainty, CueType
from hedgekit.parameters import Parameters
from hedgekit.polnear import LabelledArticle, RoleSpans
from hedgekit.text.characters import CharacterTables
from hedgekit.training import general
from hedgekit.training.domain import Domain
from hedgekit.training.measure import figures, intervals, tally

sys.path.pop(0)


@pytest.fixture(scope="module")
def material(seed_material: general.Material) -> general.Material:
    """A small part of the seeds."""
    whole = seed_material
    lexicon = replace(whole.lexicon, entries=whole.lexicon.entries[::60])
    return replace(whole, sentences=whole.sentences[::5], examples=whole.examples[::80], lexicon=lexicon)


def labelled(text: str, *cues: tuple[str, CueType], group: str = "a", certainty: float | None = 0.5) -> LabelledSentence:
    spans = tuple((text.index(words), text.index(words) + len(words), cue_type) for words, cue_type in cues)
    return LabelledSentence(text, group, "made", spans, (), certainty, bool(cues))


MADE = [
    labelled("It may rain.", ("may", CueType.MODAL), group="a"),
    labelled("It will probably rain in May.", ("probably", CueType.EPISTEMIC), group="a"),
    labelled("They met in May.", group="b", certainty=1.0),
    labelled("Is it so?", group="c", certainty=None),
]
TEXTS = [sentence.text for sentence in MADE]


def values(found: Sequence[accuracy.System]) -> dict[str, dict[str, float]]:
    return {system.name: {figure.figure: figure.value for figure in figures(tally(system.annotate(TEXTS), MADE), "")} for system in found}


def test_a_list_believes_every_match(tables: CharacterTables) -> None:
    forms = rivals.seen_cues(MADE)
    assert forms == [("may", CueType.MODAL), ("probably", CueType.EPISTEMIC)]
    found = rivals.phrase_list(forms, tables)(TEXTS)
    assert [[cue.text for cue in sentence.cues] for sentence in found] == [["may"], ["probably", "May"], ["May"], []]
    assert [sentence.hedged for sentence in found] == [True, True, True, False]


def test_the_reliable_list_drops_what_was_seldom_a_cue(tables: CharacterTables) -> None:
    assert rivals.reliable_cues(MADE, tables) == [("probably", CueType.EPISTEMIC)]


def test_the_longest_phrase_wins_and_boosters_do_not_hedge(tables: CharacterTables) -> None:
    forms = [("no", CueType.MODAL), ("no doubt", CueType.BOOSTER)]
    [sentence] = rivals.phrase_list(forms, tables)(["There is no doubt."])
    assert [(cue.text, cue.type) for cue in sentence.cues] == [("no doubt", CueType.BOOSTER)]
    assert not sentence.hedged


def test_figures_of_a_list_by_hand(tables: CharacterTables) -> None:
    system = accuracy.System("list", rivals.phrase_list(rivals.seen_cues(MADE), tables), frozenset())
    got = values([system])["list"]
    assert got["cue span F1"] == pytest.approx(2 * 2 / (2 + 4))
    assert got["false alarms per 1,000 sentences without a cue"] == pytest.approx(500)
    assert got["hedged F1"] == pytest.approx(2 * 2 / (2 + 3))
    assert math.isnan(got["certainty r"])


def test_false_alarms_are_counted_for_each_register(tables: CharacterTables) -> None:
    rows = [replace(sentence, register=register) for sentence, register in zip(MADE, ("x", "x", "calendar", "talk"), strict=True)]
    believing = accuracy.System("list", rivals.phrase_list(rivals.seen_cues(MADE), tables), frozenset(accuracy.COLUMNS))
    bag = accuracy.System("bag", lambda texts: rivals.sentences(texts, hedged=np.array(["?" in text for text in texts])), frozenset())
    found = accuracy.alarms_by_register(rows, [believing, bag])
    assert found.rows == (("made, calendar", "1", "1000 / 1000", "- / 0"), ("made, talk", "1", "0 / 0", "- / 1000"))


def test_intervals_draw_whole_documents() -> None:
    found = rivals.sentences(TEXTS, certainty=np.array([0.5, 0.6, 1.0, 0.5]), hedged=np.array([True, False, False, False]))
    counted = tally(found, MADE)
    ends = intervals(counted, ["one"] * len(MADE), n_samples=5)
    for figure in figures(counted, ""):
        if not math.isnan(figure.value):
            assert ends[figure.figure] == pytest.approx((figure.value, figure.value)), figure.figure
    low, high = intervals(counted, [sentence.group for sentence in MADE], n_samples=200)["hedged F1"]
    assert low < 2 / 3 == pytest.approx(high)


def test_the_best_threshold_is_the_one_with_the_best_f1() -> None:
    assert rivals.best_threshold(np.array([0.9, 0.2, 0.8, 0.3]), np.array([True, False, False, True])) == 0.3


def test_accuracy_on_a_few_seeds(material: general.Material, monkeypatch: pytest.MonkeyPatch) -> None:
    # Fitting takes minutes and is tested with the training; here counts who is fitted on what, and what is shown.
    fitted_on: list[list[LabelledSentence]] = []

    def fit(_: general.Material, sentences: Sequence[LabelledSentence], *__: object) -> Parameters:
        fitted_on.append(list(sentences))
        return hedgekit.load("general").parameters

    monkeypatch.setattr(general, "fit", fit)
    train, test = general.split(material.sentences, 1)
    assert test
    assert not {sentence.group for sentence in train} & {sentence.group for sentence in test}
    pooled, held_out = accuracy.cross_validated(material, folds=[1])
    found = accuracy.table("seeds", held_out, pooled, n_samples=20)
    assert fitted_on == [train]
    assert held_out == test
    ours, bag, *lists = (dict(zip(found.header, row, strict=True)) for row in found.rows)
    assert all(" to " in cell for name, cell in ours.items() if name != "system")
    assert bag["cue span F1"] == "-" != bag["certainty r"]
    assert all(row["certainty r"] == "-" != row["cue span F1"] for row in lists)
    assert len(lists) == 3


def test_uncertainty_on_a_few_seeds(material: general.Material, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [
        replace(sentence, origin="papers", group=f"paper {number % 20}", hedged=bool(sentence.cues), graded=False)
        for number, sentence in enumerate(material.sentences)
    ]
    listed = [replace(sentence, origin="lists", cues=(), scopes=()) for sentence in papers[::7]]
    fitted_on: list[set[str]] = []

    def fit(
        _: general.Material, __: Domain, marked: Sequence[LabelledSentence], whole: Sequence[LabelledSentence], *___: object
    ) -> Parameters:
        fitted_on.append({sentence.group for sentence in (*marked, *whole)})
        assert {sentence.origin for sentence in marked} == {"papers"} != {sentence.origin for sentence in whole} == {"lists"}
        return hedgekit.load("general").parameters

    monkeypatch.setattr(uncertainty, "fit", fit)
    found = uncertainty.domain_table(material, Domain("small", "For tests.", papers, listed, [], ()))
    assert [table.title.split(":")[0] for table in found] == ["small, lists", "small, papers"]
    assert found[1].title.endswith(
        f"{len(papers)} sentences, {sum(s.hedged for s in papers)} uncertain, {sum(len(s.cues) for s in papers)} cues"
    )
    assert len(fitted_on) == 5
    assert set.union(*fitted_on) == {sentence.group for sentence in papers}
    assert not set.intersection(*fitted_on)
    ours, bag, phrases = (dict(zip(found[1].header, row, strict=True)) for row in found[1].rows)
    assert " to " in ours["sentence F1"]
    assert 0.5 < float(ours["cue span F1"].split()[0]) <= 1
    assert bag["cue span F1"] == bag["scope exact"] == phrases["scope exact"] == "-"
    assert float(phrases["cue span F1"]) < float(ours["cue span F1"].split()[0])


def test_modal_sense_counts_a_cue_on_the_verb(material: general.Material, tmp_path: Path) -> None:
    (tmp_path / "modality").mkdir()
    senses = {"Prices may rise again in June.": "ep", "You may leave the room now.": "de", "He may have missed the train.": "ep"}
    lines = [f"{text}\t{sense}" for text, sense in senses.items()] * 6
    for verb in ("may", "must", "should", "could", "can"):
        text = "\n".join(line.replace(" may ", f" {verb} ") for line in lines)
        (tmp_path / "modality" / f"made__{verb}.txt").write_text(text, encoding="utf-8")
    found = uncertainty.modal_table(tmp_path, material)
    assert found.rows[0][:4] == ("may", "18", "0.67", "1.00 (1.00 to 1.00)")
    assert [row[0] for row in found.rows] == ["may", "must", "should", "could", "can"]
    assert {row[-1] for row in found.rows} == {"0.67"}


def test_contributions_on_a_few_seeds(material: general.Material) -> None:
    few = replace(material, sentences=material.sentences[::3], examples=material.examples[::3])
    *_, found = contribution.run(few, [contribution.Variant("no lexicon", lexicon=False)], folds=[0])
    assert [row[0] for row in found.rows] == ["no lexicon"]
    assert all(len(row) == len(found.header) == len(contribution.COLUMNS) + 1 for row in found.rows)
    assert contribution.VARIANTS[1].train([*MADE, replace(MADE[0], origin="seeds")]) == MADE
    assert contribution.VARIANTS[2].material(material).lexicon.forms() == []
    assert contribution.VARIANTS[2].material(material).lexicon.modifiers == material.lexicon.modifiers
    graded = replace(material, taught=MADE)
    assert [bool(variant.material(graded).taught) for variant in contribution.VARIANTS] == [True, True, True, False, False, False]


def test_speed_on_a_few_sentences(material: general.Material) -> None:
    sentences = speed.recombined(material.sentences, 40)
    assert len(set(sentences)) == 40
    timed = speed.measure(speed.fitted_pipeline(material.sentences), sentences, slice_size=10)
    assert len({name for name, _ in timed}) == len(timed)
    assert all(len(ratios) == speed.SLICES and min(ratios) > 0 for _, ratios in timed)
    assert len(speed.table(timed, ()).rows) == len(timed)


def test_speed_refuses_too_few_sentences() -> None:
    with pytest.raises(ValueError, match="40 sentences are needed, got 39"):
        speed.measure(None, ["It rained."] * 39, slice_size=10)


def test_raw_sentences_are_different_and_shared_by_the_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = "\n\n".join(f"It rained in {name}\non day {day}. Yes." for day in range(30))
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    found = speed.raw_sentences(tmp_path, 20)
    assert len(set(found)) == 20
    assert sum("one" in sentence for sentence in found) == 10
    assert "\n" not in "".join(found)


def test_paragraphs_hold_ten_sentences() -> None:
    assert [text.count(".") for text in speed.paragraphs(["It rained."] * 25)] == [10, 10, 5]


def test_coldstart_compares_new_processes() -> None:
    found = coldstart.run({"nothing": "pass"}, repeats=1)
    assert 0 < float(found.rows[0][1]) < 2


def test_sentence_ends_are_compared_inside_paragraphs() -> None:
    paragraphs = [["It rained.", "It stopped.", "Good."], ["Alone."]]
    assert segmentation.compare(paragraphs, lambda text: [10, len(text)]) == pytest.approx((2 / 3, 1, 1 / 2))
    assert segmentation.compare(paragraphs, segmentation.ours()) == (1, 1, 1)
    assert segmentation.compare(paragraphs, segmentation.punkt()) == (1, 1, 1)


def test_saved_results_hold_versions_and_no_paths(tmp_path: Path) -> None:
    table = tables.Table("Title", ("system", "F1"), (("ours", "1.00"),), ("A note.",))
    written = tables.save("speed", [table], ["nltk"], tmp_path).read_text(encoding="utf-8")
    assert "| ours   | 1.00 |" in written
    assert all(name in written for name in ("hedgekit ", "numpy ", "scikit-learn ", "nltk ", "Python "))
    assert str(Path.home()) not in written


def test_a_bag_of_words_tells_sentences_with_a_cue() -> None:
    said = RoleSpans(((0, 3),), ((4, 8),), ((9, 14),))
    articles = [LabelledArticle(f"article {number}", "Kim said it ok. It rained. It rained.", (said,)) for number in range(10)]
    counts = attribution.bag_of_words(articles, articles)["sentence"]
    assert counts.tolist() == [[1, 1, 1]] * 10


def test_the_table_of_attributions_leaves_out_what_a_system_does_not_give() -> None:
    counts = {"cue": np.array([[1, 2, 1], [3, 4, 5]]), "sentence": np.array([[1, 1, 1], [1, 1, 1]])}
    cells = attribution._cells(counts, ("cue", "sentence"))
    assert [cells[1], cells[2]] == ["-", "-"]
    assert cells[0].startswith("0.667 (")
    assert cells[3] == "1.000 (1.00 to 1.00)"


def test_the_points_of_a_reliability_diagram() -> None:
    probability, label = np.array([0.1, 0.9, 0.2, 0.8]), np.array([False, True, True, True])
    means, shares = bins_of(probability, label, bins=2)
    assert means.tolist() == pytest.approx([0.15, 0.85])
    assert shares.tolist() == [0.5, 1.0]


def test_a_reliability_diagram_is_drawn(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    probability = generator.random(200)
    label = generator.random(200) < probability
    path = tmp_path / "reliability.png"
    both = {"hedgekit": (probability, label), "bag of words": (probability, ~label)}
    reliability({"news": both, "prose": {"hedgekit": (probability, label)}}, path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 5_000


def test_findings_beside_a_bag_of_words() -> None:
    things = ["bees", "tides", "oaks", "owls", "eels", "reefs", "moths", "ferns", "crabs", "wolves", "larks", "toads"]
    rated = [
        Finding(f"The survey {verb} {thing} return.", value) for thing in things for verb, value in (("shows", 0.9), ("hints that", 0.3))
    ]
    counted = [
        Finding(f"{count} {thing} returned.", aspects=dict.fromkeys(ASPECTS, level))
        for thing in things
        for count, level in (
            ("Exactly 40", AspectCertainty.CERTAIN),
            ("About 40", AspectCertainty.UNCERTAIN),
            ("All the", AspectCertainty.NOT_PRESENT),
        )
    ]
    test = [
        Finding("The survey shows newts return."),
        Finding("The survey hints that newts return."),
        Finding("Exactly 40 newts returned."),
    ]
    certainty, aspects = findings.bag_of_words([*rated, *counted], test)
    assert certainty[0] > certainty[1]
    assert set(aspects[2].tolist()) == {ASPECT_CERTAINTIES.index(AspectCertainty.CERTAIN)}
    gold = [finding for finding in rated if finding.certainty is not None]
    right = np.array([finding.certainty for finding in gold])
    assert findings.beats(gold, [finding.text for finding in gold], right, 1 - right) == 1.0


@pytest.mark.parametrize("task", scale.TASKS)
def test_scale_counts_every_sentence(task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "labelled", lambda: MADE * 3)
    found = scale.run(task, 1, 205)
    assert found.n == 205
    assert 20 < found.peak < 4_000
    shown = scale.table([found, replace(found, n=1_000)]).markdown()
    assert "| 205 " in shown
    assert "| 1,000 " in shown
    scale.draw([found, replace(found, n=1_000)], tmp_path / "scale.png")
    assert (tmp_path / "scale.png").stat().st_size > 5_000


def test_a_billion_sentences_are_reckoned_from_the_longest_run() -> None:
    short, long = scale.Figure("score_many", 1, 1_000, 1.0, 90.0), scale.Figure("score_many", 1, 1_000_000, 20.0, 95.0)
    found = scale.reckoning([long, short, scale.Figure("score_many", 2, 1_000_000, 11.0, 190.0)])
    # 50,000 a second: 20,000 seconds; on 64 cores of which a fifth of the time is lost 391.
    assert found.rows == (("score_many, 1 process", "50,000", "5.6", "0.11"),)


def test_scale_streams_the_same_sentences() -> None:
    assert list(scale.stream(MADE, 5)) == list(scale.stream(MADE, 9))[:5]
