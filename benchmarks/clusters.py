"""hedgekit on clusters: the recipes of docs/scaling.md, run for real on several processes of this machine.

Run ``python -m benchmarks.clusters``. It needs ``pip install pyspark "dask[distributed]" pandas pyarrow``, and Java for PySpark.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import numpy as np

import hedgekit
from benchmarks.cluster_jobs import with_certainty
from benchmarks.speed import paragraphs, recombined
from hedgekit.corpora import read_guide
from hedgekit.model import CertaintyModel
from hedgekit.training.general import seeds_folder

_WORKERS = 2
# Every so many documents are compared as a whole, which costs more than to make them.
_COMPARED = 10
_HIDDEN = "no/such/folder"
_SCHEMA = "id long, certainty double, hedged boolean, process long, loads long"


def on_dask(model: CertaintyModel, sentences: list[str]) -> Iterator[str]:
    """The same calls inside a Dask cluster, and what they gave."""
    import joblib
    from distributed import Client, LocalCluster

    texts = paragraphs(sentences)
    with tempfile.TemporaryDirectory() as folder:
        cluster = LocalCluster(
            n_workers=_WORKERS, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=folder, host="127.0.0.1"
        )
        with cluster, Client(cluster) as client:
            processes = set(client.run(os.getpid).values())
            if os.getpid() in processes or len(processes) != _WORKERS:
                raise AssertionError("the workers are no processes of their own")
            with joblib.parallel_config(backend="dask"):
                documents = model.analyze_many(iter(texts), n_jobs=-1)
                scores = model.score_many(iter(sentences), n_jobs=-1, batch_size=512)
                start = time.perf_counter()
                found, scored = list(documents), np.concatenate(list(scores))
            seconds = time.perf_counter() - start
            if len(found) != len(texts) or found[::_COMPARED] != [model.analyze(text) for text in texts[::_COMPARED]]:
                raise AssertionError("Dask gave other documents")
            np.testing.assert_allclose(scored, model.score(sentences), atol=1e-9, rtol=0)
            yield f"{len(texts)} texts and {len(sentences)} sentences on {len(processes)} processes: {seconds:.1f} s"
            yield _told(lambda: client.submit(hedgekit.load, _HIDDEN).result())


def on_spark(model: CertaintyModel, sentences: list[str]) -> Iterator[str]:
    """``mapInPandas`` over partitions, and what it gave."""
    import pandas as pd
    from pyspark.sql import SparkSession

    # Workers are started with this interpreter, and import what this process can import.
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYTHONPATH=os.pathsep.join(path or str(Path.cwd()) for path in sys.path))
    builder = SparkSession.builder.master(f"local[{_WORKERS}]").appName("hedgekit").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    try:
        table = spark.createDataFrame(pd.DataFrame({"id": range(len(sentences)), "text": sentences})).repartition(4 * _WORKERS)
        start = time.perf_counter()
        found = table.mapInPandas(partial(with_certainty, path=model.name), _SCHEMA).toPandas().sort_values("id")
        seconds = time.perf_counter() - start
        np.testing.assert_allclose(found["certainty"].to_numpy(), model.score(sentences), atol=1e-9, rtol=0)
        processes = found["process"].nunique()
        if os.getpid() in set(found["process"]) or found["loads"].max() != 1:
            raise AssertionError("the model was not loaded once in each process of a worker")
        yield f"{len(found)} rows in {4 * _WORKERS} partitions on {processes} processes, one load in each: {seconds:.1f} s"
        yield _told(lambda: table.mapInPandas(partial(with_certainty, path=_HIDDEN), _SCHEMA).collect())
    finally:
        spark.stop()


def _told(call: Callable[[], object]) -> str:
    """What the caller hears of a model that the workers cannot see."""
    try:
        call()
    except Exception as error:
        if "ModelNotFoundError" not in f"{type(error).__name__} {error}" or _HIDDEN not in str(error):
            raise
        return f"a path that workers cannot see reaches the caller as {type(error).__name__}, which names it"
    raise AssertionError("a path that workers cannot see was no error")


@click.command()
@click.option("--only", type=click.Choice(["dask", "spark"]), help="Run one of the two.")
@click.option("--sentences", "n", default=4_000, show_default=True, help="How many sentences.")
def main(only: str | None, n: int) -> None:
    """Run hedgekit on local clusters."""
    model = hedgekit.load()
    sentences = recombined(read_guide(Path(str(seeds_folder())) / "sentences.jsonl", "seeds"), n)
    for name, run in {"dask": on_dask, "spark": on_spark}.items():
        if only in (None, name):
            for line in run(model, sentences):
                click.echo(f"{name}: {line}")


if __name__ == "__main__":
    main()
