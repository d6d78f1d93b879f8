"""The rows the field knows: CoNLL-2010's biomedical and Wikipedia data with BioScope's scopes, and modal verbs in context.

Run ``python -m benchmarks.uncertainty --corpora FOLDER``; five fits for each of the two domains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from sklearn.model_selection import cross_val_predict

import hedgekit
from benchmarks.rivals import Rival, best_threshold, phrase_list, reliable_cues, sentences, tfidf_classifier
from benchmarks.tables import Table, save
from hedgekit.corpora import LabelledSentence
from hedgekit.labels import CUE_TYPES
from hedgekit.model import CertaintyModel
from hedgekit.results import Sentence
from hedgekit.training import general
from hedgekit.training.domain import DOMAINS, Domain, fit, held_out_folds, read
from hedgekit.training.measure import f1, measure_domain

FOLDS = 5
_SAMPLES = 1000
_SENTENCES = ("sentence F1", "sentence precision", "sentence recall")
_CUES = ("cue span F1", "scope exact, share of the cues found", "scope by word, F1", "false alarms per 1,000 sentences without a cue")
_HEADS = ("sentence F1", "precision", "recall", "cue span F1", "scope exact", "scope by word", "false alarms")
_DOMAIN_NOTES = (
    "Five-fold by document: every system is fitted or counted on four fifths and judged on the fifth; the shipped models are not used.",
    "hedgekit with 95 % bootstrap intervals over documents (1,000 resamples) for the two figures of the shared task.",
    "Bag of words: tf-idf of words and word pairs (min_df=2) with logistic regression (C=10), threshold chosen on folds of the training "
    "part. List: phrases that were a cue at least half of the times they were met in the training part.",
    "Scope: of the cues found with their exact span. False alarms: cues found per 1,000 sentences in which none is labelled.",
    "Settings of the recipes were chosen on these same folds.",
)
_MODAL_NOTES = (
    "Sentences of MASC (Marasovic and Frank 2016) with one modal verb in question: epistemic or not. hedgekit's shipped general model says "
    "epistemic where it finds a cue on the verb, with 95 % bootstrap intervals; sentences that it was fitted on are left out.",
    "Bag of words: tf-idf with logistic regression, five-fold on these sentences. List: phrases that were a "
    "cue at least half of the times they were met in the general model's training data. Commonest: always the commoner of the two senses.",
)


def domain_table(material: general.Material, domain: Domain, progress: Callable[[str], None] = lambda _: None) -> list[Table]:
    """Every system on the held-out fifths of one domain, a table for each part of the corpus."""
    gold: list[LabelledSentence] = []
    found: dict[str, list[Sentence]] = {}
    for number, (marked, listed, test) in enumerate(held_out_folds(domain), 1):
        gold += test
        step = general.prefixed(progress, f"{domain.name}, fold {number} of {FOLDS}")
        model = CertaintyModel(fit(material, domain, marked, listed, step), {"name": "held out"})
        train = [*marked, *listed]
        step("rivals")
        systems: dict[str, Rival] = {
            "hedgekit": model.annotate,
            "bag of words": _bag(train),
            "list of reliable cues": _list([sentence for sentence in train if sentence.cues or not sentence.hedged], material),
        }
        texts = [sentence.text for sentence in test]
        for name, annotate in systems.items():
            found.setdefault(name, []).extend(annotate(texts))
    tables = []
    for part in sorted({sentence.origin for sentence in gold}):
        at = [number for number, sentence in enumerate(gold) if sentence.origin == part]
        mine = [gold[number] for number in at]
        shown = [_row(name, [answers[number] for number in at], mine) for name, answers in found.items()]
        uncertain, cues = sum(item.hedged for item in mine), sum(len(item.cues) for item in mine)
        size = f"{domain.name}, {part}: {len(mine)} sentences, {uncertain} uncertain, {cues} cues"
        tables.append(Table(size, ("system", *_HEADS), tuple(shown)))
    return tables


def _bag(train: Sequence[LabelledSentence]) -> Rival:
    texts, hedged = [sentence.text for sentence in train], np.array([sentence.hedged for sentence in train])
    classifier = tfidf_classifier(10.0)
    threshold = best_threshold(cross_val_predict(classifier, texts, hedged, cv=FOLDS, method="predict_proba")[:, 1], hedged)
    classifier.fit(texts, hedged)

    def annotate(asked: Sequence[str]) -> list[Sentence]:
        return sentences(asked, probability=classifier.predict_proba(asked)[:, 1], threshold=threshold)

    return annotate


def _list(train: Sequence[LabelledSentence], material: general.Material) -> Rival:
    matched = phrase_list(reliable_cues(train, material.tables), material.tables)

    def annotate(asked: Sequence[str]) -> list[Sentence]:
        answers = matched(asked)
        cues = [(number, cue.start, cue.end, CUE_TYPES.index(cue.type)) for number, sentence in enumerate(answers) for cue in sentence.cues]
        columns = tuple(np.array(column, np.int64) for column in zip(*cues, strict=True)) if cues else None
        return sentences(asked, hedged=np.array([bool(sentence.cues) for sentence in answers]), cues=columns)

    return annotate


def _row(name: str, found: Sequence[Sentence], gold: Sequence[LabelledSentence]) -> tuple[str, ...]:
    values = {figure.figure: figure.value for figure in measure_domain(found, gold)}
    cells = []
    for figure in (*_SENTENCES, *_CUES):
        if figure not in values or (name == "bag of words" and figure in _CUES) or (name != "hedgekit" and figure.startswith("scope")):
            cells.append("-")
        elif figure.startswith("false"):
            cells.append(f"{values[figure]:.0f}")
        elif name == "hedgekit" and figure in ("sentence F1", "cue span F1"):
            low, high = _interval(found, gold, figure)
            cells.append(f"{values[figure]:.3f} ({low:.3f} to {high:.3f})")
        else:
            cells.append(f"{values[figure]:.3f}")
    return (name, *cells)


def _interval(found: Sequence[Sentence], gold: Sequence[LabelledSentence], figure: str) -> tuple[float, float]:
    """Bootstrap over documents of an F1 that is a ratio of counts."""
    counts: dict[str, list[int]] = {}
    for sentence, label in zip(found, gold, strict=True):
        row = counts.setdefault(label.group, [0, 0, 0])
        if figure == "sentence F1":
            new = (int(label.hedged and sentence.hedged), int(label.hedged), int(sentence.hedged))
        elif label.cues or not label.hedged:
            wanted, got = {cue[:2] for cue in label.cues}, {(cue.start, cue.end) for cue in sentence.cues}
            new = (len(wanted & got), len(wanted), len(got))
        else:
            continue
        for place, number in enumerate(new):
            row[place] += number
    table = np.array(list(counts.values()))
    drawn = np.random.default_rng(0).integers(len(table), size=(_SAMPLES, len(table)))
    scores = [f1(*table[sample].sum(axis=0).tolist()) for sample in drawn]
    low, high = np.quantile(scores, (0.025, 0.975))
    return float(low), float(high)


def modal_table(corpora: Path, material: general.Material) -> Table:
    """Epistemic or not, for each modal verb of MASC."""
    model = hedgekit.load("general")
    listed = phrase_list(reliable_cues(material.sentences, material.tables), material.tables)
    known = {sentence.text for sentence in material.sentences}
    rows = []
    for verb in ("may", "must", "should", "could", "can"):
        texts, labels = [], []
        for path in sorted((corpora / "modality").glob(f"*__{verb}.txt")):
            for line in path.read_text(encoding="utf-8").splitlines():
                text, _, sense = line.rpartition("\t")
                if text.strip() and text.strip() not in known:
                    texts.append(text.strip())
                    labels.append(sense == "ep")
        gold = np.array(labels)
        right, by_list = (_on_the_verb(annotate(texts), verb) == gold for annotate in (model.annotate, listed))
        bag = cross_val_predict(tfidf_classifier(10.0), texts, gold, cv=FOLDS)
        commonest = max(gold.mean(), 1 - gold.mean())
        drawn = right[np.random.default_rng(0).integers(gold.size, size=(_SAMPLES, gold.size))].mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        shares = [f"{share:.2f}" for share in ((bag == gold).mean(), by_list.mean(), commonest)]
        rows.append((verb, str(gold.size), f"{gold.mean():.2f}", f"{right.mean():.2f} ({low:.2f} to {high:.2f})", *shares))
    header = ("verb", "n", "epistemic", "hedgekit, accuracy", "bag of words", "list of reliable cues", "commonest")
    return Table("Modal sense", header, tuple(rows), _MODAL_NOTES)


def _on_the_verb(found: Sequence[Sentence], verb: str) -> npt.NDArray[np.bool_]:
    return np.array([any(verb in cue.text.lower().split() for cue in sentence.cues) for sentence in found])


def run(corpora: Path, progress: Callable[[str], None] = lambda _: None) -> list[Table]:
    """All tables."""
    material = general.read_material(corpora)
    tables = [found for name in DOMAINS for found in domain_table(material, read(name, corpora, material), progress)]
    return [*tables[:-1], replace(tables[-1], notes=_DOMAIN_NOTES), modal_table(corpora, material)]


@click.command()
@click.option("--corpora", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the corpora.")
@click.option("--save", "saved", is_flag=True, help="Keep the tables in benchmarks/results.")
def main(corpora: Path, saved: bool) -> None:
    """Measure uncertainty detection on held-out documents."""
    tables = run(corpora, lambda step: click.echo(step, err=True))
    for found in tables:
        click.echo(found.markdown())
    if saved:
        save("uncertainty", tables)


if __name__ == "__main__":
    main()
