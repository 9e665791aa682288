"""The site gives the same bytes every time, and its pages print its truth."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from demo.site import LIST_SIZE, SMALL, Site, UnknownSkinError
from demo.skins.registry import SKINS
from demo.stories import CATEGORIES
from demo.truth import Truth, TruthArticle
from tests.demo.reading import local_links, read, site_of, squeeze, text

every_skin = pytest.mark.parametrize("skin", SKINS)
DIGEST = """
import hashlib
from demo.site import Site
site = Site(day=4, skin="discuz", categories=3)
paths = [path for article in site.truth().articles for path in (article.path, *article.parts, article.aliases[0])]
print(hashlib.sha256(b"".join(site.render(path).body for path in ["/", *paths])).hexdigest())
"""


@cache
def truth_of(skin: str) -> Truth:
    return site_of(skin).truth()


def test_same_bytes_whatever_the_hash_seed() -> None:
    command = [sys.executable, "-c", DIGEST]
    seeds = (os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2"))
    first, second = (subprocess.check_output(command, env=seed, text=True) for seed in seeds)
    assert first == second
    assert len(first.strip()) == hashlib.sha256().digest_size * 2


@every_skin
def test_the_whole_site_has_every_category(skin: str) -> None:
    assert len(truth_of(skin).articles) >= 600
    assert [name for name, _ in truth_of(skin).categories] == list(CATEGORIES.values())


@every_skin
def test_every_true_path_answers(skin: str) -> None:
    site = Site(skin=skin, categories=SMALL)
    truth = site.truth()
    assert len(truth.articles) >= 200
    assert [name for name, _ in truth.categories] == list(CATEGORIES.values())[:SMALL]
    paths = [path for article in truth.articles for path in (article.path, *article.parts)]
    assert len(set(paths)) == len(paths)
    paths += ["/", *(path for _, path in truth.categories)]
    assert {site.render(path).status for path in paths} == {200}
    for article in truth.articles[::15]:
        alias, old = article.aliases
        assert read(site, site.render(alias)).meta["canonical"] == article.path
        assert (site.render(old).status, site.render(old).location) == (301, article.path)


@every_skin
def test_pages_print_the_truth(skin: str) -> None:
    site = site_of(skin)
    for article in truth_of(skin).articles[::40]:
        for pages in ([article.path, *article.parts], article.aliases[:1]):
            assert_prints(site, article, pages)


def assert_prints(site: Site, article: TruthArticle, pages: list[str]) -> None:
    printed = "".join(text(site, page) for page in pages)
    for value in (article.title, *article.body, article.source, article.author, article.editor):
        assert squeeze(value or "") in printed
    day = article.published_on
    days = (f"{day:%Y-%m-%d}", f"{day:%Y年%m月%d日}", "{0.year}-{0.month}-{0.day}", "{0.year}年{0.month}月{0.day}日")
    clock = f"{article.published_at:%H:%M}" if article.published_at else ""
    assert any(form.format(day) + clock in printed for form in days)
    for _, caption in article.images:
        assert squeeze(caption or "") in printed
    for teaser in article.teasers:
        assert squeeze(teaser.title) in printed
        assert squeeze(teaser.summary) in printed
    if site.skin.describes:
        assert read(site, site.render(pages[0])).meta["description"] == article.summary


@every_skin
def test_every_listed_article_is_in_its_lists(skin: str) -> None:
    site = Site(day=4, skin=skin, categories=SMALL)
    truth = site.truth()
    canonical = {alias: article.path for article in truth.articles for alias in article.aliases}
    for slug, (name, start) in zip(site.slugs, truth.categories, strict=True):
        addresses = {site.skin.list_path(slug, page) for page in range(1, 10)}
        pages, waiting, links = set[str](), {start}, set[str]()
        while waiting:
            pages.add(page := waiting.pop())
            linked = local_links(site, page)
            links |= {re.split(r"[?&]utm_", link)[0] for link in linked}
            waiting |= (linked & addresses) - pages
        listed = {article.path for article in truth.articles if name in article.categories}
        assert listed <= {canonical.get(link, link) for link in links}
        assert len(pages) == -(-len(listed) // LIST_SIZE)


@every_skin
def test_truth_is_complete(skin: str) -> None:
    truth = truth_of(skin)
    paths = {article.path for article in truth.articles}
    for article in truth.articles:
        assert len(article.teasers) == 9
        targets = {teaser.path for teaser in article.teasers}
        assert len(targets) == 9
        assert targets <= paths - {article.path}
        assert all(teaser.summary.endswith("…") for teaser in article.teasers if len(teaser.summary) > 90)
        assert 12 <= len(article.title) <= 35
        assert len(article.body) >= 3
    assert not paths & set(truth.gone)
    assert len(truth.gone) >= 20


def test_the_fields_vary() -> None:
    articles = truth_of("glued").articles
    for seldom in (
        [one for one in articles if one.source is None],
        [one for one in articles if one.editor is None],
        [one for one in articles if one.author],
        [one for one in articles if one.published_at is None],
        [one for one in articles if one.published_at and one.published_at.second],
        [one for one in articles if one.images],
        [one for one in articles if one.parts],
        [one for one in articles if len(one.categories) > 1],
        [one for one in articles if "《" in one.title],
    ):
        assert 20 <= len(seldom) <= 400


def test_syndicated_copies_have_the_same_text_later_from_another_source() -> None:
    articles = {article.path: article for article in truth_of("glued").articles}
    copies = [article for article in articles.values() if article.duplicate_of]
    assert len(copies) >= 10
    for copy in copies:
        original = articles[copy.duplicate_of or ""]
        assert (copy.title, copy.body) == (original.title, original.body)
        assert copy.source != original.source
        assert copy.published_on >= original.published_on


def test_adaptations_have_most_of_the_text_of_their_originals() -> None:
    articles = {article.path: article for article in truth_of("glued").articles}
    adaptations = [article for article in articles.values() if article.adapted_from]
    assert len(adaptations) >= 5
    for adaptation in adaptations:
        original = articles[adaptation.adapted_from or ""]
        assert adaptation.title != original.title
        assert len({*adaptation.body} & {*original.body}) >= len(adaptation.body) / 2


@pytest.mark.parametrize("word", ["手机", "硬件", "平板", "手表", "家电", "耳机", "笔记本"])
def test_articles_use_the_words_of_the_navigation(word: str) -> None:
    assert any(word in paragraph for article in truth_of("glued").articles for paragraph in article.body)


@pytest.mark.parametrize("day", range(2, 11))
def test_changes_are_the_difference_of_two_days(day: int) -> None:
    site = site_of("glued", day)
    changes = site.changes()
    now = {article.path: article for article in site.truth().articles}
    before = {article.path: article for article in site_of("glued", day - 1).truth().articles}
    assert changes.new == now.keys() - before.keys()
    assert changes.removed == before.keys() - now.keys()
    fields = {path: _differing(now[path], before[path]) for path in now.keys() & before.keys()}
    assert changes.edited == {path: names for path, names in fields.items() if names}
    assert all((changes.new, changes.edited, changes.removed))


def _differing(one: TruthArticle, other: TruthArticle) -> set[str]:
    names = ("title", "body", "source", "author", "editor", "published_on", "published_at")
    return {name.split("_")[0] for name in names if getattr(one, name) != getattr(other, name)}


def test_on_the_first_day_everything_is_new() -> None:
    site = Site(day=1)
    assert site.changes().new == {article.path for article in site.truth().articles}
    assert not site.changes().edited
    assert not site.truth().gone


def test_teasers_rotate_and_counters_move() -> None:
    today, yesterday = site_of("glued", 6), site_of("glued", 5)
    then = {article.path: article for article in yesterday.truth().articles}
    kept = [one for one in today.truth().articles if one.path in then]
    rotated = [one.path for one in kept if one.teasers != then[one.path].teasers]
    assert len(rotated) > 300
    path = rotated[0]
    assert today.render(path).etag != yesterday.render(path).etag


@every_skin
def test_removed_articles_are_gone_everywhere(skin: str) -> None:
    site = site_of(skin)
    gone = set(truth_of(skin).gone)
    assert {site.render(path).status for path in gone} == {410}
    assert {site.render(f"/m{path}").status for path in gone} == {410}
    for page in ("/", *(path for _, path in truth_of(skin).categories)):
        assert not gone & local_links(site, page)


def test_gbk_pages_decode_and_declare_gb2312() -> None:
    site = site_of("portal")
    page = site.render("/")
    assert page.content_type == "text/html"
    assert b"charset=gb2312" in page.body
    assert "智能手机" in page.body.decode("gb18030")


def test_tracking_parameters_and_the_order_of_others_do_not_matter() -> None:
    site = site_of("phpcms")
    path = site.truth().articles[0].path
    address, _, query = path.partition("?")
    reordered = f"{address}?{'&'.join(sorted(query.split('&')))}&utm_source=x&from=timeline"
    assert site.render(reordered) is site.render(path)


def test_the_calendar_never_ends_and_robots_forbid_it() -> None:
    site = site_of("wordpress")
    page = "/archive/2026/02/28"
    for _ in range(3):
        assert site.render(page).status == 200
        page = min(link for link in local_links(site, page) if link.startswith("/archive/"))
    assert site.render("/archive/2026/02/31").status == 404
    assert b"Disallow: /archive/" in site.render("/robots.txt").body
    assert site_of("glued").render("/archive/2026/02/28").status == 404


def test_the_unknown_is_404_and_is_not_kept() -> None:
    site = site_of("glued")
    assert site.render("/no/such/page?x=1").status == 404


@every_skin
def test_home_has_links_that_no_crawler_should_follow(skin: str) -> None:
    site = site_of(skin)
    links = read(site, site.render("/")).links
    for start in ("javascript:", "mailto:", "http://10.0.0.5/", "file://", "https://www.example.com/"):
        assert any(link.startswith(start) for link in links)


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownSkinError, match=r"glued, split"):
        Site(skin="neon")
    with pytest.raises(ValueError, match="1 to 10"):
        Site(day=11)
    with pytest.raises(ValueError, match="1 to 9"):
        Site(categories=0)
    with pytest.raises(ValueError, match="No such file"):
        Site(articles=[tmp_path / "none.txt"])
