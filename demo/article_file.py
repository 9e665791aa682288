"""An article given as plain text, with its teasers: a story, and a stub for each teaser's target."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from random import Random

from demo import text
from demo.stories import CATEGORIES, SHANGHAI, Block, Precision, Story

INFO_LINE = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?: (?P<time>\d{2}:\d{2}(?::\d{2})?))?\s*"
    r"(?:来源[:：]\s*(?P<source>.+?)\s*)?(?:作者[:：]\s*(?P<author>.+?)\s*)?(?:编辑[:：]\s*(?P<editor>.+?)\s*)?"
)
PRECISION: dict[int, Precision] = {0: "day", len("08:30"): "minute", len("08:30:00"): "second"}
FIRST_CATEGORY = next(iter(CATEGORIES))
FIRST_NUMBER, NUMBERS_A_FILE = 90_001, 100
SUMMARY_LENGTH = 100


class ArticleFileError(ValueError):
    """The file cannot be read or is malformed; the message names the file and the reason."""


@dataclass(frozen=True)
class FileStories:
    """Article of a file, and the stubs in the order of its teasers."""

    article: Story
    stubs: list[Story]


def read(path: Path, position: int = 0) -> FileStories:
    """Parse a file; raise ``ArticleFileError`` if it cannot be read or is malformed.

    Format: site line and navigation line, then, with blank lines between, title, info line, one line per paragraph,
    and per teaser two lines (title, summary) and its date. The numbers of the stories depend on ``position``, the
    index of the file, so that two files may have the same teaser.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"), FIRST_NUMBER + position * NUMBERS_A_FILE)
    except OSError as error:
        raise ArticleFileError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error
        raise ArticleFileError(f"{path}: not an article file: {reason}") from error


def parse(content: str, number: int = FIRST_NUMBER) -> FileStories:
    """Return the stories, numbered from ``number``; raise ``ValueError`` if the text is malformed."""
    lines = [" ".join(line.split()) for line in re.split(r"\r\n|\r|\n", content)]
    blocks = [block.split("\n") for block in re.split(r"\n{2,}", "\n".join(lines).strip()) if block]
    if len(blocks) < len(("site", "title", "info", "paragraph")):
        raise ValueError("it needs a site and a navigation line, a title, an info line and a paragraph")
    (site, title, info), rest = blocks[:3], blocks[3:]
    if len(site) != len(("site", "navigation")):
        raise ValueError("it must begin with a site line and a navigation line")
    if len(title) != 1:
        raise ValueError("the title must be one line")
    count = next((index for index, block in enumerate(rest) if len(block) > 1), len(rest))
    if not count:
        raise ValueError("no paragraph follows the info line")
    article = _article(number, title[0], info, [line for (line,) in rest[:count]])
    pairs = [rest[start : start + 2] for start in range(count, len(rest), 2)]
    return FileStories(article, [_stub(pair, number + index) for index, pair in enumerate(pairs, 1)])


def _article(number: int, title: str, info: list[str], body: list[str]) -> Story:
    match = INFO_LINE.fullmatch(info[0]) if len(info) == 1 else None
    if match is None:
        raise ValueError(f"no info line like “2026-03-06来源:…编辑:…” but “{info[0][:40]}”")
    stamp = datetime.fromisoformat(f"{match['date']} {match['time'] or '00:00'}").replace(tzinfo=SHANGHAI)
    return Story(
        number=number,
        born=stamp,
        published=stamp,
        precision=PRECISION[len(match["time"] or "")],
        title=title,
        subject=title,
        source=match["source"],
        author=match["author"],
        editor=match["editor"],
        pages=(tuple(Block("paragraph", paragraph) for paragraph in body),),
        summary=text.cut(body, SUMMARY_LENGTH),
        categories=(FIRST_CATEGORY,),
        popularity=number % 97,
    )


def _stub(blocks: list[list[str]], number: int) -> Story:
    """Return a story with the teaser's summary as first paragraph, and two generated ones."""
    match blocks:
        case [[title, summary], [day]]:
            published = datetime.combine(date.fromisoformat(day), time(), SHANGHAI)
        case [first, *_]:
            raise ValueError(f"teaser “{first[0][:40]}” is not a title and a summary line, then a date")
    rng = Random(f"stub {number} {title}")
    writer = text.Writer(rng, FIRST_CATEGORY)
    body = (summary, writer.paragraph("market", 3), writer.paragraph("view", 2))
    return Story(
        number=number,
        born=published,
        published=published,
        precision="day",
        title=title,
        subject=writer.kept["product"],
        source=text.source(rng),
        editor=text.nickname(rng),
        pages=(tuple(Block("paragraph", paragraph) for paragraph in body),),
        summary=summary,
        popularity=number % 89,
    )
