"""The recipe of the ``general`` model."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hedgekit.bioscope import read_bioscope
from hedgekit.corpora import LabelledSentence, lexicon_examples, read_guide, read_scopes, read_standoff
from hedgekit.errors import DataError
from hedgekit.folders import data_folder
from hedgekit.lexicon import Lexicon, read_contrasts, read_lexicon
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.polnear import LabelledArticle, read_polnear
from hedgekit.results import Sentence
from hedgekit.text.characters import CharacterTables, build_tables
from hedgekit.text.sentences import Segmenter
from hedgekit.training.clusters import cluster_words
from hedgekit.training.folds import fold_of
from hedgekit.training.measure import Figure, measure
from hedgekit.training.pipeline import fit_parameters
from hedgekit.training.running_text import read_running_text, running_text_files
from hedgekit.training.segmentation import fit_segmenter
from hedgekit.training.words import build_vocabulary, read_tags
from hedgekit.vocabulary import Vocabulary

# One document in five is held out when the recipe is measured.
HELD_OUT_FOLDS = 5
# Sentences written for the project, and labels made by it: for training only.
_WRITTEN = ("seeds", "answers", "claims", "variants")
OWN = (*_WRITTEN, "standoff")
POLNEAR_LICENCE = "research use; text not redistributed"
_GUIDE_LICENCE = "labels Apache-2.0; text not redistributed"
_LIMITS = (
    "It reads wording only: whether a claim is true is not its concern.",
    "It was trained on written English news, web text, encyclopedia and papers; transcripts and verse are new to it.",
    "Certainty is that of the sentence's main claim, but a hedge in a side remark often moves it as much as one in the main claim.",
    "Its certainty learned from the grades of a fine-tuned encoder, too, made once for running text, and may share that encoder's habits.",
    "It learned from answers as language models give them, too, which were graded on a finer scale than the annotation guide's anchors.",
    "Certainty is judged sentence by sentence; across sentences only speakers are followed, by rules.",
    "The labels were made in model-assisted passes by one written guide; another guide would draw some lines elsewhere.",
)


@dataclass(frozen=True, slots=True)
class Material:
    """All that the recipe learns from."""

    sentences: list[LabelledSentence]
    examples: list[LabelledSentence]
    lexicon: Lexicon
    words: Vocabulary
    tables: CharacterTables
    segmenter: Segmenter
    data: list[dict[str, Any]]
    scoped: list[LabelledSentence] = field(default_factory=list)
    articles: list[LabelledArticle] = field(default_factory=list)
    taught: list[LabelledSentence] = field(default_factory=list)


def seeds_folder() -> Path:
    """The project's own seeds, as installed."""
    return Path(str(data_folder("seeds")))


def read_material(corpora: str | Path | None, seeds: str | Path | None = None) -> Material:
    """Read the seeds and, if a folder is given, the labelled corpora.

    Raises
    ------
    DataError, LexiconError
        With file, line and reason.
    """
    folder = Path(seeds) if seeds is not None else seeds_folder()
    root = None if corpora is None else Path(corpora)
    if root is not None:
        # Before minutes of reading.
        existing(root / "guide" / "news.jsonl")
    tables = build_tables()
    lexicon = read_lexicon(folder / "cues")
    examples = lexicon_examples(lexicon, read_contrasts(folder / "contrasts", lexicon))
    entries = [path for name in ("cues", "contrasts") for path in sorted((folder / name).glob("*.toml"))]
    sentences = read_guide(folder / "sentences.jsonl", "seeds")
    answers = read_guide(folder / "answers.jsonl", "answers")
    claims = read_guide(folder / "claims.jsonl", "claims")
    variants = read_guide(folder / "variants.jsonl", "variants")
    data = [
        described("hedgekit seeds: sentences", [folder / "sentences.jsonl"], len(sentences), "Apache-2.0"),
        described("hedgekit seeds: answers as language models give them", [folder / "answers.jsonl"], len(answers), "Apache-2.0"),
        described("hedgekit seeds: claims and none", [folder / "claims.jsonl"], len(claims), "Apache-2.0"),
        described("hedgekit seeds: variants of claims, and open questions", [folder / "variants.jsonl"], len(variants), "Apache-2.0"),
        described("hedgekit seeds: lexicon", entries, len(examples), "Apache-2.0"),
    ]
    sentences += [*answers, *claims, *variants]
    tagged: Sequence[tuple[str, str]] = ()
    texts: list[str] = []
    clusters: dict[int, int] = {}
    scoped: list[LabelledSentence] = []
    articles: list[LabelledArticle] = []
    taught: list[LabelledSentence] = []
    if root is not None:
        scopes = read_scopes(folder / "scopes.jsonl")
        for part in ("news", "prose"):
            path = existing(root / "guide" / f"{part}.jsonl")
            labelled = read_guide(path, part, scopes)
            sentences += labelled
            data.append(described(f"guide/{part}", [path], len(labelled), _GUIDE_LICENCE))
        laid = read_standoff(folder / "standoff.jsonl", root, "standoff")
        sentences += laid
        data.append(described("hedgekit seeds: labels laid over the corpora", [folder / "standoff.jsonl"], len(laid), _GUIDE_LICENCE))
        taught = read_standoff(folder / "taught.jsonl", root, "taught")
        data.append(described("hedgekit seeds: running text graded by a teacher", [folder / "taught.jsonl"], len(taught), _GUIDE_LICENCE))
        for part in ("abstracts", "full_papers"):
            path = existing(root / "biomedical" / f"{part}.xml")
            marked = [sentence for sentence in read_bioscope(path) if sentence.cues]
            scoped += marked
            data.append(
                described(f"BioScope {part.replace('_', ' ')}: scopes", [path], len(marked), "free for research; text not redistributed")
            )
        for part in ("train", "dev"):
            polnear = existing(root / "news" / "polnear" / part)
            read = read_polnear(polnear)
            articles += read
            paths = sorted(polnear.glob("*/*"))
            n = sum(len(article.attributions) for article in read)
            data.append(described(f"PolNeAR {part}: so many attributions", paths, n, POLNEAR_LICENCE))
        treebank = existing(root / "sentences" / "en_ewt-train-rebuilt.conllu")
        tagged = list(read_tags(treebank))
        data.append(described("UD English EWT: usual part of speech of each word", [treebank], 12544, "CC BY-SA 4.0"))
        raw = sorted(existing(root / "raw").glob("*.txt"))
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in raw]
        data.append(described("raw text: abbreviations and sentence starters", raw, 0, "counts only; text not redistributed"))
        running = running_text_files(root)
        clusters = cluster_words(read_running_text(running), tables)
        data.append(described("running text, without labels: clusters of words", running, 0, "clusters only; text not redistributed"))
    segmenter = fit_segmenter(folder / "abbreviations.toml", texts)
    words = build_vocabulary(tagged, clusters, lexicon.modifiers, tables)
    return Material(sentences, examples, lexicon, words, tables, segmenter, data, scoped, articles, taught)


def fit(material: Material, sentences: Sequence[LabelledSentence], progress: Callable[[str], None] = lambda _: None) -> Parameters:
    """Fit all stages on some of the sentences of the material, and on all else but that of documents whose sentences were left out."""
    left_out = {sentence.group for sentence in material.sentences} - {sentence.group for sentence in sentences}
    return fit_parameters(
        sentences,
        material.examples,
        material.lexicon,
        material.words,
        material.tables,
        material.segmenter,
        scoped=material.scoped,
        articles=[article for article in material.articles if article.name not in left_out],
        taught=[sentence for sentence in material.taught if sentence.group not in left_out],
        progress=progress,
    )


def split(sentences: Sequence[LabelledSentence], fold: int = 0) -> tuple[list[LabelledSentence], list[LabelledSentence]]:
    """Train and held-out part, by document. The project's own labels are held out only where there is nothing else."""
    folds = fold_of([sentence.group for sentence in sentences], HELD_OUT_FOLDS, salt="held out")
    only_seeds = all(sentence.origin in _WRITTEN for sentence in sentences)
    inside = [(at == fold, only_seeds or sentence.origin not in OWN) for sentence, at in zip(sentences, folds, strict=True)]
    # What the project labelled in a held-out document is left out of both parts; its seeds belong to no document.
    train = [s for s, (out, _) in zip(sentences, inside, strict=True) if not out or (s.origin in _WRITTEN and not only_seeds)]
    return train, [s for s, (out, judged) in zip(sentences, inside, strict=True) if out and judged]


def prefixed(progress: Callable[[str], None], prefix: str) -> Callable[[str], None]:
    """Tell progress with words before each step."""
    return lambda step: progress(f"{prefix}: {step}")


def held_out_figures(material: Material, progress: Callable[[str], None] = lambda _: None) -> list[Figure]:
    """Each fifth of the documents judged by a model that was fitted on the other four, all five measured together."""
    found: list[Sentence] = []
    gold: list[LabelledSentence] = []
    for fold in range(HELD_OUT_FOLDS):
        train, test = split(material.sentences, fold)
        step = prefixed(progress, f"held out {fold + 1} of {HELD_OUT_FOLDS}")
        parameters = fit(material, train, step)
        found += CertaintyModel(parameters, {"name": "held out"}).annotate([sentence.text for sentence in test])
        gold += test
    figures: list[Figure] = []
    for part in sorted({sentence.origin for sentence in gold}):
        mine = [number for number, sentence in enumerate(gold) if sentence.origin == part]
        figures += measure([found[number] for number in mine], [gold[number] for number in mine], part)
    return figures


def build(corpora: str | Path | None, *, measured: bool = True, progress: Callable[[str], None] = lambda _: None) -> CertaintyModel:
    """Fit the ``general`` model on everything, with held-out figures from five fits on four fifths each.

    Parameters
    ----------
    corpora : str, Path or None
        The folder of labelled corpora; None fits on the seeds alone.
    measured : bool
        Whether to take the held-out figures, which takes five times as long again.
    progress : callable
        Is told each step.
    """
    material = read_material(corpora)
    figures = held_out_figures(material, progress) if measured else []
    parameters = fit(material, material.sentences, progress)
    return CertaintyModel(parameters, _info(material, figures, corpora is not None))


def _info(material: Material, figures: Sequence[Figure], with_corpora: bool) -> dict[str, Any]:
    scope = "News and everyday prose" if with_corpora else "News and everyday prose, from the project's seeds alone"
    return {
        "name": "general",
        "description": f"{scope}: typed cues, attributions and certainty by the annotation guide.",
        "data": material.data,
        **measured(figures),
        "limits": list(_LIMITS),
        "versions": versions(),
        "seed": 0,
    }


def existing(path: Path) -> Path:
    """The path, if something is there.

    Raises
    ------
    DataError
    """
    if not path.exists():
        raise DataError(f"{path}: not found; --corpora must name the folder that holds guide/, news/ and the other corpora")
    return path


def measured(figures: Sequence[Figure]) -> dict[str, Any]:
    """How a model was measured, and what came out, for its card."""
    return {
        "split": (
            "Five-fold by document: each fifth judged by the recipe fitted on the other four; the shipped model is then fitted on all. "
            "Spans are exact; hedged is judged at the threshold chosen on inner folds."
            if figures
            else "Not measured."
        ),
        "metrics": [asdict(figure) for figure in figures],
    }


def versions() -> dict[str, str]:
    """What a model is fitted with."""
    return {
        "hedgekit": version("hedgekit"),
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: version(name) for name in ("numpy", "scikit-learn", "nltk")},
    }


def described(name: str, paths: Sequence[Path], n: int, licence: str) -> dict[str, Any]:
    """A piece of training data, for a model's card."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return {"name": name, "sentences": n, "licence": licence, "sha256": digest.hexdigest()}
