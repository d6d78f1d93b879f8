"""Reader of the JSON export of Label Studio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hedgekit.errors import DataError
from hedgekit.reading.annotated import Types
from hedgekit.reading.columns import WELL_KNOWN
from hedgekit.reading.tables import Table, from_records, load_json, told


def read_label_studio(path: Path, tasks: Sequence[Any] | None = None) -> Table:
    """Read the JSON export of Label Studio: a row for each annotation of each task.

    Spans become cues, a control with choices a column of classes, and one of numbers or ratings a column of certainty; a column
    has the name of its control. What stands in ``data`` makes further columns.

    Raises
    ------
    DataError
        With task: several choices in one, or an export of another form.
    """
    tasks = load_json(path) if tasks is None else tasks
    if not isinstance(tasks, list) or not is_label_studio(tasks):
        raise DataError(
            f"{path}: no Label Studio export: a list of tasks with 'data' and 'annotations' is wanted; export as JSON, not JSON-MIN"
        )
    types, kinds = Types(), dict[str, str]()
    records: list[dict[str, Any]] = []
    places, problems, notes = [], list[str](), Counter[str]()
    for number, task in enumerate(tasks):
        place = f"{path}, task {task.get('id', number)}"
        annotations = _objects(task.get("annotations", task.get("completions")), f"{place}: annotations")
        done = [item for item in annotations if not (item.get("was_cancelled") or item.get("skipped"))]
        notes["skipped annotations"] += len(annotations) - len(done)
        notes["tasks without annotations"] += not done
        for turn, item in enumerate(done, 1):
            here = f"{place}, annotation {turn}" if len(done) > 1 else place
            read = _results(item, task["data"], here, types, kinds, notes, problems)
            records.append({**task["data"], "completed_by": _annotator(item), **read})
            places.append(here)
    if problems:
        raise told(problems, "mistake")
    roles = {kind: tuple(name for name, its in kinds.items() if its == kind) for kind in ("label", "certainty")}
    roles |= {"annotator": ("completed_by",)} if all(record["completed_by"] is not None for record in records) else {}
    if types.known:
        roles["cues"] = ("cues",)
    else:
        records = [{key: value for key, value in record.items() if key != "cues"} for record in records]
    ignored = types.notes(str(path)) if not kinds else {"ignored types": dict(types.ignored)} if types.ignored else {}
    notes_found = {"form": "label-studio", **{name: number for name, number in notes.items() if number}, **ignored}
    table = from_records(records, places, str(path))
    return Table(table.name, table.columns, table.places, roles, notes=notes_found)


def is_label_studio(tasks: Sequence[Any]) -> bool:
    """Whether a list read from JSON holds tasks of Label Studio."""
    return bool(tasks) and all(
        isinstance(task, Mapping) and isinstance(task.get("data"), Mapping) and ("annotations" in task or "completions" in task)
        for task in tasks
    )


def _objects(value: Any, what: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise DataError(f"{what} must be objects, as Label Studio exports them in JSON; got {value!r:.60}")
    return value


def _annotator(annotation: Mapping[str, Any]) -> Any:
    who = annotation.get("completed_by")
    return who.get("email", who.get("id")) if isinstance(who, Mapping) else who


def _results(
    annotation: Mapping[str, Any],
    data: Mapping[str, Any],
    place: str,
    types: Types,
    kinds: dict[str, str],
    notes: Counter[str],
    problems: list[str],
) -> dict[str, Any]:
    """The columns of one annotation; ``kinds`` learns what each control holds."""
    found: dict[str, Any] = {"cues": []}
    for item in _objects(annotation.get("result"), f"{place}: result"):
        [value] = _objects([item.get("value") or {}], f"{place}: value")
        kind, control = str(item.get("type", "")), str(item.get("from_name", item.get("type")))
        if kind == "labels":
            found["cues"] += _cue(value, _text(data, str(item.get("to_name"))), types)
        elif kind == "choices":
            chosen = value.get("choices")
            if not isinstance(chosen, list) or len(chosen) != 1:
                problems.append(f"{place}: the choices of {control!r} are {chosen!r:.60}; a sentence has one class")
                continue
            kinds[control], found[control] = "label", chosen[0]
        elif kind in ("number", "rating"):
            kinds[control], found[control] = "certainty", value.get(kind)
        else:
            notes["results of other types"] += 1
    return found


def _text(data: Mapping[str, Any], name: str) -> Any:
    """The text that a span lies over: the field of its name or, where the name is of the editor alone, the usual ones."""
    return next((data[key] for key in (name, *WELL_KNOWN["text"]) if key in data), None)


def _cue(value: Mapping[str, Any], text: Any, types: Types) -> list[dict[str, Any]]:
    labels = value.get("labels") or ["cue"]
    names = [types.read(str(name)) for name in (labels if isinstance(labels, list) else [labels])]
    kind = next((kind for is_cue, kind in names if is_cue), "")
    if kind == "":
        return []
    start, end, words = value.get("start"), value.get("end"), value.get("text")
    if isinstance(words, str) and isinstance(text, str) and isinstance(start, int) and isinstance(end, int) and text[start:end] != words:
        # The editor counts in UTF-16, where an emoji is two.
        units = text.encode("utf-16-le", "surrogatepass")
        before, inside = (units[2 * a : 2 * b].decode("utf-16-le", "replace") for a, b in ((0, start), (start, end)))
        if inside == words:
            start, end = len(before), len(before) + len(inside)
    return [{"start": start, "end": end, "text": words, "type": kind}]
