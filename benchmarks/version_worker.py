"""What :mod:`benchmarks.versions` runs in each environment: fit a small model, or judge texts by saved ones. Needs hedgekit alone."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hedgekit
from hedgekit.model import CertaintyModel
from hedgekit.training import general

# One in so many of the seeds' sentences, of the lexicon's examples and of its entries.
_SENTENCES, _EXAMPLES, _ENTRIES = 6, 60, 40
# The others are judged, one in so many.
_JUDGED = 7


def train(folder: Path) -> None:
    """Fit on a small part of the seeds, and save."""
    material = general.read_material(None)
    lexicon = replace(material.lexicon, entries=material.lexicon.entries[::_ENTRIES])
    small = replace(material, sentences=material.sentences[::_SENTENCES], examples=material.examples[::_EXAMPLES], lexicon=lexicon)
    info = {"name": "small", "description": "Fitted on part of the seeds, to compare versions.", "seed": 0}
    CertaintyModel(general.fit(small, small.sentences), info).save(folder)


def judged_texts() -> list[str]:
    """Sentences that were not fitted on."""
    sentences = general.read_material(None).sentences
    return [sentence.text for number, sentence in enumerate(sentences) if number % _SENTENCES and number % _JUDGED == 1]


def judge(folder: Path, texts: list[str]) -> dict[str, Any]:
    """All numbers that a model gives, and its cues."""
    found = hedgekit.load(folder).annotate(texts)
    return {
        "numbers": [
            [
                -1.0 if sentence.certainty is None else sentence.certainty,
                sentence.hedged_probability,
                *(cue.probability for cue in sentence.cues),
            ]
            for sentence in found
        ],
        "cues": [[[cue.text, str(cue.type)] for cue in sentence.cues] for sentence in found],
    }


def main() -> None:
    """``train FOLDER``, ``judge OUT FOLDER ...`` or ``packages``."""
    task, *arguments = sys.argv[1:]
    if task == "train":
        train(Path(arguments[0]))
    elif task == "judge":
        texts = judged_texts()
        results = {Path(folder).name: judge(Path(folder), texts) for folder in arguments[1:]}
        Path(arguments[0]).write_text(json.dumps(results), encoding="utf-8")
    else:
        print(json.dumps({name: version(name) for name in ("scikit-learn", "numpy", "scipy")}))


if __name__ == "__main__":
    main()
