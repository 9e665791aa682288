"""Shells hold no content, and their data is the content of glued's pages."""

from __future__ import annotations

import json
import re
from html import escape
from itertools import count
from typing import Any, cast

import pytest

from demo.site import Site, UnknownSkinError
from demo.skins.registry import SCRIPTED_SKINS, SKINS
from demo.skins.scripted import DELAY_MS, SCRIPT, SIDE, article_data_path, list_data_path
from demo.stories import CATEGORIES
from demo.truth import TruthArticle
from tests.demo.reading import local_links, read, site_of, squeeze, text

DAY = 5
JSON = "application/json; charset=utf-8"
every_scripted_skin = pytest.mark.parametrize("skin", SCRIPTED_SKINS)


def html(site: Site, path: str) -> str:
    return site.render(path).body.decode()


def answer(site: Site, path: str) -> dict[str, Any]:
    page = site.render(path)
    assert (page.status, page.content_type) == (200, JSON)
    assert page.etag
    return cast("dict[str, Any]", json.loads(page.body))


def data_of(site: Site, path: str) -> dict[str, Any]:
    """Return the data that fills a shell's main container."""
    (source,) = re.findall(r'<div id="(?:main|list)" data-src="([^"]+)"', html(site, path))
    return answer(site, source)


def pages_of(article: TruthArticle) -> list[str]:
    return [article.path, *article.parts]


def list_pages(site: Site, path: str) -> list[list[dict[str, str]]]:
    """Return a list's entries, page by page, as its script loads them."""
    pages, found = [], data_of(site, path)
    while True:
        pages.append(found["entries"])
        if not found["next"]:
            return pages
        found = answer(site, found["next"])


@every_scripted_skin
def test_the_truth_is_glueds(skin: str) -> None:
    assert site_of(skin, DAY).truth() == site_of("glued", DAY).truth()
    assert site_of(skin, DAY).changes() == site_of("glued", DAY).changes()


@every_scripted_skin
def test_shells_hold_nothing_of_their_articles(skin: str) -> None:
    site = site_of(skin, DAY)
    for article in site.truth().articles[::10]:
        for path in set(pages_of(article)) & site.scripted_paths():
            shell, seen = read(site, site.render(path)), text(site, path)
            assert "加载中…" in seen
            assert not {"canonical", "alternate", "description"} & shell.meta.keys()
            assert "<title>智能日报</title>" in html(site, path)
            content = (article.title, *article.body, *(teaser.title for teaser in article.teasers))
            assert not any(squeeze(words) in seen for words in content)


@every_scripted_skin
def test_an_articles_data_is_what_glued_prints(skin: str) -> None:
    site, glued = site_of(skin, DAY), site_of("glued", DAY)
    for article in site.truth().articles[::10]:
        for path in set(pages_of(article)) & site.scripted_paths():
            found = data_of(site, path)
            assert found.keys() == {"title", "html"}
            assert found["html"].startswith('<div class="crumb">')
            assert f'<div class="left">\n{found["html"]}</div>' in html(glued, path)
            assert f"<title>{escape(found['title'])}</title>" in html(glued, path)


@every_scripted_skin
def test_the_side_boxes_have_data_of_their_own(skin: str) -> None:
    site, glued = site_of(skin, DAY), site_of("glued", DAY)
    boxes = answer(site, SIDE)["html"]
    assert f'<div class="right">\n{boxes}</div>' in html(glued, "/")
    assert boxes.count("<li>") == 20
    for path in sorted(site.scripted_paths())[::50]:
        assert f'<div id="side" data-src="{SIDE}">' in html(site, path)
        assert "最新文章" not in html(site, path)


@pytest.mark.parametrize("slug", CATEGORIES)
def test_a_list_is_its_data_page_by_page(slug: str) -> None:
    site, glued = site_of("scripted", DAY), site_of("glued", DAY)
    pages, shell = list_pages(site, f"/{slug}/"), text(site, f"/{slug}/")
    for number, entries in enumerate(pages, 1):
        printed = html(glued, glued.skin.list_path(slug, number))
        assert [entry["href"] for entry in entries] == re.findall(r'<h3><a href="([^"]+)', printed)
        seen = text(glued, glued.skin.list_path(slug, number))
        for entry in entries:
            assert squeeze(entry["title"] + entry["summary"] + entry["date"]) in seen
            assert squeeze(entry["title"]) not in shell
    assert glued.render(glued.skin.list_path(slug, len(pages) + 1)).status == 404


def test_lists_have_one_address_and_no_pager() -> None:
    site = site_of("scripted", DAY)
    assert site.render("/ai/?page=2").status == 404
    for slug in CATEGORIES:
        assert site.render(f"/{slug}/?page=2").status == 404
        assert not any("page=" in link for link in local_links(site, f"/{slug}/"))
        assert "下一页" not in html(site, f"/{slug}/")


def test_what_is_scripted() -> None:
    scripted, mixed = site_of("scripted", DAY), site_of("mixed", DAY)
    articles = {path for article in scripted.truth().articles for path in pages_of(article)}
    lists = {path for _, path in scripted.truth().categories}
    assert scripted.scripted_paths() == articles | lists
    assert mixed.scripted_paths() == {path for path in articles if number_in(path) % 2}
    assert all(Site(day=1, skin=skin).scripted_paths() == set() for skin in SKINS)


def number_in(path: str) -> int:
    return int(re.split(r"[/_.]", path)[3])


def test_mixed_prints_all_else_as_glued_does() -> None:
    site, glued = site_of("mixed", DAY), site_of("glued", DAY)
    even = [one.path for one in site.truth().articles if number_in(one.path) % 2 == 0]
    for path in ["/", "/yejie/", "/yejie/?page=2", *even[::20]]:
        printed, expected = html(site, path), html(glued, path)
        assert printed.split('<div class="footer">')[0] == expected.split('<div class="footer">')[0]
        assert site.render(article_data_path(path)).status == 404
    assert site.render(list_data_path("/yejie/")).status == 404


@every_scripted_skin
def test_shells_and_plain_pages_carry_the_same_scripts(skin: str) -> None:
    site = site_of(skin, DAY)
    paths = ["/", "/about.html", *(path for _, path in site.truth().categories)]
    paths += [article.path for article in site.truth().articles[:10]]
    scripts = {tuple(re.findall(r"<script[^>]*>", html(site, path))) for path in paths}
    assert scripts == {("<script>", f'<script src="{SCRIPT}">')}
    assert site.render(SCRIPT).content_type == "text/javascript"


def test_the_script_is_ecmascript_5() -> None:
    newer = r"=>|`|\b(?:let|const|class|fetch|Promise|closest|append|forEach|Array\.from)\b\s*[\w({]"
    assert re.findall(newer, html(site_of("scripted", DAY), SCRIPT)) == []


@every_scripted_skin
def test_one_article_and_one_list_are_late(skin: str) -> None:
    site = site_of(skin, DAY)
    late = {path for path in site.scripted_paths() if f'data-delay="{DELAY_MS}"' in html(site, path)}
    listed = [one for one in site.truth().articles if one.listed and one.path in site.scripted_paths()]
    newest = max(article.published_on for article in listed)
    (article,) = [one for one in listed if one.path in late]
    assert article.published_on == newest
    assert late - set(pages_of(article)) == ({"/shouji/"} if skin == "scripted" else set())


@every_scripted_skin
def test_twins_messages_and_redirects_stay_plain(skin: str) -> None:
    site, glued = site_of(skin, DAY), site_of("glued", DAY)
    article = next(one for one in site.truth().articles if one.path in site.scripted_paths())
    alias, old = article.aliases
    assert site.render(alias) == glued.render(alias)
    assert site.render(old) == glued.render(old)
    assert (site.render(site.truth().gone[0]).status, site.render("/nothing").status) == (410, 404)
    for path in (site.truth().gone[0], "/nothing", "/about.html"):
        assert "加载中" not in text(site, path)


@every_scripted_skin
def test_unknown_data_is_404(skin: str) -> None:
    site = site_of(skin, DAY)
    end = next(number for number in count(1) if site.render(list_data_path("/yejie/", number)).status == 404)
    assert end == (len(list_pages(site, "/yejie/")) + 1 if skin == "scripted" else 1)
    unknown = ("/data/", "/data/nothing.json", list_data_path("/ai/"), article_data_path(site.truth().gone[0]))
    for path in unknown:
        assert site.render(path).status == 404
    assert site_of("glued", DAY).render(SIDE).status == 404
    assert site_of("glued", DAY).render(SCRIPT).status == 404


def test_a_shell_stays_the_same_while_its_data_changes() -> None:
    before, now = site_of("scripted", DAY - 1), site_of("scripted", DAY)
    edited = now.changes().edited
    assert edited
    for path in edited:
        assert before.render(path).etag == now.render(path).etag
        assert data_of(before, path) != data_of(now, path)


@every_scripted_skin
def test_same_bytes_each_time(skin: str) -> None:
    one, other = Site(day=3, skin=skin), Site(day=3, skin=skin)
    paths = sorted(one.scripted_paths())[::20]
    paths += [SIDE, SCRIPT, *(article_data_path(path) for path in paths if path.endswith(".html"))]
    assert [one.render(path) for path in paths] == [other.render(path) for path in paths]


def test_the_error_for_an_unknown_skin_lists_all_names() -> None:
    with pytest.raises(UnknownSkinError, match=r"glued, .*portal, scripted, mixed"):
        Site(skin="neon")
