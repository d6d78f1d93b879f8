"""Reading BioScope: exact offsets, and nothing from a file that is cut or malformed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hedgekit.bioscope import UNTYPED, read_bioscope
from hedgekit.errors import DataError

XML = """<?xml version="1.0" encoding="utf-8"?>
<Annotation><DocumentSet><Document><DocID type="PMID">77</DocID><DocumentPart>
<sentence id="S1">A &amp; B <xcope id="X1"><cue type="speculation" ref="X1">may</cue> bind C,
<xcope id="X2"><cue type="negation" ref="X2">not</cue> D</xcope></xcope>.</sentence>
<sentence id="S2">It is <xcope id="X3"><cue type="speculation" ref="X3">either</cue> A
<cue type="speculation" ref="X3">or</cue> B</xcope>.</sentence>
<sentence id="S3">It is.</sentence></DocumentPart></Document></DocumentSet></Annotation>
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "part.xml"
    path.write_text(text, encoding="utf-8")
    return path


def test_speculation_with_its_scope(tmp_path: Path) -> None:
    first, second, third = read_bioscope(write(tmp_path, XML))
    assert first.text == "A & B may bind C,\nnot D."
    assert first.cues == ((6, 9, UNTYPED),)
    assert [first.text[slice(*scope)] for scope in first.scopes if scope] == ["may bind C,\nnot D"]
    assert (first.group, first.origin, first.hedged, first.graded, first.attributions) == ("bioscope-77", "bioscope", True, False, None)
    assert [second.text[a:b] for a, b, _ in second.cues] == ["either", "or"]
    assert len(set(second.scopes)) == 1
    assert (third.text, third.cues, third.scopes, third.hedged) == ("It is.", (), (), False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (XML[:300], r"part\.xml:\d+: not well-formed XML"),
        (XML.replace('ref="X3"', 'ref="X9"'), "sentence S2: cue 'either' refers to scope 'X9'"),
        ("<Annotation/>", "no <Document> with a <sentence> found"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        read_bioscope(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.xml: cannot be read"):
        read_bioscope(tmp_path / "gone.xml")
