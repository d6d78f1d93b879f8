"""``python tests/refresh_formats.py``: write the frozen model of the current format anew, with the scores that it gives.

A released format is never written again: its file stays as it was, so that what users saved can be read for ever. Until the first
release the file of format 1 is renewed whenever ``FEATURES`` in ``hedgekit/parameters.py`` is raised, because a release does not
read models made for other features. The model is fitted on the few invented sentences below.
"""

from __future__ import annotations

import io
import json
import lzma
import math
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hedgekit.corpora import LabelledAttribution, LabelledSentence
from hedgekit.labels import AttributionKind, CueType
from hedgekit.lexicon import Entry, Lexicon, parse_example
from hedgekit.model import CertaintyModel
from hedgekit.persistence import FORMAT
from hedgekit.text.characters import CharacterTables, build_tables
from hedgekit.text.sentences import Segmenter
from hedgekit.training.general import versions
from hedgekit.training.pipeline import fit_parameters
from hedgekit.training.words import build_vocabulary

FORMATS = Path(__file__).parent / "data" / "formats"
ARCHIVE, SCORES = "model.tar.xz", "scores.json"

# Cues in brackets, and how certain the sentence is.
_GRADED = (
    ("The bridge was closed on Monday.", 0.95),
    ("Nine houses burned down in the night.", 0.95),
    ("The river rose by two metres.", 0.93),
    ("The council sold the old mill in June.", 0.95),
    ("Snow fell on the pass again.", 0.94),
    ("The bridge [may|modal] be closed on Monday.", 0.45),
    ("The river [might|modal] rise again.", 0.4),
    ("The mill [could|modal] be sold in June.", 0.42),
    ("[Perhaps|epistemic] the council sold the mill.", 0.45),
    ("Snow will [probably|epistemic] fall on the pass.", 0.68),
    ("It is [unclear|epistemic] who closed the bridge.", 0.3),
    ("The fire [clearly|booster] began in the kitchen.", 0.97),
    ("[About|approximator] forty people left the village.", 0.88),
    ("Nine houses [reportedly|reportative] burned down.", 0.5),
    ("[Some|weasel] [believe|doxastic] the dam is weak.", 0.4),
    ("When was the bridge closed?", None),
    ("Who sold the mill?", None),
    ("Close the gate.", None),
)
# Source, cue and content of reports.
_REPORTS = (
    ("The mayor said the bridge was safe.", "The mayor", "said", "the bridge was safe", AttributionKind.NAMED),
    ("Officials said the dam may break.", "Officials", "said", "the dam may break", AttributionKind.UNNAMED),
    ("The report says the river is clean.", "The report", "says", "the river is clean", AttributionKind.DOCUMENT),
    ("Critics say the mill was sold too soon.", "Critics", "say", "the mill was sold too soon", AttributionKind.UNNAMED),
)
_FORMS = {
    CueType.MODAL: ("may", "might", "could"),
    CueType.EPISTEMIC: ("perhaps", "probably", "unclear"),
    CueType.REPORTATIVE: ("said", "says", "say", "reportedly"),
    CueType.BOOSTER: ("clearly",),
    CueType.DOXASTIC: ("believe",),
    CueType.APPROXIMATOR: ("about",),
    CueType.WEASEL: ("some", "critics"),
}
SENTENCES = (
    "The bridge was closed on Monday.",
    "The bridge may be closed on Friday.",
    "Perhaps the river rose again.",
    "The mayor said the mill could be sold.",
    "Nine houses reportedly burned down in June.",
    "It is unclear who sold the mill.",
    "Who closed the bridge?",
    "Fish.",
    "",
    "Zxqv vbnw – “may” 1,000 😀",
)


def _labelled() -> list[LabelledSentence]:
    found = []
    for number, (marked, certainty) in enumerate(_GRADED):
        example = parse_example(marked, CueType.MODAL)
        scopes = tuple((start, len(example.text) - 1) for start, _, _ in example.cues)
        hedged = any(kind is not CueType.BOOSTER for *_, kind in example.cues)
        found.append(LabelledSentence(example.text, f"g{number}", "made", tuple(example.cues), (), certainty, hedged, scopes=scopes))
    for number, (text, source, cue, content, kind) in enumerate(_REPORTS):
        spans = [(text.index(words), text.index(words) + len(words)) for words in (source, cue, content)]
        attribution = LabelledAttribution(spans[0], spans[1], spans[2], kind)
        cues = ((*spans[1], CueType.REPORTATIVE),)
        found.append(LabelledSentence(text, f"r{number}", "made", cues, (attribution,), 0.6, True, scopes=(spans[2],)))
    # Twice, in other groups: what training counts, it wants to have seen elsewhere too.
    return [*found, *(LabelledSentence(s.text, f"{s.group} again", *_rest(s)) for s in found)]


def _rest(sentence: LabelledSentence) -> tuple[Any, ...]:
    return (
        sentence.origin,
        sentence.cues,
        sentence.attributions,
        sentence.certainty,
        sentence.hedged,
        sentence.graded,
        sentence.scopes,
    )


def small_model(tables: CharacterTables) -> CertaintyModel:
    """A complete model, fitted by the training code on a few invented sentences."""
    entries = tuple(Entry((form,), kind) for kind, forms in _FORMS.items() for form in forms)
    lexicon = Lexicon(entries, {"intensifier": ("very",), "negator": ("not", "never")})
    words = build_vocabulary((), {}, lexicon.modifiers, tables)
    segmenter = Segmenter(frozenset({"mr", "dr"}), frozenset({"no"}), frozenset({"etc", "inc"}), frozenset({"the", "it"}))
    parameters = fit_parameters(_labelled(), [], lexicon, words, tables, segmenter)
    return CertaintyModel(
        parameters, {"name": "small", "description": "Fitted on invented sentences, for tests.", "versions": versions(), "seed": 0}
    )


def judged(model: CertaintyModel) -> list[dict[str, Any]]:
    """What a model says of the sentences, as plain values."""
    return [
        {
            "text": sentence.text,
            "certainty": None if math.isnan(score) else score,
            "hedged_probability": sentence.hedged_probability,
            "hedged": sentence.hedged,
            "cues": [[cue.text, str(cue.type), cue.probability, None if cue.scope is None else cue.scope.text] for cue in sentence.cues],
            "attributions": [
                [*(None if span is None else span.text for span in (found.source, found.cue, found.content)), str(found.kind)]
                for found in sentence.attributions
            ],
        }
        for sentence, score in zip(model.annotate(SENTENCES), model.score(SENTENCES).tolist(), strict=True)
    ]


def pack(folder: Path, archive: Path) -> None:
    """The files of a folder as a compressed archive that depends on nothing else."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(folder.iterdir()):
            member = tarfile.TarInfo(path.name)
            member.size = path.stat().st_size
            tar.addfile(member, io.BytesIO(path.read_bytes()))
    archive.write_bytes(lzma.compress(packed.getvalue(), preset=9))


def unpack(archive: Path, folder: Path) -> Path:
    """The files of an archive in a folder."""
    with tarfile.open(archive, "r:xz") as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member)
            assert content is not None
            folder.joinpath(Path(member.name).name).write_bytes(content.read())
    return folder


def main() -> None:
    """Write the file of the current format, and its scores."""
    target = FORMATS / f"format-{FORMAT}"
    target.mkdir(parents=True, exist_ok=True)
    model = small_model(build_tables())
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        pack(Path(folder) / "model", target / ARCHIVE)
    rows = judged(model)
    (target / SCORES).write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(rows)} sentences, {(target / ARCHIVE).stat().st_size} bytes written to {target}")


if __name__ == "__main__":
    main()
