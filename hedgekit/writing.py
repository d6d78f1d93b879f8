"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text as UTF-8 so that nobody ever finds half of it: beside its place first, then moved there.

    Parameters
    ----------
    path : Path
    text : str

    Raises
    ------
    OSError
        If it cannot be written; what stood there before is unchanged.
    """
    # What a link leads to is replaced, not the link.
    try:
        place = path.resolve()
    except RuntimeError as error:  # what Python before 3.13 says of links that lead to each other
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error
    if place.exists() and not place.is_file():
        # A terminal or a pipe holds nothing that could be lost, and must not be replaced; a folder is refused here.
        place.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        return
    number, name = tempfile.mkstemp(prefix=f".{place.name[:40]}-", dir=place.parent)
    beside = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="\n") as stream:
            stream.write(text)
        # A temporary file is for its owner alone; a result is as open as any file that the user makes.
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
