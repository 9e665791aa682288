"""The whole site on one day in one skin: a page for every path, and the truth about them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from random import Random

from demo import added, article_file, images, teasers
from demo.newsroom import DAYS, FIRST_DAY, Edition, editions
from demo.page import Page
from demo.skins import data, scripted
from demo.skins.base import FOOTER_LINKS, LANGUAGES, Skin
from demo.skins.endless_calendar import day_page
from demo.skins.mobile import mobile
from demo.skins.registry import ALL_SKINS
from demo.stories import CATEGORIES, Story
from demo.truth import Changes, Truth, TruthArticle, TruthTeaser
from demo.views import ArticlePage, Entry, Frame, Link, ListPage, Pager

LIST_SIZE = 20
HEADLINES = 6
SIDEBAR = 10
DESCRIPTION = 120
TRACKING = "utm_source=timeline&utm_medium=feed&from=timeline"
TRACKED = re.compile(r"(?:utm_\w+|from|spm)=")
DAY_PAGE = re.compile(r"/archive/(\d{4})/(\d{2})/(\d{2})")
ROBOTS = b"User-agent: *\nDisallow: /admin/\nDisallow: /archive/\n"
NOT_FOUND = ("页面不存在", "<p>您访问的地址不存在，或者已经改名。</p>")
WITHDRAWN = ("文章已删除", "<p>该文章已被撤回。</p>")


class UnknownSkinError(ValueError):
    """Names the skins there are."""


class Site:
    """``render`` answers any path with its query; the same arguments give the same bytes, always."""

    def __init__(self, *, day: int = DAYS, skin: str = "glued", articles: Sequence[Path] = ()) -> None:
        if skin not in ALL_SKINS:
            raise UnknownSkinError(f"unknown skin {skin!r}; there are {', '.join(ALL_SKINS)}")
        if not 1 <= day <= DAYS:
            raise ValueError(f"day {day} is not one of 1 to {DAYS}")
        self.day = day
        self.skin: Skin = ALL_SKINS[skin]
        self.now: datetime = FIRST_DAY + timedelta(days=day - 1, hours=20)
        """The site's clock, as its Date header tells it."""
        self.changed_at: datetime = FIRST_DAY + timedelta(days=day - 1, hours=6)
        """When the day's counters and teasers were put in: Last-Modified of every page."""
        self._added = added.add([article_file.read(path) for path in articles])
        self._edition = editions()[day - 1]
        self._before = editions()[day - 2] if day > 1 else Edition(0, {})
        self._teasers = self._choose_teasers()
        self._pages: dict[str, Page] = {}

    def render(self, path: str) -> Page:
        """Rendered once, then kept; an unknown path is a 404 page."""
        key = _key(path)
        if key not in self._pages:
            route = self._routes.get(key)
            if route is None:
                return self._unrouted(key)
            self._pages[key] = route()
        return self._pages[key]

    def truth(self) -> Truth:
        return Truth(
            categories=[(link.text, link.href) for link in self._frame.nav],
            articles=[self._truth_of(story) for story in self._live.values()],
            gone=[self._path(story) for story in self._edition.gone.values()],
        )

    def changes(self) -> Changes:
        """This day against the day before."""
        now, before = self._edition, self._before
        return Changes(
            new={self._path(now.stories[number]) for number in now.stories.keys() - before.stories.keys()},
            edited={self._path(now.stories[number]): set(fields) for number, fields in now.edited.items()},
            removed={
                self._path(before.stories[number]) for number in before.stories.keys() - now.stories.keys()
            },
        )

    def scripted_paths(self) -> set[str]:
        """Every list and article page, parts too, whose HTML is only a shell; empty for a plain skin."""
        articles = [path for story in self._scripted for path in self._part_paths(story)]
        lists = [self.skin.list_path(slug) for slug in CATEGORIES] if self.skin.scripts_lists else []
        return {*articles, *lists}

    # What is where

    @cached_property
    def _live(self) -> dict[int, Story]:
        files = [story for one in self._added for story in (one.article, *one.stubs)]
        return self._edition.stories | {story.number: story for story in files}

    @cached_property
    def _listed(self) -> dict[str, list[Story]]:
        """Each category's stories, newest first; those of files before all others."""
        newest = sorted(self._edition.stories.values(), key=_age, reverse=True)
        stories = [one.article for one in self._added] + newest
        return {slug: [story for story in stories if slug in story.categories] for slug in CATEGORIES}

    @property
    def _scripted(self) -> list[Story]:
        return [story for story in self._live.values() if self.skin.scripts(story)]

    def _choose_teasers(self) -> dict[int, list[Story]]:
        live = self._edition.stories
        chosen = dict(teasers.of_day(self.day))
        for one in self._added:
            chosen[one.article.number] = one.stubs
            for stub in one.stubs:
                chosen[stub.number] = teasers.choose(stub.number, live, list(live), self.day)
        return chosen

    @cached_property
    def _routes(self) -> dict[str, Callable[[], Page]]:
        routes: dict[str, Callable[[], Page]] = {
            "/": self._home,
            "/m/": lambda: Page(302, location="/"),
            "/robots.txt": lambda: Page(200, ROBOTS, "text/plain; charset=utf-8"),
            "/static/site.css": lambda: Page(200, b"body { max-width: 75em; margin: auto }\n", "text/css"),
            "/static/count.js": lambda: Page(200, b"", "text/javascript"),
            "/static/logo.png": lambda: Page(200, images.PIXEL, "image/png"),
        }
        for path, title in (FOOTER_LINKS | {"/tw/": LANGUAGES["/tw/"], "/en/": LANGUAGES["/en/"]}).items():
            routes[path] = partial(self._message, 200, title, "<p>本页内容正在整理。</p>")
        for slug in CATEGORIES:
            shown = self._list_paths(slug)[: 1 if self.skin.scripts_lists else None]
            for number, path in enumerate(shown, 1):
                routes[path] = partial(self._listing, slug, number)
        for story in self._live.values():
            for number, path in enumerate(self._part_paths(story), 1):
                routes[path] = partial(self._article, story, number)
            routes[_twin(self._path(story))] = partial(self._mobile, story)
            routes[_old_address(story)] = partial(Page, 301, location=self._path(story))
            for picture in story.pictures:
                routes[picture.src] = partial(Page, 200, images.PIXEL, "image/png")
        for story in self._edition.gone.values():
            for path in (*self._part_paths(story), *self._aliases(story)):
                routes[path] = partial(self._message, 410, *WITHDRAWN)
        if self.scripted_paths():
            routes |= self._data_routes()
        return {_key(path): route for path, route in routes.items()}

    def _data_routes(self) -> dict[str, Callable[[], Page]]:
        """The script of the shells, and what it asks for."""
        routes: dict[str, Callable[[], Page]] = {
            scripted.SCRIPT: lambda: Page(200, scripted.script(), "text/javascript"),
            data.SIDE: lambda: _json(data.side(self.skin, self._frame)),
        }
        for slug in CATEGORIES if self.skin.scripts_lists else ():
            for number in range(1, len(self._list_paths(slug)) + 1):
                address = data.list_path(self.skin.list_path(slug), number)
                routes[address] = partial(self._list_data, slug, number)
        for story in self._scripted:
            for part, path in enumerate(self._part_paths(story), 1):
                routes[data.article_path(path)] = partial(self._article_data, story, part)
        return routes

    def _unrouted(self, path: str) -> Page:
        if self.skin.calendar and (match := DAY_PAGE.fullmatch(path)):
            try:
                day = date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                return self._message(404, *NOT_FOUND)
            return self._message(200, *day_page(day))
        return self._message(404, *NOT_FOUND)

    def _path(self, story: Story) -> str:
        return self.skin.article_path(story)

    def _part_paths(self, story: Story) -> list[str]:
        return [self.skin.article_path(story, part) for part in range(1, len(story.pages) + 1)]

    def _aliases(self, story: Story) -> list[str]:
        return [_twin(self._path(story)), _old_address(story)]

    def _list_paths(self, slug: str) -> list[str]:
        count = max(1, -(-len(self._listed[slug]) // LIST_SIZE))
        return [self.skin.list_path(slug, page) for page in range(1, count + 1)]

    # Pages

    def _entry(self, href: str, story: Story) -> Entry:
        return Entry(href, story, self.now)

    def _html(self, status: int, text: str) -> Page:
        return Page(status, text.encode(self.skin.codec), self.skin.content_type)

    def _message(self, status: int, title: str, text: str) -> Page:
        return self._html(status, self.skin.message(self._frame, title, text))

    @cached_property
    def _frame(self) -> Frame:
        stories = self._edition.stories.values()
        latest = sorted(stories, key=_age, reverse=True)[:SIDEBAR]
        hot = sorted(stories, key=lambda story: story.views(self.day), reverse=True)[:SIDEBAR]
        hot_entries = [self._entry(self._path(story), story) for story in hot]
        hot_entries[2] = self._entry(_old_address(hot[2]), hot[2])
        hot_entries[5] = self._entry(_twin(self._path(hot[5])), hot[5])
        return Frame(
            now=self.now,
            nav=[Link(self.skin.list_path(slug), name) for slug, name in CATEGORIES.items()],
            current=None,
            latest=[self._entry(self._path(story), story) for story in latest],
            hot=hot_entries,
        )

    def _frame_of(self, slug: str) -> Frame:
        frame = self._frame
        return Frame(frame.now, frame.nav, self.skin.list_path(slug), frame.latest, frame.hot)

    def _home(self) -> Page:
        sections = [
            (link, [self._entry(self._path(story), story) for story in self._listed[slug][:HEADLINES]])
            for slug, link in zip(CATEGORIES, self._frame.nav, strict=True)
        ]
        return self._html(200, self.skin.home(self._frame, sections))

    def _listing(self, slug: str, number: int) -> Page:
        return self._html(200, self.skin.listing(self._list_page(slug, number)))

    def _list_data(self, slug: str, number: int) -> Page:
        return _json(data.listing(self._list_page(slug, number)))

    def _list_page(self, slug: str, number: int) -> ListPage:
        stories = self._listed[slug][(number - 1) * LIST_SIZE : number * LIST_SIZE]
        return ListPage(
            frame=self._frame_of(slug),
            category=Link(self.skin.list_path(slug), CATEGORIES[slug]),
            entries=[
                self._entry(self._list_href(story, index), story) for index, story in enumerate(stories)
            ],
            pager=Pager(self._list_paths(slug), number),
        )

    def _list_href(self, story: Story, index: int) -> str:
        path = self._path(story)
        return _tracked(path) if self.skin.tracks_lists and index % 4 == 1 else path

    def _article(self, story: Story, part: int) -> Page:
        return self._html(200, self.skin.article(self._article_page(story, part)))

    def _article_data(self, story: Story, part: int) -> Page:
        return _json(data.article(self.skin, self._article_page(story, part)))

    def _mobile(self, story: Story) -> Page:
        return self._html(200, mobile(self.skin, self._article_page(story, 1)))

    def _article_page(self, story: Story, part: int) -> ArticlePage:
        path = self._path(story)
        return ArticlePage(
            frame=self._frame_of(story.category),
            story=story,
            blocks=story.pages[part - 1],
            pager=Pager(self._part_paths(story), part),
            canonical=path,
            twin=_twin(path),
            crumb=Link(self.skin.list_path(story.category), CATEGORIES[story.category]),
            description=_description(story),
            views=story.views(self.day),
            teasers=[
                self._entry(self._teaser_href(story, teaser), teaser)
                for teaser in self._teasers[story.number]
            ],
            neighbours=self._neighbours(story),
        )

    def _teaser_href(self, story: Story, teaser: Story) -> str:
        """Mostly the target's own address; now and then a tracked one, the old one or the mobile twin's."""
        path = self._path(teaser)
        kinds = ("tracked", "old", "twin", "plain")
        match Random(f"href {story.number} {teaser.number}").choices(kinds, (6, 2, 1, 91))[0]:
            case "tracked":
                return _tracked(path)
            case "old":
                return _old_address(teaser)
            case "twin":
                return _twin(path)
            case _:
                return path

    def _neighbours(self, story: Story) -> list[Entry]:
        listed = self._listed[story.category]
        if story not in listed:
            return []
        position = listed.index(story)
        around = listed[max(position - 1, 0) : position] + listed[position + 1 : position + 2]
        return [self._entry(self._path(neighbour), neighbour) for neighbour in around]

    def _truth_of(self, story: Story) -> TruthArticle:
        return TruthArticle(
            path=self._path(story),
            parts=self._part_paths(story)[1:],
            title=story.title,
            published_on=story.published.date(),
            published_at=self._published_at(story),
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
                TruthTeaser(
                    path=self._path(teaser),
                    title=teaser.title,
                    summary=teaser.summary,
                    published_on=teaser.published.date(),
                )
                for teaser in self._teasers[story.number]
            ],
            aliases=self._aliases(story),
            duplicate_of=self._path(self._live[story.copy_of]) if story.copy_of else None,
        )

    def _summary(self, story: Story) -> str | None:
        """The page's own where the skin prints one, else the list's; a story in no list has none."""
        if self.skin.describes:
            return _description(story)
        return story.summary if story.categories else None

    def _published_at(self, story: Story) -> datetime | None:
        match story.precision:
            case "day":
                return None
            case "minute":
                return story.published.replace(second=0)
            case _:
                return story.published


def _json(content: dict[str, object]) -> Page:
    text = json.dumps(content, ensure_ascii=False)
    return Page(200, text.encode(), "application/json; charset=utf-8")


def _age(story: Story) -> tuple[datetime, int]:
    return story.published, story.number


def _twin(path: str) -> str:
    return f"/m{path}"


def _old_address(story: Story) -> str:
    return f"/article.php?id={story.number}"


def _tracked(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{TRACKING}"


def _key(path: str) -> str:
    """A path without tracking parameters; the order of its other ones does not matter."""
    address, _, query = path.partition("?")
    kept = sorted(part for part in query.split("&") if part and not TRACKED.match(part))
    return f"{address}?{'&'.join(kept)}" if kept else address


def _description(story: Story) -> str:
    """Whole sentences of the first paragraph, where they fit."""
    first = story.lead
    return (
        first
        if len(first) <= DESCRIPTION
        else first[: first.rfind("。", 0, DESCRIPTION) + 1] or first[:DESCRIPTION]
    )
