"""Whatever the markup, a learnt profile reads what the structure reads."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from demo.site import Site
from smartdaily_crawler.items import Fetch
from smartdaily_crawler.learning.derive import THRESHOLD, Learnt, learn
from smartdaily_crawler.loaders import load_article
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.navigation import read_navigation
from smartdaily_crawler.sites.profile import SiteProfile, read_profile
from smartdaily_crawler.sites.writer import as_toml
from tests.crawl.test_every_skin import TRIED
from tests.learning.walk import HOST, document, samples

LEARNT, FURTHER = 28, 12
TOLD_APART = ("provenance", "published_raw", "source_raw", "author_raw", "editor_raw")
"""How and from which string a field was read."""


@pytest.fixture(scope="module", params=TRIED)
def site(request: pytest.FixtureRequest) -> Site:
    return Site(day=10, skin=request.param)


@pytest.fixture(scope="module")
def learnt(site: Site) -> Learnt:
    return learn(samples(site, articles=LEARNT))


def test_title_and_body_are_learnt(learnt: Learnt) -> None:
    assert {"title", "body"} <= learnt.agreement.keys()
    assert all(found.share >= THRESHOLD and found.pages > 1 for found in learnt.agreement.values())


def test_selectors_are_short_and_made_of_names(learnt: Learnt) -> None:
    chosen = [css for css in asdict(learnt.selectors).values() if css]
    assert all(len(css) < 40 and "nth" not in css for css in chosen), chosen


def test_the_file_is_read_back_as_it_was_written(learnt: Learnt, tmp_path: Path) -> None:
    profile = SiteProfile(
        name="example",
        title="例报",
        selectors=learnt.selectors,
        agreement={name: found.share for name, found in learnt.agreement.items()},
    )
    file = tmp_path / "example.toml"
    file.write_text(as_toml(profile, ["From its pages."]), encoding="utf-8")
    assert read_profile(file) == profile


def test_further_pages_read_the_same(site: Site, learnt: Learnt) -> None:
    listed = [article for article in site.truth().articles if article.listed]
    step = len(listed) // FURTHER
    for article in listed[step // 2 :: step]:
        for path in (article.path, *article.parts, *article.aliases[:1]):
            assert fields(site, path, learnt.selectors) == fields(site, path, Selectors()), path


def test_lists_and_navigation_read_the_same(site: Site, learnt: Learnt) -> None:
    home = document(site, "/")
    assert read_navigation(home, learnt.selectors) == read_navigation(home)
    for _, path in site.truth().categories:
        page = document(site, path)
        selected, structure = read_listing(page, learnt.selectors), read_listing(page)
        assert (selected.entries, selected.next_url) == (structure.entries, structure.next_url)


def fields(site: Site, path: str, selectors: Selectors) -> dict[str, Any]:
    """The article as it would be stored; hot lists belong to the page's frame."""
    url = HOST + path
    fetch = Fetch(url=url, kind="article", final_url=url, fetched_at=site.now)
    article = load_article(read_article(document(site, path), selectors), fetch, url, site.now)
    article.teasers = [teaser for teaser in article.teasers if teaser.block == "teasers"]
    return {name: value for name, value in asdict(article).items() if name not in TOLD_APART}
