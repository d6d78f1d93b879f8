"""How cues bear on the main claim: what they take together, whose part is whose, and what the fit makes of sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_matrix

from hedgekit.batch import from_sentences
from hedgekit.bearing import ASPECTS, BEARING_BITS, bearing_rows, joined, joined_doubts
from hedgekit.certainty import bearing_keys
from hedgekit.cues import spread
from hedgekit.keys import KeyIndex
from hedgekit.labels import CUE_TYPES
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.training.bearing import Material, fit_bearing
from hedgekit.windows import LinearTable

TEXTS = [
    "It may rain.",
    "The dam broke.",
    "The plan, which may change if the council agrees, was published on Monday, officials said.",
    "While it might be late, the train, she thinks, could possibly still arrive.",
    "",
    "Perhaps.",
]


@pytest.fixture(scope="module")
def table() -> LinearTable:
    """Weights that mean nothing, but differ."""
    weights = np.random.default_rng(5).normal(0, 0.2, (len(ASPECTS), 1 << BEARING_BITS))
    return LinearTable.rounded(weights, np.array([-1.0, 0.5]))


@pytest.fixture(scope="module")
def bearing(model: CertaintyModel, table: LinearTable) -> CertaintyModel:
    """The shipped model with such weights, and heads that use them."""
    heads = model.parameters.heads
    keys = np.union1d(heads.space.index.keys, bearing_keys())
    old = np.searchsorted(keys, heads.space.index.keys)
    names = np.full(keys.size, "", dtype=object)
    names[np.searchsorted(keys, bearing_keys())] = ASPECTS
    names[old] = heads.space.names
    space = replace(heads.space, index=KeyIndex(keys), names=tuple(names), bearing=table)

    def spread(weights: npt.NDArray[np.float32], others: float) -> npt.NDArray[np.float32]:
        found = np.full(keys.size, others, dtype=np.float32)
        found[old] = weights
        return found

    heads = replace(
        heads,
        space=space,
        certainty=spread(heads.certainty, -0.04),
        hedged=spread(heads.hedged, 0.1),
        claim=spread(heads.claim, 0.0),
    )
    return CertaintyModel(replace(model.parameters, heads=heads), {"name": "bearing"})


def test_parts_add_up_to_what_is_taken_together() -> None:
    strength = np.array([[0.5, 0.0], [1.5, 0.2], [0.1, 3.0]])
    parts = joined(strength, np.array([0, 0, 2]), 3)
    assert parts[:2].sum(axis=0) == pytest.approx(1 - np.exp(-strength[:2].sum(axis=0)))
    assert parts[2] == pytest.approx(1 - np.exp(-strength[2]))
    assert parts[1, 0] == pytest.approx(3 * parts[0, 0])


def test_company_in_the_batch_does_not_matter(model: CertaintyModel, table: LinearTable) -> None:
    detector, tables = model.parameters.detector, model.parameters.tables

    def values(texts: list[str]) -> list[list[float]]:
        batch = from_sentences(texts, tables)
        columns = detector.table(batch)
        found: list[list[float]] = joined_doubts(table, batch, columns, detector.predict(batch, columns)).tolist()
        return found

    together = values(TEXTS)
    assert len(together) >= 8
    assert together == [row for text in TEXTS for row in values([text])]
    assert values(["The dam broke."]) == []


def test_place_and_company_of_a_cue_count(model: CertaintyModel) -> None:
    batch = from_sentences(["It may rain.", "He, who may come, left.", "It may rain, but we go."], model.parameters.tables)
    columns = model.parameters.detector.table(batch)
    rows = bearing_rows(batch, columns, model.parameters.detector.predict(batch, columns))
    assert len(rows) == 3
    assert len({tuple(row) for row in rows.tolist()}) == 3


def test_scores_explanations_and_the_pipeline_agree(bearing: CertaintyModel) -> None:
    for sentence in bearing.annotate([text for text in TEXTS if text]):
        if sentence.certainty is None:
            continue
        explanation = sentence.explain()
        assert min(max(explanation.total, 0.0), 1.0) == pytest.approx(sentence.certainty, abs=1e-9)
        told = [item for item in explanation.features if item.name in ASPECTS]
        assert bool(told) == bool(sentence.cues)
    plain = [text for text in TEXTS if text]
    assert bearing.to_sklearn("certainty").predict(plain) == pytest.approx(bearing.score(plain), abs=1e-9, nan_ok=True)


def test_saved_and_read_again(bearing: CertaintyModel) -> None:
    again = Parameters.from_arrays(bearing.parameters.to_arrays())
    assert again.heads.space.bearing is not None
    assert CertaintyModel(again, {"name": "again"}).score(TEXTS) == pytest.approx(bearing.score(TEXTS), abs=0, nan_ok=True)


def test_the_fit_finds_the_cues_that_bear() -> None:
    random = np.random.default_rng(3)
    n = 2000
    # Row 1 stands for a cue of the main clause, row 2 for one of a side remark; nobody says which took the certainty.
    rows = np.array([[row] for _ in range(n) for row in (1, 2)])
    kept = random.random(2 * n) < 0.5
    sentence = np.arange(n).repeat(2)[kept]
    doubted = np.bincount(sentence[rows[kept, 0] == 1], minlength=n) > 0
    plain = csr_matrix((n, 1))
    material = Material(plain, rows[kept], np.ones(sentence.size), sentence)
    found = fit_bearing(material, np.where(doubted, 0.42, 0.93), doubted, np.ones(n))
    main, aside = found.scores(np.array([[1], [2]]))
    assert (np.logaddexp(0, main) > 3 * np.logaddexp(0, aside)).all()


def test_the_fit_needs_no_cue() -> None:
    material = Material(csr_matrix((3, 1)), np.zeros((0, 5), np.int64), np.zeros(0), np.zeros(0, np.int64))
    found = fit_bearing(material, np.array([0.9, 0.9, 0.8]), np.array([False, False, True]), np.ones(3))
    assert not found.weights.any()


def test_what_is_faint_is_no_cue_but_is_heard(model: CertaintyModel, seed_texts: list[str]) -> None:
    """What is likelier no cue stands beside the cues, in order, and gives the same alone and in a batch."""
    detector, tables = model.parameters.detector, model.parameters.tables
    batch = from_sentences(seed_texts[:400], tables)
    cues = detector.predict(batch, faint=True)
    faint = cues.faint
    assert faint is not None
    assert len(faint) > 10
    assert detector.predict(batch).faint is None
    held = spread(len(batch.tokens), cues.first, cues.last)
    assert not (held & spread(len(batch.tokens), faint.first, faint.last)).any()
    # Of the middle of what is found one is surer than of the middle of what is faint.
    assert np.median(cues.probability) > 0.5 > np.median(faint.probability)
    heard, number = cues.heard()
    assert (np.diff(heard.first) > 0).all()
    assert number[number >= 0].tolist() == list(range(len(cues)))
    assert (-2 - number[number < 0]).tolist() == faint.first.tolist()
    for at in np.unique(faint.sentence)[:20].tolist():
        alone = detector.predict(from_sentences([seed_texts[at]], tables), faint=True).faint
        assert alone is not None
        mine = faint.sentence == at
        assert alone.first.tolist() == (faint.first[mine] - batch.bounds[at]).tolist()
        assert alone.probability.tolist() == faint.probability[mine].tolist()
    chosen = np.arange(len(batch)) % 2 == 0
    part = cues.of(chosen)
    assert part.faint is not None
    assert chosen[part.sentence].all()
    assert chosen[part.faint.sentence].all()
    assert len(part.faint) == int(chosen[faint.sentence].sum())


def test_types_that_are_switched_off_are_not_heard_either(model: CertaintyModel, seed_texts: list[str]) -> None:
    batch = from_sentences(seed_texts[:400], model.parameters.tables)
    faint = model.parameters.detector.predict(batch, faint=True).faint
    assert faint is not None
    kind = CUE_TYPES[int(np.bincount(faint.type).argmax())]
    less = model.with_lexicon(types_off=[kind]).parameters.detector.predict(batch, faint=True).faint
    assert less is not None
    assert CUE_TYPES.index(kind) not in less.type
    assert 0 < len(less) < len(faint)


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("It is highly likely that the dam broke.", "likely"),
        ("The dam is very likely to break.", "likely"),
        ("As far as I know, the dam broke.", "know"),
        ("It is quite possible that the dam broke.", "possible"),
    ],
)
def test_what_is_left_of_a_cue_that_is_switched_off_is_not_heard(text: str, off: str, model: CertaintyModel) -> None:
    silent = model.with_lexicon(off=[off])
    batch = from_sentences([text], model.parameters.tables)
    cues = model.parameters.detector.predict(batch)
    faint = silent.parameters.detector.predict(batch, faint=True).faint
    held = spread(len(batch.tokens), cues.first, cues.last)
    assert faint is None or not held[faint.first].any()
    assert silent.score(text) > model.score(text) + 0.05
