"""``python tests/refresh_readme.py``: renew the output and figures that are pasted into the documentation.

They stand between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``. Run it after a refit, a new benchmark or a change of the seeds.
``--notebook`` also executes the notebooks again, which needs the extra "dev".
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The sentences of the article that the README shows: the second and third paragraph.
_SHOWN = slice(4, 11)


def _run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def analyze() -> str:
    """Part of what ``hedgekit analyze seeds/article.txt`` prints."""
    blocks = re.split(r"\n(?=\S|  --)", _run("hedgekit", "analyze", "seeds/article.txt").rstrip())
    return "\n".join(["```text", *blocks[_SHOWN], "```"])


def agreement() -> str:
    """What ``python -m hedgekit.training.agreement`` prints."""
    return "```text\n" + _run("hedgekit.training.agreement") + "```"


def metrics() -> str:
    """The held-out figures of the shipped model as a table."""
    import hedgekit

    rows = hedgekit.load().info["metrics"]
    parts = sorted({row["part"] for row in rows})
    cells = {(row["part"], row["figure"]): f"{row['value']:.2f} ({row['n']})" for row in rows}
    figures = dict.fromkeys(row["figure"] for row in rows)
    body = [[name, *(cells.get((part, name), "") for part in parts)] for name in figures]
    lines = [["figure (n)", *parts], ["---"] * (1 + len(parts)), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def domains() -> str:
    """The held-out figures of the models that follow a corpus, as a table."""
    import hedgekit

    figures = (
        "sentence F1",
        "sentence precision",
        "sentence recall",
        "cue span F1",
        "scope exact, share of the cues found",
        "scope by word, F1",
    )
    lines = [["model, part", *figures], ["---"] * (1 + len(figures))]
    for name in ("biomedical", "wikipedia"):
        rows = hedgekit.load(name).info["metrics"]
        for part in dict.fromkeys(row["part"] for row in rows):
            values = {row["figure"]: row["value"] for row in rows if row["part"] == part}
            lines.append([f"{name}, {part}", *(f"{values[figure]:.2f}" if figure in values else "-" for figure in figures)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def attribution() -> str:
    """The held-out figures of the model that follows PolNeAR, as a table."""
    import hedgekit

    values = {row["figure"]: row for row in hedgekit.load("attribution").info["metrics"]}
    heads = list(dict.fromkeys(name.rpartition(", ")[0] for name in values))
    kinds = ("F1", "precision", "recall")
    body = [[kind, *(f"{values[f'{head}, {kind}']['value']:.2f}" for head in heads)] for kind in kinds]
    lines = [["", *heads], ["---"] * (1 + len(heads)), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def results(benchmark: str) -> str:
    """The last results of a benchmark without their heading, or how to take them."""
    path = ROOT / "benchmarks" / "results" / f"{benchmark}.md"
    if not path.exists():
        return f"Not measured yet: `python -m benchmarks.{benchmark}`."
    text = re.sub(r"\A# .*\n+", "", path.read_text(encoding="utf-8")).strip()
    return re.sub(r"^## ", "### ", text, flags=re.MULTILINE)


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "analyze": analyze,
        "metrics": metrics,
        "domains": domains,
        "attribution": attribution,
        "science": partial(results, "findings"),
        "retraining": partial(results, "retraining"),
        "speed": partial(results, "speed"),
    },
    "docs/scaling.md": {"scale": partial(results, "scale")},
    "seeds/README.md": {"agreement": agreement},
}


def pasted(file: str, name: str) -> str:
    """What stands between the marks now."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = re.findall(rf"<!-- begin: {name} -->\n(.*?)<!-- end: {name} -->", text, re.DOTALL)
    if len(found) != 1:
        raise ValueError(f"{file}: {len(found)} blocks named {name!r} found; there must be one")
    return str(found[0]).rstrip("\n")


def refresh() -> None:
    """Write every block anew."""
    for file, blocks in BLOCKS.items():
        path = ROOT / file
        for name, make in blocks.items():
            text = path.read_text(encoding="utf-8")
            start = text.index(f"<!-- begin: {name} -->\n") + len(f"<!-- begin: {name} -->\n")
            end = text.index(f"<!-- end: {name} -->", start)
            path.write_text(f"{text[:start]}{make()}\n{text[end:]}", encoding="utf-8")


def execute_notebooks() -> None:
    """Execute the notebooks in place, without times, so that the same outputs give the same file."""
    import nbformat
    from nbclient import NotebookClient

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        NotebookClient(notebook, record_timing=False, resources={"metadata": {"path": str(path.parent)}}).execute()
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    refresh()
    if "--notebook" in sys.argv[1:]:
        execute_notebooks()
