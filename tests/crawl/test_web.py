"""The pages of ``scrapy web`` over the stored bundled site."""

from __future__ import annotations

import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from lxml import html
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from pipelines.storage.db.engine import connect
from pipelines.storage.web.session import read_only, reading
from pipelines.web.app import create_app
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select
from tests.web.days import HOSTILE, write_hostile
from tests.web.serving import serving

if TYPE_CHECKING:
    import httpx2
    from sqlalchemy import Engine

TOKEN = "a-token-of-some-length"
KINDS = {
    r"/", r"/sites/[^/]+", r"/sites/[^/]+/days/[\d-]+", r"/sites/[^/]+/categories/[^/]+", r"/sites/[^/]+/graph", r"/runs/\d+",
    r"/runs/\d+/outcomes", r"/articles/\d+", r"/article",
}  # fmt: skip
"""Paths to which links lead."""


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    engine = connect(database_url, application_name="tests")
    assert read_only(engine)
    with TestClient(
        create_app(engine, schedule=[(7200, 900), (86_400 * 7, 86_400)]), base_url="http://localhost"
    ) as made:
        yield made
    engine.dispose()


@contextmanager
def visitor(engine: Engine, token: str | None = None) -> Iterator[TestClient]:
    with TestClient(create_app(engine, token), base_url="http://localhost", follow_redirects=False) as made:
        yield made


def check(answer: httpx2.Response) -> html.HtmlElement:
    """Return the parsed page, which runs nothing and loads nothing but its own assets."""
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    page: html.HtmlElement = html.document_fromstring(answer.text)
    assert page.get("lang") == "en"
    assert [script.get("src") for script in page.iter("script")] == ["/static/page.js"]
    assert not [script.text for script in page.iter("script") if script.text]
    assert [link.get("href") for link in page.iter("link")] == ["/static/icon.svg", "/static/style.css"]
    assert not list(page.iter("img", "iframe", "object", "embed", "style", "base", "foreignobject"))
    attributes = {name for element in page.iter(html.etree.Element) for name in element.attrib}
    assert not {
        name for name in attributes if name.startswith("on") or name in ("style", "srcset", "srcdoc", "formaction")
    }
    assert {link.partition(":")[0] for link in page.xpath("//@href") if not link.startswith(("/", "#"))} <= {
        "http",
        "https",
    }
    return page


@pytest.mark.usefixtures("crawled")
def test_links_lead_to_pages_of_every_kind(client: TestClient) -> None:
    waiting, seen, kinds = ["/"], {"/"}, dict.fromkeys(KINDS, 0)
    while waiting:
        path = waiting.pop(0)
        [kind] = [kind for kind in KINDS if re.fullmatch(kind, path.partition("?")[0])] or ["revisions"]
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > 3:
            continue
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        links = check(answer).xpath("//@href[starts-with(., '/')]")
        new = [link for link in dict.fromkeys(links) if link not in seen and not link.startswith("/static/")]
        seen.update(new)
        waiting += new
    assert all(kinds.values()), kinds
    style = client.get("/static/style.css")
    assert (style.status_code, "text/css" in style.headers["content-type"]) == (200, True)


@pytest.mark.usefixtures("crawled")
def test_what_the_pages_tell(client: TestClient, engine: Engine) -> None:
    run = client.get("/runs/1").text
    assert "healthy" in run
    [stored] = select(engine, "SELECT count(*) AS n FROM api.outcome WHERE kind = 'article' AND outcome = 'stored'")
    assert re.search(rf">{stored['n']}<span class=\"hidden\"> article stored", run)
    [row] = select(
        engine,
        "SELECT a.article_id, a.url, a.title, a.site, r.published_raw FROM api.article a JOIN api.revision r USING (article_id)"
        " WHERE a.published_at IS NOT NULL AND a.state = 'fetched' ORDER BY 1 LIMIT 1",
    )
    page = check(client.get(f"/articles/{row['article_id']}"))
    assert page.xpath("string(//h1)") == row["title"]
    assert page.xpath("count(//dl//q[. = $raw])", raw=row["published_raw"]) == 1
    assert page.xpath("count(//a[contains(@class, 'node')]) > 0")
    found = client.get("/search", params={"q": row["title"][:4]})
    assert html.document_fromstring(found.text).xpath("count(//mark[. = $word]) > 0", word=row["title"][:4])
    assert client.get("/search", params={"q": row["url"]}).url.path == f"/articles/{row['article_id']}"
    assert "two characters" in client.get("/search?q=片").text
    assert "at most 100 characters" in client.get("/search", params={"q": "长" * 101}).text


def test_hostile_texts_are_shown_as_texts(client: TestClient, engine: Engine) -> None:
    ids = write_hostile(engine)
    for article_id, title in zip(ids, HOSTILE, strict=True):
        page = check(client.get(f"/articles/{article_id}"))
        assert page.xpath("string(//h1)").strip() == title.strip()
        revisions = check(client.get(f"/articles/{article_id}/revisions"))
        assert revisions.xpath("//ins//text()") == ["1"]
        check(client.get("/search", params={"q": title[:100]}))
    for path in ("", "/days/2026-03-06", "/graph", f"/categories/{quote(HOSTILE[3][:50], safe='')}"):
        answer = client.get(f"/sites/hostile.example{path}")
        check(answer)
        assert answer.status_code == 200 or "categories" in path


@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("/sites/absent.example", 404, "There is no site absent.example."),
        ("/sites/<b>/days/2026-03-06", 404, "There is no site &lt;b&gt;."),
        ("/runs/9", 404, "There is no run 9."),
        ("/runs/99999999999999999999", 404, "There is no run"),
        ("/articles/9/revisions", 404, "There is no article 9."),
        ("/articles/99999999999999999999", 404, "There is no article"),
        ("/nothing", 404, "There is no such page."),
        ("/sites/x/days/march", 400, "A day has the form 2026-03-06."),
        ("/sites/x?before=-1", 400, "before takes a whole number."),
        ("/article?url=%20", 400, "That is no URL."),
        ("/article?url=https://absent.example/", 404, "There is no article at https://absent.example/."),
        ("/search?q=%00", 400, "NUL"),
    ],
)
def test_a_bad_address_is_answered_in_one_line(client: TestClient, path: str, status: int, line: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, line in answer.text) == (status, True), answer.text


def test_metrics_without_their_package(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pipelines.metrics.exposition", None)
    answer = client.get("/metrics")
    assert (answer.status_code, answer.text.count("\n")) == (404, 1)


def test_metrics_for_prometheus(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "smartdaily_texts{" in answer.text


def test_sessions_can_only_read_the_views(database_url: str) -> None:
    engine = connect(database_url)
    assert read_only(engine)
    for _ in range(2):  # the settings outlive a transaction
        with reading(engine) as connection:
            assert connection.scalar(text("SELECT current_user")) == "smartdaily_reader"
            assert connection.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text("SELECT * FROM crawl.article"))
    engine.dispose()


def test_a_database_that_is_gone() -> None:
    with visitor(connect("postgresql://nobody@127.0.0.1:1/news")) as client:
        for path in ("/", "/search?q=芯片", "/articles/1"):
            answer = client.get(path)
            assert (answer.status_code, "The database does not answer" in answer.text) == (503, True)
            check(answer)
        assert (client.get("/healthz").status_code, client.get("/healthz").text.count("\n")) == (503, 1)


def test_a_token_is_needed(engine: Engine) -> None:
    with visitor(engine, TOKEN) as client:
        assert client.get("/runs/1").status_code == 401
        assert client.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert client.get("/healthz").text == "ok\n"
        sent = client.get("/search?q=a", headers={"Accept": "text/html"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fsearch%3Fq%3Da")
        check(client.get(sent.headers["location"]))
        assert client.post("/login", data={"token": "x" * 5000}).status_code == 413
        refused = client.post("/login", data={"token": "wrong", "next": "//evil.example"})
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
        admitted = client.post("/login", data={"token": TOKEN, "next": "/search?q=a"})
        assert (admitted.status_code, admitted.headers["location"]) == (303, "/search?q=a")
        assert {"httponly", "samesite=lax"} <= {
            part.strip().lower() for part in admitted.headers["set-cookie"].split(";")
        }
        assert TOKEN not in admitted.headers["set-cookie"]
        assert client.get("/search?q=a").status_code == 200
        assert client.post("/logout").status_code == 303
        assert client.get("/").status_code == 401
        client.cookies.set("smartdaily_web", f"1.{'0' * 64}")
        assert client.get("/").status_code == 401


def test_without_a_token_only_loopback_names_are_answered(engine: Engine) -> None:
    with visitor(engine) as client:
        assert client.get("/", headers={"Host": "rebound.example"}).status_code == 421
        assert client.get("/", headers={"Host": "[::1]:8780"}).status_code == 200


def test_the_command_serves_until_it_is_told_to_stop(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, WEB_TOKEN=TOKEN) as (url, started):
        asked = Request(f"{url}/", headers={"Authorization": f"Bearer {TOKEN}"})
        assert "There is no site here" in urlopen(asked).read().decode()
        started.send_signal(signal.SIGTERM)
        done = started.wait()
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_refuses_in_one_line(scrapy: Scrapy, tmp_path: Path) -> None:
    absent = tmp_path / "starlette"
    absent.mkdir()
    (absent / "__init__.py").write_text("raise ModuleNotFoundError('No module', name='starlette')")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments, environment, line in (
            (["--port", port], {}, f"scrapy web: cannot listen on 127.0.0.1 port {port}: Address already in use"),
            (["--host", "0.0.0.0"], {}, "scrapy web: others can reach 0.0.0.0: set WEB_TOKEN, or listen on 127.0.0.1"),
            (["--port", "http"], {}, "scrapy web: --port takes a number from 0 to 65535, not 'http'"),
            ([], {"WEB_TOKEN": "short"}, "scrapy web: WEB_TOKEN takes 16 characters of ASCII or more"),
            (
                [],
                {"PYTHONPATH": str(tmp_path)},
                "scrapy web: needs the extra web, starlette is missing: docs/web.md has the command",
            ),
        ):
            done = scrapy("web", *arguments, **environment)
            assert (done.returncode, done.stderr) == (2, line + "\n")
