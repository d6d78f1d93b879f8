"""What can go wrong, as one small tree.

Every message says what was got, what is valid and what to do next.
"""

from __future__ import annotations


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
    """Something that is no text was passed where text is wanted."""


class OptionError(HedgekitError, ValueError):
    """An option has a value that it cannot have; the message names those that it can."""


class MissingTextError(HedgekitError, ValueError):
    """A missing value stands among the texts, and missing values were refused."""


class NotBuiltError(HedgekitError, NotImplementedError):
    """This model cannot do what was asked of it."""


class VersionWarning(UserWarning):
    """An estimator was fitted with another version of scikit-learn; what it says may differ."""


class DataWarning(UserWarning):
    """Labelled data can be used, but something in it is worth a look: contradicting labels, a fold with one class."""
