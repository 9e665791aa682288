"""Stories of article files: the article itself, and a stub for each of its teasers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from random import Random

from demo import text
from demo.article_file import FileArticle, FileTeaser
from demo.stories import CATEGORIES, SHANGHAI, Block, Story

FIRST_NUMBER = 90_001
NUMBERS_A_FILE = 100
SUMMARY_LENGTH = 100


@dataclass(frozen=True)
class Added:
    """A file's article with its stubs in the order of its teasers."""

    article: Story
    stubs: list[Story]


def add(files: list[FileArticle]) -> list[Added]:
    """Numbers go by the file's position, so that two files may name the same teaser."""
    made = []
    for position, file in enumerate(files):
        first = FIRST_NUMBER + position * NUMBERS_A_FILE
        stubs = [_stub(teaser, first + 1 + index) for index, teaser in enumerate(file.teasers)]
        made.append(Added(_article(file, first), stubs))
    return made


def _article(file: FileArticle, number: int) -> Story:
    return Story(
        number=number,
        born=file.info.published,
        published=file.info.published,
        precision=file.info.precision,
        title=file.title,
        original_title=None,
        subject=file.title,
        source=file.info.source,
        author=file.info.author,
        editor=file.info.editor,
        pages=(tuple(Block("paragraph", paragraph) for paragraph in file.body),),
        summary=text.cut(file.body, SUMMARY_LENGTH),
        categories=(next(iter(CATEGORIES)),),
        popularity=number % 97,
    )


def _stub(teaser: FileTeaser, number: int) -> Story:
    """The teaser's summary as its first paragraph, and two of our own."""
    rng = Random(f"stub {number} {teaser.title}")
    writer = text.Writer(rng, next(iter(CATEGORIES)))
    body = [teaser.summary, writer.paragraph("market", 3), writer.paragraph("view", 2)]
    published = datetime.combine(teaser.published_on, time(), SHANGHAI)
    return Story(
        number=number,
        born=published,
        published=published,
        precision="day",
        title=teaser.title,
        original_title=None,
        subject=writer.kept["product"],
        source=text.source(rng),
        author=None,
        editor=text.nickname(rng),
        pages=(tuple(Block("paragraph", paragraph) for paragraph in body),),
        summary=teaser.summary,
        categories=(),
        popularity=number % 89,
    )
