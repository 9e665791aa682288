"""Serve a site of any size: each page is computed from its address, in constant memory.

``python -m bench.large_site --articles N [--first F] PORT``: articles F to F + N - 1, the latest first on lists of 20 by category.
A text is put together from sentences of the bundled site's articles, so that two articles are as unlike as two of them.
"""

from __future__ import annotations

import asyncio
import re
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from random import Random

from demo.page import Page
from demo.server import HOST, Access, Connection, Server
from demo.site import HEADLINES, LIST_SIZE, SIDEBAR, Site
from demo.skins.base import PagerTemplate
from demo.skins.invented import Glued
from demo.stories import CATEGORIES, Block, Story
from demo.text import cut
from demo.views import ArticlePage, Entry, Frame, Link, ListPage, Pager

DAILY = 64
TEASERS = 9
MOST_LISTS = 400
"""List pages of a category, below ``LISTING_PAGE_BUDGET``: a site with more articles has more categories."""
SUMMARY = 100
SUPPLEMENTS = ("", "周刊", "评论", "数据", "访谈", "图集")
ARTICLE = re.compile(r"/news/\d{8}/(\d+)\.html")
LISTING = re.compile(r"/([a-z]+\d)/(?:\?page=(\d+))?")
SENTENCE = re.compile(r"[^。]+。”?")


class Plain(Glued):
    """The first skin, with a pager that links the next page alone, as lists have hundreds of pages."""

    pager = PagerTemplate(whole='<div class="pages">{following}</div>')

    def __init__(self) -> None:
        self._side = ""

    def side(self, frame: Frame) -> str:
        """Return the sidebar, which is the same on all pages."""
        self._side = self._side or super().side(frame)
        return self._side

    def _category_id(self, slug: str) -> int:  # noqa: ARG002 - no address has it
        return self.first_category


@dataclass
class ForgetfulServer(Server):
    """A server without an access log, which would grow."""

    def record(self, access: Access) -> None:
        pass


class LargeSite(Site):
    """Articles ``first`` to ``first + count - 1``; none is withdrawn or edited, and each is in one category."""

    def __init__(self, count: int, first: int = 0) -> None:
        super().__init__()
        self.skin = Plain()
        self.numbers = range(first, first + count)
        self.templates = [story for story in self._edition.stories.values() if story.categories]
        self.sentences = [
            sentence
            for story in self.templates
            for block in story.blocks
            if block.kind == "paragraph"
            for sentence in SENTENCE.findall(block.text)
        ]
        wanted = max(len(CATEGORIES), -(-count // (LIST_SIZE * MOST_LISTS)))
        named = [(f"{slug}{n}", name + more) for n, more in enumerate(SUPPLEMENTS) for slug, name in CATEGORIES.items()]
        if wanted > len(named):
            raise ValueError(f"{count} articles are more than {len(named) * MOST_LISTS * LIST_SIZE}")
        self.names = dict(named[:wanted])
        """Names of the categories by slug; article n is in category n modulo their number."""
        self.slugs = tuple(self.names)

    def render(self, path: str) -> Page:
        if (found := ARTICLE.fullmatch(path)) and int(found[1]) in self.numbers:
            page = self._article_page(self.story(int(found[1]), whole=True), 1)
            return self._html(self.skin.article(page)) if path == page.canonical else super().render(path)
        if (found := LISTING.fullmatch(path)) and found[1] in self.names:
            return self._listing(found[1], int(found[2] or 1))
        return self._home() if path == "/" else super().render(path)

    def story(self, number: int, *, whole: bool = False) -> Story:
        """Return an article of the number's own: the sentences are drawn, the rest is that of a bundled one.

        :param whole: with its text after the first paragraph, which lists do not show.
        """
        rng = Random(number)
        template = rng.choice(self.templates)
        first, *others = template.blocks
        lead = Block("paragraph", f"{self._paragraph(rng, first)}这是本站的第{number}篇报道。")
        rest = [
            Block("paragraph", self._paragraph(rng, block)) if block.kind == "paragraph" else block
            for block in (others if whole else ())
        ]
        latest = self.numbers[-1]
        published = self.now - timedelta(hours=1, minutes=(latest - number) * 24 * 60 // DAILY)
        return replace(
            template,
            number=number,
            born=published,
            published=published,
            title=f"{template.title[:24]}（{number}）",
            original_title=None,
            pages=((lead, *rest),),
            summary=cut([lead.text], SUMMARY),
            categories=(self.slugs[number % len(self.slugs)],),
            copy_of=None,
            adapted_from=None,
        )

    def _paragraph(self, rng: Random, like: Block) -> str:
        return "".join(rng.choices(self.sentences, k=max(1, like.text.count("。"))))

    def _numbers(self, slug: str) -> range:
        """Return the numbers of a category's articles, the latest first."""
        step, place = len(self.slugs), self.slugs.index(slug)
        first = self.numbers[0] + (place - self.numbers[0]) % step
        return self.numbers[first - self.numbers[0] :: step][::-1]

    def _entries(self, numbers: range | list[int]) -> list[Entry]:
        return [self._entry(self.story(number)) for number in numbers]

    @cached_property
    def _frame(self) -> Frame:
        return Frame(
            now=self.now,
            nav=[self._category(slug) for slug in self.slugs],
            current=None,
            latest=self._entries(self.numbers[-SIDEBAR:][::-1]),
            hot=self._entries(self.numbers[:SIDEBAR]),
        )

    def _category(self, slug: str) -> Link:
        return Link(f"/{slug}/", self.names[slug])

    def _home(self) -> Page:
        sections = [(self._category(slug), self._entries(self._numbers(slug)[:HEADLINES])) for slug in self.slugs]
        return self._html(self.skin.home(self._frame, sections))

    def _listing(self, slug: str, number: int) -> Page:
        numbers = self._numbers(slug)
        category = self._category(slug)
        last = -(-len(numbers) // LIST_SIZE)
        if number > last:
            return super().render("")
        shown = numbers[(number - 1) * LIST_SIZE : number * LIST_SIZE]
        hrefs = [f"{category.href}?page={page}" for page in range(1, last + 1)]
        frame = replace(self._frame, current=category.href)
        entries, pager = self._entries(shown), Pager(hrefs, number)
        return self._html(self.skin.listing(ListPage(frame=frame, category=category, entries=entries, pager=pager)))

    def _article_page(self, story: Story, part: int) -> ArticlePage:
        category = self._category(story.category)
        others = Random(-1 - story.number).sample(self.numbers, min(TEASERS + 1, len(self.numbers)))
        path = self._path(story)
        return ArticlePage(
            frame=replace(self._frame, current=category.href),
            story=story,
            blocks=story.pages[part - 1],
            pager=Pager([path], part),
            canonical=path,
            alternate=f"/m{path}",
            crumb=category,
            description="",
            views=story.views(self.day),
            teasers=self._entries([number for number in others if number != story.number][:TEASERS]),
            neighbours=[],
        )


async def serve(site: Site, port: int) -> None:
    server = ForgetfulServer(site)
    listener = await asyncio.get_running_loop().create_server(lambda: Connection(server), HOST, port)
    await listener.serve_forever()


def main(arguments: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m bench.large_site", description=__doc__)
    parser.add_argument("--articles", type=int, required=True, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="F", help="number of the oldest article")
    parser.add_argument("port", type=int)
    options = parser.parse_args(arguments)
    if options.articles < 1 or options.first < 0:
        parser.error("--articles is at least 1, and --first at least 0")
    try:
        site = LargeSite(options.articles, options.first)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(serve(site, options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
