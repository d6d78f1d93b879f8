"""How messages name an option: as an argument of a function or, where a shell asked, as the option of a command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_IN_SHELL: ContextVar[bool] = ContextVar("in_shell", default=False)
# Those that are not called as the argument is.
_SHELL_NAMES = {"format": "file-format", "n_jobs": "jobs", "bag_of_words": "bag-of-words"}
_NOTHING = object()


@contextmanager
def shell_options() -> Iterator[None]:
    """Messages name the options of commands inside."""
    before = _IN_SHELL.set(True)
    try:
        yield
    finally:
        _IN_SHELL.reset(before)


def in_shell() -> bool:
    """Whether messages name the options of commands."""
    return _IN_SHELL.get()


def named(name: str) -> str:
    """An option by its name alone.

    Examples
    --------
    >>> with shell_options():
    ...     there = named("n_jobs")
    >>> named("n_jobs"), there
    ('n_jobs', '--jobs')
    """
    return f"--{_SHELL_NAMES.get(name, name)}" if in_shell() else name


def option(name: str, value: Any = _NOTHING, *, more: bool = False) -> str:
    """An option as it is to be given.

    Parameters
    ----------
    name : str
        That of the argument.
    value : False, str, pair of numbers, list of str or mapping, optional
        Without one, it is for the reader to fill in.
    more : bool
        Whether more names or pairs are wanted than stand in the value.

    Examples
    --------
    >>> option("scale"), option("scale", (1, 6)), option("classes", {"0": "certain"}, more=True)
    ('scale=', 'scale=(1, 6)', "classes={'0': 'certain', ...}")
    >>> with shell_options():
    ...     print(option("scale"), option("scale", (1, 6)), option("classes", {"0": "certain"}, more=True))
    --scale --scale 1 6 --classes 0=certain,...
    """
    if in_shell():
        return named(name) if value is _NOTHING else f"{named(name)} {_for_shell(value, more)}"
    return f"{name}=" if value is _NOTHING else f"{name}={_for_python(value, more)}"


def _for_python(value: Any, more: bool) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(f'{number:g}' for number in value)})"
    shown = repr(value)
    return f"{shown[:-1]}, ...{shown[-1]}" if more else shown


def _for_shell(value: Any, more: bool) -> str:
    if value is False:  # a column that is not there
        return "''"
    if isinstance(value, tuple):
        return " ".join(f"{number:g}" for number in value)
    if isinstance(value, str):
        return shlex.quote(value)
    parts = [f"{old}={new}" for old, new in value.items()] if isinstance(value, Mapping) else value
    return shlex.quote(",".join(parts)) + (",..." if more else "")
