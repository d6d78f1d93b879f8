"""What can go wrong, as one small tree.

Every message says what was got, what is valid and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class HedgekitError(Exception):
    """Root of all errors that hedgekit raises on purpose."""


class ModelError(HedgekitError):
    """A model cannot be loaded or saved."""


class ModelNotFoundError(ModelError, FileNotFoundError):
    """No shipped model has this name, and no model folder has this path."""


class ModelCorruptError(ModelError, ValueError):
    """A model file is cut, altered, or not a model at all."""


class ModelFormatError(ModelError, ValueError):
    """A model was written in a format that this release cannot read."""


class ModelFeaturesError(ModelError, ValueError):
    """A model was made for features that this release does not compute."""


class LexiconError(HedgekitError, ValueError):
    """A cue lexicon has a mistake; the message names file, line and reason."""


class DataError(HedgekitError, ValueError):
    """Labelled data has a mistake; the message names file, line and reason."""


class InputTypeError(HedgekitError, TypeError):
    """Something that is no text was passed where text is wanted, or no path where a path is."""


class OptionError(HedgekitError, ValueError):
    """An option has a value that it cannot have; the message names those that it can."""


class UnknownOptionError(OptionError, TypeError):
    """A function has no option of this name; the message names those that it has."""


class MissingTextError(HedgekitError, ValueError):
    """A missing value stands among the texts, and missing values were refused."""


class WorkerError(HedgekitError, RuntimeError):
    """A process that worked on a part of the texts died."""


class NotBuiltError(HedgekitError, NotImplementedError):
    """This model cannot do what was asked of it."""


class VersionWarning(UserWarning):
    """An estimator was fitted with another version of scikit-learn; what it says may differ."""


class DataWarning(UserWarning):
    """Labelled data can be used, but something in it is worth a look: contradicting labels, a fold with one class."""


class SkippedWarning(UserWarning):
    """Texts were left out, or have no results, because they are missing or no text.

    Attributes
    ----------
    positions : tuple of int
        Where they stand.
    """

    positions: tuple[int, ...]

    def __init__(self, message: str, positions: Sequence[int] = ()) -> None:
        super().__init__(message, tuple(positions))
        self.positions = tuple(positions)

    def __str__(self) -> str:
        return str(self.args[0])
