"""The nearest phrases that are mostly cues, on the left and on the right of a judged word: what is read, and what is learned of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedgekit.batch import Batch, from_sentences
from hedgekit.company import COMPANY_BITS, company_rows, company_values
from hedgekit.corpora import LabelledSentence
from hedgekit.cues import TAG_BITS, TAG_WINDOWS, CueDetector
from hedgekit.labelled import LabelledData
from hedgekit.labels import CueType
from hedgekit.lexicon import Lexicon
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.training import general
from hedgekit.training.company import fit_tags, joined, parted, tag_rows
from hedgekit.training.cues import fit_cues, gathered
from hedgekit.training.spans import adapted_detector
from hedgekit.windows import LinearTable

# One phrase of two words, "as if", between two of one.
FIRST = "perhaps a b c as if d e f g h i j k l m n possibly"
SECOND = "x y"


def read(batch: Batch, judged: list[int], phrases: list[tuple[int, int]]) -> list[tuple[str | None, int, str | None, int]]:
    """For each judged word the word that opens the phrase on its left, how near that is, and the same for its right."""
    words = [batch.text[a:b] for a, b in zip(batch.tokens.starts.tolist(), batch.tokens.ends.tolist(), strict=True)]
    named = {0: None} | dict(zip(batch.tokens.keys.tolist(), words, strict=True))
    spans = np.array(phrases, dtype=np.int64).reshape(-1, 2)
    values = company_values(batch, np.array(judged, dtype=np.int64), spans[:, 0], spans[:, 1]).tolist()
    assert [named[row[0]] for row in values] == [words[token] for token in judged]
    return [(named[row[1]], row[2], named[row[3]], row[4]) for row in values]


@pytest.fixture(scope="module")
def batch(model: CertaintyModel) -> Batch:
    return from_sentences([FIRST, SECOND, FIRST], model.parameters.tables)


PHRASES = [(0, 0), (4, 5), (17, 17), (20, 20)]


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (1, ("perhaps", 1, "as", 2)),
        (2, ("perhaps", 2, "as", 2)),
        (3, ("perhaps", 2, "as", 1)),
        (6, ("as", 1, "possibly", 4)),
        (8, ("as", 2, "possibly", 4)),
        (9, ("as", 3, "possibly", 4)),
        (12, ("as", 4, "possibly", 3)),
        (16, ("as", 4, "possibly", 1)),
        # What a word stands in is no company of it, whether it opens the phrase or closes it.
        (0, (None, 0, "as", 3)),
        (4, ("perhaps", 3, "possibly", 5)),
        (5, ("perhaps", 3, "possibly", 5)),
        (17, ("as", 5, None, 0)),
        # Other sentences are none, on neither side.
        (18, (None, 0, None, 0)),
        (19, (None, 0, None, 0)),
        (20, (None, 0, None, 0)),
        (21, ("perhaps", 1, None, 0)),
    ],
)
def test_the_nearest_of_the_sentence(judged: int, expected: tuple[str | None, int, str | None, int], batch: Batch) -> None:
    assert read(batch, [judged], PHRASES) == [expected]


def test_no_phrase_and_no_word(batch: Batch) -> None:
    assert read(batch, [0, 5], []) == [(None, 0, None, 0)] * 2
    assert read(batch, [], PHRASES) == []
    assert company_rows(batch, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)).shape == (0, 8)


def test_rows_tell_what_differs(batch: Batch) -> None:
    spans = np.array(PHRASES, dtype=np.int64)
    rows = company_rows(batch, np.array([1, 21, 7, 8]), spans[:, 0], spans[:, 1])
    assert rows.shape == (4, 8)
    assert rows.min() >= 0
    assert rows.max() < 1 << COMPANY_BITS
    # "a" with the same word on its left but another right; then two words with equal company: what says nothing of the word is equal.
    assert (rows[0] == rows[1]).any()
    assert (rows[0] != rows[1]).any()
    assert (rows[2] == rows[3]).sum() == 3


# What is learned -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def material(seed_material: general.Material) -> general.Material:
    whole = seed_material
    return replace(whole, lexicon=Lexicon(whole.lexicon.entries[::25], whole.lexicon.modifiers))


@pytest.fixture(scope="module")
def made() -> list[LabelledSentence]:
    """Sentences in which "may" is a cue only where "perhaps" stands far before it."""
    rows = []
    subjects = ("bridge", "river", "castle", "harbour", "market", "school", "station", "garden")
    for number in range(160):
        words = f"the {subjects[number % 8]} of the {subjects[number // 8 % 8]} in the {subjects[number // 20 % 8]}"
        for opening in ("Perhaps", "Clearly"):
            text = f"{opening} {words} may close."
            at = text.index("may")
            cues = ((0, 7, CueType.EPISTEMIC), (at, at + 3, CueType.EPISTEMIC)) if opening == "Perhaps" else ()
            rows.append(LabelledSentence(text, f"paper {number}", "papers", cues, None, None, bool(cues), graded=False))
    return rows


@pytest.fixture(scope="module")
def detector(material: general.Material, made: list[LabelledSentence]) -> CueDetector:
    return fit_cues(made, material.lexicon, material.words, material.tables, everywhere=True, company=True)


TEXTS = ["Perhaps the old river of the garden may close.", "Clearly the old river of the garden may close.", "", "Perhaps."]


def inside(detector: CueDetector, batch: Batch, word: str) -> list[float]:
    """How probably each occurrence of a word stands in a cue."""
    probabilities = detector.tag_probabilities(batch, detector.table(batch))
    ends = zip(batch.tokens.starts.tolist(), batch.tokens.ends.tolist(), strict=True)
    return [1 - float(probabilities[token, 0]) for token, (a, b) in enumerate(ends) if batch.text[a:b] == word]


def test_it_hears_what_is_too_far_for_a_window(detector: CueDetector, material: general.Material) -> None:
    batch = from_sentences(TEXTS, material.tables)
    assert detector.company is not None
    with_perhaps, without = inside(detector, batch, "may")
    assert with_perhaps > 0.8
    assert without < 0.2
    deaf = inside(replace(detector, company=None), batch, "may")
    assert deaf[0] == pytest.approx(deaf[1], abs=1e-12)


def test_only_models_that_ask_for_it_hear_it(material: general.Material, made: list[LabelledSentence], model: CertaintyModel) -> None:
    assert fit_cues(made[:80], material.lexicon, material.words, material.tables).company is None
    assert model.parameters.detector.company is None


def test_alone_as_in_a_batch(detector: CueDetector, material: general.Material) -> None:
    texts = [*TEXTS, *TEXTS[::-1]]
    batch = from_sentences(texts, material.tables)
    together = detector.tag_probabilities(batch, detector.table(batch))
    for number, text in enumerate(texts):
        alone = from_sentences([text], material.tables)
        expected = together[batch.bounds[number] : batch.bounds[number + 1]]
        np.testing.assert_array_equal(detector.tag_probabilities(alone, detector.table(alone)), expected)


def test_places_and_words_of_the_user(detector: CueDetector, model: CertaintyModel) -> None:
    """A model that hears company says where its cues stand, and takes words and leaves them as any other."""
    mine = CertaintyModel(replace(model.parameters, detector=detector), {"name": "small", "description": "", "data": []})
    texts = ["  Perhaps the “old” river of the garden may\tclose.", TEXTS[1]]
    found = [[(cue.text, texts[number][cue.start : cue.end]) for cue in each.cues] for number, each in enumerate(mine.annotate(texts))]
    assert found == [[("Perhaps", "Perhaps"), ("may", "may")], []]
    own = mine.with_lexicon({"the old river": "reportative"}, off=["perhaps"]).annotate(TEXTS[:2])
    assert [[cue.text for cue in each.cues] for each in own] == [["the old river", "may"], ["the old river"]]


def test_it_is_kept_and_older_files_do_without(detector: CueDetector, model: CertaintyModel, material: general.Material) -> None:
    parameters = replace(model.parameters, detector=detector)
    arrays = parameters.to_arrays()
    batch = from_sentences(TEXTS, material.tables)
    again = Parameters.from_arrays(arrays).detector
    assert inside(again, batch, "may") == inside(detector, batch, "may")
    older = Parameters.from_arrays({name: array for name, array in arrays.items() if not name.startswith("cues.company")}).detector
    assert older.company is None
    assert inside(older, batch, "may") == inside(replace(detector, company=None), batch, "may")


NOUNS = ("bridge", "river", "castle", "harbour", "market", "school", "station", "garden")


def labelled(*templates: tuple[str, tuple[str, ...]]) -> LabelledData:
    """Many sentences of each template, and which words are the cues of each."""
    rows = [(text.format(one, other), words) for text, words in templates for one in NOUNS for other in NOUNS]
    texts, n = tuple(text for text, _ in rows), len(rows)
    cues = tuple(tuple((text.index(word), text.index(word) + len(word), CueType.EPISTEMIC) for word in words) for text, words in rows)
    return LabelledData(texts, texts, None, None, (), cues, np.zeros(n, np.bool_), np.ones(n), texts, {})


def test_new_spans_are_taught_with_it(detector: CueDetector, material: general.Material) -> None:
    """Labels that say otherwise move what company says; those that bring a word and agree leave it."""
    batch = from_sentences(TEXTS, material.tables)
    perhaps, clearly = "Perhaps the {0} of the {1} near the {0} may close.", "Clearly the {0} of the {1} near the {0} may close."
    turned = adapted_detector(labelled((perhaps, ("Perhaps",)), (clearly, ())), detector, material.tables)
    assert inside(turned, batch, "may")[0] < 0.5 < inside(detector, batch, "may")[0]
    new = ("Zorbly the {0} of the {1} closed.", ("Zorbly",))
    kept = adapted_detector(labelled(new, (perhaps, ("Perhaps", "may")), (clearly, ())), detector, material.tables)
    assert kept.company is not None
    heard, unheard = inside(kept, batch, "may")
    assert heard > 0.5 > unheard
    deaf = adapted_detector(labelled(new), replace(detector, company=None), material.tables)
    assert deaf.company is None


def test_both_tables_are_one_in_two_parts(detector: CueDetector, made: list[LabelledSentence], material: general.Material) -> None:
    batch = from_sentences([sentence.text for sentence in made[:20]], material.tables)
    table = detector.table(batch)
    judged = table.candidates.nonzero()[0]
    both = joined(detector.tags, detector.company)
    rows = tag_rows(batch, table, judged, company=True)
    assert detector.company is not None
    expected = detector.tags.scores(rows[:, : len(TAG_WINDOWS)]) + detector.company.scores(rows[:, len(TAG_WINDOWS) :] - (1 << TAG_BITS))
    np.testing.assert_allclose(both.scores(rows), expected, atol=1e-12)
    tags, company = parted(both)
    assert company is not None
    np.testing.assert_array_equal(tags.weights, detector.tags.weights)
    np.testing.assert_array_equal(company.weights, detector.company.weights)
    assert parted(detector.tags) == (detector.tags, None)
    assert joined(detector.tags, None) is detector.tags


def test_who_teaches_knows_tags_alone() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 300)
    tags = generator.integers(0, 1 << TAG_BITS, size=(300, len(TAG_WINDOWS)))
    company = (1 << TAG_BITS) + generator.integers(0, 1 << COMPANY_BITS, size=(300, 8))
    weights = np.zeros((3, 1 << TAG_BITS))
    tags[:, 0] = labels
    weights[[0, 1, 2], [3, 4, 5]] = 4.0
    weights[[0, 1, 2], [0, 1, 2]] = 4.0
    taught, heard = fit_tags(np.hstack((tags, company)), labels, strength=1.0, taught_by=LinearTable.rounded(weights, np.zeros(3)))
    assert heard is not None
    assert heard.bias.tolist() == [0.0, 0.0, 0.0]
    assert taught.weights[:, 3:6].argmax(axis=0).tolist() == [0, 1, 2]
    alone, none = fit_tags(tags, labels, strength=1.0)
    assert none is None
    assert not alone.weights[:, 3:6].any()


def test_phrases_are_those_of_the_own_fold(detector: CueDetector, made: list[LabelledSentence], material: general.Material) -> None:
    batch = from_sentences([sentence.text for sentence in made[:6]], material.tables)
    whole = detector.table(batch)
    none = np.zeros(0, dtype=np.int64)
    bare = replace(whole, columns=whole.columns * np.uint64(0), phrase_first=none, phrase_last=none, phrase_strength=none)
    folds = np.array([1, 0, 1, 1, 0, 0])
    table = gathered(batch, folds, iter([bare, detector.table(batch)]))
    mine = folds[batch.sentence[whole.phrase_first]] == 1
    assert 0 < mine.sum() < mine.size
    for name in ("phrase_first", "phrase_last", "phrase_strength"):
        np.testing.assert_array_equal(getattr(table, name), getattr(whole, name)[mine])
    assert (table.columns[batch.slots].any(axis=1) == (folds[batch.sentence] == 1)).all()
