"""Hooks of MkDocs: pages of the site from outside ``docs/``, and links to files that are no pages.

Links are written for the repository. On the site, those to the pages of ``PAGES`` and to files of ``docs/`` lead to a page, and those to
other files of the repository to ``extra.repository``. A link without a target fails the build, as it is strict. GitHub draws diagrams of
Mermaid, whose script has three megabytes; the site has a table of their arrows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial
from pathlib import Path
from posixpath import normpath, relpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CHANGELOG.md": "CHANGELOG.md", "CONTRIBUTING.md": "CONTRIBUTING.md"}
"""Pages from outside ``docs/`` by their path in the repository, with their names on the site."""
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NODE, _ARROW = re.compile(r'^ *(\w+)\["(.*)"\]$', re.MULTILINE), re.compile(r"^ *(\w+) --> (\w+)$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of ``PAGES``."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - the tests of this module run without MkDocs

    for source, name in PAGES.items():
        content = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=rewrite(content, "", config.extra["repository"])))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Rewrite the links of a page of ``docs/``."""
    del files
    markdown = _MERMAID.sub(lambda block: arrows(block[1]), markdown)
    return markdown if page.file.src_uri in PAGES.values() else rewrite(markdown, "docs", config.extra["repository"])


def rewrite(markdown: str, folder: str, repository: str) -> str:
    """Return a page with links as they are on the site; those in blocks of code, and those without a target, stay.

    :param folder: of the page, in the repository.

    >>> rewrite("[a](docs/web.md#pages), [b](LICENSE), [c](absent.md)", "", "https://host/us")
    '[a](web.md#pages), [b](https://host/us/blob/main/LICENSE), [c](absent.md)'
    >>> rewrite("[a](web.md), [b](../README.md#look-at-it)", "docs", "https://host/us")
    '[a](web.md), [b](index.md#look-at-it)'
    """
    parts, start = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [_LINK.sub(partial(_target, folder, repository), markdown[start : fence.start()]), fence[0]]
        start = fence.end()
    return "".join((*parts, _LINK.sub(partial(_target, folder, repository), markdown[start:])))


def arrows(diagram: str) -> str:
    """Return a table of a diagram's nodes, and of the ones that their arrows lead to.

    >>> print(arrows('flowchart TD\\n  a["a/b · 2"]\\n  c["c · 1"]\\n  a --> c\\n'))
    | from | to |
    |---|---|
    | a/b · 2 | c · 1 |
    | c · 1 |  |
    """
    labels = dict(_NODE.findall(diagram))
    targets = defaultdict(list)
    for one, other in _ARROW.findall(diagram):
        targets[one].append(labels.get(other, other))
    rows = (f"| {label} | {', '.join(targets[node])} |" for node, label in labels.items())
    return "\n".join(("| from | to |", "|---|---|", *rows))


def _target(folder: str, repository: str, link: re.Match[str]) -> str:
    path = normpath(f"{folder}/{link[1]}".lstrip("/"))
    if path in PAGES:
        return f"]({PAGES[path]}"
    if path.startswith("docs/"):
        return f"]({relpath(path, 'docs')}"
    if (ROOT / path).exists():
        return f"]({repository}/{'tree' if (ROOT / path).is_dir() else 'blob'}/main/{path}"
    return link[0]
