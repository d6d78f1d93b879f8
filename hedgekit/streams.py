"""Streams of texts: read in chunks, worked on in several processes, and answered in order, with little held at a time."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from hedgekit.errors import OptionError, WorkerError

if TYPE_CHECKING:
    from hedgekit.model import CertaintyModel

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

# One call to a worker gets about so many texts or characters: some tens of milliseconds of work, beside which the call
# itself, about one, does not count.
CALL_TEXTS = 1024
CALL_CHARACTERS = 150_000
# So many calls for each worker are under way before the first of them has to be taken. joblib goes on while nobody takes
# its results, so that a slow reader would fill the memory; it gets its work in windows of this size instead, and the next
# window is read meanwhile.
_WINDOW = 4


def check_jobs(n_jobs: int) -> None:
    """Refuse what is no number of processes.

    Raises
    ------
    OptionError
    """
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0:
        raise OptionError(f"n_jobs must be a whole number of processes from 1 on, or -1 for all processors; got {n_jobs!r}")


def gather(items: Iterable[T], count: int, room: int = 0, size: Callable[[T], int] | None = None) -> Iterator[list[T]]:
    """Items in lists of ``count``, or fewer where their sizes fill the ``room``.

    Where the items end with an error, those read before it come first, and then the error.

    Examples
    --------
    >>> list(gather("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    >>> list(gather(["one", "three", "five"], 9, 8, len))
    [['one', 'three'], ['five']]
    """
    held: list[T] = []
    full = 0
    failed: Exception | None = None
    iterator = iter(items)
    while True:
        try:
            item = next(iterator)
        except StopIteration:
            break
        except Exception as error:
            failed = error
            break
        held.append(item)
        full += 0 if size is None else size(item)
        if len(held) >= count or (size is not None and full >= room):
            yield held
            held, full = [], 0
    if held:
        yield held
    if failed is not None:
        raise failed


def spread(
    work: Callable[Concatenate[CertaintyModel, Sequence[T], P], R],
    model: CertaintyModel,
    chunks: Iterable[Sequence[T]],
    n_jobs: int,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Iterator[tuple[Sequence[T], R]]:
    """Each chunk with what ``work`` makes of it in another process, in order.

    Parameters
    ----------
    work : callable
        A function of a module; it gets the model, the chunk, and the further arguments.
    model : CertaintyModel
        Goes to each worker once.
    chunks : iterable of sequences
        Read in the thread of the caller, a window at a time, and one ahead.
    n_jobs : int
        For joblib, whose backend is that of the ``parallel_config`` around this call.

    Raises
    ------
    WorkerError
        If a worker died.
    """
    from joblib import Parallel, delayed, effective_n_jobs

    # The backend is chosen now, not when the first result is asked for: by then the parallel_config may be over.
    try:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1, pre_dispatch="all")
    except ValueError:
        # Some backends, multiprocessing among them, give the results of a window all at once.
        parallel = Parallel(n_jobs=n_jobs, batch_size=1, pre_dispatch="all")
    window = _WINDOW * max(1, effective_n_jobs(n_jobs))
    packed = np.frombuffer(pickle.dumps(model, pickle.HIGHEST_PROTOCOL), dtype=np.uint8)
    key = hashlib.blake2b(packed.data, digest_size=16).hexdigest()
    calls = delayed(_on_worker)

    def run() -> Iterator[tuple[Sequence[T], R]]:
        with parallel:
            groups = gather(chunks, window)
            group, failed = next(groups, None), None
            while group is not None:
                found: Iterator[R] = iter(())
                try:
                    found = iter(parallel([calls(work, key, packed, chunk, args, kwargs) for chunk in group]))
                    # The next window is read while this one is worked on; should that fail, its results still come first.
                    following = None
                    try:
                        following = next(groups, None)
                    except Exception as error:
                        failed = error
                    yield from zip(group, found, strict=True)
                except Exception as error:
                    # The second is Dask's, which need not be installed.
                    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
                        raise _died(error) from error
                    raise
                finally:
                    # Whoever stops early leaves what is under way to its end: to break it off kills workers that others may share.
                    with suppress(Exception):
                        for _ in found:
                            pass
                if failed is not None:
                    raise failed
                group = following

    return run()


def _died(error: Exception) -> WorkerError:
    return WorkerError(
        f"a worker process ended before it gave its results ({type(error).__name__}); most often memory ran out: "
        "use fewer processes, or shorter texts. Results of earlier texts are complete"
    )


# The model that this process worked with last. It comes as an array, which joblib and Dask bring to a worker once,
# however many calls name it; and is unpacked once.
_unpacked: dict[str, CertaintyModel] = {}


def _on_worker(work: Callable[..., R], key: str, packed: npt.NDArray[np.uint8], chunk: Sequence[Any], args: Any, kwargs: Any) -> R:
    model = _unpacked.get(key)
    if model is None:
        _unpacked.clear()
        model = _unpacked[key] = pickle.loads(packed.data)
    return work(model, chunk, *args, **kwargs)


def shown(results: Iterator[T], progress: bool, whole: object, unit: str, size: Callable[[T], int] = lambda result: 1) -> Iterator[T]:
    """The results, with a bar if ``progress``.

    Parameters
    ----------
    results : iterator
    progress : bool
    whole : object
        What the results come from; its length, if it has one, is where the bar ends.
    unit : str
        What is counted.
    size : callable
        How much of it a result is.
    """
    return _barred(results, len(whole) if isinstance(whole, Sized) else None, unit, size) if progress else results


def _barred(results: Iterator[T], total: int | None, unit: str, size: Callable[[T], int]) -> Iterator[T]:
    from tqdm import tqdm

    with tqdm(total=total, unit=unit) as bar:
        for result in results:
            bar.update(size(result))
            yield result
