"""What workers of a cluster run; in a module of its own, so that they can import it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import hedgekit
from hedgekit.model import CertaintyModel

if TYPE_CHECKING:
    import pandas as pd

loads = 0


@lru_cache(maxsize=2)
def loaded(path: str) -> CertaintyModel:
    """A model, once in a process."""
    global loads
    loads += 1
    return hedgekit.load(path)


def with_certainty(frames: Iterable[pd.DataFrame], path: str) -> Iterator[pd.DataFrame]:
    """Rows with what the model says, and which process said it after how many loads."""
    model = loaded(path)
    for frame in frames:
        found = hedgekit.add_columns(frame, "text", model=model)[["id", "certainty", "hedged"]]
        yield found.assign(process=os.getpid(), loads=loads)
