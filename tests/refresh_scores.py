"""``python tests/refresh_scores.py``: write down anew what the shipped models say of the recorded sentences.

Run it after a model was fitted, and read the difference before it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hedgekit
from hedgekit.results import Attribution

RECORDED = Path(__file__).parent / "data" / "recorded_scores.json"


def recorded(name: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    """What a shipped model says of sentences, as plain values."""
    return [
        {
            "text": sentence.text,
            "certainty": None if sentence.certainty is None else round(sentence.certainty, 9),
            "hedged": sentence.hedged,
            "cues": [[cue.text, str(cue.type)] for cue in sentence.cues],
            "attributions": [attributed(attribution) for attribution in sentence.attributions],
            **({} if sentence.aspects is None else {"aspects": [str(certainty) for certainty in sentence.aspects.values()]}),
        }
        for sentence in hedgekit.load(name).annotate(texts)
    ]


def attributed(attribution: Attribution) -> list[str | None]:
    """Source, cue and content in words, and the kind."""
    spans = (attribution.source, attribution.cue, attribution.content)
    return [*(None if span is None else span.text for span in spans), str(attribution.kind)]


def main() -> None:
    """Score the recorded sentences again and tell which changed."""
    old = json.loads(RECORDED.read_text(encoding="utf-8"))
    new = {name: recorded(name, [row["text"] for row in rows]) for name, rows in old.items()}
    RECORDED.write_text(json.dumps(new, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, rows in new.items():
        for before, after in zip(old[name], rows, strict=True):
            if before != after:
                print(f"{name}: {after['text']}\n    {before.get('certainty')} -> {after['certainty']} {after['hedged']} {after['cues']}")
        print(f"{name}: {len(rows)} sentences written to {RECORDED}")


if __name__ == "__main__":
    main()
