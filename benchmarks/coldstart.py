"""How long a new process takes to import hedgekit and analyse a short text, as a multiple of importing numpy.

Run ``python -m benchmarks.coldstart``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping

import click

from benchmarks.tables import Table, save

REPEATS = 5
NUMPY = "import numpy"
PROGRAMS = {
    "hedgekit: import and analyse a short text": (
        "import hedgekit; hedgekit.analyze('The harbour was closed on Monday. Officials said it may reopen soon.').certainty"
    ),
    "scikit-learn: import what tf-idf + logistic regression needs": (
        "from sklearn.feature_extraction.text import TfidfVectorizer; from sklearn.linear_model import LogisticRegression"
    ),
}


def best_times(programs: Mapping[str, str], repeats: int = REPEATS) -> dict[str, float]:
    """The shortest time that a new process takes for each program.

    They take turns, so that all meet the same load, after one start of each that fills the caches of the disk.

    Parameters
    ----------
    programs : mapping
        Name to Python code.
    repeats : int
    """
    best = dict.fromkeys(programs, float("inf"))
    for turn in range(repeats + 1):
        for name, code in programs.items():
            taken = _run(code)
            if turn:
                best[name] = min(best[name], taken)
    return best


def _run(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def run(programs: Mapping[str, str] = PROGRAMS, repeats: int = REPEATS) -> Table:
    """The ratios as a table."""
    best = best_times({**programs, NUMPY: NUMPY}, repeats)
    rows = tuple((name, f"{best[name] / best[NUMPY]:.2f}") for name in programs)
    note = f"Best of {repeats} new processes, divided by the best of {repeats} that only import numpy; wall time, start of Python included."
    return Table("Cold start", ("a new process", "times that of import numpy"), rows, (note,))


@click.command()
@click.option("--save", "saved", is_flag=True, help="Keep the table in benchmarks/results.")
def main(saved: bool) -> None:
    """Measure the cold start."""
    found = run()
    click.echo(found.markdown())
    if saved:
        save("coldstart", [found])


if __name__ == "__main__":
    main()
