"""Ten days of articles: written, edited, withdrawn and syndicated, with teasers, the same in every run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import accumulate
from random import Random

from demo import text
from demo.stories import CATEGORIES, SHANGHAI, Block, Precision, Story

FIRST_DAY = datetime(2026, 3, 1, tzinfo=SHANGHAI)
DAYS = 10
BACKLOG, DAILY = 120, 64
"""Stories of the first day and of each further one, in all categories; a site with fewer has its share."""
EDITS, REMOVALS, COPIES, ADAPTATIONS = 8, 3, 2, 1
LEAST_ADAPTED = 5
"""Paragraphs of a story that is adapted: with fewer, too little of its text is left."""
EDITABLE = ("title", "body", "source", "author", "editor", "published", "title body", "body editor")
TEASERS, STEADY = 9, 6
"""Number of teasers of an article, and of those that stay until their target is withdrawn; the others change daily."""
PRECISIONS: tuple[Precision, ...] = ("day", "minute", "minute", "minute", "second")


@dataclass(frozen=True)
class Edition:
    """The site's stories on a day, by number, and the day's changes."""

    day: int
    stories: dict[int, Story]
    edited: dict[int, frozenset[str]] = field(default_factory=dict)
    gone: dict[int, Story] = field(default_factory=dict)
    """Every story withdrawn up to this day, in its last state."""


@cache
def editions(slugs: tuple[str, ...]) -> tuple[Edition, ...]:
    """Return the editions of day 1 to day ``DAYS`` of a site with these categories."""
    days = range(1, DAYS + 1)
    return tuple(accumulate(days, partial(_next, slugs=slugs), initial=Edition(0, {})))[1:]


def _next(before: Edition, day: int, *, slugs: tuple[str, ...]) -> Edition:
    rng = Random(f"edition {day}")
    stories, gone = dict(before.stories), dict(before.gone)
    unsyndicated = [number for number in stories if not _is_syndicated(stories, number)]
    changed = rng.sample(unsyndicated, EDITS + REMOVALS) if unsyndicated else []
    for number in changed[EDITS:]:
        gone[number] = stories.pop(number)
    edited = {}
    for number, kind in zip(changed[:EDITS], EDITABLE, strict=False):
        stories[number] = _edit(stories[number], kind.split(), day, rng)
        edited[number] = frozenset(kind.split())
    first = 10_001 + len(stories) + len(gone)
    unchanged = [number for number in unsyndicated if number not in changed]
    originals = rng.sample(unchanged, COPIES if unsyndicated else 0)
    long = [number for number in unchanged if len(stories[number].body) >= LEAST_ADAPTED and number not in originals]
    adapted = Random(f"adaptations {day}").sample(long, ADAPTATIONS if long else 0)
    count = (DAILY if before.day else BACKLOG) * len(slugs) // len(CATEGORIES)
    for number in range(first, first + count):
        if originals:
            stories[number] = _syndicate(stories[originals.pop()], number, day)
        elif adapted:
            stories[number] = _adapt(stories[adapted.pop()], number, day)
        else:
            stories[number] = _write(number, day, slugs)
    return Edition(day, stories, edited, gone)


def _is_syndicated(stories: dict[int, Story], number: int) -> bool:
    return bool(stories[number].copy_of) or any(story.copy_of == number for story in stories.values())


def _moment(day: int, rng: Random) -> datetime:
    """Return a time in the day's business hours; day 1 also includes the four days before it."""
    back = rng.randrange(5) if day == 1 else 0
    start = FIRST_DAY + timedelta(days=day - 1 - back, hours=7)
    return start + timedelta(seconds=rng.randrange(12 * 3600))


def _write(number: int, day: int, slugs: tuple[str, ...]) -> Story:
    rng = Random(f"story {number}")
    category = slugs[number % len(slugs)]
    writer = text.Writer(rng, category)
    published = _moment(day, rng)
    body = writer.body()
    title = writer.title()
    pages = _paginate(_illustrate(body, writer, f"/upload/{published:%Y/%m%d}/{number}", rng), rng)
    also = [slug for slug in rng.sample(list(CATEGORIES), rng.choice((0, 0, 0, 1, 1, 2))) if slug != category]
    return Story(
        number=number,
        born=published,
        published=published,
        precision=rng.choice(PRECISIONS),
        title=title,
        original_title=writer.title() if rng.random() < 1 / 6 else None,
        subject=writer.kept["product"],
        source=text.source(rng) if rng.random() < 9 / 10 else None,
        author=text.person(rng) if rng.random() < 1 / 4 else None,
        editor=_editor(rng) if rng.random() < 6 / 7 else None,
        pages=pages,
        summary=text.cut(body, rng.randint(96, 104)),
        categories=(category, *(slug for slug in also if slug in slugs)),
        popularity=rng.randint(20, 4000),
    )


def _editor(rng: Random) -> str:
    """Return a name, or in one of twenty cases two names joined by ``、``."""
    return text.nickname(rng) if rng.randrange(20) else f"{text.person(rng)}、{text.person(rng)}"


def _illustrate(body: list[str], writer: text.Writer, upload: str, rng: Random) -> list[Block]:
    """Return the paragraphs with subheads and pictures between some of them."""
    blocks = [Block("paragraph", paragraph) for paragraph in body]
    middle = len(blocks) // 2
    if len(blocks) > 4 and rng.randrange(3) == 0:  # noqa: PLR2004 - more than a lead, two in the middle, an end
        blocks.insert(1, Block("subhead", writer.line("subhead")))
        blocks.insert(middle + 2, Block("subhead", writer.line("subhead")))
    if rng.randrange(2) == 0:
        caption = writer.line("caption") if rng.randrange(5) else ""
        blocks.insert(1, Block("picture", caption, f"{upload}_1.png"))
        if rng.randrange(4) == 0:
            blocks.insert(-1, Block("picture", writer.line("caption"), f"{upload}_2.png"))
    return blocks


def _paginate(blocks: list[Block], rng: Random) -> tuple[tuple[Block, ...], ...]:
    """Return one page, for a long body sometimes two or three."""
    count = rng.choice((1, 1, 1, 1, 2, 3)) if len(blocks) >= 6 else 1  # noqa: PLR2004 - two blocks a page at least
    size = -(-len(blocks) // count)
    pages = [blocks[start : start + size] for start in range(0, len(blocks), size)]
    return tuple(tuple(page) for page in pages)


def _edit(story: Story, fields: list[str], day: int, rng: Random) -> Story:
    """Return the story with each of these fields changed."""
    writer = text.Writer(rng, story.category)
    for name in fields:
        match name:
            case "title":
                update = rng.choice(text.words()["grammar"]["headline_update"])
                story = replace(story, title=f"{story.title[:28]}{update}")
            case "body":
                correction = Block("paragraph", writer.line("correction"))
                story = replace(story, pages=(*story.pages[:-1], (*story.pages[-1], correction)))
            case "published":
                story = replace(story, published=_moment(day, rng), precision="minute")
            case "author":
                story = replace(story, author=None if story.author else text.person(rng))
            case "source":
                story = replace(story, source=_other(story.source, text.source, rng))
            case _:
                story = replace(story, editor=_other(story.editor, text.nickname, rng))
    return story


def _other(old: str | None, new: text.Draw, rng: Random) -> str:
    while (name := new(rng)) == old:
        pass
    return name


def _syndicate(original: Story, number: int, day: int) -> Story:
    """Return a copy from another source, under another address."""
    rng = Random(f"copy {number}")
    published = _moment(day, rng)
    return replace(
        original,
        number=number,
        born=published,
        published=published,
        source=_other(original.source, text.source, rng),
        copy_of=original.number,
    )


def _adapt(original: Story, number: int, day: int) -> Story:
    """Return a story of the same text from another source, with a title and an ending of its own."""
    rng = Random(f"adaptation {number}")
    writer = text.Writer(rng, original.category)
    updates = [one for one in text.words()["grammar"]["headline_update"] if not original.title.endswith(one)]
    *parts, last = original.pages
    return replace(
        _syndicate(original, number, day),
        title=f"{original.title[:28]}{rng.choice(updates)}",
        pages=(*parts, (*last[:-1], Block("paragraph", writer.line("ending")))),
        copy_of=None,
        adapted_from=original.number,
    )


@cache
def teasers_of_day(day: int, slugs: tuple[str, ...]) -> dict[int, list[Story]]:
    """Return the targets of every story's teasers, by its number."""
    live = editions(slugs)[day - 1].stories
    return {number: teasers(number, live, day) for number in live}


def teasers(number: int, live: dict[int, Story], day: int) -> list[Story]:
    """Choose lasting teasers from the numbers before the story's own, then those of the day; never the story itself."""
    numbers = list(live)
    last = max(number, numbers[0] + 4 * TEASERS)
    steady = Random(f"steady {number}").sample(range(numbers[0], last), 4 * TEASERS)
    chosen = [one for one in steady if one in live and one != number][:STEADY]
    rotated = Random(f"rotated {number} {day}").sample(numbers, 2 * TEASERS)
    chosen += [one for one in rotated if one != number and one not in chosen][: TEASERS - len(chosen)]
    return [live[one] for one in chosen]
