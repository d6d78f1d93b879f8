"""What files of annotations have in common: types of cues, and sentences that become a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hedgekit.errors import DataError
from hedgekit.labels import CUE_TYPES
from hedgekit.reading.tables import Table

# Names under which tools mark cues without telling their type.
UNTYPED_NAMES = frozenset({"cue", "hedge", "hedging", "speculation", "uncertainty"})


@dataclass(slots=True)
class Types:
    """Tells types of cues from other names, and counts those."""

    ignored: Counter[str] = field(default_factory=Counter)
    known: int = 0

    def read(self, name: str) -> tuple[bool, str | None]:
        """Whether a name marks a cue, and of which type if it says so."""
        lower = name.strip().lower()
        if lower in UNTYPED_NAMES or lower in CUE_TYPES:
            self.known += 1
            return True, None if lower in UNTYPED_NAMES else lower
        self.ignored[name] += 1
        return False, None

    def notes(self, place: str) -> dict[str, Any]:
        """The names that were passed over, for the notes.

        Raises
        ------
        DataError
            If there were only such.
        """
        if self.ignored and not self.known:
            names = ", ".join(f"{name} ({number})" for name, number in self.ignored.most_common(5))
            raise DataError(f"{place}: no span marks a cue; the types found are {names}; rename them to {', '.join(CUE_TYPES)}, or cue")
        return {"ignored types": dict(sorted(self.ignored.items()))} if self.ignored else {}


def as_table(
    records: Sequence[Mapping[str, Any]], places: Sequence[str], name: str, columns: Sequence[str], notes: dict[str, Any]
) -> Table:
    """A table of some fields of the records; its roles are known.

    Raises
    ------
    DataError
        If there is no record.
    """
    if not records:
        raise DataError(f"{name}: no sentence found")
    kept = {column: [record[column] for record in records] for column in columns}
    # A file where every sentence has a cue tells nothing by classes, but still where the cues are.
    if len(set(kept.get("hedged", ()))) == 1:
        del kept["hedged"]
    roles = {role: (column,) for role, column in (("label", "hedged"), ("cues", "cues"), ("group", "document")) if column in kept}
    return Table(name, kept, tuple(places), roles, notes=notes)
