"""The component of spaCy pipelines; only with the extra ``spacy``."""

from __future__ import annotations

import doctest
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("spacy")

import spacy
from spacy.tokens import Doc, DocBin

import hedgekit
from hedgekit.errors import ModelNotFoundError
from hedgekit.integrations import spacy as integration

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

TEXTS = [
    "It rained. Officials said the dam may break.",
    "",
    "  \n ",
    "Why? According to the mayor, six were reportedly hurt!  Perhaps not.",
    "One\n\nTwo may differ.",
]


@pytest.fixture(scope="module")
def nlp() -> Any:
    """A pipeline that finds the component by its entry point or, in a source tree, by the import above."""
    made = spacy.blank("en")
    made.add_pipe("sentencizer")
    made.add_pipe("hedgekit")
    return made


def said(doc: Doc) -> dict[str, Any]:
    return {
        "document": doc._.hedgekit.to_dict(),
        "sentences": [(sent.text, sent._.certainty, sent._.hedged) for sent in doc.sents],
        "spans": {name: [(span.text, span.label_) for span in spans] for name, spans in doc.spans.items()},
    }


def test_the_example_runs() -> None:
    assert doctest.testmod(integration).failed == 0


def test_sentences_are_those_of_spacy(nlp: Any) -> None:
    for text in TEXTS:
        doc = nlp(text)
        document = doc._.hedgekit
        assert document.text == text
        assert [sentence.text for sentence in document] == [sent.text.strip() for sent in doc.sents if sent.text.strip()]
        for sent in doc.sents:
            if sent.text.strip():
                assert sent._.hedgekit.text == sent.text.strip()
                assert (sent._.certainty, sent._.hedged) == (sent._.hedgekit.certainty, sent._.hedgekit.hedged)


def test_results_are_those_of_the_model(nlp: Any) -> None:
    doc = nlp(TEXTS[0])
    assert doc._.hedgekit == hedgekit.analyze(TEXTS[0])
    [first, second] = doc.sents
    assert first._.certainty == hedgekit.score(first.text)
    assert (first._.hedged, second._.hedged) == (False, True)
    assert doc[7:9]._.hedgekit == second._.hedgekit


def test_spans_are_whole_tokens_with_labels(nlp: Any) -> None:
    doc = nlp(TEXTS[0])
    [_, sentence] = doc._.hedgekit
    assert [(span.text, span.label_) for span in doc.spans["hedgekit_cues"]] == [(cue.text, str(cue.type)) for cue in sentence.cues]
    [found] = sentence.attributions
    for name, part in (("sources", found.source), ("reports", found.cue), ("contents", found.content)):
        assert [(span.text, span.label_) for span in doc.spans[f"hedgekit_{name}"]] == [(part.text, str(found.kind))]
    assert [span.text for span in doc.spans["hedgekit_scopes"]] == [cue.scope.text for cue in sentence.cues if cue.scope]
    # One token of spaCy's for hedgekit's three.
    doc = spacy.blank("en")("x")
    doc = nlp(Doc(doc.vocab, words=["It", "may-rain-or-snow", "or,perhaps,not", "."]))
    assert "or,perhaps,not" in [span.text for span in doc.spans["hedgekit_cues"]]


def test_a_document_without_sentences_gets_those_of_hedgekit() -> None:
    plain = spacy.blank("en")
    plain.add_pipe("hedgekit")
    for text in (*TEXTS, "Dr. Kim may come.It rained。雨。It snowed"):
        doc = plain(text)
        assert doc._.hedgekit == hedgekit.analyze(text)
        assert all(sent._.hedgekit is not None for sent in doc.sents if sent.text.strip())
    assert [sent.text for sent in plain(TEXTS[0]).sents] == ["It rained.", "Officials said the dam may break."]


def test_a_boundary_inside_a_word_joins() -> None:
    plain = spacy.blank("en")
    doc = plain("It isn't so. It may be.")
    for token in doc:
        token.is_sent_start = token.text in ("It", "n't")
    doc = integration.HedgekitComponent()(doc)
    assert [sentence.text for sentence in doc._.hedgekit] == ["It isn't so.", "It may be."]
    assert [sent._.hedgekit.text for sent in doc.sents] == ["It isn't so.", "It isn't so.", "It may be."]


def test_a_document_that_was_not_annotated() -> None:
    doc = spacy.blank("en")("It may rain.")
    assert doc._.hedgekit is None
    assert doc[:]._.certainty is None
    assert doc[:]._.hedged is False


@pytest.mark.parametrize("options", [{}, {"batch_size": 2}, {"n_process": 2, "batch_size": 3}], ids=str)
def test_pipe_gives_what_a_call_gives(options: dict[str, int], nlp: Any) -> None:
    texts = TEXTS * 3
    assert [said(doc) for doc in nlp.pipe(texts, **options)] == [said(nlp(text)) for text in texts]


def test_documents_travel_as_bytes(nlp: Any) -> None:
    docs = [nlp(text) for text in TEXTS]
    again = [Doc(nlp.vocab).from_bytes(doc.to_bytes()) for doc in docs]
    assert [said(doc) for doc in again] == [said(doc) for doc in docs]
    assert [doc._.hedgekit for doc in again] == [doc._.hedgekit for doc in docs]
    kept = DocBin(docs=docs, store_user_data=True).to_bytes()
    assert [said(doc) for doc in DocBin().from_bytes(kept).get_docs(nlp.vocab)] == [said(doc) for doc in docs]
    assert said(pickle.loads(pickle.dumps(docs[0]))) == said(docs[0])
    explained = again[0]._.hedgekit[1].explain()
    assert explained == docs[0]._.hedgekit[1].explain()


def test_pipelines_travel(nlp: Any, tmp_path: Path) -> None:
    model = hedgekit.load().with_lexicon({"dam": "weasel"})
    model.save(tmp_path / "model")
    own = spacy.blank("en")
    own.add_pipe("sentencizer")
    own.add_pipe("hedgekit", config={"model": str(tmp_path / "model")})
    own.to_disk(tmp_path / "pipeline")
    expected = said(own(TEXTS[0]))
    assert "weasel" in [label for _, label in expected["spans"]["hedgekit_cues"]]
    # The pipeline carries the model.
    (tmp_path / "model").rename(tmp_path / "elsewhere")
    assert said(spacy.load(tmp_path / "pipeline")(TEXTS[0])) == expected
    assert said(nlp.from_bytes(nlp.to_bytes())(TEXTS[0])) == said(nlp(TEXTS[0]))
    component = integration.HedgekitComponent().from_bytes(own.get_pipe("hedgekit").to_bytes())
    assert component.model.analyze(TEXTS[0]) == own(TEXTS[0])._.hedgekit


def test_unknown_models() -> None:
    with pytest.raises(ModelNotFoundError, match="shipped"):
        spacy.blank("en").add_pipe("hedgekit", config={"model": "nowhere"})
    late = integration.HedgekitComponent("no/such/folder")
    with pytest.raises(ModelNotFoundError, match="no/such/folder"):
        late(spacy.blank("en")("It may rain."))


def test_another_model() -> None:
    made = spacy.blank("en")
    made.add_pipe("hedgekit", config={"model": "science"})
    assert made("The drug may help.")._.hedgekit[0].aspects


def test_the_component_is_found_without_an_import() -> None:
    code = "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('hedgekit'); print(nlp('It may rain.')[:]._.hedged)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["True"]
