"""The recipe of the model that follows PolNeAR, on articles made up from the project's own seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hedgekit
from hedgekit.assembly import RoleAttributionModel, runs
from hedgekit.batch import from_sentences
from hedgekit.errors import DataError
from hedgekit.model import CertaintyModel
from hedgekit.polnear import LabelledArticle, RoleSpans
from hedgekit.roles import nearest
from hedgekit.training import general, reported
from hedgekit.training.articles import batch_of, labelled_links, role_masks
from hedgekit.training.speech import fit_speech, read_treebank

TEXT = "Kim said the dam failed. “It broke,” he told us.\n\nNobody was hurt! Ann thinks so."
ARTICLE = LabelledArticle(
    "one",
    TEXT,
    (
        RoleSpans(((0, 3),), ((4, 8),), ((9, 23),)),
        RoleSpans(((37, 39),), ((40, 44),), ((25, 36),)),
        RoleSpans(((67, 70),), ((71, 77),), ((78, 80),)),
    ),
)


def test_spans_of_the_example() -> None:
    shown = [[TEXT[a:b] for role in (item.source, item.cue, item.content) for a, b in role] for item in ARTICLE.attributions]
    assert shown == [["Kim", "said", "the dam failed"], ["he", "told", "“It broke,”"], ["Ann", "thinks", "so"]]


def test_sentences_by_punctuation() -> None:
    assert [TEXT[low:high] for low, high in reported.cut(TEXT)] == [
        "Kim said the dam failed. ",
        "“It broke,” he told us.\n\n",
        "Nobody was hurt! ",
        "Ann thinks so.",
    ]
    assert reported.cut(" \n ") == []


def test_tokens_are_counted_by_their_first_character() -> None:
    found = {"cue": [(4, 8), (71, 73)], "source": [(0, 3)], "content": [(9, 36)]}
    counts = {name: rows.tolist() for name, rows in reported.tally_articles([found], [ARTICLE]).items()}
    # "thinks" is found by its first letters; the content runs over a full stop that is in none.
    assert counts == {"cue": [[2, 3, 2]], "source": [[1, 3, 1]], "content": [[8, 9, 9]], "sentence": [[2, 3, 2]]}


def test_figures_are_micro_averaged() -> None:
    nothing: dict[str, list[tuple[int, int]]] = {"cue": [], "source": [], "content": []}
    figures = {item.figure: item for item in reported.measure_articles([nothing, reported.labelled_spans(ARTICLE)], [ARTICLE] * 2, "x")}
    assert figures["cue by token, F1"].value == pytest.approx(2 / 3)
    assert figures["cue by token, precision"].value == 1
    assert figures["cue by token, recall"].value == 0.5
    assert (figures["sentence has an attribution, recall"].value, figures["sentence has an attribution, recall"].n) == (0.5, 6)


def test_masks_and_links_of_articles(model: CertaintyModel) -> None:
    parameters = model.parameters
    articles = batch_of([ARTICLE, ARTICLE], parameters.segmenter, parameters.tables)
    tokens, text = articles.batch.tokens, articles.batch.text
    masks = role_masks(articles)
    shown = [" ".join(text[tokens.starts[at] : tokens.ends[at]] for at in np.flatnonzero(mask)) for mask in masks.T]
    assert shown == [
        "said told thinks said told thinks",
        "Kim he Ann Kim he Ann",
        "the dam failed “ It broke , ” so the dam failed “ It broke , ” so",
    ]
    links = labelled_links(articles)
    assert links.first.size == 6
    assert articles.batch.document.tolist() == [0] * 4 + [1] * 4
    assert articles.batch.paragraph.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_runs_stay_in_their_sentence(model: CertaintyModel) -> None:
    batch = from_sentences(["a b c", "d e"], model.parameters.tables)
    first, last = runs(batch, np.array([True, False, True, True, True]))
    assert (first.tolist(), last.tolist()) == ([0, 2, 3], [0, 2, 4])


def test_nearest_marked_tokens(model: CertaintyModel) -> None:
    batch = from_sentences(["a b c d", "e f"], model.parameters.tables)
    before, behind = nearest(batch, np.array([False, True, False, False, False, True]))
    assert before.tolist() == [-1, -1, 1, 1, -1, -1]
    assert behind.tolist() == [1, -1, -1, -1, 5, -1]


TREEBANK = """# text = Dogs bark loudly.
1\tDogs\tdog\tNOUN\tNNS\t_\t2\tnsubj\t_\t_
2\tbark\tbark\tVERB\tVBP\t_\t0\troot\t_\t_
3\tloudly\tloudly\tADV\tRB\t_\t2\tadvmod\t_\t_
4\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_

"""


@pytest.fixture(scope="module")
def treebank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("treebank") / "small.conllu"
    # The last sentence ends with the file, not with a blank line.
    path.write_text((TREEBANK * 3).rstrip("\n"), encoding="utf-8")
    return path


def test_a_treebank_is_read_and_learned(treebank: Path, model: CertaintyModel) -> None:
    read = read_treebank(treebank)
    assert read[0] == ("Dogs bark loudly.", [("Dogs", 7), ("bark", 4), ("loudly", 14), (".", 20)])
    assert len(read) == 3
    tagger = fit_speech(read, model.parameters.detector, model.parameters.tables)
    from hedgekit.speech import with_affixes

    batch = from_sentences(["Dogs bark loudly."], model.parameters.tables)
    table = model.parameters.detector.table(batch)
    assert tagger.tags(batch, with_affixes(batch, table)).tolist() == [7, 4, 14, 20]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\tDogs\tdog\n", r"small\.conllu:1: a CoNLL-U token has 10 columns, found 3"),
        (TREEBANK[27:], r"small\.conllu:\d: a sentence without"),
    ],
)
def test_a_broken_treebank_is_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "small.conllu"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_treebank(path)


@pytest.fixture(scope="module")
def articles(seed_material: general.Material) -> list[LabelledArticle]:
    """Thirty articles of twenty of the project's own sentences each."""
    sentences = [sentence for sentence in seed_material.sentences if sentence.text.count("\n") == 0][:600]
    found = []
    for number in range(0, 600, 20):
        text, attributions = "", []
        for sentence in sentences[number : number + 20]:
            base = len(text)
            text += sentence.text + "\n\n"
            for item in sentence.attributions or ():
                spans = ((span,) if span else () for span in (item.source, item.cue, item.content))
                attributions.append(RoleSpans(*(tuple((base + a, base + b) for a, b in role) for role in spans)))
        found.append(LabelledArticle(f"article {number}", text, tuple(attributions)))
    return found


@pytest.fixture(scope="module")
def fitted(articles: list[LabelledArticle], treebank: Path, model: CertaintyModel) -> CertaintyModel:
    base = model.parameters
    speech = fit_speech(read_treebank(treebank), base.detector, base.tables)
    return CertaintyModel(reported.fit(articles, base, speech), {"name": "small", "description": "", "data": []})


def test_it_learns_what_it_is_told(articles: list[LabelledArticle], fitted: CertaintyModel) -> None:
    found = [reported.found_spans(document) for document in fitted.analyze_many([article.text for article in articles])]
    values = {item.figure: item.value for item in reported.measure_articles(found, articles, "seen")}
    assert values["cue by token, F1"] > 0.6
    assert values["content by token, F1"] > 0.6


def test_a_document_is_read_the_same_alone_and_among_others(articles: list[LabelledArticle], fitted: CertaintyModel) -> None:
    texts = [article.text for article in articles[:6]]
    together = [document.to_dict() for document in fitted.analyze_many(texts)]
    assert together == [next(iter(fitted.analyze_many([text]))).to_dict() for text in texts]


def test_a_sentence_is_read_the_same_alone_and_among_others(articles: list[LabelledArticle], fitted: CertaintyModel) -> None:
    texts = [line for line in articles[0].text.split("\n") if line]
    assert [sentence.to_dict() for sentence in fitted.annotate(texts)] == [fitted.annotate([text])[0].to_dict() for text in texts]


@given(texts=st.lists(st.text(alphabet=st.sampled_from(list('ab said,". ')), max_size=12), min_size=1, max_size=5))
def test_short_texts_are_read_the_same_alone_and_among_others(texts: list[str], fitted: CertaintyModel) -> None:
    together = [document.to_dict() for document in fitted.analyze_many(texts)]
    assert together == [next(iter(fitted.analyze_many([text]))).to_dict() for text in texts]


def test_it_is_saved_and_read(tmp_path: Path, articles: list[LabelledArticle], fitted: CertaintyModel) -> None:
    fitted.save(tmp_path / "small")
    again = hedgekit.load(tmp_path / "small")
    assert isinstance(again.parameters.attribution, RoleAttributionModel)
    text = articles[0].text
    assert again.analyze(text).to_dict() == fitted.analyze(text).to_dict()


def test_nothing_at_all(fitted: CertaintyModel) -> None:
    assert len(fitted.analyze("")) == 0
    assert fitted.annotate(["", " "])[0].attributions == ()


def test_the_subject_of_a_passive_is_no_source() -> None:
    found = hedgekit.load("attribution").annotate(["Kim is said to be in poor health."])[0].attributions
    assert [attribution.source for attribution in found if attribution.cue is not None and "said" in attribution.cue.text] in ([], [None])
