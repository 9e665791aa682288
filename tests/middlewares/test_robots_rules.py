"""Rules of robots.txt by RFC 9309, as the reference parser of its authors applies them; our own cases.

Of the 141 decisions in the test of google/robotstxt, the reference parser, 138 are ours too. The other three are those in ``ENCODED``.
"""

from __future__ import annotations

import pytest

from smartdaily_crawler.network.robots import parse_rules

OURS = "smartdaily-crawler"
SITE = "https://news.example"
CLOSED = "Disallow: /"

GROUPS: dict[str, tuple[str, bool]] = {
    # value of the User-agent line of a group that forbids everything: is the group ours?
    "whole": (OURS, True),
    "upper": (OURS.upper(), True),
    "version": (f"{OURS}/0.1", True),
    "version-of-two": (f"{OURS}/2.1 beta", True),
    "comment": (f"{OURS} # ours", True),
    "words": (f"{OURS} images", True),
    "star-after": (f"{OURS}*", True),
    "everybody": ("*", True),
    "everybody-comment": ("* # all", True),
    "everybody-words": ("* all", True),
    "beginning": ("smartdaily", False),
    "beginning-star": ("smartdaily*", False),
    "short-star": ("smart*", False),
    "end": ("crawler", False),
    "longer": (f"{OURS}-news", False),
    "longer-word": (f"{OURS}s", False),
    "underscore": ("smartdaily_crawler", False),
    "before": (f"my{OURS}", False),
    "browser": (f"Mozilla/5.0 (compatible; {OURS}/0.1)", False),
    "other": ("Googlebot", False),
    "star-glued": ("*bot", False),
    "other-script": ("爬虫", False),
}


@pytest.mark.parametrize("name", GROUPS)
def test_whose_group(name: str) -> None:
    value, is_ours = GROUPS[name]
    rules = parse_rules(f"User-agent: {value}\n{CLOSED}", OURS)
    assert rules.can_fetch(f"{SITE}/a", OURS) is not is_ours


RULES: list[tuple[str, str, bool]] = [
    # lines of our group; a path; may it be fetched?
    ("Disallow: /x/", "/x/y", False), ("Disallow: /X/", "/x/y", True), ("DISALLOW: /x/", "/x/y", False),
    ("disallow /x/", "/x/y", False), ("bar: /", "/x", True), ("Disallow:", "/x", True), ("Disallow: ", "/x", True),
    ("Disallow: /\nAllow: /", "/x", True), ("Allow: /\nDisallow: /", "/x", True), ("Disallow: /x\nAllow: /x/", "/x", False),
    ("Disallow: /x\nAllow: /x/", "/x/", True), ("Disallow: /x/page.html\nAllow: /x/", "/x/page.html", False),
    ("Allow: /x/page.html\nDisallow: /x/", "/x/page.html", True), ("Allow: /x/page.html\nDisallow: /x/", "/x/", False),
    ("Allow: /page\nDisallow: /*.html", "/page.html", False), ("Allow: /page\nDisallow: /*.html", "/page", True),
    ("Allow: /x/page.\nDisallow: /*.html", "/x/page.html", True), ("Allow: /x/page.\nDisallow: /*.html", "/x/y.html", False),
    ("Allow: /$\nDisallow: /", "/", True), ("Allow: /$\nDisallow: /", "/a.html", False),
    ("Disallow: /\nAllow: /news", "/news", True), ("Disallow: /\nAllow: /news", "/news.html", True),
    ("Disallow: /\nAllow: /news", "/news/1.html", True), ("Disallow: /\nAllow: /news", "/newspaper", True),
    ("Disallow: /\nAllow: /news", "/news.html?id=1", True), ("Disallow: /\nAllow: /news", "/News.html", False),
    ("Disallow: /\nAllow: /news", "/mynews", False), ("Disallow: /\nAllow: /news", "/?id=news", False),
    ("Disallow: /\nAllow: /news*", "/newspaper/1", True), ("Disallow: /\nAllow: /news*", "/mynews", False),
    ("Disallow: /\nAllow: /news/", "/news/?a", True), ("Disallow: /\nAllow: /news/", "/news", False),
    ("Disallow: /\nAllow: /news/", "/news.html", False), ("Disallow: /\nAllow: /*.php", "/a/b.php", True),
    ("Disallow: /\nAllow: /*.php", "/b.php?x", True), ("Disallow: /\nAllow: /*.php", "//a/b.php.html", True),
    ("Disallow: /\nAllow: /*.php", "/i?f=b.php/", True), ("Disallow: /\nAllow: /*.php", "/php/", False),
    ("Disallow: /\nAllow: /*.php", "/b.PHP", False), ("Disallow: /\nAllow: /*.php$", "/a/b.php", True),
    ("Disallow: /\nAllow: /*.php$", "/b.php?x", False), ("Disallow: /\nAllow: /*.php$", "/b.php/", False),
    ("Disallow: /\nAllow: /*.php$", "/b.php5", False), ("Disallow: /\nAllow: /news*.php", "/news.php", True),
    ("Disallow: /\nAllow: /news*.php", "/newspaper/b.php?x", True), ("Disallow: /\nAllow: /news*.php", "/News.PHP", False),
    ("Disallow: /a/b\nAllow: /a/*/c", "/a/b", False), ("Disallow: /a/b\nAllow: /a/*/c", "/a//d", True),
    ("Disallow: /a/b$", "/a/b", False), ("Disallow: /a/b$", "/a/b/", True), ("Disallow: /a/b$", "/a/bc", True),
    ("# Disallow: /\nDisallow: /a#b\nAllow: /", "/x", True), ("# Disallow: /\nDisallow: /a#b\nAllow: /", "/a", False),
    ("Disallow: /\nAllow: /a?q=t&u=http://n.example?x", "/a?q=t&u=http://n.example?x", True),
    ("Disallow: /\nAllow: /新闻", "/%E6%96%B0%E9%97%BB", True), ("Disallow: /\nAllow: /%E6%96%B0", "/%E6%96%B0%E9%97%BB", True),
    ("Disallow: /%e6%96%b0", "/%E6%96%B0%E9%97%BB", False), ("Disallow: /\nAllow: /a/index.html", "/a/", True),
    ("Disallow: /\nAllow: /a/index.html", "/a/index.html", True), ("Disallow: /\nAllow: /a/index.html", "/a/index.htm", False),
    ("Disallow: /a\rAllow: /a/b", "/a/b", True), ("Disallow: /a\r\nAllow: /a/b", "/a/c", False),
    ("Disallow: /a\n\n\nDisallow: /b", "/b", False), ("Crawl-delay: 2\nDisallow: /b", "/b", False),
    ("Sitemap: https://news.example/s.xml\nDisallow: /b", "/b", False),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "path", "is_allowed"), RULES)
def test_rules_of_our_group(lines: str, path: str, is_allowed: bool) -> None:
    rules = parse_rules(f"User-agent: {OURS}/0.1\n{lines}", OURS)
    assert rules.can_fetch(SITE + path, OURS) is is_allowed


ENCODED: list[tuple[str, str]] = [
    # Lines of our group; a path that they allow by section 2.2.2, as both are compared in one encoding; the reference parser leaves
    # that to its caller.
    ("Disallow: /\nAllow: /a/新", "/a/新"), ("Disallow: /\nAllow: /a/%E6%96%B0", "/a/新"), ("Disallow: /\nAllow: /a/%62", "/a/b"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "path"), ENCODED)
def test_encodings_of_one_path_are_equal(lines: str, path: str) -> None:
    assert parse_rules(f"User-agent: {OURS}\n{lines}", OURS).can_fetch(SITE + path, OURS)


def test_a_line_is_read_up_to_a_bound() -> None:
    long = "/" + "n" * (2083 * 8 - 1 - len("Disallow: /"))
    rules = parse_rules(f"User-agent: {OURS}\nDisallow: {long}/1", OURS)
    assert [rules.can_fetch(SITE + path, OURS) for path in (f"{long}/2", long[:-1])] == [False, True]


TWO = f"""Allow: /outside/
User-agent: *
Disallow: /x/
User-agent: {OURS}
Disallow: /y/

Allow: /y/z/
User-agent: other
User-agent: {OURS}/2
Disallow: /w/
User-agent: other
Disallow: /v/"""
BETWEEN: dict[str, bool] = {
    "/x/": True, "/y/": False, "/y/z/": True, "/w/": False, "/v/": True, "/outside/": True,
}  # fmt: skip


@pytest.mark.parametrize("path", BETWEEN)
def test_groups_of_one_robot_are_one_and_hide_the_common_one(path: str) -> None:
    assert parse_rules(TWO, OURS).can_fetch(SITE + path, OURS) is BETWEEN[path]


@pytest.mark.parametrize(
    "text", ["", "\ufeff", "<html>no such page</html>", CLOSED, "User-agent:\n" + CLOSED, "\x00\xff" * 99]
)
def test_what_names_no_group_forbids_nothing(text: str) -> None:
    assert parse_rules(text, OURS).can_fetch(f"{SITE}/a", OURS)
