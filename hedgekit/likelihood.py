"""What people mean by words that name a likelihood, as surveys found it.

The numbers stand in ``seeds/likelihoods.toml``, which :mod:`hedgekit.training.likelihood` computes. They belong to no model:
people were asked for the words alone.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from hedgekit.folders import data_folder

# An article, and the verb before a negation, change nothing: "a remote chance", "isn't likely".
_ARTICLE = re.compile(r"^(?:an?|the) ")
_NEGATED_VERB = re.compile(r"^(?:is|are|was|were|am|be|been|being|seem|seems|seemed|look|looks|looked)(?:n't| not) ")
_NOT_BEHIND = " not"
# "probably not", "probably won't", but neither "probably not only ..." nor "likely not just ..."
_NEGATION = re.compile(r"\s+(?:not|\w+n't)\b(?!\s+(?:only|just|merely|simply|least)\b)")
# A negation before the words turns them in ways that nobody was asked for: "no longer likely", "nobody is likely to".
_NEGATED_BEFORE = re.compile(r"\b(?:not|\w+n't|no|never|nor|neither|nobody|nothing|none|hardly|scarcely)(?: [\w']+){0,2} $")
# Adverbs that a "not" behind them turns round.
_TURNED = frozenset({"almost certainly", "certainly", "likely", "possibly", "probably"})


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What people mean by an estimative word: the median and the middle half of their answers, 0 to 1.

    Attributes
    ----------
    median : float
    low, high : float
        The 25th and the 75th percentile.
    """

    median: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """The three numbers by name."""
        return {"median": self.median, "low": self.low, "high": self.high}


def likelihood_of(words: str, following: str = "", preceding: str = "") -> Likelihood | None:
    """What people mean by some words, or None where no survey asked for them.

    Modifiers count where they were asked for: "very likely" has a likelihood, "quite likely" has none. An adverb with "not"
    behind it leaves what it gives to the contrary: "almost certainly not" is one less "almost certainly", as the answers to
    "probably" and "probably not" are. Other words with "not" behind them have none, nor have words with a negation shortly before
    them that was not asked for ("no longer likely"); frequencies ("often") are no likelihoods.

    Parameters
    ----------
    words : str
        As they stand in a text; letter case, apostrophes and a leading article do not matter.
    following, preceding : str
        The text of their sentence behind and before them.

    Examples
    --------
    >>> likelihood_of("highly likely")
    Likelihood(median=0.9, low=0.8, high=0.9)
    >>> likelihood_of("Almost certainly", " not, she said").median == round(1 - likelihood_of("almost certainly").median, 4)
    True
    >>> likelihood_of("quite likely") is None
    True
    """
    plain = _ARTICLE.sub("", _NEGATED_VERB.sub("not ", _folded(words).strip()))
    if _NEGATED_BEFORE.search(_folded(preceding)):
        return None
    if _NEGATION.match(_folded(following)):
        plain += _NOT_BEHIND
    known = _surveyed()
    found = known.get(plain)
    if found is None and plain.removesuffix(_NOT_BEHIND) in _TURNED:
        asked = known[plain.removesuffix(_NOT_BEHIND)]
        found = Likelihood(*(round(1 - value, 4) for value in (asked.median, asked.high, asked.low)))
    return found


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower().replace("’", "'"))


@cache
def _surveyed() -> dict[str, Likelihood]:
    text = (data_folder("seeds") / "likelihoods.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["phrase"]
    return {form: Likelihood(row["median"], row["low"], row["high"]) for row in rows for form in row["forms"]}
