"""What MkDocs does beside turning ``docs/`` into pages.

- Files of the repository become pages (:data:`SHARED`), so that model cards and notebooks are never out of date.
- Links to them work in the repository and on the site alike: they are written as paths of the repository, and changed on the way.
- Roles in docstrings (``:meth:`score```) become links.
"""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("general", "biomedical", "wikipedia", "attribution", "science")
NOTEBOOKS = ("tour", "retraining", "scaling")
# The page of the site, and the file that it shows.
SHARED = {
    **{f"cards/{name}.md": f"models/{name}/README.md" for name in MODELS},
    **{f"notebooks/{name}.md": f"notebooks/{name}.ipynb" for name in NOTEBOOKS},
    "contributing.md": "CONTRIBUTING.md",
    "seeds.md": "seeds/README.md",
    "changelog.md": "CHANGELOG.md",
}
_PAGES = {path: page for page, path in SHARED.items()} | {"README.md": "index.md"}
_LINK = re.compile(r"(?<=\]\()([^)\s:#]+)(?=[)#])")
_ROLE = re.compile(r":(?:meth|class|func|data|mod|attr):<code>(?:hedgekit\.)?([\w.]+)</code>")
_SHOWN_AS_THEY_ARE = (".png", ".svg", ".ipynb")


def repository_path(page: str) -> str:
    """The file of the repository that a page of the site shows."""
    return SHARED.get(page, f"docs/{page}")


def site_path(path: str) -> str:
    """Where a file of the repository is on the site: as a page, or as it is, with .txt behind its name so that a browser shows it."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return _PAGES.get(path) or f"repository/{path}" + ("" if path.endswith(_SHOWN_AS_THEY_ARE) else ".txt")


def linked(page: str, link: str) -> str | None:
    """The file of the repository that a link on a page leads to; None if it leads to none."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(repository_path(page)), link))
    return path if not path.startswith("..") and (ROOT / path).is_file() else None


def relinked(page: str, text: str) -> str:
    """The text of a page with links as they must be on the site."""

    def changed(match: re.Match[str]) -> str:
        path = linked(page, match[1])
        return match[1] if path is None else posixpath.relpath(site_path(path), posixpath.dirname(page) or ".")

    return _LINK.sub(changed, text)


# Notebooks


@cache
def _cells(path: str) -> tuple[str, list[str]]:
    """A notebook as Markdown, and the outputs as HTML, whose places in it are marked."""
    outputs: list[str] = []
    parts: list[str] = []
    for cell in json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        for output in cell.get("outputs", ()):
            parts.append(f"output-{len(outputs)}-of-this-notebook")
            outputs.append(_output(output))
    return "\n\n".join(parts), outputs


def _output(output: dict[str, Any]) -> str:
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="output">{"".join(data["text/html"])}</div>'
    if "image/png" in data:
        picture = "".join(data["image/png"]).replace("\n", "")
        described = html.escape("".join(data.get("text/plain", "a plot")))
        return f'<div class="output"><img alt="{described}" src="data:image/png;base64,{picture}"></div>'
    text = "".join(data.get("text/plain", output.get("text", "")))
    return f'<div class="output"><pre>{html.escape(text)}</pre></div>'


def _text(path: str) -> str:
    return _cells(path)[0] if path.endswith(".ipynb") else (ROOT / path).read_text(encoding="utf-8")


# What MkDocs calls


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are files of the repository, and whatever pages link to."""
    from mkdocs.structure.files import File

    for page, path in SHARED.items():
        files.append(File.generated(config, page, content=_text(path)))
    for path in sorted(set(_linked_files(files))):
        files.append(File.generated(config, site_path(path), abs_src_path=str(ROOT / path)))
    return files


def _linked_files(files: Any) -> Iterator[str]:
    for file in files.documentation_pages():
        for link in _LINK.findall(file.content_string):
            path = linked(file.src_uri, link)
            if path is not None and path not in _PAGES and not path.startswith("docs/"):
                yield path


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Change links."""
    return relinked(page.file.src_uri, markdown)


def on_page_content(content: str, page: Any, **_: Any) -> str:
    """Put in the outputs of a notebook, and make links of roles."""
    path = repository_path(page.file.src_uri)
    if path.endswith(".ipynb"):
        for number, output in enumerate(_cells(path)[1]):
            content = content.replace(f"<p>output-{number}-of-this-notebook</p>", output)
    return _ROLE.sub(r'<autoref optional identifier="hedgekit.\1"><code>\1</code></autoref>', content)
