"""From the columns of a table to labelled data: every check, then what is empty, then rows about one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from hedgekit.errors import DataError, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.options import option
from hedgekit.reading.checks import (
    Classes,
    check_certainty,
    check_classes,
    check_cues,
    check_names,
    check_scale,
    check_texts,
    check_weights,
)
from hedgekit.reading.merging import keep_together, merge_annotators
from hedgekit.reading.tables import Table, count, where

Missing = Literal["raise", "drop", "no claim", "keep"]


def label_table(
    table: Table, columns: Mapping[str, str], scale: tuple[float, float] | None, classes: Classes | None, missing: Missing
) -> tuple[LabelledData, list[str]]:
    """The table checked and merged, and what should be warned of.

    Raises
    ------
    DataError, OptionError
        As :func:`hedgekit.read_labelled` says.
    """
    places = table.places
    values = {role: table.columns[name] for role, name in columns.items()}
    if len(places) < 2:
        raise DataError(f"{table.name}: {count(len(places), 'row')} of data; at least 2 labelled sentences are needed")
    texts = check_texts(values["text"], places)
    notes: dict[str, Any] = {"source": table.name, **table.notes, "columns": dict(columns), "rows": len(places)}
    certainty = labels = marked = None
    names: tuple[str, ...] = ()
    if "certainty" in columns:
        certainty = check_certainty(values["certainty"], places, scale)
    elif scale is not None:
        given = option("scale", check_scale(scale))
        raise OptionError(f"{given} is for certainty, and {table.name} has no such column; name it with {option('certainty')}")
    if "label" in columns:
        labels, names = check_classes(values["label"], places, columns["label"], classes)
    elif classes is not None:
        raise OptionError(f"{option('classes')} is for a column of classes, and {table.name} has none; name it with {option('label')}")
    if "cues" in columns:
        marked, looked_up = check_cues(values["cues"], texts, places)
        notes |= {"cue types": looked_up} if looked_up else {}
    annotators = check_names(values["annotator"], places, "annotator") if "annotator" in columns else ()
    data = LabelledData(
        texts,
        places,
        certainty,
        labels,
        names,
        marked,
        np.zeros(len(texts), dtype=np.bool_),
        check_weights(values["weight"], places) if "weight" in columns else np.ones(len(texts)),
        check_names(values["group"], places, "group") if "group" in columns else places,
        notes,
    )
    data, kept = _without_missing(data, missing, table.blank_is_no_claim)
    grouped, annotated = "group" in columns, "annotator" in columns
    if annotated:
        data = merge_annotators(data, [annotators[at] for at in kept], grouped=grouped)
    data, warned = keep_together(data, grouped=grouped, annotated=annotated)
    _refuse_too_little(data, table.name)
    return data, warned


def _without_missing(data: LabelledData, missing: Missing, blank_is_no_claim: bool) -> tuple[LabelledData, list[int]]:
    """The rows that stay, with their numbers, after what is empty was dealt with."""
    none = np.zeros(len(data), dtype=np.bool_)
    no_certainty = none if data.certainty is None else np.isnan(data.certainty)
    no_label = none if data.labels is None else np.array([name is None for name in data.labels])
    no_cues = none if data.cues is None else np.array([cues is None for cues in data.cues])
    notes = dict(data.notes)
    no_claim = none
    if blank_is_no_claim:
        no_claim, no_certainty = no_certainty, none
    empty = no_certainty | no_label
    if data.certainty is None and data.labels is None:
        empty = no_cues
    elif data.cues is not None and no_cues.any():
        notes["rows not labelled for cues"] = int(no_cues.sum())
    leave = none
    if empty.any() and missing == "raise":
        rows = empty.nonzero()[0].tolist()
        raise DataError(
            f"{where([data.places[at] for at in rows])}: {count(len(rows), 'row')} with an empty label; pass {option('missing', 'drop')} "
            f"to leave such rows out, {option('missing', 'no claim')} if they make no claim, or {option('missing', 'keep')} to use what "
            "other labels they have"
        )
    if missing == "drop":
        leave = empty
    elif missing == "no claim":
        # A class alone that is empty says nothing of a sentence whose certainty is known.
        no_claim = no_claim | (no_certainty if data.certainty is not None else empty)
    elif missing == "keep":
        parts = [
            (data.certainty, no_certainty & ~no_claim),
            (data.labels, no_label),
            (data.cues, no_cues),
        ]
        leave = np.logical_and.reduce([part for column, part in parts if column is not None])
        partly = {"certainty": int((no_certainty & ~leave).sum()), "label": int((no_label & ~leave).sum())}
        notes |= {"partly labelled": {name: number for name, number in partly.items() if number}} if any(partly.values()) else {}
    if leave.any():
        notes["dropped"] = int(leave.sum())
    if no_claim.any():
        notes["no claim"] = int(no_claim.sum())
    kept = (~leave).nonzero()[0]
    return replace(data, no_claim=no_claim, notes=notes).take(kept), kept.tolist()


def _refuse_too_little(data: LabelledData, name: str) -> None:
    if len(data) < 2:
        raise DataError(f"{name}: {count(len(data), 'labelled sentence')} left; at least 2 are needed")
    if data.labels is not None:
        present = sorted({label for label in data.labels if label is not None})
        if len(present) < 2:
            only = repr(present[0]) if present else "none"
            raise DataError(f"{name}: all sentences have one class, {only}; at least 2 classes are needed: add sentences of another")
