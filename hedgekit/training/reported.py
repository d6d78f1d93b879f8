"""The recipe of the ``attribution`` model: everything that anyone is said to say, think, want or intend, as PolNeAR marks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgekit.assembly import RoleAttributionModel
from hedgekit.keys import Ints
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.polnear import LabelledArticle, Offsets, read_polnear
from hedgekit.results import Document
from hedgekit.roles import ROLES
from hedgekit.speech import SpeechTagger
from hedgekit.training import general
from hedgekit.training.articles import batch_of
from hedgekit.training.attribution import article_links, fit_links
from hedgekit.training.measure import Figure, f1
from hedgekit.training.roles import fit_roles
from hedgekit.training.speech import fit_speech, read_treebank
from hedgekit.training.threads import on_one_thread

NAME = "attribution"
Progress = Callable[[str], None]
Spans = Mapping[str, Sequence[Offsets]]

# Tokens and sentences by which the figures are counted, whatever the tool's own are.
_TOKEN = re.compile(r"\w+(?:[-'’]\w+)*|[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\s+|\n+")
_LIMITS = (
    "What counts as an attribution follows PolNeAR: intentions and feelings too, and auxiliaries belong to the cue.",
    "It was fitted on US political news of 2015 and 2016; other registers are new to it.",
    "Cues with types, certainty, hedged and scope are those of the general model; PolNeAR grades nothing.",
    "Kinds of sources are learned from the annotation guide's sentences.",
)


@on_one_thread
def fit(articles: Sequence[LabelledArticle], base: Parameters, speech: SpeechTagger, progress: Progress = lambda _: None) -> Parameters:
    """Fit the roles of words and what belongs to a cue; everything else is that of ``base``."""
    together = batch_of(articles, base.segmenter, base.tables)
    table = base.detector.table(together.batch)
    roles = fit_roles(together, table, speech, progress)
    progress("sources and contents")
    links = fit_links([article_links(together, table, by_guide=False)])
    return replace(base, attribution=RoleAttributionModel(roles, links, base.attribution.kind))


def tagger(corpora: Path, base: Parameters, progress: Progress = lambda _: None) -> SpeechTagger:
    """The tagger of parts of speech, fitted on the treebank of the corpora."""
    treebank = read_treebank(general.existing(corpora / "sentences" / "en_ewt-train-rebuilt.conllu"))
    progress("parts of speech")
    return fit_speech(treebank, base.detector, base.tables)


def found_spans(document: Document) -> dict[str, list[Offsets]]:
    """The spans of each role in a document."""
    spans: dict[str, list[Offsets]] = {role: [] for role in ROLES}
    for sentence in document:
        for attribution in sentence.attributions:
            for role, found in spans.items():
                span = getattr(attribution, role)
                if span is not None:
                    found.append((span.start, span.end))
    return spans


def labelled_spans(article: LabelledArticle) -> dict[str, list[Offsets]]:
    """The labelled spans of each role in an article."""
    return {role: [span for attribution in article.attributions for span in getattr(attribution, role)] for role in ROLES}


def tally_articles(found: Sequence[Spans], articles: Sequence[LabelledArticle]) -> dict[str, Ints]:
    """For each role by token, and for sentences: right, labelled and found in each article, shape ``(n_articles, 3)``.

    A token belongs to a role when its first character lies in a span of that role. A sentence has an attribution when a cue
    begins in it.
    """
    counts: dict[str, list[Ints]] = {name: [] for name in (*ROLES, "sentence")}
    for spans, article in zip(found, articles, strict=True):
        gold = labelled_spans(article)
        tokens = np.array([match.start() for match in _TOKEN.finditer(article.text)], dtype=np.int64)
        for role in ROLES:
            counts[role].append(_counted(covered(gold[role], tokens), covered(spans[role], tokens)))
        starts = np.array([low for low, _ in cut(article.text)], dtype=np.int64)
        counts["sentence"].append(_counted(*(_begun(side["cue"], starts) for side in (gold, spans))))
    return {name: np.array(rows, dtype=np.int64).reshape(-1, 3) for name, rows in counts.items()}


def figures_of(counts: Ints) -> tuple[float, float, float]:
    """F1, precision and recall of the rows of a tally, micro-averaged."""
    right, wanted, got = counts.sum(axis=0).tolist()
    return f1(right, wanted, got), right / max(got, 1), right / max(wanted, 1)


def measure_articles(found: Sequence[Spans], articles: Sequence[LabelledArticle], part: str) -> list[Figure]:
    """The figures of :func:`tally_articles`, micro-averaged over articles."""
    figures = []
    for name, rows in tally_articles(found, articles).items():
        title = "sentence has an attribution" if name == "sentence" else f"{name} by token"
        sizes = rows.sum(axis=0).tolist()
        for kind, value, n in zip(("F1", "precision", "recall"), figures_of(rows), (sizes[1], sizes[2], sizes[1]), strict=True):
            figures.append(Figure(part, f"{title}, {kind}", value, n))
    return figures


def cut(text: str) -> list[Offsets]:
    """Sentences by punctuation alone: they end at a full stop, question or exclamation mark before white space, and at line breaks."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return [(low, high) for low, high in zip([0, *ends], [*ends, len(text)], strict=True) if text[low:high].strip()]


def covered(spans: Sequence[Offsets], tokens: Ints) -> npt.NDArray[np.bool_]:
    """Which of the tokens, given by their first characters, lie in a span."""
    depth = np.zeros(tokens.size + 1, dtype=np.int64)
    for low, high in spans:
        depth[tokens.searchsorted(low)] += 1
        depth[tokens.searchsorted(high)] -= 1
    return np.asarray(depth.cumsum()[:-1] > 0)


def _begun(spans: Sequence[Offsets], starts: Ints) -> npt.NDArray[np.bool_]:
    held = np.zeros(starts.size, dtype=np.bool_)
    if starts.size:
        held[np.maximum(starts.searchsorted([low for low, _ in spans], side="right") - 1, 0)] = True
    return held


def _counted(gold: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_]) -> Ints:
    return np.array([(gold & found).sum(), gold.sum(), found.sum()], dtype=np.int64)


def build(corpora: str | Path, *, measured: bool = True, progress: Progress = lambda _: None) -> CertaintyModel:
    """Fit the ``attribution`` model on PolNeAR's train and dev articles, with figures on the dev articles from a fit on the others.

    Parameters
    ----------
    corpora : str or Path
        The folder of labelled corpora.
    measured : bool
        Whether to take the figures.
    progress : callable
        Is told each step.
    """
    from hedgekit import load

    root, base = Path(corpora), load("general")
    train, dev = (root / "news" / "polnear" / part for part in ("train", "dev"))
    articles, held_out = read_polnear(train), read_polnear(dev)
    speech = tagger(root, base.parameters, progress)
    figures: list[Figure] = []
    if measured:
        parameters = fit(articles, base.parameters, speech, general.prefixed(progress, "held out"))
        documents = CertaintyModel(parameters, {"name": "held out"}).analyze_many([article.text for article in held_out])
        figures = measure_articles([found_spans(document) for document in documents], held_out, "PolNeAR dev")
    parameters = fit([*articles, *held_out], base.parameters, speech, progress)
    data = [
        general.described(f"PolNeAR, {part.name} articles", sorted(part.glob("*/*")), len(read), general.POLNEAR_LICENCE)
        for part, read in ((train, articles), (dev, held_out))
    ]
    return CertaintyModel(parameters, _info([*data, *base.info["data"]], figures))


def _info(data: list[dict[str, Any]], figures: Sequence[Figure]) -> dict[str, Any]:
    split = "Fitted on PolNeAR's train articles, judged on its dev articles, on which the bars were chosen too; then fitted on both."
    return {
        "name": NAME,
        "description": "Political news: everything that anyone is said to say, think, want or intend, as PolNeAR marks it.",
        "data": data,
        **general.measured(figures),
        **({"split": split} if figures else {}),
        "limits": list(_LIMITS),
        "versions": general.versions(),
        "seed": 0,
    }
