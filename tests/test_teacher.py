"""Grades by an encoder: which sentences it grades, what is written, and that the certainty learns from them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hedgekit.batch import from_sentences
from hedgekit.corpora import LabelledSentence, read_standoff
from hedgekit.errors import DataError
from hedgekit.model import CertaintyModel
from hedgekit.training import teacher
from hedgekit.training.certainty import Reading, fit_heads
from hedgekit.training.teacher import Encoder, lines, unlabelled

KNOWN = "The bridge may close in June."


def labelled(text: str, group: str = "own", certainty: float | None = 0.9) -> LabelledSentence:
    return LabelledSentence(text, group, "seeds", (), (), certainty, certainty is not None and certainty < 0.7)


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    articles = tmp_path / "news" / "polnear" / "train" / "text"
    articles.mkdir(parents=True)
    (tmp_path / "raw").mkdir()
    (articles / "post_1.txt").write_text(f"A head\n\n{KNOWN} The council voted on Monday. Yes.\n", encoding="utf-8")
    far = "Nothing else was said of it. " * 200
    (tmp_path / "raw" / "brown.txt").write_text(f"The “river” rose overnight. {KNOWN} {far}", encoding="utf-8")
    return tmp_path


def test_what_is_graded_has_no_label_and_a_document(corpora: Path, model: CertaintyModel) -> None:
    segmenter = model.parameters.segmenter
    found = unlabelled(corpora, [labelled(KNOWN, "ca01")], segmenter)
    assert [(one.doc, one.text) for one in found if one.file.startswith("news")] == [("post_1", "The council voted on Monday.")]
    brown = [one for one in found if one.file == "raw/brown.txt"]
    # What stands near a labelled sentence belongs to its document: no split may divide them.
    assert (brown[0].doc, brown[0].text) == ("ca01", "The “river” rose overnight.")
    assert {one.doc for one in brown[1:]} == {"ca01", "brown-1"}
    for one in found:
        assert (corpora / one.file).read_text(encoding="utf-8")[one.start : one.end] == one.text
    assert unlabelled(corpora, [labelled(KNOWN, "ca01")], segmenter) == found


def test_the_file_is_read_back(corpora: Path, model: CertaintyModel) -> None:
    sentences = unlabelled(corpora, [labelled(KNOWN, "ca01")], model.parameters.segmenter)[:4]
    grades = np.array([[0.914, 0.1, 0.9], [0.42, 0.7, 0.8], [0.3, 0.9, 0.4], [0.5, 0.5, 0.5]])
    path = corpora / "taught.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines(sentences, grades)), encoding="utf-8")
    read = read_standoff(path, corpora)
    assert [sentence.text for sentence in read] == [one.text for one in sentences]
    assert [sentence.group for sentence in read] == [one.doc for one in sentences]
    assert [(sentence.certainty, sentence.hedged) for sentence in read] == [(0.91, False), (0.42, True), (None, False), (0.5, True)]
    assert not any(one.text[:20] in path.read_text(encoding="utf-8") for one in sentences)


def test_the_certainty_learns_from_a_teacher(model: CertaintyModel) -> None:
    tables, detector = model.parameters.tables, model.parameters.detector

    def reading(sentences: list[LabelledSentence]) -> Reading:
        batch = from_sentences([sentence.text for sentence in sentences], tables)
        table = detector.table(batch)
        return Reading(batch, table, detector.predict(batch, table, faint=True), sentences)

    places = ["Ardley", "Bram", "Corve", "Dunmere", "Elsby", "Forle", "Garth", "Hythe"]
    own = [labelled(f"The mill of {place} {ending}.", place) for place in places for ending in ("burned down", "stands")]
    own += [labelled(f"The mill of {place} may have burned down.", place, 0.42) for place in places]
    own += [labelled(f"{place} again?", place, None) for place in places]
    # Nothing but the teacher has graded sentences with this cue.
    taught = [labelled(f"The mill of {place} allegedly burned down.", f"taught {place}", 0.3) for place in places]
    found = reading(own)
    asked = reading([labelled("The mill of Ondle allegedly burned down.")])
    alone, helped = fit_heads(found, found), fit_heads(found, found, reading(taught))
    before, after = (float(heads.grade(asked.batch, asked.table, asked.cues)[0]) for heads in (alone, helped))
    assert after < before - 0.05


def test_an_encoder_is_fine_tuned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "mill", "may", "burn", "burned", ".", "again", "?"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    transformers.BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    transformers.BertModel(config).save_pretrained(tmp_path)
    sure, unsure, none = labelled("The mill burned."), labelled("The mill may burn.", certainty=0.3), labelled("Again?", certainty=None)
    monkeypatch.setattr(teacher, "_EPOCHS", 8)
    encoder = Encoder(tmp_path)
    encoder.fit([sure, unsure, none] * 200, [], lambda _: None)
    grades = encoder.grades([sure.text, unsure.text, none.text])
    assert grades[0, 0] > grades[1, 0] + 0.2
    assert grades[1, 1] > 0.5 > grades[0, 1]
    assert grades[2, 2] < 0.5 < grades[0, 2]


def test_a_folder_without_an_encoder_is_told(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    with pytest.raises(DataError, match=r"holds no encoder that transformers can read \(.+\); give the folder of a BERT-like encoder"):
        Encoder(tmp_path)


def test_without_torch_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"hedgekit\[teacher\]"):
        Encoder(tmp_path)


def test_a_missing_library_is_told_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    out = tmp_path / "taught.jsonl"
    told = CliRunner().invoke(teacher.main, ["--corpora", str(tmp_path), "--encoder", str(tmp_path), "--out", str(out)])
    assert told.exit_code == 1
    assert "hedgekit[teacher]" in told.output
    assert not out.exists()
