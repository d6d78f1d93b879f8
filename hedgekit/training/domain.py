"""The recipes of ``biomedical`` and ``wikipedia``: cues and ``hedged`` by a corpus' own notion of uncertainty.

A corpus of this kind marks uncertain cues without types and without a grade. So the types come from the lexicon and from
the tagger of the ``general`` model, which the new one is taught by as well: it has met uses of a word that a small corpus has
not ("as many as possible"). That of ``biomedical`` also hears the company of a word: behind another cue "or" and "can" are
marked far more often. Certainty and attributions come from the sentences labelled by the annotation guide, read through the new
detector. Whether a sentence is hedged is judged from three sides that weigh the same: the log-odds that some token of it
stands in a cue (noisy or), once by the detector and once by a model that judges every word by its neighbours alone, and a
bag of its words and pairs of words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression

from hedgekit.batch import Batch, from_sentences
from hedgekit.bioscope import read_bioscope
from hedgekit.certainty import LEAST_ODDS, WORD_SCALE, CertaintyHeads, FeatureSpace
from hedgekit.conll2010 import read_columns, read_lists
from hedgekit.corpora import LabelledSentence, read_standoff
from hedgekit.cues import CueDetector, Cues, TokenTable, type_rows
from hedgekit.estimators import CertaintyRegressor, calibrate, feature_matrix
from hedgekit.keys import KeyIndex
from hedgekit.labels import CUE_TYPES
from hedgekit.lexicon import Lexicon, plain
from hedgekit.model import CertaintyModel
from hedgekit.parameters import Parameters
from hedgekit.text.characters import CharacterTables
from hedgekit.training import general
from hedgekit.training.attribution import fit_attribution
from hedgekit.training.certainty import SHORT_NAME, build_space
from hedgekit.training.cues import fit_cues, gold_spans, labelled_cues
from hedgekit.training.folds import fold_of
from hedgekit.training.measure import Figure, measure_domain
from hedgekit.training.pipeline import cross_fitted_cues
from hedgekit.training.scope import fit_scope
from hedgekit.training.threads import on_one_thread

Progress = Callable[[str], None]

# Inverse regularisation of the bag of words, whose values are scaled down in the feature space.
_BAG_STRENGTH = 0.3 / WORD_SCALE**2
# Pairs of words that move the log-odds by less than this are not kept: there are many, and they say little.
_LEAST_WEIGHT = 0.02
# How the lists write brackets, and how many letters tell a sentence from all others.
_BRACKET = re.compile(r"-[LR][RSC]B-")
_TELLING = 50
_BAG_KINDS = ("word ", "pair ")


@dataclass(frozen=True, slots=True)
class Domain:
    """What a recipe learns from.

    Attributes
    ----------
    name : str
    description : str
    marked : list of LabelledSentence
        Sentences with all their cues.
    listed : list of LabelledSentence
        Sentences of which only is known whether they are hedged.
    located : list of LabelledSentence
        Some of the listed ones again, with cues that were located for this project. Models are fitted on them, never judged.
    repeated : int
        How often documents of the origin ``"papers"`` count: they are few and more like what the model will read.
    strength : float
        Inverse regularisation of the cue tagger.
    threshold : float
        See :class:`hedgekit.cues.CueDetector`.
    amounts : bool
        See :class:`hedgekit.scope.ScopeModel`.
    company : bool
        Whether cues hear the company of a word (:mod:`hedgekit.company`): it helps where cues are marked in full, and says nothing
        where editors marked some of them.
    """

    name: str
    description: str
    marked: list[LabelledSentence]
    listed: list[LabelledSentence]
    data: list[dict[str, Any]]
    limits: tuple[str, ...]
    repeated: int = 1
    strength: float = 0.15
    threshold: float = 0.4
    amounts: bool = False
    company: bool = False
    located: tuple[LabelledSentence, ...] = ()


def biomedical(root: Path) -> Domain:
    """BioScope abstracts and full papers, the training data of CoNLL-2010's biomedical part."""
    paths = [root / "biomedical" / name for name in ("abstracts.xml", "full_papers.xml")]
    abstracts, papers = read_bioscope(paths[0], "abstracts"), read_bioscope(paths[1], "papers")
    licence = "free for research; text not redistributed"
    return Domain(
        "biomedical",
        "Biomedical papers and abstracts: speculation as BioScope marks it.",
        [*abstracts, *papers],
        [],
        [
            general.described("BioScope abstracts", [paths[0]], len(abstracts), licence),
            general.described("BioScope full papers, counted three times", [paths[1]], len(papers), licence),
        ],
        ("Negation is not marked.", "Papers of other fields than biology and medicine are new to it."),
        repeated=3,
        strength=0.2,
        threshold=0.45,
        amounts=True,
        company=True,
    )


def wikipedia(root: Path) -> Domain:
    """WikiWeasel, the training data of CoNLL-2010's Wikipedia part."""
    folder = root / "wikipedia"
    certain, uncertain = folder / "train_certain.txt", folder / "train_uncertain.txt"
    marked = read_columns(folder / "tokens")
    known = {end for sentence in marked for end in _ends(sentence.text)}
    listed = [sentence for sentence in read_lists(certain, uncertain) if known.isdisjoint(_ends(sentence.text))]
    spans = general.seeds_folder() / "wikiweasel.jsonl"
    located = {sentence.text: sentence.cues for sentence in read_standoff(spans, root, "wikipedia")}
    licence = "text CC BY-SA; not redistributed"
    return Domain(
        "wikipedia",
        "Encyclopedic text: weasel and uncertain wording as WikiWeasel marks it.",
        marked,
        listed,
        [
            general.described("WikiWeasel, sentences with cues", sorted((folder / "tokens").iterdir()), len(marked), licence),
            general.described("WikiWeasel, further sentences labelled as a whole", [certain, uncertain], len(listed), licence),
            general.described(
                "hedgekit seeds: cues laid over WikiWeasel's further uncertain sentences", [spans], len(located), "Apache-2.0"
            ),
        ],
        ("Editors marked the text, one for each article: what they let pass counts as certain.",),
        strength=0.05,
        threshold=0.3,
        located=tuple(replace(sentence, cues=located[sentence.text], scopes=()) for sentence in listed if sentence.text in located),
    )


DOMAINS: dict[str, Callable[[Path], Domain]] = {"biomedical": biomedical, "wikipedia": wikipedia}


def _ends(text: str) -> tuple[str, str]:
    """The first and the last letters of a text: equal for one sentence in two transcriptions, of which one may have a note more."""
    letters = "".join(character for character in _BRACKET.sub("", text).lower() if character.isalnum())
    return letters[:_TELLING], letters[-_TELLING:]


def typed(
    sentences: Sequence[LabelledSentence], lexicon: Lexicon, detector: CueDetector, tables: CharacterTables
) -> list[LabelledSentence]:
    """The sentences with a type for each cue: that of the lexicon, or of a model where the lexicon does not list its words."""
    listed = dict(lexicon.forms())
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    first, last, _ = gold_spans(batch, sentences)
    guessed = iter(detector.types.scores(type_rows(batch, detector.table(batch), first, last)).argmax(axis=1).tolist())
    found = []
    for sentence in sentences:
        cues = [(a, b, listed.get(plain(sentence.text[a:b]), CUE_TYPES[next(guessed)])) for a, b, _ in sentence.cues]
        found.append(replace(sentence, cues=tuple(cues)))
    return found


def read(name: str, root: Path, material: general.Material) -> Domain:
    """One of :data:`DOMAINS` from its corpus, with typed cues."""
    from hedgekit import load

    domain, tagger = DOMAINS[name](root), load("general").parameters.detector
    marked, located = (typed(part, material.lexicon, tagger, material.tables) for part in (domain.marked, domain.located))
    return replace(domain, marked=marked, located=tuple(located))


@on_one_thread
def fit(
    material: general.Material,
    domain: Domain,
    marked: Sequence[LabelledSentence],
    listed: Sequence[LabelledSentence],
    progress: Progress = lambda _: None,
) -> Parameters:
    """Fit all stages on some of the sentences of a domain; sources and contents are found as by ``general``."""
    from hedgekit import load

    located = {sentence.text: sentence for sentence in domain.located}
    # A sentence that is listed as certain has no cue: it is known as fully as a marked one.
    told = [located.get(sentence.text, sentence) for sentence in listed]
    marked = [*marked, *(sentence for sentence in told if sentence.cues or not sentence.hedged)]
    listed = [sentence for sentence in told if sentence.hedged and not sentence.cues]
    counted = [sentence for sentence in marked for _ in range(domain.repeated if sentence.origin == "papers" else 1)]
    known = (material.lexicon, material.words, material.tables)
    taught_by = load("general").parameters.detector.tags
    how: dict[str, Any] = {
        "strength": domain.strength,
        "threshold": domain.threshold,
        "everywhere": True,
        "company": domain.company,
        "taught_by": taught_by,
    }
    batch, table, cues = cross_fitted_cues(counted, (), *known, **how, progress=progress)
    progress("cues, all documents")
    detector = fit_cues(counted, *known, **how)
    progress("hedged")
    graded = [sentence for sentence in material.sentences if sentence.graded]
    heads = _fit_heads(material, detector, (batch, table, cues, counted), listed, graded)
    progress("attribution")
    guide = from_sentences([sentence.text for sentence in graded], material.tables)
    columns = detector.table(guide)
    attribution = fit_attribution(guide, columns, detector.predict(guide, columns), graded, load("general").parameters.attribution.links)
    progress("scope")
    own = [sentence for sentence in marked if any(sentence.scopes)]
    scoped = own or [sentence for sentence in (*material.sentences, *material.scoped) if any(sentence.scopes)]
    spread = from_sentences([sentence.text for sentence in scoped], material.tables)
    columns = detector.table(spread)
    scope = fit_scope(spread, columns, labelled_cues(spread, columns, scoped), scoped, amounts=domain.amounts)
    return Parameters(material.tables, material.segmenter, detector, heads, attribution, scope)


def _fit_heads(
    material: general.Material,
    detector: CueDetector,
    crossed: tuple[Batch, TokenTable, Cues, list[LabelledSentence]],
    listed: Sequence[LabelledSentence],
    graded: Sequence[LabelledSentence],
) -> CertaintyHeads:
    batch, table, cues, marked = crossed
    space = _space(detector, [*marked, *listed], material.tables)
    matrix = feature_matrix(space, space.bag(batch, table, cues), len(marked))
    sentences = [*marked, *listed]
    if listed:
        matrix = vstack((matrix, _features(space, detector, listed, material.tables))).tocsr()
    hedged = np.array([sentence.hedged for sentence in sentences])
    bag = np.array([name.startswith(_BAG_KINDS) for name in space.names])
    doubt = np.array([name == "doubt" for name in space.names])
    odds = np.asarray(matrix[:, doubt].sum(axis=1)).ravel() - LEAST_ODDS
    words = matrix[:, bag].tocsr()
    folds = fold_of([sentence.group for sentence in sentences], general.HELD_OUT_FOLDS, salt="calibration")
    scores = np.zeros(len(sentences))
    for fold in range(general.HELD_OUT_FOLDS):
        fitted = _bag_model().fit(words[folds != fold], hedged[folds != fold])
        scores[folds == fold] = fitted.decision_function(words[folds == fold]) + odds[folds == fold]
    calibration, threshold = calibrate(scores, hedged)
    final = _bag_model().fit(words, hedged)
    weights = np.zeros(len(space))
    weights[bag] = final.coef_[0]
    pairs = np.array([name.startswith("pair ") for name in space.names])
    weights[pairs & (np.abs(weights) < _LEAST_WEIGHT / WORD_SCALE)] = 0
    weights[doubt] = 1
    # Certainty is learned from what the guide grades, and not from the doubt, pairs of words, or the words of short sentences.
    single = ~pairs & ~doubt & np.array([not name.startswith(SHORT_NAME) for name in space.names])
    certainty = [np.nan if sentence.certainty is None else sentence.certainty for sentence in graded]
    regressor = CertaintyRegressor().fit(_features(space, detector, graded, material.tables)[:, single], certainty)
    grades = np.zeros(len(space))
    grades[single] = regressor.coef_
    kept = (grades.astype(np.float32) != 0) | (weights != 0)
    names = tuple(itertools.compress(space.names, kept.tolist()))
    return CertaintyHeads(
        FeatureSpace(KeyIndex(space.index.keys[kept]), names, whole=True),
        grades[kept].astype(np.float32),
        weights[kept].astype(np.float32),
        np.zeros(int(kept.sum()), dtype=np.float32),
        # Every sentence is taken to make a claim: the corpora judge headings too.
        np.array([regressor.intercept_, float(final.intercept_[0]) - LEAST_ODDS, 1.0]),
        calibration,
        threshold,
    )


def _space(detector: CueDetector, sentences: Sequence[LabelledSentence], tables: CharacterTables) -> FeatureSpace:
    """The features of all sentences, rare words and pairs too: what they say is little, and there are many."""
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    table = detector.table(batch)
    return build_space(batch, table, detector.predict(batch, table), whole=True, min_sentences=2)


def _bag_model() -> LogisticRegression:
    return LogisticRegression(C=_BAG_STRENGTH, max_iter=300)


def _features(space: FeatureSpace, detector: CueDetector, sentences: Sequence[LabelledSentence], tables: CharacterTables) -> Any:
    batch = from_sentences([sentence.text for sentence in sentences], tables)
    table = detector.table(batch)
    return feature_matrix(space, space.bag(batch, table, detector.predict(batch, table)), len(sentences))


def held_out_folds(domain: Domain) -> Iterator[tuple[list[LabelledSentence], list[LabelledSentence], list[LabelledSentence]]]:
    """For each fifth of the documents: the marked and the listed sentences of the other four, and all of its own."""
    parts = (domain.marked, domain.listed)
    folds = [fold_of([sentence.group for sentence in part], general.HELD_OUT_FOLDS, "held out") for part in parts]
    for fold in range(general.HELD_OUT_FOLDS):
        marked, listed = ([s for s, at in zip(part, mine, strict=True) if at != fold] for part, mine in zip(parts, folds, strict=True))
        yield marked, listed, [s for part, mine in zip(parts, folds, strict=True) for s, at in zip(part, mine, strict=True) if at == fold]


def held_out_figures(material: general.Material, domain: Domain, progress: Progress = lambda _: None) -> list[Figure]:
    """Each fifth of the documents judged by a model that was fitted on the other four, all five measured together."""
    found, gold = [], []
    for number, (marked, listed, test) in enumerate(held_out_folds(domain), 1):
        step = general.prefixed(progress, f"held out {number} of {general.HELD_OUT_FOLDS}")
        parameters = fit(material, domain, marked, listed, step)
        found += CertaintyModel(parameters, {"name": "held out"}).annotate([sentence.text for sentence in test])
        gold += test
    return measure_domain(found, gold)


def build(name: str, corpora: str | Path, *, measured: bool = True, progress: Progress = lambda _: None) -> CertaintyModel:
    """Fit the model of a domain on everything, with held-out figures from five fits on four fifths each.

    Parameters
    ----------
    name : str
        One of :data:`DOMAINS`.
    corpora : str or Path
        The folder of labelled corpora.
    measured : bool
        Whether to take the held-out figures.
    progress : callable
        Is told each step.
    """
    root = Path(corpora)
    material = general.read_material(root)
    domain = read(name, root, material)
    figures = held_out_figures(material, domain, progress) if measured else []
    parameters = fit(material, domain, domain.marked, domain.listed, progress)
    return CertaintyModel(parameters, _info(material, domain, figures))


def _info(material: general.Material, domain: Domain, figures: Sequence[Figure]) -> dict[str, Any]:
    return {
        "name": domain.name,
        "description": domain.description,
        "data": [*domain.data, *material.data],
        **general.measured(figures),
        "limits": [
            "hedged means what its corpus means by uncertain; the types of its cues come from the lexicon and the general model.",
            "Certainty and attributions are learned from the sentences of the annotation guide, read through this model's cues.",
            "Every sentence is taken to make a claim: certainty is never None.",
            *domain.limits,
        ],
        "versions": general.versions(),
        "seed": 0,
    }
