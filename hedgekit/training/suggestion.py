"""``hedgekit.suggest``: which sentences to label next, for what they would teach a model."""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from hedgekit.batch import Batch, from_sentences
from hedgekit.certainty import Judgement
from hedgekit.cues import Cues
from hedgekit.errors import DataError, DataWarning, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.options import named
from hedgekit.parameters import Parameters
from hedgekit.reading import read_labelled
from hedgekit.reading.pool import SUFFIXES, read_pool
from hedgekit.text.tokens import WORD_SHAPE
from hedgekit.training.evaluation import ModelLike, check_sampling, loaded

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Sentences are judged so many at a time: nothing but a few numbers of each is kept.
_CHUNK = 512
# Those that are chosen from are the most uncertain: so many for each that is wanted, and never more than the second number at once.
_CANDIDATES, _MOST = 20, 10_000
# Of a model without classes of a user's own: what its answers count. A certainty in the middle may be meant so.
_HEDGED, _CUES, _MIDDLE = 0.5, 0.25, 0.25
# Less than this is no doubt.
_SURE = 0.15
# Features are hashed to so many columns: of the candidates, and not of the model, so that words count that it does not know.
_COLUMNS = 1 << 18
# Two sentences that share this part of their words say the same.
_ALIKE = 0.8
_BLOCK = 256
# No name of a column of labels: what the model says must not be taken for what somebody labelled.
_HEADER = ("text", "certainty_of_model", "why", "label")
_DIGITS, _WORDS = re.compile(r"\d+"), re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence that is worth labelling.

    Attributes
    ----------
    text : str
    place : str
        Where it stood: ``"pool.csv:12"``, ``"row 3"``.
    row : int
        The same as a number, counted from 0.
    uncertainty : float
        How unsure the model is of it, 0 to 1.
    why : str
        What it is unsure of.
    certainty : float or None
        What it says now.
    label : str or None
        The same, of a model with classes.
    """

    text: str
    place: str
    row: int
    uncertainty: float
    why: str
    certainty: float | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Suggestions(Sequence[Suggestion]):
    """Sentences to label next, the most telling first.

    Attributes
    ----------
    items : tuple of Suggestion
    model : str
        The name of the model that was asked.
    n_pool : int
        Rows of the pool.
    left_out : dict of str to int
        How many of them were blank, labelled already, or said what another says.
    """

    items: tuple[Suggestion, ...]
    model: str
    n_pool: int
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, place: int) -> Suggestion: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Suggestion, ...]: ...
    def __getitem__(self, place: int | slice) -> Suggestion | tuple[Suggestion, ...]:
        return self.items[place]

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.items)

    def __str__(self) -> str:
        return "\n".join([f"{len(self)} of {self.n_pool} sentences, by {self.model}", *(f"- {item.text}  ({item.why})" for item in self)])

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences."""
        return tuple(item.text for item in self)

    @property
    def rows(self) -> tuple[int, ...]:
        """Their rows in the pool, counted from 0."""
        return tuple(item.row for item in self)

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The table to label in: text, what the model says, why, and an empty column ``label``.

        Parameters
        ----------
        path : str or path, optional
            Where to write it; by default it is returned.

        Notes
        -----
        Fill ``label`` in, or rename it ``certainty`` for numbers, and give the file to :func:`hedgekit.train`.
        """
        stream = io.StringIO()
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(_HEADER)
        table.writerows((item.text, "" if item.certainty is None else f"{item.certainty:.4f}", item.why, "") for item in self)
        if path is None:
            return stream.getvalue()
        Path(path).write_text(stream.getvalue(), encoding="utf-8", newline="")
        return None

    def to_frame(self) -> pd.DataFrame:
        """One row for each sentence, with the columns of :meth:`to_csv`; the index is its row in the pool.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError('to_frame() needs pandas; install it with: pip install "hedgekit[pandas]"') from error
        rows = [(item.text, item.certainty, item.why, "") for item in self]
        frame = pd.DataFrame(rows, columns=list(_HEADER), index=pd.Index(self.rows, name="row", dtype="int64"))
        return frame.astype({"certainty_of_model": "float64"})


def suggest(
    pool: Any, n: int = 100, *, model: ModelLike = "general", labelled: Any = None, seed: int = 0, text: str | None = None
) -> Suggestions:
    """Choose sentences to label next: those of which a model is unsure, and which differ from each other.

    Parameters
    ----------
    pool : path, DataFrame or sequence of str
        Sentences without labels: a text file with one a line, or a table (CSV, TSV, JSON lines, Parquet) with a column of them.
    n : int, default=100
        How many to choose.
    model : CertaintyModel, name or path, default="general"
        The model that shall learn. If it has classes of your own, those it cannot tell apart count; otherwise how near it is to its
        line between hedged and not, the cues of which it is unsure, and a certainty in the middle.
    labelled : path, DataFrame, LabelledData, pair or sequence of str, optional
        What is labelled already: neither these sentences are suggested, nor those that say the same, and the less like them
        a sentence is, the better.
    seed : int, default=0
        Which of equally good sentences is taken. The same pool, model and seed give the same suggestions.
    text : str, optional
        The column of sentences; by default text, sentence or finding.

    Returns
    -------
    Suggestions
        At most ``n``: blank sentences, repeated ones and those that share nearly all their words with another are never suggested.

    Raises
    ------
    DataError
        If the pool is empty, or cannot be read.
    OptionError
        If ``n`` or ``seed`` is no such number.
    InputTypeError
        If ``pool`` is nothing that holds sentences.

    Warns
    -----
    DataWarning
        If the pool holds fewer than ``n``: all are suggested.

    Notes
    -----
    Uncertainty sampling (Lewis and Gale 1994), by the margin where there are classes, among the 20 n most uncertain sentences. Of
    these each next one has the largest product of uncertainty and distance from all chosen before, so that a batch is both, as in
    BADGE (Ash et al. 2020) but without chance. The distance is the cosine over words and cue features.

    Examples
    --------
    >>> import hedgekit
    >>> found = hedgekit.suggest(["It rained.", "It would seem to rain.", "It would seem to rain!", "Snow could come."], n=2)
    >>> sorted(found.texts)
    ['It would seem to rain.', 'Snow could come.']
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise OptionError(f"{named('n')} must be a whole number of sentences from 1 on; got {n!r}")
    check_sampling(1, seed)
    fitted = loaded(model)
    texts, places = read_pool(pool, text)
    rows, known, left_out = _told_apart(texts, [] if labelled is None else _labelled_texts(labelled, text))
    if not rows.size:
        told = ", ".join(f"{count} {name}" for name, count in left_out.items() if count)
        raise DataError(f"the pool holds no sentence to label{f' ({told})' if told else ''}; give sentences without labels")
    doubts = _judged([texts[row] for row in rows.tolist()], fitted.parameters)
    shuffled = np.random.default_rng(seed).permutation(rows.size)
    order = shuffled[np.argsort(-doubts.uncertainty[shuffled], kind="stable")]
    chosen, alike = _chosen([texts[row] for row in rows.tolist()], doubts.uncertainty, order, int(n), known, fitted.parameters)
    left_out["alike"] += alike
    if len(chosen) < n:
        warnings.warn(
            f"{n} sentences were asked for, and the pool holds {len(chosen)} that are not labelled and differ: all are suggested",
            DataWarning,
            stacklevel=2,
        )
    items = (
        Suggestion(
            texts[rows[at]],
            places[rows[at]],
            int(rows[at]),
            float(doubts.uncertainty[at]),
            doubts.why[at],
            None if np.isnan(doubts.certainty[at]) else float(doubts.certainty[at]),
            doubts.label[at],
        )
        for at in chosen
    )
    return Suggestions(tuple(items), fitted.name, len(texts), left_out)


# What there is to choose from ----------------------------------------------------------------------------------------


def _labelled_texts(labelled: Any, text: str | None) -> list[str]:
    """The sentences of labelled data; what their labels are does not matter, nor whether they could be used."""
    if isinstance(labelled, LabelledData):
        return list(labelled.texts)
    if isinstance(labelled, tuple) and len(labelled) == 2 and not any(isinstance(part, str) for part in labelled):
        return list(read_pool(labelled[0])[0])
    if isinstance(labelled, str | os.PathLike) and Path(labelled).suffix.lower() not in SUFFIXES:
        return list(read_labelled(labelled).texts)
    try:
        return read_pool(labelled)[0]
    except DataError:
        # Its column may be called as the pool's is.
        if text is None:
            raise
        return read_pool(labelled, text)[0]


def _plain(text: str) -> str:
    """A sentence without case, signs, and what its numbers are."""
    return " ".join(_WORDS.findall(_DIGITS.sub("0", text.casefold()))) or text.strip()


def _told_apart(texts: Sequence[str], labelled: Sequence[str]) -> tuple[Ints, list[str], dict[str, int]]:
    """The rows worth a look, the labelled sentences, each once, and how many rows were left out."""
    known = {_plain(text): text for text in labelled if text}
    met, rows = set(known), []
    left_out = {"blank": 0, "labelled": 0, "alike": 0}
    for row, text in enumerate(texts):
        if not text:
            left_out["blank"] += 1
            continue
        words = _plain(text)
        if words in met:
            left_out["labelled" if words in known else "alike"] += 1
            continue
        met.add(words)
        rows.append(row)
    return np.array(rows, dtype=np.int64), list(known.values()), left_out


# What the model is unsure of -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What a model says of each sentence, how unsure it is, and of what."""

    uncertainty: Floats
    certainty: Floats
    why: list[str]
    label: list[str | None]


def _judged(texts: Sequence[str], parameters: Parameters) -> _Doubts:
    uncertainty, certainty = np.zeros(len(texts)), np.zeros(len(texts))
    why: list[str] = []
    label: list[str | None] = []
    for start in range(0, len(texts), _CHUNK):
        batch = from_sentences(texts[start : start + _CHUNK], parameters.tables)
        table = parameters.detector.table(batch)
        cues = parameters.cues(batch, table)
        judgement = parameters.heads.predict(batch, table, cues)
        part = slice(start, start + len(batch))
        certainty[part] = judgement.certainty
        uncertainty[part], reasons, labels = _doubt(batch, judgement, cues, parameters)
        why += reasons
        label += labels
    return _Doubts(uncertainty, certainty, why, label)


def _doubt(batch: Batch, judgement: Judgement, cues: Cues, parameters: Parameters) -> tuple[Floats, list[str], list[str | None]]:
    classes = parameters.classes
    if classes is None:
        return *_doubt_of_hedging(batch, judgement, cues, parameters), [None] * len(batch)
    probabilities = classes.probabilities(judgement, batch.lengths > 0)
    chosen = [None if place < 0 else classes.names[place] for place in classes.chosen(judgement, probabilities).tolist()]
    if classes.hedged >= 0:
        return *_doubt_of_hedging(batch, judgement, cues, parameters), chosen
    probabilities = np.nan_to_num(probabilities, nan=1 / len(classes.names))
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    ends = np.take_along_axis(probabilities, order, axis=1)
    return 1 - (ends[:, 0] - ends[:, 1]), [f"{classes.names[a]} or {classes.names[b]}?" for a, b in order.tolist()], chosen


def _doubt_of_hedging(batch: Batch, judgement: Judgement, cues: Cues, parameters: Parameters) -> tuple[Floats, list[str]]:
    silent = np.isnan(judgement.certainty)
    hedged = _nearness(judgement.hedged_probability, parameters.heads.threshold)
    hedged[silent] = 0.0
    middle = np.where(silent, 0.0, 1 - 2 * np.abs(np.nan_to_num(judgement.certainty, nan=0.5) - 0.5))
    # Words that may be a cue: those that were taken for one, and those that were not.
    unsure = _nearness(cues.probability, parameters.detector.threshold)
    of_cues = _nearness(cues.doubt, parameters.detector.threshold)
    np.maximum.at(of_cues, cues.sentence, unsure)
    named = [""] * len(batch)
    for cue in np.argsort(unsure, kind="stable").tolist():
        row = int(cues.sentence[cue])
        if unsure[cue] >= of_cues[row]:
            named[row] = batch.text[batch.tokens.starts[cues.first[cue]] : batch.tokens.ends[cues.last[cue]]]
    parts = np.stack((_HEDGED * hedged, _CUES * of_cues, _MIDDLE * middle), axis=1)
    total, why = parts.sum(axis=1), []
    for row, part in enumerate(parts.argmax(axis=1).tolist()):
        cue = f"a cue: {named[row]}?" if named[row] else "a cue that was missed?"
        why.append(("hedged or not?", cue, "certainty in the middle")[part] if total[row] > _SURE else "nearly sure")
    return total, why


def _nearness(probability: Floats, threshold: float) -> Floats:
    """How near probabilities are to a threshold: 1 there, 0 at 0 and at 1."""
    below, above = max(threshold, 1e-9), max(1 - threshold, 1e-9)
    return np.asarray(1 - np.where(probability < threshold, (threshold - probability) / below, (probability - threshold) / above))


# What differs --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """Sentences as rows: of words and cue features, of unit length, and of words alone, each once."""

    features: csr_matrix
    words: csr_matrix

    def apart(self, others: _Rows) -> tuple[Floats, Bools]:
        """How far each row is from the nearest of others, 0 to 1, and whether it says the same as one of them."""
        n = self.words.shape[0]
        nearest, alike, counts = np.zeros(n), np.zeros(n, dtype=np.bool_), _counts(self.words)
        for start in range(0, others.words.shape[0], _BLOCK):
            part = slice(start, start + _BLOCK)
            np.maximum(nearest, (self.features @ others.features[part].T).toarray().max(axis=1), out=nearest)
            shared = (self.words @ others.words[part].T).toarray()
            alike |= _say_the_same(shared, counts[:, None], _counts(others.words[part])).any(axis=1)
        return np.clip(1 - nearest, 0.0, 1.0), alike

    def apart_from_one(self, row: int) -> tuple[Floats, Bools]:
        """The same of one of the rows themselves."""
        nearest, shared = (matrix @ matrix[[row]].toarray().ravel() for matrix in (self.features, self.words))
        counts = _counts(self.words)
        return np.clip(1 - nearest, 0.0, 1.0), _say_the_same(shared, counts, counts[row])


def _say_the_same(shared: Floats, one: Floats, other: Floats) -> Bools:
    """Whether sentences share most of their words, by the number of words that they share and that each has."""
    return np.asarray((shared > 0) & (shared >= _ALIKE * (one + other - shared)))


def _counts(words: csr_matrix) -> Floats:
    return np.asarray(np.diff(words.indptr), dtype=np.float64)


def _reader(parameters: Parameters, candidates: Sequence[str]) -> Callable[[Sequence[str]], _Rows]:
    """What makes rows of sentences; a feature counts the less, the more of the candidates have it."""
    features = _hashed(candidates, parameters)[0]
    rarity = np.log((1 + features.shape[0]) / (1 + np.bincount(features.indices, minlength=_COLUMNS))) + 1

    def rows(texts: Sequence[str]) -> _Rows:
        features, words = _hashed(texts, parameters)
        features.data = features.data * rarity[features.indices]
        lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
        features.data = features.data / np.maximum(lengths, 1e-12).repeat(np.diff(features.indptr))
        return _Rows(features, words)

    return rows


def _hashed(texts: Sequence[str], parameters: Parameters) -> tuple[csr_matrix, csr_matrix]:
    """Which features and which words each sentence has, by the column of their hash."""
    features: list[tuple[Ints, Ints]] = []
    words: list[tuple[Ints, Ints]] = []
    for start in range(0, len(texts), _CHUNK):
        batch = from_sentences(texts[start : start + _CHUNK], parameters.tables)
        table = parameters.detector.table(batch)
        bag = parameters.heads.space.bag(batch, table, parameters.cues(batch, table))
        met = bag.value > 0
        features.append((bag.sentence[met] + start, (bag.key[met] % _COLUMNS).astype(np.int64)))
        told = batch.tokens.shape >= WORD_SHAPE
        words.append((batch.sentence[told] + start, (batch.tokens.keys[told] % _COLUMNS).astype(np.int64)))
    return _held(features, len(texts)), _held(words, len(texts))


def _held(parts: Sequence[tuple[Ints, Ints]], n: int) -> csr_matrix:
    """A matrix of shape ``(n, _COLUMNS)`` with 1 where a sentence has a column, however often."""
    sentence, column = (np.concatenate(part) for part in zip(*parts, strict=True))
    found = csr_matrix((np.ones(sentence.size), (sentence, column)), shape=(n, _COLUMNS))
    found.data[:] = 1.0
    return found


def _chosen(
    texts: Sequence[str], uncertainty: Floats, order: Ints, n: int, labelled: Sequence[str], parameters: Parameters
) -> tuple[list[int], int]:
    """The sentences to suggest in their order, and how many were left out because they say what another says."""
    block = min(max(_CANDIDATES * n, _BLOCK), _MOST)
    read = _reader(parameters, [texts[at] for at in order[:block].tolist()])
    before = read(labelled) if labelled else None
    chosen: list[int] = []
    left_out = 0
    # Where those that are alike were many, the next most uncertain come in.
    for start in range(0, order.size, block):
        part = order[start : start + block]
        rows = read([texts[at] for at in part.tolist()])
        distance, alike = np.ones(part.size), np.zeros(part.size, dtype=np.bool_)
        for others in (before, read([texts[at] for at in chosen]) if chosen else None):
            if others is not None:
                apart, same = rows.apart(others)
                distance, alike = np.minimum(distance, apart), alike | same
        left, left_out = ~alike, left_out + int(alike.sum())
        while left.any() and len(chosen) < n:
            # A little is left to what is near in everything but its words, so that the most uncertain of them comes first.
            worth = np.where(left, (uncertainty[part] + 1e-6) * (distance + 1e-6), -1.0)
            best = int(worth.argmax())
            chosen.append(int(part[best]))
            left[best] = False
            apart, same = rows.apart_from_one(best)
            distance, left_out = np.minimum(distance, apart), left_out + int((left & same).sum())
            left &= ~same
        if len(chosen) == n:
            break
    return chosen, left_out
