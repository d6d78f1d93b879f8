"""Fits on one thread each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
T = TypeVar("T")


def on_one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """Keep the numerical libraries below ``function`` to one thread while it runs.

    The steps of these fits are short: threads that wait for each other gain nothing on an idle machine, and where another program
    holds one of the cores a fit takes many times as long. And sums made in several parts would depend on the number of cores.
    Fits that can run side by side do so in processes.
    """

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        with threadpool_limits(limits=1):
            return function(*args, **kwargs)

    return limited
