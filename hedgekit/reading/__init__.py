"""Labelled sentences of a user's own, from whatever holds them: the readers, and all that is checked before anything is used."""

from hedgekit.reading.entry import FORMATS, OPTIONS, read_labelled

__all__ = ["FORMATS", "OPTIONS", "read_labelled"]
