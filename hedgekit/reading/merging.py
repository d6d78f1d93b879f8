"""Several rows about one sentence: those of several annotators become one, the rest stay together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hedgekit.labelled import CueSpans, LabelledData
from hedgekit.labels import CUE_TYPES, CueType
from hedgekit.options import option
from hedgekit.reading.tables import count

_SHOWN = 3


def merge_annotators(data: LabelledData, annotators: Sequence[str], *, grouped: bool) -> LabelledData:
    """One row for each sentence that several people labelled.

    Certainty is their mean, the class that of most (of as many the first in the order of the classes), cues are those that more
    than half of them marked from the same to the same character, and a sentence makes no claim where more than half say so.
    With ``grouped`` the same words in two groups are two sentences.
    """
    if len(set(annotators)) < 2:
        return data
    rows: dict[tuple[str, str], list[int]] = {}
    for at, text in enumerate(data.texts):
        rows.setdefault((data.groups[at] if grouped else "", text), []).append(at)
    sentences = list(rows.values())
    notes: dict[str, Any] = {
        "annotators": len(set(annotators)),
        "merged rows": len(data) - len(sentences),
        "agreement": _agreement(data, annotators, sentences),
    }
    repeated = sum(len(of_one) - len({annotators[at] for at in of_one}) for of_one in sentences)
    if repeated:
        notes["rows by one annotator on one sentence"] = repeated
    merged = data.take([of_one[0] for of_one in sentences])
    changes: dict[str, Any] = {
        "no_claim": np.array([2 * data.no_claim[of_one].sum() > len(of_one) for of_one in sentences], dtype=np.bool_),
        "weights": np.array([data.weights[of_one].mean() for of_one in sentences]),
    }
    if data.certainty is not None:
        means = [_mean(data.certainty[of_one].tolist()) for of_one in sentences]
        changes["certainty"] = np.where(changes["no_claim"], np.nan, np.array(means, dtype=np.float64))
    if data.labels is not None:
        voted = [_vote([data.labels[at] for at in of_one], data.classes) for of_one in sentences]
        changes["labels"] = tuple(label for label, _ in voted)
        notes["ties"] = sum(tied for _, tied in voted)
    if data.cues is not None:
        changes["cues"] = tuple(_majority([data.cues[at] for at in of_one]) for of_one in sentences)
    return replace(merged, **changes, notes={**data.notes, **notes})


def _agreement(data: LabelledData, annotators: Sequence[str], sentences: Sequence[Sequence[int]]) -> dict[str, Any]:
    # NLTK takes long to import, and is wanted for several annotators alone.
    from hedgekit.training.annotators import alpha_of

    item = {at: number for number, of_one in enumerate(sentences) for at in of_one}
    found = {}
    if data.certainty is not None:
        numbers = enumerate(data.certainty.tolist())
        found["certainty"] = alpha_of([(annotators[at], item[at], number) for at, number in numbers if not np.isnan(number)], "interval")
    if data.labels is not None:
        names = enumerate(data.labels)
        found["label"] = alpha_of([(annotators[at], item[at], name) for at, name in names if name is not None], "nominal")
    return found


def _mean(numbers: Sequence[float]) -> float:
    there = [number for number in numbers if not np.isnan(number)]
    return sum(there) / len(there) if there else np.nan


def _vote(labels: Sequence[str | None], classes: Sequence[str]) -> tuple[str | None, bool]:
    """The class of most, and whether as many chose another."""
    votes = Counter(label for label in labels if label is not None)
    if not votes:
        return None, False
    most = max(votes.values())
    first, *others = [name for name in classes if votes[name] == most]
    return first, bool(others)


def _majority(marked: Sequence[CueSpans | None]) -> CueSpans | None:
    """The spans that more than half of those who marked cues have, each with the type of most of them."""
    looked = [cues for cues in marked if cues is not None]
    if not looked:
        return None
    types: dict[tuple[int, int], list[CueType]] = {}
    for cues in looked:
        for start, end, kind in cues:
            types.setdefault((start, end), []).append(kind)
    kept = sorted(span for span, kinds in types.items() if 2 * len(kinds) > len(looked))
    # Of types named as often, the first in the guide's order of precedence.
    return tuple((start, end, max(CUE_TYPES, key=types[start, end].count)) for start, end in kept)


def keep_together(data: LabelledData, *, grouped: bool, annotated: bool) -> tuple[LabelledData, list[str]]:
    """The same data, the same sentence never in two groups; and what should be warned of.

    Sentences are the same if they differ in white space alone.
    """
    rows: dict[str, list[int]] = {}
    for at, text in enumerate(data.texts):
        rows.setdefault(" ".join(text.split()), []).append(at)
    repeated = [of_one for of_one in rows.values() if len(of_one) > 1]
    if not repeated:
        return data, []
    groups = _joined(data.groups, repeated)
    against = [of_one for of_one in repeated if _contradict(data, of_one)]
    notes: dict[str, Any] = {"duplicates": sum(len(of_one) - 1 for of_one in repeated)}
    if grouped and len(set(groups)) < len(set(data.groups)):
        notes["joined groups"] = len(set(data.groups)) - len(set(groups))
    warned = []
    if against:
        notes["contradictions"] = len(against)
        shown = "; ".join(_shown(data, of_one) for of_one in against[:_SHOWN])
        who = "" if annotated else f"; if several people labelled them, name the column that says who with {option('annotator')}"
        warned.append(f"{count(len(against), 'sentence')} with labels that contradict each other: {shown}; all are kept, in one group{who}")
    return replace(data, groups=groups, notes={**data.notes, **notes}), warned


def _joined(groups: Sequence[str], repeated: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """Names of groups such that the rows of each list bear one: groups that share a sentence get the name of the first."""
    parents: dict[str, str] = {name: name for name in groups}

    def root(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    order = {name: at for at, name in enumerate(parents)}
    for of_one in repeated:
        first, *rest = sorted({root(groups[at]) for at in of_one}, key=order.__getitem__)
        parents |= dict.fromkeys(rest, first)
    return tuple(root(name) for name in groups)


def _contradict(data: LabelledData, rows: Sequence[int]) -> bool:
    return any(len(set(column)) > 1 for column in _labels_of(data, rows))


def _labels_of(data: LabelledData, rows: Sequence[int]) -> list[list[Any]]:
    """What the rows say, each kind of label by itself, without those that say nothing."""
    columns: list[list[Any]] = []
    if data.certainty is not None:
        certainty = [None if data.no_claim[at] else data.certainty[at] for at in rows]
        columns.append(["no claim" if value is None else f"{value:.6g}" for value in certainty if value is None or not np.isnan(value)])
    if data.labels is not None:
        columns.append([data.labels[at] for at in rows if data.labels[at] is not None])
    if data.cues is not None:
        marked = ((data.texts[at], data.cues[at]) for at in rows)
        columns.append([tuple((text[a:b], str(kind)) for a, b, kind in cues) for text, cues in marked if cues is not None])
    return columns


def _shown(data: LabelledData, rows: Sequence[int]) -> str:
    text = data.texts[rows[0]]
    cut = text if len(text) <= 50 else f"{text[:47]}..."
    return f"{cut!r} ({', '.join(f'{data.places[at]}: {_short(data, at)}' for at in rows[:_SHOWN])})"


def _short(data: LabelledData, at: int) -> str:
    parts = [str(column[0]) for column in _labels_of(data, [at]) if column and not isinstance(column[0], tuple)]
    if data.cues is not None and (cues := data.cues[at]) is not None:
        parts.append(f"cues {', '.join(data.texts[at][a:b] for a, b, _ in cues) or 'none'}")
    return ", ".join(parts) or "no label"
