"""Reading PolNeAR (Newell, Margolin and Ruths 2018): news articles with sources, cues and contents in brat's standoff form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hedgekit.errors import DataError

Offsets = tuple[int, int]

_SPAN = re.compile(r"(T\d+)\t([\w-]+) (\d+ \d+(?:;\d+ \d+)*)(?:\t|$)")
_EVENT = re.compile(r"E\d+\t(\S.*)?$")
_ROLES = ("Source", "Cue", "Content")


@dataclass(frozen=True, slots=True)
class RoleSpans:
    """One attribution: the stretches of each role, in order; a role that is not written has none.

    Attributes
    ----------
    source, cue, content : tuple of (start, end)
        Character offsets in the article.
    """

    source: tuple[Offsets, ...]
    cue: tuple[Offsets, ...]
    content: tuple[Offsets, ...]


@dataclass(frozen=True, slots=True)
class LabelledArticle:
    """A running text with everything that anyone in it is said to say, think, want or intend.

    Attributes
    ----------
    name : str
    text : str
    attributions : tuple of RoleSpans
        In the order of the file.
    """

    name: str
    text: str
    attributions: tuple[RoleSpans, ...]


def read_polnear(folder: str | Path) -> list[LabelledArticle]:
    """Read one part of the corpus: ``text/NAME.txt`` and ``attributions/NAME_ANNOTATOR.ann``.

    Of articles with several annotators the first file by name is read, so that none counts twice.

    Raises
    ------
    DataError
        With file and line: a text that is missing, a span outside it, an attribution with a span that is not there.
    """
    folder = Path(folder)
    found: dict[str, LabelledArticle] = {}
    for path in sorted((folder / "attributions").glob("*.ann")):
        name = path.stem.rsplit("_", 1)[0]
        if name not in found:
            found[name] = _article(name, folder / "text" / f"{name}.txt", path)
    if not found:
        raise DataError(f"{folder}: no attributions/*.ann found; give the folder of one part of PolNeAR")
    return list(found.values())


def _article(name: str, text_path: Path, path: Path) -> LabelledArticle:
    text, lines = _read(text_path), _read(path).split("\n")
    spans: dict[str, tuple[str, tuple[Offsets, ...]]] = {}
    for number, line in enumerate(lines, 1):
        match = _SPAN.match(line)
        if match is None:
            continue
        stretches = tuple((int(a), int(b)) for a, b in (part.split() for part in match[3].split(";")))
        if any(not a < b <= len(text) for a, b in stretches):
            raise DataError(f"{path}:{number}: {match[3]} does not lie in {text_path.name}, which has {len(text)} characters")
        spans[match[1]] = match[2], stretches
    attributions = []
    for number, line in enumerate(lines, 1):
        event = _EVENT.match(line)
        if event is None:
            continue
        roles: dict[str, list[Offsets]] = {role: [] for role in _ROLES}
        for argument in (event[1] or "").split():
            _, _, key = argument.partition(":")
            if key not in spans:
                raise DataError(f"{path}:{number}: {argument!r} names a span that is not in the file")
            kind, stretches = spans[key]
            if kind in roles:
                roles[kind] += stretches
        if any(roles.values()):
            attributions.append(RoleSpans(*(tuple(sorted(roles[role])) for role in _ROLES)))
    return LabelledArticle(name, text, tuple(attributions))


def _read(path: Path) -> str:
    try:
        # Offsets count every character, line breaks as they stand.
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error})") from error
