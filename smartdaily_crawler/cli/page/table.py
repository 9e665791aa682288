"""The fields read from a page as a table on a terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from smartdaily_crawler.cli.page.reading import FIELDS

_EXPECTED = ("title", "published_on", "source", "author", "editor")
"""Fields that are shown as missing, too."""


def table(facts: dict[str, Any]) -> Table:
    table = Table(title=facts.get("url") or facts.get("file"), title_justify="left", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    if facts["rejected"]:
        table.add_row("rejected", facts["rejected"])
    for name in FIELDS:
        # published_on and published_at are one field of the page, updated_at is another.
        found = name.removesuffix("_on").removesuffix("_at")
        if facts[name] is not None:
            table.add_row(name, facts[name], facts["provenance"].get(found, ""))
        elif name in _EXPECTED:
            table.add_row(name, "–", "")
        if found in facts["silent"] and not name.endswith("_at"):
            table.add_row("", facts["silent"][found], "selector")
    table.add_row("body", "\n".join(facts["body"]), facts["provenance"].get("body", ""))
    if facts["categories"]:
        table.add_row("categories", " > ".join(facts["categories"]))
    if facts["images"]:
        table.add_row("images", "\n".join(f"{i['url']}  {i['caption'] or ''}".rstrip() for i in facts["images"]))
    if facts["teasers"]:
        table.add_row("teasers", "\n".join(_teaser_line(teaser) for teaser in facts["teasers"]))
    return table


def _teaser_line(teaser: dict[str, Any]) -> str:
    return "  ".join(
        str(teaser[name]) for name in ("block", "position", "published_on", "title", "url") if teaser[name]
    )
