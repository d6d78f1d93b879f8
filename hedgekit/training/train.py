"""``hedgekit.train``: a better model for a user's own text, and an honest account of how much better."""

from __future__ import annotations

import hashlib
import json
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from hedgekit.corpora import checksum
from hedgekit.custom import CustomHead, Target
from hedgekit.errors import DataError, DataWarning, NotBuiltError, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.model import CertaintyModel
from hedgekit.options import named, option
from hedgekit.parameters import Parameters
from hedgekit.results import Sentence
from hedgekit.training.adaptation import folds_of
from hedgekit.training.answers import Answers, answers_from, answers_of
from hedgekit.training.bag_of_words import bag_answers, bag_of_words
from hedgekit.training.custom import fit_custom, target_of
from hedgekit.training.evaluation import check_sampling, known, labelled_data, loaded, main_figure, refuse_unknown
from hedgekit.training.general import versions
from hedgekit.training.retrain import Material, fit, prepare
from hedgekit.training.spans import has_cues
from hedgekit.training.statistic import points, statistics_of

Ints = npt.NDArray[np.int64]
ModelLike = CertaintyModel | str | os.PathLike[str]

# Fewer labelled sentences than these teach nothing that could be measured.
_LEAST = 10
_FOLDS = 5
# A class of fewer sentences will hardly be learned.
_FEW = 5
# Parts of the other folds that the points of the learning curve are fitted on; the last is the held-out figure itself.
_PARTS = (0.125, 0.25, 0.5)
_LEAST_OF_CURVE = 20
# So many fingerprints of sentences are kept, so that nobody measures on what was learned.
_FINGERPRINTS = 50_000
_RIVAL = "Bag of words: the same folds in kind, its strength and threshold the best on them."


def train(
    data: Any,
    *,
    base: ModelLike = "general",
    estimator: Any = None,
    name: str = "retrained",
    description: str = "",
    measured: bool = True,
    n_jobs: int = 1,
    seed: int = 0,
    progress: bool = False,
    **columns: Any,
) -> CertaintyModel:
    """Fit a model on labelled sentences of your own, on top of one that is there already.

    Whatever is labelled is learned: a certainty, classes (certain / uncertain, the five levels, or your own), cue spans. What is not
    labelled is the base's. The scores of the base stand beside the features, so that a hundred labels help already.

    Parameters
    ----------
    data : path, DataFrame, (sentences, labels) or LabelledData
        See :func:`hedgekit.read_labelled`.
    base : CertaintyModel, name or path, default="general"
        The model to start from; not one that ends in an estimator of your own.
    estimator : scikit-learn classifier or regressor, optional
        Takes the place of the linear model: a classifier with ``predict_proba`` for classes, a regressor for certainty. It is cloned and
        fitted on the features of the sentences, a sparse matrix, with the seed as its ``random_state`` where that is None, and with the
        weights if it takes them. See the notes for how such a model is saved.
    name, description : str
        What the model is called, and a sentence for its card.
    measured : bool, default=True
        Whether to measure the recipe: each fifth of the groups by a fit on the other four, and the learning curve.
    n_jobs : int, default=1
        Processes to measure in; -1 uses all processors.
    seed : int, default=0
        Which parts of the data the learning curve is drawn with. The same data, base, seed and versions give the same model.
    progress : bool, default=False
        Whether to show a progress bar on standard error.
    **columns
        Passed on to :func:`hedgekit.read_labelled`: ``certainty="score"``, ``scale=(1, 6)``, ``group="author"`` and the like.

    Returns
    -------
    CertaintyModel
        Fitted on all of the data. ``model.info`` tells the data, the split, the held-out figures beside those of the base and of a
        bag of words, and the learning curve; ``model.save(path)`` writes it with a card.

    Raises
    ------
    DataError
        With row numbers, before anything is fitted.
    OptionError
        If an option has a value that it cannot have, or there is none of its name (:class:`~hedgekit.errors.UnknownOptionError`, a
        TypeError too), or the estimator is of the wrong kind or cannot be fitted.
    NotBuiltError
        If the base ends in an estimator of its own.
    ModelNotFoundError
        If there is no such base.

    Warns
    -----
    DataWarning
        Of what can be used but is worth a look: a class of few sentences, labels that contradict each other.

    Notes
    -----
    The base's scores as features of a linear model: Daumé (2007), Frustratingly easy domain adaptation, section 2.1.

    With an ``estimator``, the model is saved with skops, which keeps types that are known to be harmless and runs nothing when it is read
    (the extra ``estimators``); what it cannot keep, such as trees or a class of your own, needs ``model.save(path, trusted=True)`` and
    ``hedgekit.load(path, trusted=True)``. A certainty that comes from it cannot be explained as a sum.

    Examples
    --------
    >>> import hedgekit
    >>> names = ("The bank", "The mill", "Our host", "A ferry", "The judge")
    >>> texts = [f"{name} {verb}." for name in names for verb in ("left", "may leave")]
    >>> model = hedgekit.train((texts, ["fact", "rumour"] * 5), measured=False)
    >>> [sentence] = model.annotate(["The king may leave."])
    >>> sentence.label
    'rumour'
    """
    _check_options(name, description, n_jobs)
    check_sampling(1, seed)
    refuse_unknown("train", train, columns)
    labelled = labelled_data(data, columns)
    start = loaded(base)
    if start.custom is not None:
        raise NotBuiltError(
            f"the base {start.name!r} ends in an estimator of its own, {start.custom.kind}, on which nothing can be built; pass its own "
            f"base: {option('base', start.info.get('base', 'general'))}"
        )
    _check(labelled)
    last = None if estimator is None else _Last(estimator, target_of(estimator, labelled), seed)
    seen = _seen(labelled, start) if measured else 0
    with _told(progress) as advance:
        material = prepare(labelled, start.parameters)
        account = _account(labelled, material, start, last, n_jobs, seed, advance) if measured else {}
        parameters, custom = _fitted(material, np.arange(len(labelled)), last)
        advance()
    return CertaintyModel(parameters, _info(labelled, start, last, name, description, seed, account, seen), custom)


@dataclass(frozen=True, slots=True)
class _Last:
    """An estimator of the user's own, not fitted, what it is to tell, and the seed of what it draws."""

    estimator: Any
    target: Target
    seed: int


def _fitted(material: Material, rows: Ints, last: _Last | None) -> tuple[Parameters, CustomHead | None]:
    return (fit(material, rows), None) if last is None else fit_custom(material, rows, last.estimator, last.target, last.seed)


def _check_options(name: str, description: str, n_jobs: int) -> None:
    if not isinstance(name, str) or not name.strip():
        raise OptionError(f"{named('name')} must be a text that is not blank, got {name!r}")
    if not isinstance(description, str):
        raise OptionError(f"{named('description')} must be a text, got {description!r:.40}")
    for what, text in (("name", name), ("description", description)):
        if re.search("[\ud800-\udfff]", text):
            raise OptionError(
                f"{named(what)} must be a text that a file can hold; {text!r:.40} has half of a character (a lone surrogate): write whole "
                "characters"
            )
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0:
        raise OptionError(f"{named('n_jobs')} must be a whole number of processes from 1 on, or -1 for all processors; got {n_jobs!r}")


def _check(data: LabelledData) -> None:
    """Refuse what nothing can be learned from, and warn of what little can be."""
    graded = data.graded
    labelled = np.zeros(len(data), dtype=np.bool_)
    if graded is not None:
        labelled |= ~np.isnan(graded)
        if labelled.any() and np.nanmax(graded) == np.nanmin(graded):
            raise DataError(f"every certainty is {np.nanmax(graded):g}; sentences of different certainty are needed")
    for column in (data.labels, data.cues):
        if column is not None:
            labelled |= np.array([value is not None for value in column])
    if data.graded is None and data.labels is None and data.cues is not None and not any(data.cues):
        raise DataError("no sentence has a cue; mark the cues of some sentences at least, or label certainty or classes")
    if labelled.sum() < _LEAST:
        raise DataError(f"{int(labelled.sum())} labelled sentences; at least {_LEAST} are needed, and a few hundred are better: label more")
    if len(set(data.groups)) < 2:
        raise DataError(f"all sentences are of one group, {data.groups[0]!r}; at least two are needed, so that one can be held out")
    if data.labels is None:
        return
    counts = {name: data.labels.count(name) for name in data.classes}
    present = [name for name, n in counts.items() if n]
    if len(present) < 2:
        raise DataError(f"every label is {present[0]!r}; at least two classes are needed" if present else "no sentence has a label")
    rare = [f"{name!r} ({n})" for name, n in counts.items() if n < _FEW]
    if rare:
        warnings.warn(f"fewer than {_FEW} sentences of the class {', '.join(rare)}: it will hardly be learned", DataWarning, stacklevel=3)
    alone = [
        name
        for name in present
        if counts[name] >= _FEW and len({g for g, label in zip(data.groups, data.labels, strict=True) if label == name}) == 1
    ]
    if alone:
        shown = ", ".join(map(repr, alone))
        warnings.warn(f"all sentences of the class {shown} are of one group: its held-out figures say nothing", DataWarning, stacklevel=3)


def _seen(data: LabelledData, base: CertaintyModel) -> int:
    """How many sentences the base is known to have been fitted on: held-out figures of a fit on top of it flatter; warned of."""
    known = set(base.info.get("text_hashes", ()))
    count = sum(checksum(text) in known for text in data.texts) if known else 0
    if count:
        warnings.warn(
            f"{count} of {len(data)} sentences stand in the training data of the base {base.name!r}, so that the held-out figures are "
            f"better than they will be on new text; train on all labels at once, from {option('base', base.info.get('base', 'general'))}",
            DataWarning,
            stacklevel=3,
        )
    return count


# Measuring the recipe ------------------------------------------------------------------------------------------------


def _account(
    data: LabelledData,
    material: Material,
    base: CertaintyModel,
    last: _Last | None,
    n_jobs: int,
    seed: int,
    advance: Callable[..., None],
) -> dict[str, Any]:
    """Held-out figures and learning curve, as they stand in ``info``."""
    splits = list(folds_of(data.groups, "held out", _FOLDS))
    tasks = [_Task(1.0, train, test) for train, test in splits]
    drawn = [_Task(part, _part(data, train, part, seed), test) for part in _PARTS for train, test in splits]
    tasks += [task for task in drawn if task.train.size >= _LEAST_OF_CURVE and _can_learn(data, task.train)]
    advance(len(tasks) + 1)
    shared = None if has_cues(data) else material
    work = (
        delayed(_judged if task.part == 1 else _judged_if_possible)(data, base.parameters, shared, last, task.train, task.test)
        for task in tasks
    )
    judged = []
    for task, sentences in zip(tasks, Parallel(n_jobs=n_jobs, return_as="generator")(work), strict=True):
        judged.append((task, sentences))
        advance()
    by_row = {row: sentence for task, found in judged if task.part == 1 for row, sentence in zip(task.test.tolist(), found, strict=True)}
    answers = answers_from([by_row[row] for row in range(len(data))], data, "held out")
    of_base = answers_of(base, data, f"base {base.name}")
    rival, told = bag_of_words(data)
    statistics = statistics_of(data, answers)
    headline = main_figure(statistics, points(statistics, data.weights))
    return {
        "metrics": [row for system in (answers, of_base, rival) if system is not None for row in _metrics(data, system)],
        "learning_curve": _learning_curve(data, headline, judged),
        "no_rival": "" if rival is not None else told,
    }


@dataclass(frozen=True, slots=True)
class _Task:
    """A fit that is measured: on which part of the other folds, on which rows, and which rows it is judged on."""

    part: float
    train: Ints
    test: Ints


def _judged(data: LabelledData, base: Parameters, shared: Material | None, last: _Last | None, train: Ints, test: Ints) -> list[Sentence]:
    """Some sentences by a model that was fitted on others."""
    own = (prepare(data.take(train), base), np.arange(train.size)) if shared is None else (shared, train)
    parameters, custom = _fitted(*own, last)
    return CertaintyModel(parameters, {"name": "held out"}, custom).annotate([data.texts[row] for row in test.tolist()])


def _judged_if_possible(
    data: LabelledData, base: Parameters, shared: Material | None, last: _Last | None, train: Ints, test: Ints
) -> list[Sentence]:
    """The same; none if there are too few others for the estimator."""
    try:
        return _judged(data, base, shared, last, train, test)
    except OptionError:
        return []


def _metrics(data: LabelledData, answers: Answers) -> list[dict[str, Any]]:
    statistics = statistics_of(data, answers)
    values = points(statistics, data.weights)
    return [
        {"part": answers.name, "figure": item.name, "value": float(value), "n": item.n}
        for item, value in zip(statistics, values, strict=True)
        if not np.isnan(value)
    ]


def _part(data: LabelledData, rows: Ints, share: float, seed: int) -> Ints:
    """About a share of some rows, by whole groups in an order drawn by the seed."""
    names = sorted({data.groups[row] for row in rows.tolist()})
    place = {name: at for at, name in enumerate(np.random.default_rng(seed).permutation(names).tolist())}
    order = sorted(rows.tolist(), key=lambda row: (place[data.groups[row]], row))
    size = round(share * rows.size)
    while 0 < size < len(order) and data.groups[order[size]] == data.groups[order[size - 1]]:
        size += 1
    return np.array(sorted(order[:size]), dtype=np.int64)


def _can_learn(data: LabelledData, rows: Ints) -> bool:
    part = data.take(rows)
    return (part.labels is None or len({label for label in part.labels if label is not None}) > 1) and not part.no_claim.all()


def _learning_curve(data: LabelledData, headline: str, judged: Sequence[tuple[_Task, list[Sentence]]]) -> list[dict[str, Any]]:
    """The main figure by the number of sentences that were fitted on: the mean over the folds, so that all points are of one kind."""
    found: dict[float, list[tuple[int, float | None, float | None]]] = {}
    for task, sentences in sorted(judged, key=lambda item: item[0].part):
        if not sentences:
            continue
        part = data.take(task.test)
        own, rival = answers_from(sentences, part, "held out"), bag_answers(data.take(task.train), part)
        found.setdefault(task.part, []).append((int(task.train.size), _value(part, own, headline), _value(part, rival, headline)))
    return [
        {"n": round(float(np.mean([n for n, *_ in rows]))), "figure": headline, "model": _mean(rows, 1), "bag of words": _mean(rows, 2)}
        for rows in found.values()
        if _mean(rows, 1) is not None
    ]


def _mean(rows: Sequence[tuple[Any, ...]], place: int) -> float | None:
    values = [row[place] for row in rows if row[place] is not None]
    return float(np.mean(values)) if values else None


def _value(data: LabelledData, answers: Answers | None, figure: str) -> float | None:
    if answers is None:
        return None
    statistics = [item for item in statistics_of(data, answers) if item.name == figure]
    return known(float(points(statistics, data.weights)[0])) if statistics else None


@contextmanager
def _told(progress: bool) -> Iterator[Callable[..., None]]:
    """What to call after each fit, or with the number of all of them; shown as a bar on standard error if asked for."""
    if not progress:
        yield lambda total=None: None
        return
    from tqdm import tqdm

    def advance(total: int | None = None) -> None:
        if total is None:
            bar.update()
        else:
            bar.reset(total)

    with tqdm(desc="train", unit="fit", total=1, leave=False) as bar:
        yield advance


# The card ------------------------------------------------------------------------------------------------------------


def _info(
    data: LabelledData, base: CertaintyModel, last: _Last | None, name: str, description: str, seed: int, account: dict[str, Any], seen: int
) -> dict[str, Any]:
    kinds = [
        *(["certainty"] if data.graded is not None else []),
        *([f"classes ({', '.join(data.classes)})"] if data.labels is not None else []),
        *(["cues"] if has_cues(data) else []),
        *(["sentences without a claim"] if data.no_claim.any() else []),
    ]
    groups = len(set(data.groups))
    own = {
        "name": f"labelled by its user: {', '.join(kinds)}",
        "sentences": len(data),
        "licence": "its owner's",
        "sha256": fingerprint(data),
    }
    split = f"Five-fold by group ({groups} groups of {len(data)} sentences): each fifth judged by the recipe fitted on the other four"
    no_rival = account.get("no_rival", "")
    beside = f"{no_rival[:1].upper()}{no_rival[1:]}." if no_rival else _RIVAL
    # A base's own stay: what it learned is in the new model too.
    hashes = {checksum(text) for text in data.texts}.union(base.info.get("text_hashes", ()))
    classes = data.classes or (() if base.parameters.classes is None else base.parameters.classes.names)
    return {
        "name": name,
        "description": description or f"Retrained from {base.name} on {len(data)} sentences: {', '.join(kinds)}.",
        "base": base.name,
        "data": [own, *base.info.get("data", ())],
        "split": f"{split}; then fitted on all. {beside}" if account else "",
        "metrics": account.get("metrics", []),
        "learning_curve": account.get("learning_curve", []),
        **({"bag_of_words": no_rival} if no_rival else {}),
        "classes": list(classes),
        # The same data give the same model, wherever their file stood.
        "notes": {key: value for key, value in data.notes.items() if key != "source"},
        "limits": [
            f"What is not labelled ({_unlabelled(data)}) is that of {base.name}.",
            "It was measured on text like that which it was fitted on; elsewhere it may be worse than its base.",
            *([f"{seen} of its sentences were known to {base.name}: the held-out figures flatter."] if seen else []),
            *([] if account else ["It was not measured."]),
            *([] if last is None else [_limit_of(last)]),
        ],
        **({} if last is None else {"estimator": " ".join(repr(last.estimator).split())}),
        "versions": versions(),
        "seed": seed,
        **({"text_hashes": sorted(hashes)} if len(hashes) <= _FINGERPRINTS else {}),
    }


def _limit_of(last: _Last) -> str:
    kind = type(last.estimator).__name__
    if last.target == "classes":
        return f"Its classes come from an estimator of its user's own, {kind}, as they are: their probabilities were not calibrated."
    return f"Its certainty comes from an estimator of its user's own, {kind}, and cannot be explained; that of a source is the base's."


def _unlabelled(data: LabelledData) -> str:
    parts = {
        "certainty": data.graded is None,
        "hedged": data.hedged is None,
        "cues": not has_cues(data),
        "whether a claim is made": not data.no_claim.any(),
    }
    return ", ".join([name for name, missing in parts.items() if missing] + ["attributions", "scopes"])


def fingerprint(data: LabelledData) -> str:
    """The SHA-256 of all that is labelled: the same for the same sentences and labels, whatever file they came from."""
    rows = [
        data.texts,
        None if data.certainty is None else [None if np.isnan(value) else float(value) for value in data.certainty],
        data.labels,
        data.classes,
        None if data.cues is None else [None if cues is None else [[a, b, str(kind)] for a, b, kind in cues] for cues in data.cues],
        data.no_claim.tolist(),
        data.weights.tolist(),
        data.groups,
    ]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()
