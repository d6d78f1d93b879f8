"""The recipes of the models that follow a corpus' own notion of uncertainty, on a small part of the seeds made to look like one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hedgekit
from hedgekit.batch import from_sentences
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import EVERY_WINDOWS
from hedgekit.labels import CueType
from hedgekit.lexicon import Lexicon
from hedgekit.model import CertaintyModel
from hedgekit.training import domain, general
from hedgekit.training.measure import measure_domain


@pytest.fixture(scope="module")
def material(seed_material: general.Material) -> general.Material:
    whole = seed_material
    return replace(
        whole, sentences=whole.sentences[::8], lexicon=Lexicon(whole.lexicon.entries[::25], whole.lexicon.modifiers), examples=[]
    )


@pytest.fixture(scope="module")
def made(seed_material: general.Material) -> domain.Domain:
    """Only modal and epistemic cues count as uncertain, in sentences that were labelled with cues and in some without."""
    wanted = (CueType.MODAL, CueType.EPISTEMIC)
    rows = []
    for number, sentence in enumerate(seed_material.sentences[:400]):
        kept = [place for place, cue in enumerate(sentence.cues) if cue[2] in wanted]
        cues = tuple((*sentence.cues[place][:2], CueType.EPISTEMIC) for place in kept)
        scopes = tuple(sentence.scopes[place] for place in kept)
        group = f"paper {number // 7}"
        rows.append(LabelledSentence(sentence.text, group, "papers", cues, None, None, bool(cues), graded=False, scopes=scopes))
    listed = [replace(sentence, cues=(), scopes=(), origin="lists") for sentence in rows[340:]]
    return domain.Domain("small", "For tests.", rows[:340], listed, [], (), repeated=2, amounts=True, company=True)


@pytest.fixture(scope="module")
def fitted(material: general.Material, made: domain.Domain, model: CertaintyModel) -> CertaintyModel:
    typed = domain.typed(made.marked, material.lexicon, model.parameters.detector, material.tables)
    return CertaintyModel(domain.fit(material, made, typed, made.listed), {"name": "small", "description": "", "data": []})


def test_types_come_from_the_lexicon_and_from_a_model(
    seed_material: general.Material, material: general.Material, model: CertaintyModel
) -> None:
    text = "It may likely rain."
    sentence = LabelledSentence(text, "a", "a", ((3, 6, CueType.EPISTEMIC), (7, 13, CueType.WEASEL)), None, None, True, graded=False)
    [found] = domain.typed([sentence], seed_material.lexicon, model.parameters.detector, material.tables)
    assert [str(kind) for *_, kind in found.cues] == ["modal", "epistemic"]
    empty = Lexicon((), {"intensifier": (), "negator": ()})
    [found] = domain.typed([sentence], empty, model.parameters.detector, material.tables)
    assert [str(kind) for *_, kind in found.cues] == ["modal", "epistemic"]


def test_located_cues_are_learned_from_and_the_rest_is_known_as_a_whole(
    material: general.Material, made: domain.Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CaughtError(Exception):
        pass

    def caught(counted: list[LabelledSentence], *_: object, **__: object) -> None:
        raise CaughtError(counted)

    monkeypatch.setattr(domain, "cross_fitted_cues", caught)
    known, unknown = made.listed[:5], made.listed[5:]
    located = tuple(replace(sentence, cues=((0, 1, CueType.WEASEL),), scopes=()) for sentence in [*known, unknown[0]])
    marked = [replace(sentence, origin="other") for sentence in made.marked]
    with pytest.raises(CaughtError) as found:
        domain.fit(material, replace(made, located=located), marked, known)
    assert found.value.args[0] == [*marked, *located[:-1]]


def test_hedged_means_what_the_corpus_means(fitted: CertaintyModel, made: domain.Domain) -> None:
    found = fitted.annotate([sentence.text for sentence in made.marked])
    values = {(row.part, row.figure): row.value for row in measure_domain(found, made.marked)}
    assert values["papers", "sentence F1"] > 0.85
    assert values["papers", "cue span F1"] > 0.7
    uncertain, certain = fitted.annotate(["The bridge may close.", "The bridge closed."])
    assert uncertain.hedged_probability > certain.hedged_probability
    assert all(sentence.certainty is not None for sentence in fitted.annotate(["Annex B", "Why?"]))


def test_every_cue_has_a_scope_where_amounts_have(made: domain.Domain, fitted: CertaintyModel) -> None:
    found = [cue for sentence in fitted.annotate([sentence.text for sentence in made.marked[:100]]) for cue in sentence.cues]
    assert len(found) > 10
    for cue in found:
        assert cue.scope is not None
        assert cue.scope.start <= cue.start < cue.end <= cue.scope.end


def test_it_is_kept_and_agrees_with_scikit_learn(fitted: CertaintyModel, tmp_path: Path) -> None:
    texts = ["The bridge may close.", "Perhaps it closed.", "It closed.", "pairs of words count"]
    fitted.save(tmp_path / "small")
    again = hedgekit.load(tmp_path / "small")
    np.testing.assert_array_equal(again.score(texts), fitted.score(texts))
    expected = [sentence.hedged_probability for sentence in fitted.annotate(texts)]
    assert [sentence.hedged_probability for sentence in again.annotate(texts)] == expected
    np.testing.assert_allclose(fitted.to_sklearn("hedged").predict_proba(texts)[:, 1], expected, atol=1e-9)
    assert any(name.startswith("pair ") for name in fitted.parameters.heads.space.names)


def test_the_doubt_of_every_word_is_added(fitted: CertaintyModel) -> None:
    """The log-odds of the detector's doubt and of the model that judges every word add up, alone as in a batch."""
    parameters = fitted.parameters
    assert parameters.detector.everywhere is not None
    assert parameters.detector.company is not None
    texts = ["The bridge may close.", "The bridge closed.", "It is possible that it closed, or may have.", ""]
    batch = from_sentences(texts, parameters.tables)
    both = parameters.detector.predict(batch).doubt
    found = replace(parameters.detector, everywhere=None).predict(batch).doubt
    table = parameters.detector.table(batch)
    odds = EVERY_WINDOWS.scores(parameters.detector.everywhere, table.columns, batch.slots)[:, 0]
    for number in range(3):
        words = odds[batch.bounds[number] : batch.bounds[number + 1]]
        some = 1 - np.prod(1 / (1 + np.exp(words)))
        first = min(max(found[number], 1e-4), 1 - 1e-4)
        expected = first * some / (first * some + (1 - first) * (1 - some))
        assert both[number] == pytest.approx(expected, abs=1e-9)
        alone = parameters.detector.predict(from_sentences([texts[number]], parameters.tables)).doubt
        assert alone[0] == pytest.approx(both[number], abs=1e-12)
    assert both[0] > both[1]
    assert both[3] < 0.001


def test_words_of_the_user_count_and_leave_the_others_alone(fitted: CertaintyModel) -> None:
    texts = ["The bridge may close.", "The bridge closed.", "It is possible that it closed."]
    plain = [sentence.hedged_probability for sentence in fitted.annotate(texts)]
    unrelated = fitted.with_lexicon({"scuttlebutt has it": "reportative"})
    assert [sentence.hedged_probability for sentence in unrelated.annotate(texts)] == plain
    off = fitted.with_lexicon(off=["may"]).annotate(texts)
    assert off[0].cues == ()
    assert off[0].hedged_probability < plain[0]
    assert [sentence.hedged_probability for sentence in off[1:]] == plain[1:]
    silent = fitted.with_lexicon(types_off=[str(kind) for kind in CueType]).annotate(texts)
    assert all(sentence.cues == () for sentence in silent)
    assert silent[0].hedged_probability < plain[0]
    own = fitted.with_lexicon({"the bridge": "epistemic"}).annotate(texts)
    assert own[1].hedged_probability > plain[1]


def test_figures_of_a_domain_by_hand() -> None:
    [right] = hedgekit.annotate(["It may rain."])
    gold = LabelledSentence("It may rain.", "a", "part", ((3, 6, CueType.MODAL),), None, None, True, graded=False, scopes=((3, 11),))
    whole = LabelledSentence("It rained.", "a", "part", (), None, None, True, graded=False)
    values = {row.figure: (row.value, row.n) for row in measure_domain([right, *hedgekit.annotate(["It rained."])], [gold, whole])}
    assert values["sentence F1"][0] == pytest.approx(2 / 3)
    assert values["sentence precision"] == (1, 1)
    assert values["cue span F1"] == (1, 1)
    assert values["scope exact, share of the cues found"] == (1, 1)
    assert "cue typed F1" not in values


def test_a_domain_needs_its_corpus() -> None:
    done = subprocess.run([sys.executable, "-m", "hedgekit.training", "wikipedia"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "give --corpora" in done.stderr
