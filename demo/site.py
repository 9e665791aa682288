"""The site on one day in one skin: a page for every path, and its content as data for tests."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from random import Random

from demo import article_file, newsroom, syndication
from demo.newsroom import DAYS, FIRST_DAY, Edition, editions
from demo.page import Page
from demo.skins import scripted
from demo.skins.base import FOOTER_LINKS, LANGUAGES, Skin
from demo.skins.cms import day_page
from demo.skins.mobile import mobile
from demo.skins.registry import ALL_SKINS
from demo.stories import CATEGORIES, Story
from demo.truth import Changes, Truth, TruthArticle, TruthTeaser
from demo.views import ArticlePage, Entry, Frame, Link, ListPage, Pager

SMALL = 3
"""Number of categories of a site that a crawl walks in a third of the time."""
LIST_SIZE = 20
HEADLINES = 6
SIDEBAR = 10
DESCRIPTION = 120
TRACKING = "utm_source=timeline&utm_medium=feed&from=timeline"
TRACKED = re.compile(r"(?:utm_\w+|from|spm)=")
DAY_PAGE = re.compile(r"/archive/(\d{4})/(\d{2})/(\d{2})")
ROBOTS = b"User-agent: *\nDisallow: /admin/\nDisallow: /archive/\n\nSitemap: /sitemap.xml\n"
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGM4AwAAzgDN1GaQsAAAAABJRU5ErkJggg==")
"""A grey PNG of one pixel: the content of every picture."""
NOT_FOUND = ("页面不存在", "<p>您访问的地址不存在，或者已经改名。</p>")
WITHDRAWN = ("文章已删除", "<p>该文章已被撤回。</p>")
Routes = dict[str, Callable[[], Page]]


class UnknownSkinError(ValueError):
    """There is no skin of this name; the message lists the names."""


class Site:
    """The site's pages by path; equal arguments give equal bytes.

    ``categories``: how many of the categories it has, the first ones; a site with three is a third of the size.
    Raises ``UnknownSkinError``, ``ArticleFileError`` or ``ValueError`` (for the day and the categories) with a message for the user.
    """

    def __init__(
        self, *, day: int = DAYS, skin: str = "glued", articles: Sequence[Path] = (), categories: int = len(CATEGORIES)
    ) -> None:
        if skin not in ALL_SKINS:
            raise UnknownSkinError(f"unknown skin {skin!r}; there are {', '.join(ALL_SKINS)}")
        if not 1 <= day <= DAYS:
            raise ValueError(f"day {day} is not one of 1 to {DAYS}")
        if not 1 <= categories <= len(CATEGORIES):
            raise ValueError(f"{categories} categories are not one of 1 to {len(CATEGORIES)}")
        self.day = day
        self.skin: Skin = ALL_SKINS[skin]
        self.now: datetime = FIRST_DAY + timedelta(days=day - 1, hours=20)
        """The site's clock in Asia/Shanghai, sent as Date and as Memento-Datetime header."""
        self.changed_at: datetime = FIRST_DAY + timedelta(days=day - 1, hours=6)
        """Time at which the day's counters and teasers were set: Last-Modified of every page."""
        self._files = [article_file.read(path, position) for position, path in enumerate(articles)]
        self.slugs = tuple(CATEGORIES)[:categories]
        self._edition = editions(self.slugs)[day - 1]
        self._before = editions(self.slugs)[day - 2] if day > 1 else Edition(0, {})
        self._pages: dict[str, Page] = {}

    def render(self, path: str) -> Page:
        """Return the page of a path with its query, the same object each time; an unknown path gives a new 404 page."""
        key = _key(path)
        if key not in self._pages:
            if key not in self._routes:
                return self._unrouted(key)
            self._pages[key] = self._routes[key]()
        return self._pages[key]

    def truth(self) -> Truth:
        return Truth(
            categories=[(link.text, link.href) for link in self._frame.nav],
            articles=[self._truth_of(story) for story in self._live.values()],
            gone=[self._path(story) for story in self._edition.gone.values()],
        )

    def changes(self) -> Changes:
        """Compare this day with the day before."""
        now, before = self._edition.stories, self._before.stories
        return Changes(
            new={self._path(now[number]) for number in now.keys() - before.keys()},
            edited={self._path(now[number]): set(fields) for number, fields in self._edition.edited.items()},
            removed={self._path(before[number]) for number in before.keys() - now.keys()},
        )

    def scripted_paths(self) -> set[str]:
        """Return the paths of list and article pages, parts too, that are app shells; empty for a skin without scripts."""
        articles = [path for story in self._scripted for path in self._part_paths(story)]
        lists = [self.skin.list_path(slug) for slug in self.slugs] if self.skin.scripts_lists else []
        return {*articles, *lists}

    # Stories

    @cached_property
    def _live(self) -> dict[int, Story]:
        files = [story for file in self._files for story in (file.article, *file.stubs)]
        return self._edition.stories | {story.number: story for story in files}

    @cached_property
    def _listed(self) -> dict[str, list[Story]]:
        """Stories of each category: first those from files, then the others, newest first."""
        stories = [file.article for file in self._files] + self._newest
        return {slug: [story for story in stories if slug in story.categories] for slug in self.slugs}

    @cached_property
    def _newest(self) -> list[Story]:
        """The edition's stories, newest first."""
        return sorted(self._edition.stories.values(), key=attrgetter("published", "number"), reverse=True)

    @property
    def _linked(self) -> list[syndication.Linked]:
        return [(self._path(story), story) for story in self._newest]

    def _changes_of_pages(self) -> Iterator[tuple[str, datetime]]:
        """Yield the path of each article, and when it was published or edited; of earlier edits nothing is known."""
        for story in self._newest:
            yield self._path(story), self.changed_at if story.number in self._edition.edited else story.published

    @property
    def _scripted(self) -> list[Story]:
        return [story for story in self._live.values() if self.skin.scripts(story)]

    @cached_property
    def _teasers(self) -> dict[int, list[Story]]:
        """The targets of every story's teasers, by its number."""
        live = self._edition.stories
        chosen = dict(newsroom.teasers_of_day(self.day, self.slugs))
        for file in self._files:
            chosen[file.article.number] = file.stubs
            for stub in file.stubs:
                chosen[stub.number] = newsroom.teasers(stub.number, live, self.day)
        return chosen

    # Addresses

    @cached_property
    def _routes(self) -> Routes:
        routes: Routes = {
            "/": self._home,
            "/m/": lambda: Page(302, location="/"),
            "/robots.txt": lambda: Page(200, ROBOTS, "text/plain; charset=utf-8"),
            "/static/site.css": lambda: Page(200, b"body { max-width: 75em; margin: auto }\n", "text/css"),
            "/static/count.js": lambda: Page(200, b"", "text/javascript"),
            "/static/logo.png": lambda: Page(200, PIXEL, "image/png"),
        }
        for path, title in (LANGUAGES | FOOTER_LINKS).items():
            routes.setdefault(path, partial(self._message, 200, title, "<p>本页内容正在整理。</p>"))
        routes |= {
            syndication.FEED: lambda: syndication.feed(self._linked[: syndication.FEED_SIZE]),
            syndication.INDEX: lambda: syndication.index(self.now, self.changed_at),
            syndication.NEWS: lambda: syndication.news(self._linked, self.now),
            syndication.ARCHIVE: lambda: syndication.archive(self._changes_of_pages(), self.now),
        }
        for slug in self.slugs:
            shown = self._list_paths(slug)[: 1 if self.skin.scripts_lists else None]
            for number, path in enumerate(shown, 1):
                routes[path] = partial(self._listing, slug, number)
        for story in self._live.values():
            for part, path in enumerate(self._part_paths(story), 1):
                routes[path] = partial(self._article, story, part)
            alternate, old = self._aliases(story)
            routes[alternate] = partial(self._mobile, story)
            routes[old] = partial(Page, 301, location=self._path(story))
            for picture in story.pictures:
                routes[picture.src] = partial(Page, 200, PIXEL, "image/png")
        for story in self._edition.gone.values():
            for path in (*self._part_paths(story), *self._aliases(story)):
                routes[path] = partial(self._message, 410, *WITHDRAWN)
        if self.scripted_paths():
            routes |= self._data_routes()
        return {_key(path): route for path, route in routes.items()}

    def _data_routes(self) -> Routes:
        """Return the routes of the script of app shells, and of the data that it loads."""
        routes: Routes = {
            scripted.SCRIPT: lambda: Page(200, scripted.script(), "text/javascript"),
            scripted.SIDE: lambda: _json(scripted.side_data(self.skin, self._frame)),
        }
        for slug in self.slugs if self.skin.scripts_lists else ():
            for number in range(1, len(self._list_paths(slug)) + 1):
                path = scripted.list_data_path(self.skin.list_path(slug), number)
                routes[path] = partial(self._list_data, slug, number)
        for story in self._scripted:
            for part, path in enumerate(self._part_paths(story), 1):
                routes[scripted.article_data_path(path)] = partial(self._article_data, story, part)
        return routes

    def _unrouted(self, path: str) -> Page:
        if self.skin.calendar and (match := DAY_PAGE.fullmatch(path)):
            try:
                return self._message(200, *day_page(date(*map(int, match.groups()))))
            except ValueError:
                pass
        return self._message(404, *NOT_FOUND)

    def _path(self, story: Story) -> str:
        return self.skin.article_path(story)

    def _part_paths(self, story: Story) -> list[str]:
        return [self.skin.article_path(story, part) for part in range(1, len(story.pages) + 1)]

    def _aliases(self, story: Story) -> list[str]:
        """Return the alternate URL, which is the mobile page, and the old URL, which redirects."""
        return [f"/m{self._path(story)}", f"/article.php?id={story.number}"]

    def _list_paths(self, slug: str) -> list[str]:
        count = max(1, -(-len(self._listed[slug]) // LIST_SIZE))
        return [self.skin.list_path(slug, page) for page in range(1, count + 1)]

    # Pages

    def _html(self, text: str, status: int = 200) -> Page:
        return Page(status, text.encode(self.skin.codec), self.skin.content_type)

    def _message(self, status: int, title: str, text: str) -> Page:
        return self._html(self.skin.message(self._frame, title, text), status)

    def _entry(self, story: Story, href: str | None = None) -> Entry:
        return Entry(href or self._path(story), story, self.now)

    @cached_property
    def _frame(self) -> Frame:
        hot = sorted(self._edition.stories.values(), key=lambda story: story.views(self.day), reverse=True)
        entries = [self._entry(story) for story in hot[:SIDEBAR]]
        entries[2] = self._entry(hot[2], self._aliases(hot[2])[1])
        entries[5] = self._entry(hot[5], self._aliases(hot[5])[0])
        return Frame(
            now=self.now,
            nav=[self._category(slug) for slug in self.slugs],
            current=None,
            latest=[self._entry(story) for story in self._newest[:SIDEBAR]],
            hot=entries,
        )

    def _category(self, slug: str) -> Link:
        return Link(self.skin.list_path(slug), CATEGORIES[slug])

    def _home(self) -> Page:
        sections = (
            (self._category(slug), [self._entry(story) for story in self._listed[slug][:HEADLINES]])
            for slug in self.slugs
        )
        return self._html(self.skin.home(self._frame, sections, syndication.LINK))

    def _listing(self, slug: str, number: int) -> Page:
        return self._html(self.skin.listing(self._list_page(slug, number)))

    def _list_data(self, slug: str, number: int) -> Page:
        return _json(scripted.list_data(self._list_page(slug, number)))

    def _list_page(self, slug: str, number: int) -> ListPage:
        stories = self._listed[slug][(number - 1) * LIST_SIZE : number * LIST_SIZE]
        category = self._category(slug)
        return ListPage(
            frame=replace(self._frame, current=category.href),
            category=category,
            entries=[
                self._entry(story, _tracked(self._path(story)))
                if self.skin.tracks_lists and index % 4 == 1
                else self._entry(story)
                for index, story in enumerate(stories)
            ],
            pager=Pager(self._list_paths(slug), number),
        )

    def _article(self, story: Story, part: int) -> Page:
        return self._html(self.skin.article(self._article_page(story, part)))

    def _article_data(self, story: Story, part: int) -> Page:
        return _json(scripted.article_data(self.skin, self._article_page(story, part)))

    def _mobile(self, story: Story) -> Page:
        return self._html(mobile(self.skin, self._article_page(story, 1)))

    def _article_page(self, story: Story, part: int) -> ArticlePage:
        category = self._category(story.category)
        listed = self._listed[story.category]
        position = listed.index(story) if story in listed else None
        neighbours = (
            [] if position is None else listed[max(position - 1, 0) : position] + listed[position + 1 : position + 2]
        )
        return ArticlePage(
            frame=replace(self._frame, current=category.href),
            story=story,
            blocks=story.pages[part - 1],
            pager=Pager(self._part_paths(story), part),
            canonical=self._path(story),
            alternate=self._aliases(story)[0],
            crumb=category,
            description=_description(story),
            views=story.views(self.day),
            teasers=[self._entry(teaser, self._teaser_href(story, teaser)) for teaser in self._teasers[story.number]],
            neighbours=[self._entry(neighbour) for neighbour in neighbours],
        )

    def _teaser_href(self, story: Story, teaser: Story) -> str:
        """Return mostly the target's canonical path; seldom one with tracking parameters, the old URL or the alternate URL."""
        path, (alternate, old) = self._path(teaser), self._aliases(teaser)
        hrefs = (_tracked(path), old, alternate, path)
        return Random(f"href {story.number} {teaser.number}").choices(hrefs, (6, 2, 1, 91))[0]

    # Truth

    def _truth_of(self, story: Story) -> TruthArticle:
        stamp = story.published if story.precision == "second" else story.published.replace(second=0)
        return TruthArticle(
            path=self._path(story),
            parts=self._part_paths(story)[1:],
            title=story.title,
            published_on=story.published.date(),
            published_at=None if story.precision == "day" else stamp,
            source=story.source,
            author=story.author,
            editor=story.editor,
            summary=self._summary(story),
            list_summary=story.summary,
            body=story.body,
            images=[(picture.src, picture.text or None) for picture in story.pictures],
            categories=[CATEGORIES[slug] for slug in story.categories or (story.category,)],
            listed=bool(story.categories),
            teasers=[
                TruthTeaser(self._path(teaser), teaser.title, teaser.summary, teaser.published.date())
                for teaser in self._teasers[story.number]
            ],
            aliases=self._aliases(story),
            duplicate_of=self._path(self._live[story.copy_of]) if story.copy_of else None,
            adapted_from=self._path(self._live[story.adapted_from]) if story.adapted_from in self._live else None,
        )

    def _summary(self, story: Story) -> str | None:
        """Return the page's description if the skin prints one, else the summary in lists; ``None`` for a story in no list."""
        if self.skin.describes:
            return _description(story)
        return story.summary if story.categories else None


def _json(content: dict[str, object]) -> Page:
    return Page(200, json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8")


def _tracked(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{TRACKING}"


def _key(path: str) -> str:
    """Return a path without tracking parameters, the others sorted."""
    address, _, query = path.partition("?")
    kept = sorted(part for part in query.split("&") if part and not TRACKED.match(part))
    return f"{address}?{'&'.join(kept)}" if kept else address


def _description(story: Story) -> str:
    """Return the first paragraph, cut after the last sentence that fits."""
    first = story.lead
    if len(first) <= DESCRIPTION:
        return first
    return first[: first.rfind("。", 0, DESCRIPTION) + 1] or first[:DESCRIPTION]
