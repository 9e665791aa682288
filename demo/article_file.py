"""An article given as plain text, with its teasers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from demo.stories import SHANGHAI, Precision

INFO_LINE = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?: (?P<time>\d{2}:\d{2}(?::\d{2})?))?\s*"
    r"(?:来源[:：]\s*(?P<source>.+?)\s*)?(?:作者[:：]\s*(?P<author>.+?)\s*)?(?:编辑[:：]\s*(?P<editor>.+?)\s*)?"
)
PRECISION: dict[int, Precision] = {0: "day", len("08:30"): "minute", len("08:30:00"): "second"}


class ArticleFileError(ValueError):
    """The file cannot be read, or is not in the form; the message names it and says what is missing."""


@dataclass(frozen=True)
class FileTeaser:
    title: str
    summary: str
    published_on: date


@dataclass(frozen=True, kw_only=True)
class InfoLine:
    published: datetime
    precision: Precision
    source: str | None
    author: str | None
    editor: str | None


@dataclass(frozen=True, kw_only=True)
class FileArticle:
    title: str
    info: InfoLine
    body: list[str]
    teasers: list[FileTeaser]


def read(path: Path) -> FileArticle:
    """Parse a file: site line and navigation line, then, with blank lines between, title, info line, one line for
    each paragraph, and for each teaser two lines (title, summary) and its date.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ArticleFileError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error
        raise ArticleFileError(f"{path}: not an article file: {reason}") from error


def parse(text: str) -> FileArticle:
    blocks = _blocks(text)
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
    return FileArticle(
        title=title[0],
        info=_info(info),
        body=[line for (line,) in rest[:count]],
        teasers=_teasers(rest[count:]),
    )


def _blocks(text: str) -> list[list[str]]:
    """Runs of lines between blank ones, white space tidied."""
    lines = [" ".join(line.split()) for line in re.split(r"\r\n|\r|\n", text)]
    return [block.split("\n") for block in re.split(r"\n{2,}", "\n".join(lines).strip()) if block]


def _info(block: list[str]) -> InfoLine:
    match = INFO_LINE.fullmatch(block[0]) if len(block) == 1 else None
    if match is None:
        raise ValueError(f"no info line like “2026-03-06来源:…编辑:…” but “{block[0][:40]}”")
    stamp = datetime.fromisoformat(f"{match['date']} {match['time'] or '00:00'}")
    return InfoLine(
        published=stamp.replace(tzinfo=SHANGHAI),
        precision=PRECISION[len(match["time"] or "")],
        source=match["source"],
        author=match["author"],
        editor=match["editor"],
    )


def _teasers(blocks: list[list[str]]) -> list[FileTeaser]:
    teasers = []
    for start in range(0, len(blocks), 2):
        match blocks[start : start + 2]:
            case [[title, summary], [day]]:
                teasers.append(FileTeaser(title, summary, date.fromisoformat(day)))
            case [first, *_]:
                raise ValueError(f"teaser “{first[0][:40]}” is not a title and a summary line, then a date")
    return teasers
