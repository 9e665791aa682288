"""Addresses of the pages."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote, urlencode, urlsplit

STATIC = "/static"


def site(name: str) -> str:
    """Return the address of a site's page.

    >>> site("127.0.0.1:8765")
    '/sites/127.0.0.1:8765'
    """
    return f"/sites/{quote(name, safe=':')}"


def day(name: str, published_on: date) -> str:
    return f"{site(name)}/days/{published_on}"


def category(name: str, title: str) -> str:
    """Return the address of a category's page; its name may hold any character.

    >>> category("news.example", "a/b?")
    '/sites/news.example/categories/a%2Fb%3F'
    """
    return f"{site(name)}/categories/{quote(title, safe='')}"


def graph(name: str, until: date | None = None) -> str:
    return f"{site(name)}/graph" + (f"?until={until}" if until else "")


def run(run_id: int) -> str:
    return f"/runs/{run_id}"


def outcomes(run_id: int, **given: str | None) -> str:
    """Return the address of a list of outcomes, those with the given values.

    >>> outcomes(7, outcome="failed", reason=None)
    '/runs/7/outcomes?outcome=failed'
    """
    return with_query(f"{run(run_id)}/outcomes", **given)


def article(article_id: int) -> str:
    return f"/articles/{article_id}"


def revisions(article_id: int, old: int, new: int) -> str:
    return f"{article(article_id)}/revisions?from={old}&to={new}"


def by_url(url: str) -> str:
    return with_query("/article", url=url)


def with_query(path: str, **given: str | int | None) -> str:
    """Return the path with a query of the values that are not ``None``."""
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return f"{path}?{query}" if query else path


def outside(url: str | None) -> str | None:
    """Return the URL if it is one of the web that may be linked to, else ``None``.

    >>> outside("https://news.example/1.html"), outside("javascript:alert(1)"), outside("//x"), outside(None)
    ('https://news.example/1.html', None, None, None)
    """
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def local(path: str | None) -> str:
    """Return the path if it is one of these pages, else that of the overview: a form must not lead to another host.

    >>> local("/runs/7?x=1"), local("//evil.example"), local("/\\\\evil.example"), local("https://evil.example"), local(None)
    ('/runs/7?x=1', '/', '/', '/', '/')
    """
    is_local = path and path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if path and is_local else "/"
