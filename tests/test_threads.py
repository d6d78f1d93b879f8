"""Fits keep to one thread."""

from __future__ import annotations

import threadpoolctl

from hedgekit.training.threads import on_one_thread


@on_one_thread
def _counted(extra: int, *, base: int) -> tuple[int, set[int]]:
    """So many threads are allowed."""
    return base + extra, {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}


def test_one_thread_while_it_runs_and_as_many_as_before_behind_it() -> None:
    with threadpoolctl.threadpool_limits(2):
        before = [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]
        assert _counted(1, base=2) == (3, {1})
        assert [pool["num_threads"] for pool in threadpoolctl.threadpool_info()] == before
        assert max(before) == 2


def test_the_function_keeps_its_name() -> None:
    assert (_counted.__name__, _counted.__doc__) == ("_counted", "So many threads are allowed.")


def test_every_recipe_does() -> None:
    from hedgekit.training import bag_of_words, domain, pipeline, reported, retrain, science

    recipes = (pipeline.fit_parameters, domain.fit, science.fit, reported.fit, retrain.prepare, retrain.fit, bag_of_words.bag_of_words)
    assert all(hasattr(recipe, "__wrapped__") for recipe in recipes)
