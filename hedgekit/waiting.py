"""Texts that wait to be judged together.

Most of the time that a short text takes is the overhead of calls to numpy, which is the same for ten sentences as for a
hundred. So ``analyze`` splits a text at once, and judges it when it is looked at, or when enough have come together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock

from hedgekit.results import Columns

Spans = list[tuple[int, int]]
Judge = Callable[[Sequence[str], Sequence[Spans]], list[Columns]]

# So many sentences or characters make it worth while to judge a group; more would save little and delay the first look.
ENOUGH, LONG = 512, 120_000


class Waiting:
    """One text of a group; called, it gives its columns."""

    __slots__ = ("_group", "columns", "spans", "text")

    def __init__(self, group: Group, text: str, spans: Spans) -> None:
        self._group: Group | None = group
        self.text = text
        self.spans = spans
        self.columns: Columns | None = None

    def __call__(self) -> Columns:
        """The columns; judges the whole group if that has not been done, or this text alone if the group cannot be."""
        group = self._group
        if self.columns is None and group is not None:
            group.settle()
            if self.columns is None:
                group.settle_alone(self)
        assert self.columns is not None
        return self.columns

    def settle(self, columns: Columns) -> None:
        """Take the columns, and let go of the group."""
        self.columns, self._group = columns, None


class Group:
    """Collects texts until they are judged in one batch. Safe to use from several threads.

    Parameters
    ----------
    judge : callable
        Gives the columns of several texts from them and the spans of their sentences.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._lock = RLock()
        self._waiting: list[Waiting] = []
        self._sentences = self._characters = 0

    def add(self, text: str, spans: Spans) -> Waiting:
        """Let a text wait with the others; judges them all if they are enough now."""
        item = Waiting(self, text, spans)
        with self._lock:
            self._waiting.append(item)
            self._sentences += len(spans)
            self._characters += len(text)
            if self._sentences >= ENOUGH or self._characters >= LONG:
                self.settle()
        return item

    def settle(self) -> None:
        """Judge what waits. If there is not the memory for all at once, each is judged alone when it is looked at."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._sentences = self._characters = 0
            if not waiting:
                return
            try:
                found = self._judge([item.text for item in waiting], [item.spans for item in waiting])
            except MemoryError:
                return
            for item, columns in zip(waiting, found, strict=True):
                item.settle(columns)

    def settle_alone(self, item: Waiting) -> None:
        """Judge one text by itself."""
        [columns] = self._judge([item.text], [item.spans])
        item.settle(columns)
