"""Reading what annotation tools and the hedging corpora write: brat, Label Studio, CoNLL columns, XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hedgekit.conll2010 import read_xml
from hedgekit.errors import DataError
from hedgekit.labelled import LabelledData
from hedgekit.labels import CueType
from hedgekit.reading import read_labelled


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def _cues(data: LabelledData) -> list[list[tuple[str, str]]]:
    """The words and types of the cues of each sentence."""
    assert data.cues is not None
    return [[(text[a:b], str(kind)) for a, b, kind in cues or ()] for text, cues in zip(data.texts, data.cues, strict=True)]


# brat

TEXT = "\ufeffIt rained.\r\n\r\nIt may, officials said, in fact snow. So they said.\n"


def _span(number: int, kind: str, words: str, text: str = TEXT) -> str:
    start = text.index(words)
    return f"T{number}\t{kind} {start} {start + len(words)}\t{words}\n"


def test_brat(tmp_path: Path) -> None:
    gapped = f"{TEXT.index('in fact')} {TEXT.index('in fact') + 7};{TEXT.index('snow')} {TEXT.index('snow') + 4}"
    lines = _span(1, "MODAL", "may") + _span(2, "Cue", "said") + _span(3, "Person", "officials")
    lines += f"T4\tbooster {gapped}\tin fact snow\nE1\tCue:T2\n#1\tNote T1\tsure?\n"
    _write(tmp_path / "one.txt", TEXT)
    _write(tmp_path / "one.ann", lines)
    _write(tmp_path / "more" / "two.txt", "No cue here.")
    _write(tmp_path / "more" / "two.ann", "")
    _write(tmp_path / "three.txt", "Nobody looked at this.")
    data = read_labelled(tmp_path)
    assert data.texts == ("No cue here.", "It rained.", "It may, officials said, in fact snow.", "So they said.")
    assert _cues(data) == [[], [], [("may", "modal"), ("said", "reportative"), ("in fact", "booster"), ("snow", "booster")], []]
    assert data.groups == ("more/two", "one", "one", "one")
    assert data.places[2] == f"{tmp_path / 'one.txt'}, sentence 2"
    assert (data.labels, data.certainty) == (None, None)
    assert data.notes["ignored types"] == {"Person": 1}
    assert data.notes["texts without annotations"] == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("T1\tModal 3 6\tmay\n\nT2 Modal 3 6 may\n", r"a\.ann:3: a span is T1, tab, type and offsets, tab, its words; got 'T2 Modal"),
        ("T1\tModal 3 6\tmight\n", r"a\.ann:1: 3 6 does not hold 'might' but 'may'; is the \.txt file the one"),
        ("T1\tModal 3 600\tmay\n", r"a\.ann:1: 3 600 does not lie in the text, which has 23 characters"),
        ("T1\tModal 3 6\tmay\nT2\tDoxastic 3 11\tmay rain\n", r"a\.ann:2: the cue 'may rain' overlaps that of line 1; keep one"),
        ("T1\tModal 7 15\train. It\n", r"a\.ann:1: 'rain\. It' does not lie within one sentence"),
        ("T1\tPerson 0 2\tIt\nT2\tPlace 0 2\tIt\n", r"no span marks a cue; the types found are Person \(1\), Place \(1\); rename them to"),
        ("T1\tModal 0 1\tx\nT2\tModal 0 1\ty\n", r"^2 mistakes: .*a\.ann:1: 0 1 .*; .*a\.ann:2: 0 1 "),
    ],
)
def test_brat_that_cannot_be_read(lines: str, message: str, tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "It may rain. It rained.")
    _write(tmp_path / "a.ann", lines)
    with pytest.raises(DataError, match=message):
        read_labelled(tmp_path)


def test_brat_folders_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.ann file found; give a brat folder with NAME\.txt and NAME\.ann"):
        read_labelled(tmp_path)
    _write(tmp_path / "a.ann", "")
    with pytest.raises(DataError, match=r"a\.ann: has no a\.txt beside it"):
        read_labelled(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"Caf\xe9.")
    with pytest.raises(DataError, match=r"a\.txt: cannot be read as UTF-8 text"):
        read_labelled(tmp_path)


# Label Studio


def _labels(start: int, end: int, words: str, *names: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": words, "labels": list(names)}
    return {"type": "labels", "from_name": "spans", "to_name": "text", "value": value}


def _choice(name: str, control: str = "stance") -> dict[str, Any]:
    return {"type": "choices", "from_name": control, "to_name": "text", "value": {"choices": [name]}}


def _number(value: float, kind: str = "number") -> dict[str, Any]:
    return {"type": kind, "from_name": "sure", "to_name": "text", "value": {kind: value}}


def _task(number: int, text: str, *annotations: tuple[Any, list[dict[str, Any]]], **data: Any) -> dict[str, Any]:
    done = [{"completed_by": who, "result": result} for who, result in annotations]
    return {"id": number, "data": {"text": text, **data}, "annotations": done}


def _export(path: Path, *tasks: Any) -> Path:
    return _write(path / "export.json", json.dumps(tasks))


def test_label_studio(tmp_path: Path) -> None:
    emoji = "\U0001f327 It may rain."
    path = _export(
        tmp_path,
        _task(
            1, "It may rain.", ({"id": 1, "email": "a@example.org"}, [_labels(3, 6, "may", "Modal"), _choice("soft"), _number(2)]), doc="x"
        ),
        _task(2, emoji, ("b", [_labels(6, 9, "may", "Cue"), _labels(3, 5, "It", "Thing"), _choice("soft"), _number(3)]), doc="x"),
        _task(3, "It rained.", (3, [_choice("firm"), _number(6), {"type": "textarea", "value": {"text": ["?"]}}]), doc="y"),
        {**_task(4, "It fell.", (3, [_choice("firm")]), doc="y"), "annotations": [{"was_cancelled": True, "result": []}]},
    )
    data = read_labelled(path, scale=(1, 6))
    assert data.texts == ("It may rain.", emoji, "It rained.")
    assert _cues(data) == [[("may", "modal")], [("may", "modal")], []]
    assert (data.labels, data.classes) == (("soft", "soft", "firm"), ("firm", "soft"))
    assert data.certainty is not None
    assert data.certainty.tolist() == [0.2, 0.4, 1.0]
    assert data.groups == ("x", "x", "y")
    assert data.places[2] == f"{path}, task 3"
    notes = {
        name: value
        for name, value in data.notes.items()
        if name not in ("source", "columns", "rows", "cue types", "annotators", "agreement")
    }
    expected = {"form": "label-studio", "skipped annotations": 1, "tasks without annotations": 1, "results of other types": 1}
    assert notes == {**expected, "ignored types": {"Thing": 1}, "merged rows": 0, "ties": 0}
    assert (data.notes["annotators"], data.notes["agreement"]["label"]["alpha"]) == (3, None)


def test_several_annotators_in_label_studio(tmp_path: Path) -> None:
    path = _export(
        tmp_path,
        _task(1, "It may rain.", (1, [_number(1, "rating")]), (2, [_number(3, "rating")])),
        _task(2, "It rained.", (1, [_number(5, "rating")]), (2, [_number(5, "rating")])),
    )
    data = read_labelled(path, scale=(1, 5))
    assert data.certainty is not None
    assert data.certainty.tolist() == [0.25, 1.0]
    assert (data.notes["merged rows"], data.cues) == (2, None)
    assert data.places[0] == f"{path}, task 1, annotation 1"


def test_a_label_studio_control_can_be_named(tmp_path: Path) -> None:
    path = _export(
        tmp_path,
        _task(1, "It may rain.", (1, [_choice("soft"), _choice("weather", "topic")])),
        _task(2, "It rained.", (1, [_choice("firm"), _choice("weather", "topic")])),
    )
    with pytest.raises(DataError, match="'stance' and 'topic' could each be the column of label; name one with label="):
        read_labelled(path)
    assert read_labelled(path, label="stance", format="label-studio").labels == ("soft", "firm")


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        (
            [_task(7, "It may rain.", (1, [_choice("a"), {**_choice("b"), "value": {"choices": ["b", "c"]}}]))],
            r"task 7: the choices of 'stance' are \['b', 'c'\]; a sentence has one class",
        ),
        ([_task(1, "It may rain.", (1, [_labels(3, 6, "may", "Word")]))], r"no span marks a cue; the types found are Word \(1\)"),
        (
            [_task(1, "It may rain.", (1, [_labels(2, 6, "might", "Modal")])), _task(2, "It rained.", (1, []))],
            "task 1: span 2 to 6 does not hold 'might' but ' may'",
        ),
        ([{**_task(5, "It may rain."), "annotations": True}], "task 5: annotations must be objects, .* got True"),
        ([_task(5, "It may rain.", (1, [{"type": "labels", "value": 3}]))], "task 5: value must be objects, .* got \\[3\\]"),
        ([_task(1, "It may rain.", (1, [])), _task(2, "It rained.", (1, []))], "no column of labels found"),
    ],
)
def test_label_studio_that_cannot_be_read(tasks: list[Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled(_export(tmp_path, *tasks))


def test_no_label_studio(tmp_path: Path) -> None:
    path = _export(tmp_path, {"text": "It may rain.", "label": "x"})
    with pytest.raises(DataError, match=r"no Label Studio export: .* export as JSON, not JSON-MIN"):
        read_labelled(path, format="label-studio")


# Columns


def test_tags_with_types(tmp_path: Path) -> None:
    lines = "# newdoc id = one\n# a comment\nIt\tPRP\tO\nmay\tMD\tB-modal\nwell\tRB\tI-modal\nseem\tVB\tB-Inferential\n#\tSYM\tO\n\n"
    lines += "Anna\tNNP\tB-PER\nPerhaps\tRB\tI-epistemic\n\n-DOCSTART-\tX\tO\n\nmay\tMD\tB-cue\nmight\tMD\tB-cue\n"
    path = _write(tmp_path / "a.conll", lines)
    data = read_labelled(path)
    assert data.texts == ("It may well seem #", "Anna Perhaps", "may might")
    assert _cues(data) == [
        [("may well", "modal"), ("seem", "inferential")],
        [("Perhaps", "epistemic")],
        [("may", "modal"), ("might", "modal")],
    ]
    assert data.groups == ("one", "one", "a.conll:12")
    assert data.places == (f"{path}:3", f"{path}:9", f"{path}:14")
    assert data.notes["ignored types"] == {"PER": 1}
    assert data.labels is None


def test_tags_of_the_shared_task(tmp_path: Path) -> None:
    lines = "It\tPRP\t_\nis\tVBZ\tCUE-1\nsaid\tVBN\tCUE-1\nperhaps\tRB\tCUE-2\r\n\r\nYes\tUH\t_\n"
    path = _write(tmp_path / "a.bio", lines)
    data = read_labelled(path)
    assert _cues(data) == [[("is said", "reportative"), ("perhaps", "epistemic")], []]
    assert data.hedged == (True, False)
    assert data.groups == data.places
    _write(tmp_path / "b.bio", "Late\tRB\t_\n")
    data = read_labelled(tmp_path, format="conll")
    assert data.groups == ("a.bio", "a.bio", "b.bio")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("It O\nmay B-modal\n", r"2 lines: .*a\.conll:1: a line is a token, a tab and a tag .* got 'It O'; .*a\.conll:2"),
        ("It\tO\nmay\tMD\tB-modal\n", r"a\.conll:2: .* with 2 cells as in the first line; got 'may\\tMD\\tB-modal'"),
        ("It\tPRP\n", r"a\.conll:1: a line is a token"),
        ("It\tO\n\nAnna\tB-PER\n", r"no span marks a cue; the types found are PER \(1\)"),
        ("# nothing\n", "no sentence found"),
        ("may\tB-modal\n", "1 row of data; at least 2"),
    ],
)
def test_columns_that_cannot_be_read(lines: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled(_write(tmp_path / "a.conll", lines))


# XML

SHARED = """<?xml version="1.0" encoding="UTF-8"?>
<Annotation><DocumentSet><Document type="Wiki"><DocID type="x">d1</DocID><DocumentPart type="Text">
<sentence id="S1" certainty="uncertain"><ccue>Some say</ccue> it &amp; <b>that</b> <ccue>may</ccue> rain.</sentence>
<sentence id="S2" certainty="certain">It rained.</sentence>
</DocumentPart></Document></DocumentSet></Annotation>
"""
SCOPES = """<Annotation><DocumentSet><Document><DocID>d1</DocID>
<sentence id="S1">It <xcope id="X1"><cue type="speculation" ref="X1">may</cue> rain</xcope>.</sentence>
<sentence id="S2">It <xcope id="X2">did <cue type="negation" ref="X2">not</cue> rain</xcope>.</sentence>
</Document></DocumentSet></Annotation>
"""


@pytest.mark.parametrize("form", [None, "conll2010"])
def test_the_xml_of_the_shared_task(form: str | None, tmp_path: Path) -> None:
    data = read_labelled(_write(tmp_path / "a.xml", SHARED), format=form)
    assert data.texts == ("Some say it & that may rain.", "It rained.")
    assert [[words for words, _ in cues] for cues in _cues(data)] == [["Some say", "may"], []]
    assert (data.labels, data.classes) == (("uncertain", "certain"), ("certain", "uncertain"))
    assert data.hedged == (True, False)
    assert data.groups == ("wikipedia-d1", "wikipedia-d1")
    assert data.notes["form"] == "conll2010"


@pytest.mark.parametrize("form", [None, "bioscope"])
def test_the_xml_of_bioscope(form: str | None, tmp_path: Path) -> None:
    data = read_labelled(_write(tmp_path / "a.xml", SCOPES), format=form)
    assert data.texts == ("It may rain.", "It did not rain.")
    assert data.cues == (((3, 6, CueType.MODAL),), ())
    assert data.labels == ("hedged", "not hedged")
    assert data.groups == ("a-d1", "a-d1")


def test_sentences_that_are_all_hedged_tell_no_classes(tmp_path: Path) -> None:
    xml = SCOPES.replace("did", "may").replace("negation", "speculation")
    data = read_labelled(_write(tmp_path / "a.xml", xml))
    assert (data.labels, data.classes) == (None, ())
    assert [len(cues) for cues in _cues(data)] == [1, 1]


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("", r"a\.xml:1: not well-formed XML"),
        (SHARED.replace("</ccue>", "", 1), r"a\.xml:\d: not well-formed XML"),
        ("<a>\n<sentence>x</sentence></a>", r"a\.xml: no XML of CoNLL-2010 .* or BioScope"),
        (SHARED.replace('"certain"', '"sure"'), "sentence S2: certainty must be 'certain' or 'uncertain', got 'sure'"),
        (SHARED.replace("Document ", "Text ").replace("</Document>", "</Text>"), "no <Document> with a <sentence> found"),
    ],
)
def test_xml_that_cannot_be_read(xml: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled(_write(tmp_path / "a.xml", xml))


def test_the_reader_of_the_shared_task(tmp_path: Path) -> None:
    first, second = read_xml(_write(tmp_path / "a.xml", SHARED), "own")
    assert [(first.text[a:b], kind) for a, b, kind in first.cues] == [("Some say", CueType.WEASEL), ("may", CueType.WEASEL)]
    assert (first.hedged, first.graded, first.group, second.hedged) == (True, False, "own-d1", False)
    with pytest.raises(DataError, match=r"gone\.xml: cannot be read"):
        read_xml(tmp_path / "gone.xml")
