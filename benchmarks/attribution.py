"""Who says what, on held-out political news: hedgekit beside a bag of words and a list of reporting verbs.

Run ``python -m benchmarks.attribution --corpora FOLDER``; one fit of the ``attribution`` recipe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

import hedgekit
from benchmarks.rivals import best_threshold, tfidf_classifier
from benchmarks.tables import Table, save
from hedgekit.keys import Ints
from hedgekit.model import CertaintyModel
from hedgekit.polnear import LabelledArticle, Offsets, read_polnear
from hedgekit.roles import ROLES
from hedgekit.training.measure import f1
from hedgekit.training.reported import cut, figures_of, fit, found_spans, labelled_spans, tagger, tally_articles

# The commonest verbs of reporting, as one would write them down.
REPORTING_VERBS = (
    "said", "says", "say", "told", "tells", "announced", "reported", "claimed", "argued", "stated", "added", "believes", "thinks",
    "suggested", "warned", "noted", "wrote", "asked", "explained", "insisted", "denied", "according",
)  # fmt: skip
_VERB = re.compile(rf"\b(?:{'|'.join(REPORTING_VERBS)})\b", re.IGNORECASE)
_SAMPLES = 1000
_NOTES = (
    "Fitted on PolNeAR's train articles, judged on its dev articles, on which the bars of the roles were chosen. F1 with 95 % bootstrap "
    "intervals over articles.",
    "By token: a token belongs to a role when its first character lies in a span of that role. Sentences end at punctuation, whatever "
    "the tool's are; one has an attribution when a cue begins in it.",
    f"The list is of {len(REPORTING_VERBS)} verbs, each believed wherever it stands. A bag of words judges whole sentences only.",
)


def run(corpora: Path, progress: Callable[[str], None] = lambda _: None) -> list[Table]:
    """Fit on the train articles, judge the dev articles."""
    folder = corpora / "news" / "polnear"
    train, test = read_polnear(folder / "train"), read_polnear(folder / "dev")
    base = hedgekit.load("general").parameters
    model = CertaintyModel(fit(train, base, tagger(corpora, base, progress), progress), {"name": "held out"})
    found = [found_spans(document) for document in model.analyze_many([article.text for article in test])]
    listed = [{"cue": [match.span() for match in _VERB.finditer(article.text)], "source": [], "content": []} for article in test]
    progress("bag of words")
    rows = [
        ("hedgekit", *_cells(tally_articles(found, test), (*ROLES, "sentence"))),
        ("bag of words", *_cells(bag_of_words(train, test), ("sentence",))),
        (f"list of {len(REPORTING_VERBS)} verbs", *_cells(tally_articles(listed, test), ("cue", "sentence"))),
    ]
    size = f"{len(test)} articles, {sum(len(article.attributions) for article in test)} attributions"
    return [Table(f"PolNeAR dev: {size}", ("system", *(f"{role} by token" for role in ROLES), "sentence has one"), tuple(rows), _NOTES)]


def bag_of_words(train: Sequence[LabelledArticle], test: Sequence[LabelledArticle]) -> dict[str, Ints]:
    """Sentences that a bag of words holds to have an attribution: right, labelled and found, for each article."""
    texts, gold = _sentences(train)
    classifier = tfidf_classifier(10.0)
    # Every fifth article serves to choose the threshold.
    place = np.repeat(np.arange(len(train)), [len(part) for part in texts])
    flat, labels = [text for part in texts for text in part], np.concatenate(gold)
    kept = place % 5 != 0
    classifier.fit([text for text, keep in zip(flat, kept, strict=True) if keep], labels[kept])
    others = [text for text, keep in zip(flat, kept, strict=True) if not keep]
    threshold = best_threshold(classifier.predict_proba(others)[:, 1], labels[~kept])
    rows = []
    for part, wanted in zip(*_sentences(test), strict=True):
        got = classifier.predict_proba(part)[:, 1] >= threshold
        rows.append([(got & wanted).sum(), wanted.sum(), got.sum()])
    return {"sentence": np.array(rows)}


def _sentences(articles: Sequence[LabelledArticle]) -> tuple[list[list[str]], list[npt.NDArray[np.bool_]]]:
    texts, gold = [], []
    for article in articles:
        pieces: list[Offsets] = cut(article.text)
        cues = [low for low, _ in labelled_spans(article)["cue"]]
        texts.append([article.text[low:high] for low, high in pieces])
        gold.append(np.array([any(low <= cue < high for cue in cues) for low, high in pieces]))
    return texts, gold


def _cells(counts: dict[str, Ints], names: Sequence[str]) -> list[str]:
    cells = []
    for name in (*ROLES, "sentence"):
        if name not in names:
            cells.append("-")
            continue
        rows = counts[name]
        drawn = np.random.default_rng(0).integers(len(rows), size=(_SAMPLES, len(rows)))
        low, high = np.quantile([f1(*rows[sample].sum(axis=0).tolist()) for sample in drawn], (0.025, 0.975))
        cells.append(f"{figures_of(rows)[0]:.3f} ({low:.2f} to {high:.2f})")
    return cells


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the corpora.")
@click.option("--save", "saved", is_flag=True, help="Keep the table in benchmarks/results.")
def main(corpora: Path, saved: bool) -> None:
    """Measure who says what on held-out articles."""
    tables = run(corpora, lambda step: click.echo(step, err=True))
    for found in tables:
        click.echo(found.markdown())
    if saved:
        save("attribution", tables)


if __name__ == "__main__":
    main()
