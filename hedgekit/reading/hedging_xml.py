"""The XML of CoNLL-2010 and of BioScope as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hedgekit.bioscope import read_bioscope
from hedgekit.conll2010 import read_xml
from hedgekit.corpora import LabelledSentence, xml_root
from hedgekit.errors import DataError
from hedgekit.reading.annotated import as_table
from hedgekit.reading.tables import Table


def read_hedging_xml(path: Path, form: str | None = None) -> Table:
    """Read the XML of CoNLL-2010 (``<sentence certainty>`` with ``<ccue>``) or BioScope (``<xcope>`` with ``<cue type>``).

    Raises
    ------
    DataError
        With file and line, or sentence.
    """
    if form is None:
        form = _xml_form(path)
    return from_sentences(read_xml(path) if form == "conll2010" else read_bioscope(path, path.stem), path, form)


def _xml_form(path: Path) -> str:
    root = xml_root(path)
    if any(element.get("certainty") for element in root.iter("sentence")):
        return "conll2010"
    if root.find(".//xcope") is not None or root.find(".//cue") is not None:
        return "bioscope"
    raise DataError(f"{path}: no XML of CoNLL-2010 (<sentence certainty='uncertain'> with <ccue>) or BioScope (<xcope> with <cue>)")


def from_sentences(sentences: Sequence[LabelledSentence], path: Path, form: str) -> Table:
    """What the readers of corpora give, as a table; the types of cues, which those corpora do not tell, stay open."""
    names = ("certain", "uncertain") if form == "conll2010" else ("not hedged", "hedged")
    records = [
        {
            "text": sentence.text,
            "cues": [[start, end] for start, end, _ in sentence.cues],
            "hedged": names[sentence.hedged],
            "document": sentence.group,
        }
        for sentence in sentences
    ]
    places = [f"{path}, sentence {number}" for number in range(1, len(sentences) + 1)]
    return as_table(records, places, str(path), ("text", "cues", "hedged", "document"), {"form": form})
