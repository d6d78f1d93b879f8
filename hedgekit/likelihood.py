"""What people mean by words that name a likelihood, as surveys found it.

The numbers stand in ``seeds/likelihoods.toml``, which :mod:`hedgekit.training.likelihood` computes. They belong to no model:
people were asked for the words alone.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# An article, and the verb before a negation, change nothing: "a remote chance", "isn't likely".
_ARTICLE = re.compile(r"^(?:an?|the) ")
_NEGATED_VERB = re.compile(r"^(?:is|are|was|were|am|be|been|being|seem|seems|seemed|look|looks|looked)(?:n't| not) ")
_NOT_BEHIND = " not"
# "probably not", "probably won't"
_NEGATION = re.compile(r"\s+(?:not|\w+n't)\b")


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


def likelihood_of(words: str, following: str = "") -> Likelihood | None:
    """What people mean by some words, or None where no survey asked for them.

    Modifiers count where they were asked for: "very likely" has a likelihood, "quite likely" has none. An adverb with "not"
    behind it leaves what it gives to the contrary: "almost certainly not" is one less "almost certainly", as the answers to
    "probably" and "probably not" are. Other words with "not" behind them have none, and frequencies ("often") are no likelihoods.

    Parameters
    ----------
    words : str
        As they stand in a text; letter case, apostrophes and a leading article do not matter.
    following : str
        The text behind them.

    Examples
    --------
    >>> likelihood_of("highly likely")
    Likelihood(median=0.9, low=0.8, high=0.9)
    >>> likelihood_of("Almost certainly", " not, she said").median == round(1 - likelihood_of("almost certainly").median, 4)
    True
    >>> likelihood_of("quite likely") is None
    True
    """
    plain = " ".join(words.lower().replace("’", "'").split())
    plain = _ARTICLE.sub("", _NEGATED_VERB.sub("not ", plain))
    if _NEGATION.match(following.lower().replace("’", "'")):
        plain += _NOT_BEHIND
    known = _surveyed()
    found = known.get(plain)
    if found is None and plain.endswith("ly" + _NOT_BEHIND):
        asked = known.get(plain.removesuffix(_NOT_BEHIND))
        if asked is not None:
            found = Likelihood(*(round(1 - value, 4) for value in (asked.median, asked.high, asked.low)))
    return found


@cache
def _surveyed() -> dict[str, Likelihood]:
    text = (files("hedgekit.seeds") / "likelihoods.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["phrase"]
    return {form: Likelihood(row["median"], row["low"], row["high"]) for row in rows for form in row["forms"]}
