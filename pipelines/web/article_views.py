"""Views of an article, of two of its revisions, and of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from pipelines.storage.read import revisions
from pipelines.storage.schema.api_functions import LONGEST_QUERY
from pipelines.storage.web import articles
from pipelines.storage.web.session import reading
from pipelines.web import drawing, links, marking, requests
from pipelines.web.templating import shown
from smartdaily_crawler.cleaning.urls import canonicalize

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

DRAWN = 8
"""Articles drawn on each side of an article."""
RESULTS = 50
LEAST_WORD = 2

_FIELDS = {
    "title": ("title", None),
    "published": ("published_at", "published_raw"),
    "source": ("source", "source_raw"),
    "author": ("author", "author_raw"),
    "editor": ("editor", "editor_raw"),
    "updated": ("updated_at", "updated_raw"),
}
"""Name in the provenance -> column of the value, and of the string it was read from."""


def article(request: Request) -> Response:
    article_id = request.path_params["article_id"]
    with reading(request.app.state.web.engine) as connection:
        known = articles.find_article(connection, article_id)
    if known is None:
        raise requests.not_found(f"article {article_id}")
    row = known.article
    into = [each for each in known.into if each["removed_at"] is None]
    out = [each for each in known.out if each["removed_at"] is None]
    centre = drawing.Node(article_id, row["title"] or row["url"], "", group="centre")
    return shown(
        request,
        "article.html",
        known=known,
        article=row,
        fields=_fields(known),
        paragraphs=(row["body"] or "").split("\n\n") if row["body"] else [],
        picture=drawing.ego(centre, _nodes(into), _nodes(out)) if into or out else None,
        into_more=max(len(_nodes(into, None)) - DRAWN, 0),
        out_more=max(len(_nodes(out, None)) - DRAWN, 0),
        most=articles.MOST,
    )


def compare(request: Request) -> Response:
    """Show two revisions side by side: those given by ``from`` and ``to``, else the latest two."""
    engine, article_id = request.app.state.web.engine, request.path_params["article_id"]
    old, new = requests.number(request, "from"), requests.number(request, "to")
    found = revisions.by_id(engine, article_id)
    if found is None:
        raise requests.not_found(f"article {article_id}")
    new = found.latest if new is None else new
    old = max(new - 1, 1) if old is None else old
    if not (0 < old <= found.latest and 0 < new <= found.latest):
        numbers = f"revisions 1 to {found.latest}" if found.latest else "no revision yet"
        raise HTTPException(404, f"Article {article_id} has {numbers}.")
    both = revisions.read(engine, found, {old, new})
    parts = revisions.differences(both[old], both[new], ZoneInfo(found.timezone))
    rows = [
        {
            "name": part.name,
            "pairs": [
                (marking.parts(p.old or "", p.old_spans), marking.parts(p.new or "", p.new_spans), p)
                for p in part.pairs
            ],
        }
        for part in parts
    ]
    return shown(
        request,
        "revisions.html",
        article=found,
        old=both[old],
        new=both[new],
        rows=rows,
        numbers=range(1, found.latest + 1),
    )


def by_url(request: Request) -> Response:
    """Lead to the article at a URL."""
    url = requests.text(request, "url") or ""
    try:
        canonical = canonicalize(url)
    except ValueError:
        raise HTTPException(400, "That is no URL.") from None
    with reading(request.app.state.web.engine) as connection:
        found = articles.id_of(connection, canonical)
    if found is None:
        raise requests.not_found(f"article at {url}")
    return RedirectResponse(links.article(found), 303)


def search(request: Request) -> Response:
    query = " ".join((requests.text(request, "q") or "").split())
    if links.outside(query):
        return RedirectResponse(links.by_url(query), 303)
    problem = _problem(query)
    rows = []
    if query and not problem:
        with reading(request.app.state.web.engine) as connection:
            rows = articles.search(connection, query, RESULTS)
    results = [
        {
            **row,
            "marked_title": marking.found_words(row["title"] or "–", query),
            "marked_snippet": marking.found_words(row["snippet"] or "", query),
        }
        for row in rows
    ]
    return shown(request, "search.html", query=query, problem=problem, results=results, most=RESULTS)


def _problem(query: str) -> str | None:
    """Return why a query finds nothing whatever is stored."""
    if len(query) > LONGEST_QUERY:
        return f"A query has at most {LONGEST_QUERY} characters; this one has {len(query)}."
    if query and all(len(word) < LEAST_WORD for word in query.split()):
        return "One word at least must have two characters."
    return None


def _fields(known: articles.Known) -> list[dict[str, Any]]:
    latest = known.latest
    provenance = latest["provenance"] if latest else {}
    rows = []
    for name, (column, raw) in _FIELDS.items():
        value = known.article[column] or (known.article["published_on"] if name == "published" else None)
        rows.append(
            {"name": name, "value": value, "raw": latest[raw] if latest and raw else None, "how": provenance.get(name)}
        )
    return rows


def _nodes(teasers: list[Any], most: int | None = DRAWN) -> list[drawing.Node]:
    """Return the articles at the other ends of teasers, each once."""
    nodes = {
        each["article_id"]: drawing.Node(
            each["article_id"],
            each["own_title"] or each["title"],
            links.article(each["article_id"]),
            group=each["block"],
        )
        for each in reversed(teasers)
    }
    return list(reversed(nodes.values()))[:most]
