"""Dates as Chinese pages print them, read against the clock of the response. Times are Beijing time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from smartdaily_crawler.normalize.vocabulary import FIELD_OF, WORDS

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST_YEAR = 1990
"""No page is older than the web."""
_CLOCK_SKEW = timedelta(hours=1)
"""A page may be this much ahead of the response's clock before its year is doubted."""


class Published(NamedTuple):
    on: date | None
    at: datetime | None
    """In Asia/Shanghai; ``None`` where no time of day is printed."""


_END_OF_TIME = datetime(9999, 1, 1, tzinfo=SHANGHAI)
NOTHING = Published(None, None)

_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_TIME = r"""
(?:
    \s{0,20} [T,]? \s{0,20} (?: [(\[]? (?:星期|周|礼拜) [一二三四五六日天] [)\]]? \s{0,20} )?
    (?P<half>上午|下午|早上|早晨|清晨|凌晨|中午|傍晚|晚上|晚间|晚)? \s{0,20}
    (?P<hour>[01]\d|2[0-3]|(?<!\d)\d) \s? [:时点] \s? (?P<minute>[0-5]\d) (?!\d)
    (?: [:分] \s? (?P<second>[0-5]\d) (?!\d) (?: \.\d{1,9} )? )?
    (?: \s? (?P<meridiem>[AaPp][Mm]) \b )?
    (?P<zone> Z | \s? (?:GMT|UTC)? [+-] \d\d:?\d\d )?
)?
"""
# A day's word inside a name is no date (今日头条, 周一鸣, 目前日本): no Han character stands before it unless it ends a
# label, and after it the text ends or is cut, or a time of day or a label follows.
_LABEL_ENDS = "|".join(
    sorted({label[-2:] for label, field in FIELD_OF.items() if field in {"published", "updated"}})
)
_APART = rf"(?: (?<![\u4e00-\u9fff]) | (?<={_LABEL_ENDS}) )"
_CUT = rf"$ | [\W_] | (?:文|{WORDS}) \s{{0,8}} [:/|丨]"
_CUT_OFF = rf"""
(?= {_CUT} | (?:[01]?\d|2[0-3]) \s? [:时点]
  | (?:上午|下午|早上|早晨|清晨|凌晨|中午|傍晚|晚上|晚间|晚) (?: {_CUT} | \d ) )
"""
_NUMERAL = "[〇○零一二三四五六七八九十]"
_SHAPES = [
    # 2026-03-06 08:30, 2026年3月6日08:30, 2026/3/6, 2026-03-0608:30
    rf"(?<!\d)(?P<year>(?:19|20)\d\d) \s? (?:[-/.]|年) \s? {_MONTH} \s? (?:[-/.]|月) \s? {_DAY} (?: \s? [日号] | (?!\d) | (?=\d\d:\d\d) ) {_TIME}",
    # 202603/0608:30: the year and month of one node run into the day of the next
    rf"(?<!\d)(?P<year>20\d\d) \s? (?P<month>0[1-9]|1[0-2]) / (?P<day>0[1-9]|[12]\d|3[01]) {_TIME}",
    # 20260306, 20260306083000
    r"(?<!\d)(?P<year>20\d\d) (?P<month>0[1-9]|1[0-2]) (?P<day>0[1-9]|[12]\d|3[01]) (?: (?P<hour>[01]\d|2[0-3]) (?P<minute>[0-5]\d) (?P<second>[0-5]\d) )? (?!\d)",
    # 26-03-06 08:30, 26年3月6日
    rf"(?<![\d.-])(?<!\d:)(?P<short>\d\d) (?:[-/.]|年) {_MONTH} (?:[-/.]|月) {_DAY} (?: 日 | (?![\d.-]) | (?=\d\d:\d\d) ) {_TIME}",
    # 二〇二六年三月六日
    rf"(?P<hanyear>[一二]{_NUMERAL}{{3}}) 年 (?P<hanmonth>{_NUMERAL}{{1,2}}) 月 (?P<handay>{_NUMERAL}{{1,3}}) 日 {_TIME}",
    # 03-06 08:30, 3月6日, 03-0608:30, 3/6
    rf"(?<![\d./-])(?<!\d:){_MONTH} (?: \s?月\s? {_DAY} \s? [日号] | [-/] (?P<day2>3[01]|[12]\d|0?[1-9]) (?: (?![\d./%-]) | (?=\d\d:\d\d) ) ) {_TIME}",
    rf"{_APART} (?P<near>今天|今日|昨天|昨日|前天|前日) {_CUT_OFF} {_TIME}",
    rf"{_APART} (?P<week>上|本|这)? (?:星期|周|礼拜) (?P<weekday>[一二三四五六日天]) {_CUT_OFF} {_TIME}",
    r"(?P<now>刚刚|刚才)",
    r"(?<![\d.])(?P<count>\d{1,3}|半) \s? (?:个)? \s? (?P<unit>秒钟|秒|分钟|分|小时|天|日) \s? (?:之|以)?前",
]
_DATE = [re.compile(shape, re.VERBOSE) for shape in _SHAPES]
_ANY = re.compile(
    "|".join(re.sub(r"\(\?P<\w+>", "(?:", shape) for shape in _SHAPES),
    re.VERBOSE,
)
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_SECONDS = {"秒钟": 1, "秒": 1, "分钟": 60, "分": 60, "小时": 3600}
_DAYS_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "前日": 2}
_AFTERNOON = {"下午", "傍晚", "晚上", "晚间", "晚", "pm"}


def fold(text: str) -> str:
    """Full-width digits, colons and spaces as ASCII ones; the length stays the same.

    >>> fold("２０２６年１５：５６")
    '2026年15:56'
    """
    return text.translate(_FOLD) if _WIDE.search(text) else text


_FOLD = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in (0x3000, 0xA0, 0x2236, *range(0xFF01, 0xFF5F))
} | {0x2236: ":", 0xFE55: ":", 0x2013: "-", 0x2014: "-", 0x2212: "-"}


_WIDE = re.compile(
    "[" + "".join(map(chr, _FOLD)).replace("\\", "\\\\").replace("]", "\\]").replace("-", "\\-") + "]"
)
# What a date begins with: a position without it costs one look, not ten attempts. Most of the words that begin so
# are no dates.
_BEGINS = re.compile(
    r"[0-9今昨前上本这周星礼刚半一二](?:(?<=[0-9])|(?<=[今昨前])(?=[天日])|(?<=[上本这])(?=[周星礼])|(?<=周)(?=[一二三四五六日天])"
    r"|(?<=[星礼])(?=[期拜])|(?<=刚)(?=[刚才])|(?<=半)(?=[\s个秒分小天日])|(?<=[一二])(?=[〇○零一二三四五六七八九十]))"
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where dates stand in a text, in order.

    >>> [("2026-03-06来源:天脉网")[a:b] for a, b in spans("2026-03-06来源:天脉网")]
    ['2026-03-06']
    """
    folded = fold(text)
    position = 0
    while begins := _BEGINS.search(folded, position):
        if found := _ANY.match(folded, begins.start()):
            yield found.span()
        position = max(found.end() if found else 0, begins.end())


def parse(raw: str, now: datetime) -> Published:
    """The first date of a text. ``now`` is timezone-aware.

    >>> now = datetime(2026, 3, 6, 12, 0, tzinfo=SHANGHAI)
    >>> parse("发布时间：2026年03月05日07:48", now).at.isoformat()
    '2026-03-05T07:48:00+08:00'
    >>> parse("10-0812:00", now).on
    datetime.date(2025, 10, 8)
    >>> parse("2026-03-07", now)
    Published(on=None, at=None)
    """
    parts = _parts(raw)
    return _resolve(parts, now.astimezone(SHANGHAI)) if parts else NOTHING


@lru_cache(maxsize=4096)  # a page's teasers share a few dates
def _parts(raw: str) -> dict[str, str] | None:
    """What the first date of a text is made of."""
    found = _ANY.search(fold(raw))
    if found is None:
        return None
    for shape in _DATE:
        # fullmatch would let a lookbehind see nothing before the text; what stands before it was checked by the search.
        if read := shape.fullmatch(found.group()):
            return {name: value for name, value in read.groupdict().items() if value}
    return None


def _resolve(parts: dict[str, str], now: datetime) -> Published:
    if "now" in parts or parts.get("unit") in _SECONDS:
        return Published(_elapsed(parts, now), None)
    if parts.get("unit"):
        return (
            _at(now.date() - timedelta(days=int(parts["count"])), parts, now)
            if parts["count"] != "半"
            else NOTHING
        )
    if "near" in parts:
        return _at(now.date() - timedelta(days=_DAYS_BACK[parts["near"]]), parts, now)
    if "weekday" in parts:
        return _at(_last_weekday(parts, now), parts, now)
    if "year" in parts or "short" in parts or "hanyear" in parts:
        return _at(_absolute(parts), parts, now)
    return _without_year(parts, now)


def _elapsed(parts: dict[str, str], now: datetime) -> date | None:
    """The day, unless the unit's own coarseness leaves two days to choose from. No time of day is printed."""
    if "now" in parts:
        return now.date()
    unit = _SECONDS[parts["unit"]]
    count = 0.5 if parts["count"] == "半" else float(parts["count"])
    latest = now - timedelta(seconds=unit * count)
    earliest = latest - timedelta(seconds=unit)
    return latest.date() if unit < _SECONDS["小时"] or earliest.date() == latest.date() else None


def _last_weekday(parts: dict[str, str], now: datetime) -> date | None:
    weekday = "一二三四五六日".index(parts["weekday"].replace("天", "日"))
    monday = now.date() - timedelta(days=now.weekday())
    this_week = monday + timedelta(days=weekday)
    match parts.get("week"):
        case "上":
            return this_week - timedelta(days=7)
        case "本" | "这":
            return this_week
        case _:
            return this_week if this_week <= now.date() else this_week - timedelta(days=7)


def _absolute(parts: dict[str, str]) -> date | None:
    if "hanyear" in parts:
        year, month, day = (_han_number(parts[name]) for name in ("hanyear", "hanmonth", "handay"))
    else:
        year = int(parts.get("year") or f"20{parts['short']}")
        month, day = int(parts["month"]), int(parts["day"])
    return _day(year, month, day) if year >= EARLIEST_YEAR else None


def _han_number(numeral: str) -> int:
    """
    >>> _han_number("二〇二六"), _han_number("十一"), _han_number("二十"), _han_number("三十一"), _han_number("六")
    (2026, 11, 20, 31, 6)
    """
    if "十" not in numeral:
        return int(numeral.translate(_HAN_DIGITS))
    tens, _, ones = numeral.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    return 10 * int((tens or "一").translate(_HAN_DIGITS)) + int((ones or "零").translate(_HAN_DIGITS))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _without_year(parts: dict[str, str], now: datetime) -> Published:
    """The newest year in which the day exists and is not in the future."""
    month, day = int(parts["month"]), int(parts.get("day") or parts["day2"])
    for year in range(now.year, now.year - 9, -1):
        on = _day(year, month, day)
        if on is None or on > now.date():
            continue
        moment = _moment(on, parts)
        if moment is None or moment <= now + _CLOCK_SKEW:
            return _at(on, parts, now)
    return NOTHING


def _moment(on: date, parts: dict[str, str]) -> datetime | None:
    if "hour" not in parts:
        return None
    hour = int(parts["hour"])
    half = parts.get("half") or parts.get("meridiem", "").lower()
    if half in _AFTERNOON and hour < 12:  # noqa: PLR2004
        hour += 12
    if half == "am" and hour == 12:  # noqa: PLR2004
        hour = 0
    return datetime(
        on.year,
        on.month,
        on.day,
        hour,
        int(parts["minute"]),
        int(parts.get("second", 0)),
        tzinfo=_zone(parts.get("zone")),
    ).astimezone(SHANGHAI)


def _zone(printed: str | None) -> tzinfo:
    """
    >>> _zone("-0530"), _zone("Z"), _zone(None).key
    (datetime.timezone(datetime.timedelta(days=-1, seconds=66600)), datetime.timezone.utc, 'Asia/Shanghai')
    """
    if printed is None:
        return SHANGHAI
    digits = re.sub(r"\D", "", printed).zfill(4)
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset >= timedelta(hours=15):
        return SHANGHAI
    return timezone(-offset if "-" in printed else offset)


def _at(on: date | None, parts: dict[str, str], now: datetime) -> Published:
    """Nothing that lies in the future is believed: not the day, and on the day itself not the time."""
    if on is None:
        return NOTHING
    moment = _moment(on, parts)
    if moment is not None:
        on = moment.date()
    if on > now.date():
        return NOTHING
    return Published(on, moment if moment is not None and moment <= now else None)


def has_year(text: str) -> bool:
    """Whether the first date of a text names its year.

    >>> has_year("2026-03-06"), has_year("03-06 08:30"), has_year("昨天")
    (True, False, False)
    """
    found = _ANY.search(fold(text))
    return found is not None and any(shape.fullmatch(found.group()) for shape in _DATE[:5])


def day(text: str) -> date | None:
    """The day in Shanghai of the first date of a text, if it names its year.

    >>> day("2026-03-05T23:30:00Z"), day("03-06")
    (datetime.date(2026, 3, 6), None)
    """
    return parse(text, _END_OF_TIME).on if has_year(text) else None


def month_and_day(text: str) -> tuple[int, int] | None:
    """
    >>> month_and_day("03-06 08:30"), month_and_day("2026年3月6日"), month_and_day("昨天")
    ((3, 6), (3, 6), None)
    """
    found = _ANY.search(fold(text))
    if found is None:
        return None
    for shape in _DATE[:6]:
        if (read := shape.fullmatch(found.group())) and "month" in (parts := read.groupdict()):
            return int(parts["month"]), int(parts.get("day") or parts["day2"])
    return None
