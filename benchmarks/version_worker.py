"""What :mod:`benchmarks.versions` runs in each environment: fit a small model, or judge texts by saved ones. Needs hedgekit alone."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import hedgekit
from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.labels import CueType
from hedgekit.training import general

# Of the seeds' sentences one in so many is judged.
_JUDGED = 8
# Invented sentences: each of these does each of those, and all of one subject are of one group.
_SUBJECTS = ("The bank", "The mill", "Our host", "A ferry", "The judge", "My aunt", "The team", "A guard", "The cook", "One door")
_PREDICATES: tuple[tuple[str, float, str, str | None, CueType], ...] = (
    ("closed on Monday.", 0.95, "fact", None, CueType.MODAL),
    ("is never late.", 0.92, "fact", None, CueType.MODAL),
    ("may close on Monday.", 0.45, "rumour", "may", CueType.MODAL),
    ("will by all odds be late.", 0.7, "rumour", "by all odds", CueType.EPISTEMIC),
    ("reportedly left the town.", 0.5, "rumour", "reportedly", CueType.REPORTATIVE),
    ("is rumoured to be late.", 0.4, "rumour", "rumoured", CueType.REPORTATIVE),
)


def invented() -> LabelledData:
    """Sentences with a certainty, a class and cues, so that every part of a model is fitted."""
    rows = [(f"{subject} {predicate[0]}", predicate, subject) for subject in _SUBJECTS for predicate in _PREDICATES]
    texts = tuple(text for text, _, _ in rows)
    return LabelledData(
        texts,
        tuple(f"row {number}" for number in range(len(rows))),
        np.array([certainty for _, (_, certainty, *_), _ in rows]),
        tuple(label for _, (_, _, label, *_), _ in rows),
        ("fact", "rumour"),
        tuple(_cues(text, words, kind) for text, (*_, words, kind), _ in rows),
        np.zeros(len(rows), dtype=np.bool_),
        np.ones(len(rows)),
        tuple(subject for *_, subject in rows),
        {},
    )


def _cues(text: str, words: str | None, kind: CueType) -> CueSpans:
    if words is None:
        return ()
    start = text.index(words)
    return ((start, start + len(words), kind),)


def train(folder: Path) -> None:
    """Fit the invented sentences on top of the shipped model, and save."""
    hedgekit.train(invented(), name="small", measured=False).save(folder)


def judged_texts() -> list[str]:
    """Sentences that were not fitted on."""
    return [sentence.text for sentence in general.read_material(None).sentences[::_JUDGED]]


def judge(folder: Path, texts: list[str]) -> dict[str, Any]:
    """All numbers that a model gives, and its cues."""
    found = hedgekit.load(folder).annotate(texts)
    return {
        "numbers": [
            [
                -1.0 if sentence.certainty is None else sentence.certainty,
                sentence.hedged_probability,
                *((sentence.label_probabilities or {}).values()),
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
