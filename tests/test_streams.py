"""Streams of texts in one process and in several: order, laziness, errors, and workers that die."""

from __future__ import annotations

import itertools
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import joblib
import numpy as np
import pytest

import hedgekit
from hedgekit import streams
from hedgekit.errors import DataWarning, InputTypeError, MissingTextError, OptionError, SkippedWarning, WorkerError
from hedgekit.model import CertaintyModel

TEXT = "The dam broke. Officials said repairs may take years."
JOBS = pytest.mark.parametrize("n_jobs", [1, 2])


def numbered(n: int) -> list[str]:
    return [f"Tank {number} may leak. Nobody knows, he said." for number in range(n)]


class Interrupted(Exception):
    """The error of a stream's own."""


def broken(n: int) -> Iterator[str]:
    yield from numbered(n)
    raise Interrupted("the line went dead")


def each(iterator: Iterator[Any]) -> tuple[list[Any], BaseException | None]:
    """What came, and the error that ended it."""
    found = []
    while True:
        try:
            found.append(next(iterator))
        except StopIteration:
            return found, None
        except Exception as error:
            return found, error


# Order, and the same results


def test_documents_of_two_processes_are_those_of_one(model: CertaintyModel) -> None:
    texts = ["", "  ", "One.", *numbered(1_025), TEXT * 30, "?"]
    alone, two = list(model.analyze_many(texts)), list(model.analyze_many(iter(texts), n_jobs=2))
    assert [document.text for document in two] == texts
    assert [document.certainty for document in two] == [document.certainty for document in alone]
    for one, other in zip(alone[::150], two[::150], strict=True):
        assert one == other
        assert [sentence.explain() for sentence in one] == [sentence.explain() for sentence in other]
    assert pickle.loads(pickle.dumps(two[3])) == alone[3]
    assert two[3].to_dict() == alone[3].to_dict()


@pytest.mark.parametrize("name", ["science", "attribution"])
def test_other_models_travel_too(name: str) -> None:
    model, texts = hedgekit.load(name), numbered(40)
    assert list(model.analyze_many(texts, n_jobs=2)) == list(model.analyze_many(texts))


def test_classes_travel_too(class_model: CertaintyModel) -> None:
    alone = list(class_model.analyze_many(numbered(40)))
    assert alone[0][0].label in ("red", "green", "blue")
    assert list(class_model.analyze_many(numbered(40), n_jobs=2)) == alone


def test_words_of_ones_own_travel_too() -> None:
    model = hedgekit.load().with_lexicon({"tank": "weasel"})
    [document] = model.analyze_many(["The tank is there."], n_jobs=2)
    assert [str(cue.type) for cue in document[0].cues] == ["weasel"]


@JOBS
@pytest.mark.parametrize("batch_size", [1, 7, 400, 5_000])
def test_scores_of_a_stream(n_jobs: int, batch_size: int, model: CertaintyModel) -> None:
    texts = [sentence for text in numbered(300) for sentence in (text, "Why?")]
    count = 20 if batch_size == 1 else len(texts)
    found = list(model.score_many(iter(texts[:count]), n_jobs=n_jobs, batch_size=batch_size))
    assert [scores.size for scores in found[:-1]] == [batch_size] * (len(found) - 1)
    np.testing.assert_allclose(np.concatenate(found), model.score(texts[:count]), atol=1e-9, rtol=0)


@JOBS
def test_nothing(n_jobs: int, model: CertaintyModel) -> None:
    assert list(model.analyze_many(iter(()), n_jobs=n_jobs)) == []
    assert list(model.score_many([], n_jobs=n_jobs)) == []


def test_functions_of_the_package(model: CertaintyModel) -> None:
    assert list(hedgekit.analyze_many(numbered(3))) == list(model.analyze_many(numbered(3)))
    np.testing.assert_array_equal(next(hedgekit.score_many(numbered(3))), model.score(numbered(3)))


# Little is held


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("method", ["analyze_many", "score_many"])
def test_little_is_read_ahead(method: str, n_jobs: int, model: CertaintyModel) -> None:
    read = 0
    reader = set()

    def endless() -> Iterator[str]:
        nonlocal read
        for number in itertools.count():
            read += 1
            reader.add(threading.get_ident())
            # Long ones, so that few make a call.
            yield f"Tank {number} leaks. " + "x" * 15_000

    found = getattr(model, method)(endless(), n_jobs=n_jobs, **({"batch_size": 8} if method == "score_many" else {}))
    assert read == 0
    assert len(list(itertools.islice(found, 9))) == 9
    # A chunk is 120,000 characters or 8 texts; a window is 4 calls for each worker, of 150,000 characters, and one is read ahead.
    assert read <= (80 if n_jobs == 1 else 16 * 12)
    found.close()
    # A connection to a database, for one, can be read in its own thread only.
    assert reader == {threading.get_ident()}


def test_a_window_is_not_passed_while_nobody_takes() -> None:
    """joblib alone would work through all of them."""
    model, read = hedgekit.load(), 0

    def counted() -> Iterator[list[str]]:
        nonlocal read
        for number in range(200):
            read += 1
            yield [f"Tank {number} may leak."]

    found = streams.spread(_length, model, counted(), 2)
    next(found)
    assert read <= 17
    assert len(list(found)) == 199
    assert read == 200


def _length(model: CertaintyModel, texts: Any) -> int:
    return len(texts)


def _place(model: CertaintyModel, texts: Any) -> tuple[int, int]:
    return os.getpid(), id(model)


def test_the_model_is_unpacked_once_in_a_worker(model: CertaintyModel) -> None:
    found = [place for _, place in streams.spread(_place, model, ([str(number)] for number in range(60)), 2)]
    assert os.getpid() not in {process for process, _ in found}
    assert len(set(found)) == len({process for process, _ in found}) <= 2


def test_whoever_stops_early_leaves_the_workers_to_others(model: CertaintyModel) -> None:
    first = model.analyze_many(numbered(4_000), n_jobs=2)
    second = model.analyze_many(numbered(1_500), n_jobs=2)
    assert next(first) == next(second)
    first.close()  # type: ignore[attr-defined]
    assert len(list(second)) == 1_499


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_any_backend(backend: str, model: CertaintyModel) -> None:
    texts = numbered(1_100)
    with joblib.parallel_config(backend=backend):
        documents = model.analyze_many(texts, n_jobs=2)
    # Asked for when the configuration is over.
    assert [document.text for document in documents] == texts


# What is wrong with a text, with the stream, or with a worker


@JOBS
@pytest.mark.parametrize("n", [0, 1, 1_100])
def test_what_was_finished_comes_before_the_error(n: int, n_jobs: int, model: CertaintyModel) -> None:
    found, error = each(model.analyze_many(itertools.chain(numbered(n), [3.5], numbered(5)), n_jobs=n_jobs))  # type: ignore[list-item]
    assert [document.text for document in found] == numbered(n)
    assert isinstance(error, InputTypeError)
    assert str(error) == f"every element must be a str, got float (3.5) at position {n}"


@JOBS
@pytest.mark.parametrize("n", [0, 1_100])
def test_the_error_of_a_stream_comes_last(n: int, n_jobs: int, model: CertaintyModel) -> None:
    found, error = each(model.analyze_many(broken(n), n_jobs=n_jobs))
    assert [document.text for document in found] == numbered(n)
    assert isinstance(error, Interrupted)
    arrays, error = each(model.score_many(broken(n), n_jobs=n_jobs, batch_size=100))
    assert sum(map(len, arrays)) == n
    assert isinstance(error, Interrupted)


@JOBS
def test_bad_texts_are_skipped(n_jobs: int, model: CertaintyModel) -> None:
    texts = [None, *numbered(2), b"x", float("nan"), *numbered(1), 4]
    with pytest.warns(SkippedWarning, match="4 of 7 texts were skipped, for they are no str: at position 0, 3, 4, 6") as caught:
        found = list(model.analyze_many(texts, n_jobs=n_jobs, on_error="skip"))  # type: ignore[arg-type]
    assert [document.text for document in found] == [*numbered(2), *numbered(1)]
    [warning] = [item.message for item in caught]
    assert isinstance(warning, SkippedWarning)
    assert warning.positions == (0, 3, 4, 6)
    assert not isinstance(warning, DataWarning)
    assert pickle.loads(pickle.dumps(warning)).positions == warning.positions


@JOBS
def test_bad_texts_are_reported(n_jobs: int, model: CertaintyModel) -> None:
    told: list[tuple[int, InputTypeError]] = []
    texts = [*numbered(2), None, *numbered(1), 7]
    found = list(model.analyze_many(texts, n_jobs=n_jobs, on_error=lambda *it: told.append(it)))  # type: ignore[arg-type]
    assert len(found) == 3
    assert [position for position, _ in told] == [2, 4]
    assert all(isinstance(error, InputTypeError) for _, error in told)


def test_many_skipped_are_named_in_part(model: CertaintyModel) -> None:
    with pytest.warns(SkippedWarning, match=r"20 of 20 texts .* 8, 9, \.\.\.$") as caught:
        assert list(model.analyze_many([None] * 20, on_error="skip")) == []  # type: ignore[list-item]
    assert caught[0].message.positions == tuple(range(20))  # type: ignore[union-attr]


@pytest.mark.parametrize("value", ["drop", None, 3])
def test_on_error_is_known(value: Any, model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match="on_error must be 'raise', 'skip', or a function"):
        model.analyze_many([], on_error=value)


@pytest.mark.parametrize("value", [0, -1, True, 2.0, None])
def test_batch_size_is_a_number(value: Any, model: CertaintyModel) -> None:
    with pytest.raises(OptionError, match="batch_size must be a whole number from 1 on"):
        model.score_many([], batch_size=value)


@JOBS
def test_gaps_in_a_stream_of_sentences(n_jobs: int, model: CertaintyModel) -> None:
    texts = ["It may rain.", None, float("nan"), "It rained."]
    [scores] = model.score_many(texts, n_jobs=n_jobs, missing="nan")  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.isnan(scores), [False, True, True, False])
    with pytest.raises(MissingTextError, match="position 1"):
        list(model.score_many(texts, n_jobs=n_jobs))  # type: ignore[arg-type]
    with pytest.raises(InputTypeError, match=r"int .* position 1"):
        list(model.score_many(["a", 3], n_jobs=n_jobs, missing="nan"))  # type: ignore[list-item]
    with pytest.raises(InputTypeError, match="score_many takes a sequence of str"):
        model.score_many("It may rain.")


def _dies(model: CertaintyModel, texts: Any) -> int:
    if "die" in texts:
        os._exit(3)
    return len(texts)


def _fails(model: CertaintyModel, texts: Any) -> int:
    raise MemoryError("no room")


def test_a_worker_that_dies_is_told(model: CertaintyModel) -> None:
    chunks = [["live"]] * 3 + [["die"]] + [["live"]] * 30
    with pytest.raises(WorkerError, match=r"a worker process ended before it gave its results .*use fewer processes"):
        list(streams.spread(_dies, model, chunks, 2))
    # And others can go on.
    assert len(list(model.analyze_many(numbered(50), n_jobs=2))) == 50


def test_an_error_in_a_worker_is_its_own(model: CertaintyModel) -> None:
    with pytest.raises(MemoryError, match="no room"):
        list(streams.spread(_fails, model, [["a"]], 2))


# Progress


@JOBS
@pytest.mark.parametrize("method", ["analyze_many", "score_many"])
def test_progress(method: str, n_jobs: int, model: CertaintyModel, capsys: pytest.CaptureFixture[str]) -> None:
    call: Callable[..., Iterator[Any]] = getattr(model, method)
    assert list(call(numbered(30), n_jobs=n_jobs, progress=True))
    shown = capsys.readouterr().err
    assert "30/30" in shown
    assert ("texts" if method == "analyze_many" else "sentences") in shown
    assert list(call(iter(numbered(3)), n_jobs=n_jobs))
    assert capsys.readouterr().err == ""


def test_one_process_needs_no_joblib() -> None:
    import subprocess

    code = "import sys, hedgekit; list(hedgekit.score_many(['It may rain.'])); print('joblib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
