"""Find and parse the forms in which Chinese pages print dates. Relative dates are resolved in ``dates``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from smartdaily_crawler.parsing.script import FOLDED, Pattern
from smartdaily_crawler.parsing.vocabulary import FIELD_OF, VERBS, WORDS


class CalendarDay(NamedTuple):
    """A day with its year: 2026年3月6日."""

    year: int
    month: int
    day: int


class DayOfYear(NamedTuple):
    """A day without a year, or with one such as 去年."""

    month: int
    day: int
    years_ago: int | None
    """1 for 去年; ``None`` if the year is not printed."""


class EitherOrder(NamedTuple):
    """A day and a month of which either may be first: 06/02/2022."""

    first: int
    second: int
    year: int


class DaysAgo(NamedTuple):
    """A relative day: 昨天."""

    days: int


class Weekday(NamedTuple):
    """A day of a week: 上周五."""

    weekday: int
    """Monday is 0."""
    weeks_ago: int | None
    """``None`` if no week is printed."""


class Elapsed(NamedTuple):
    """Time since the moment: between ``least`` and ``most``, as whole units are counted."""

    least: timedelta
    most: timedelta


class Clock(NamedTuple):
    """A time of day."""

    hour: int
    minute: int
    second: int
    zone: timezone | None
    """``None``: no offset is printed; the time is in the site's zone."""


Day = CalendarDay | DayOfYear | EitherOrder | DaysAgo | Weekday | Elapsed


class Printed(NamedTuple):
    """A date as printed, not yet resolved."""

    day: Day
    clock: Clock | None
    """``None`` if no time of day is printed, or an ambiguous one."""


_M, _MM = "1[0-2]|0?[1-9]", "1[0-2]|0[1-9]"
_D, _DD = r"3[01]|[12]\d|0?[1-9]", r"3[01]|[12]\d|0[1-9]"
_HAN_DIGITS = "一二三四五六七八九"
_HAN = f"[{_HAN_DIGITS}]?十[{_HAN_DIGITS}]?|[{_HAN_DIGITS}]"
_WEEKDAY = "(?:星期|礼拜|周)[一二三四五六日天]"
# Hours (0 to 23) of each part of the day. A part holds each hour of the twelve at most once; an hour outside of it is
# ambiguous: midnight of 晚上 may be the end or the beginning of the printed day.
_HALVES = {
    "凌晨": range(7), "清晨": range(4, 12), "早晨": range(4, 12), "早上": range(4, 12), "早": range(4, 12), "晨": range(4, 12),
    "上午": range(1, 12), "中午": range(11, 15), "下午": range(12, 24), "午后": range(12, 20), "傍晚": range(16, 21),
    "晚上": range(17, 24), "晚间": range(17, 24), "晚": range(17, 24), "深夜": range(18, 24), "夜间": range(18, 24), "夜": range(18, 24),
    "am": range(12), "pm": range(12, 24),
}  # fmt: skip
_HALF = "|".join(half for half in _HALVES if not half.isascii())
# A word for a day inside a name is no date (今日头条, 周一鸣, 目前日本). No Han character may precede it, except the end of
# a label; the end of the text, a separator, a time of day or a label must follow. Before a numeric date it is part of that.
_LABEL_ENDS = "|".join(sorted({label[-2:] for label, field in FIELD_OF.items() if field in {"published", "updated"}}))
_APART = rf"(?: (?<![\u4e00-\u9fff]) | (?<={_LABEL_ENDS}) )"
_END, _COLON = r"$ | [\W_]", r"\s{0,8} [:/|丨]"
_CUT = rf"{_END} | (?:文|{WORDS}) {_COLON}"
_CUT_OFF = rf"""
(?= (?:{_HALF})? (?: {_CUT} ) | \d\d? \s? [:时点] | (?:{_HALF}) \d )
(?! [\s(\[,]{{0,20}} \d{{1,4}} \s? [-/.年月] )
"""
# A time of day follows the day, possibly without a space: 03-0608:30.
_RUNS_ON = r"(?=\d\d:\d\d)"
_TIMED = (
    rf"(?: {_RUNS_ON} | (?!\d) (?= \s{{0,20}} (?:{_WEEKDAY} \s{{0,20}})? (?:(?:{_HALF}) \s?)? \d\d? \s? [:时点] ) )"
)
_ENGLISH = (
    "(?i:(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?)"
)
_LONGER = "时间|日期|于|人|者"
"""Rest of a longer label: 更新时间."""
_ORDINAL, _DAY_NAME = "st|nd|rd|th", "(?i:mon|tue|wed|thu|fri|sat|sun)"
_ZONES = {"格林尼治标准时间": 0, "格林尼治时间": 0, "HKT": 8, "北京时间": 8, "香港时间": 8, "台北时间": 8}
"""Hours east of Greenwich."""
_NAMED_ZONE = "|".join(_ZONES)
_AGO = rf"(?P<unit>秒钟?|分钟|(?:个\s?)?小时|天|周|(?:个\s?)?星期|个\s?月|年) (?:之|以)?前 (?= {_END} | 文 {_COLON} | {WORDS} )"
_ALONE = r"(?<![\d./-]) (?<!\d:)"
_BARE = rf"{_ALONE} (?<![A-Za-z$¥￥第])"

# For texts of half width. Groups that several forms share are numbered: a group name must be unique in a pattern.
_NUMERIC = Pattern(
    rf"""
    # 2026-03-06, 2026/3/6, 2026.3.6, 2026-03-0608:30; after a product's name, 2026.3.6 is a version
    (?<!\d) (?P<year1>(?:19|20)\d\d) \s? (?P<mark>[-/] | \.(?: (?=\d\d\.\d\d) | (?<![A-Za-z本]\d{{4}}.)(?<![A-Za-z本]\s\d{{4}}.) )) \s?
        (?P<month1>{_M}) \s? (?P=mark) \s? (?P<day1>{_D}) (?: (?!\d|\.\d) | {_RUNS_ON} )
    # 2026年3月6日, 26年3月6日
    | (?<!\d) (?P<year2>(?:19|20)?\d\d) \s? 年 \s? (?P<month2>{_M}) \s? 月 \s? (?P<day2>{_D}) (?: \s? [日号] | (?=\s|$) | {_RUNS_ON} )
    # 202603/0608:30: year and month of one node, joined with the day of the next
    | (?<!\d) (?P<year3>20\d\d) \s? (?P<month3>{_MM}) / (?P<day3>{_DD}) (?: (?!\d) | {_RUNS_ON} )
    # 20260306, 20260306083000
    | (?<![A-Za-z\d.]) (?P<year4>(?:19|20)\d\d) (?P<month4>{_MM}) (?P<day4>{_DD})
        (?: (?P<hour4>[01]\d|2[0-3]) (?P<minute4>[0-5]\d) (?P<second4>[0-5]\d)? (?!\d) | (?!\d) | {_RUNS_ON} )
    # 26-03-06, 26-3-6 08:30; not 06/03/26, which may begin with the day
    | {_BARE} (?P<year5>\d\d) - (?P<month5>{_M}) - (?P<day5>{_D}) (?: (?<=-\d\d-\d\d) (?![\d./-]) | {_TIMED} )
    # 3月6日; not 每年3月6日, not 农历3月6日
    | {_ALONE} (?<![年历]) (?<![年历]\s) (?P<month6>{_M}) \s? 月 \s? (?P<day6>{_D}) \s? [日号]
    # 3-6 08:30, 3/6 08:30; without a time it may be a score, a range or a page number
    | {_BARE} (?P<month7>{_M}) [-/] (?P<day7>{_D}) {_TIMED}
    # 03-06, 03/06; without a leading zero, a separator must follow: 10-12月 and 10-20万 are ranges
    | {_BARE} (?P<month8>{_MM}) [-/] (?P<day8>{_DD}) (?! [\d./%:-] | \s?[年月%] ) (?: (?<=0\d.\d\d|\d\d.0\d) | (?= {_CUT} ) )
    # 6 March 2026
    | {_ALONE} (?P<day9>{_D}) [\s-] {_ENGLISH} ,? [\s-] (?P<year9>(?:19|20)\d\d) (?!\d)
    # 05-19-2026, 19/05/2026
    | {_ALONE} (?P<either1>{_D}) (?P<between>[-/.]) (?P<either2>{_D}) (?P=between) (?P<year10>(?:19|20)\d\d) (?!\d)
    # 115/03/06, the 115th year since 1912
    | {_BARE} (?P<republic12>1[0-4]\d) (?P<since>[-/]) (?P<month12>{_MM}) (?P=since) (?P<day12>{_DD}) (?! [\d./-] )
    # 3月 6, 2026
    | {_ALONE} (?P<month11>{_M}) \s? 月 \s? (?P<day11>{_D}) ,\s? (?P<year11>(?:19|20)\d\d) (?!\d)
    # 3小时前
    | (?<![\d.]) (?P<count>\d{{1,3}}) \s? {_AGO}
    """,
    re.VERBOSE,
)
_WORDED = Pattern(
    rf"""
    {_APART}
        (?: (?P<near>今[天日早晨晚]|昨[天日早晨晚夜]|大?前天|前日) | (?P<week>[上本这])? 个? (?:星期|礼拜|周) (?P<weekday>[一二三四五六日天]) )
        {_CUT_OFF}
    | {_APART} (?P<now>刚[刚才]) (?= (?:{VERBS})? (?: {_CUT} ) )
    | (?<![几多百千万\d个十{_HAN_DIGITS}]) (?P<count>[半两]|{_HAN}) {_AGO}
    | (?P<year1>[一二][〇○零{_HAN_DIGITS}]{{3}}) 年 (?P<month1>{_HAN}) 月 (?P<day1>{_HAN}) [日号]
    | (?<!大) (?P<named>[今本去前]年) \s? (?P<month2>{_M}) \s? 月 \s? (?P<day2>{_D}) \s? [日号]
    # Mar 5 Thu 2026
    | (?<![A-Za-z]) {_ENGLISH} \s{{0,4}} (?P<day3>{_D}) (?:{_ORDINAL})? (?:\s{{1,4}}{_DAY_NAME})? (?:,\s?|\s{{1,4}}) (?P<year3>(?:19|20)\d\d) (?!\d)
    # 三月 6th, 2026
    | (?P<month4>{_HAN}) 月 \s? (?P<day4>{_D}) (?:{_ORDINAL})? (?:,\s?|\s) (?P<year4>(?:19|20)\d\d) (?!\d)
    # 民国115年3月6日, the 115th year since 1912
    | 民国 \s? (?P<republic>\d{{2,3}}) \s? [年./-] \s? (?P<month5>{_M}) \s? [月./-] \s? (?P<day5>{_D}) (?: \s? 日 | (?!\d) )
    """,
    re.VERBOSE,
)
_TAIL = Pattern(
    rf"""
    (?: [\s,]{{0,20}} [(\[]? {_WEEKDAY} (?= $ | [\W_\d] | (?:{_HALF}) ) [)\]]? )?
    (?:
        \s{{0,20}} (?: (?: (?P<iso>T) | , | at\b | -(?=\s) | \|(?=\s?\d) | (?P<open>[(\[]) ) \s{{0,20}} )? (?: (?P<zoned1>{_NAMED_ZONE}) \s{{0,20}} )?
        (?: (?P<half>{_HALF}) \s{{0,20}} )?
        (?P<hour>[01]\d|2[0-3]|(?<!\d)\d)
        (?: \s? : \s? (?P<minute1>[0-5]\d) (?!\d) (?: : \s? (?P<second1>[0-5]\d) (?!\d) (?: \.\d{{1,9}} )? )?
          | \s? [点时] (?: \s? (?P<minute2>[0-5]?\d) \s? 分 (?: \s? (?P<second2>[0-5]?\d) \s? 秒 )? | \s? (?P<minute3>[0-5]\d) (?!\d) | (?P<quarter>整|半|[一三]刻) )?
        )
        (?: \s? (?P<meridiem>[AaPp][Mm]) \b )?
        # A minus after hour and minute may begin the end of a range: 08:30-09:30.
        (?P<zone> Z\b
          | \s? (?:GMT|UTC) (?: (?P<sign1>[+-]) (?P<hours1>1[0-4]|0?\d) (?: :? (?P<minutes1>\d\d) )? )? \b
          | \s? (?P<sign2> (?(iso)[+-]|(?(second1)[+-]|\+)) ) (?P<hours2>1[0-4]|0\d) (?: :? (?P<minutes2>\d\d) )? \b
          | \s? [(]? (?P<zoned2>{_NAMED_ZONE}) [)]?
        )? (?(open) \s? [)\]] )
      | \s{{0,20}} (?:{_HALF}) (?= {_CUT} )
    )?
    (?: [\s,]{{1,20}} [(\[]? {_WEEKDAY} [)\]]? (?= $ | \s ) )?
    (?: [ ]? (?:{VERBS}) (?! [ ]? [:/|丨] | {_LONGER} ) (?= {_CUT} ) )?
    """,
    re.VERBOSE,
)
_CLOCK_BEFORE = Pattern(
    r"(?<!\d)(?<!\d:)(?P<hour>[01]\d|2[0-3]|\d(?=:[0-5]\d[ ]?[ap]m)):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:[ ]?(?P<meridiem>[ap]m))?[ ]{1,4}$",
    re.IGNORECASE,
)
"""`09:10 2026-03-06`, `1:18pm 24/11/2026`"""
# First characters of dates: the full patterns are tried only at these positions.
_BEGINS = Pattern(
    rf"[0-9今昨前大去本上这周星礼刚半两十民{_HAN_DIGITS}JFMASONDjfmasond]"
    r"(?:(?<=[0-9])(?<![0-9]{2})|(?<=[今昨])(?=[天日早晨晚夜年])|(?<=前)(?=[天日年])|(?<=大)(?=前天)|(?<=去)(?=年)"
    r"|(?<=[本上这])(?=个?[周星礼]|年)|(?<=周)(?=[一二三四五六日天])|(?<=[星礼])(?=[期拜])|(?<=刚)(?=[刚才])|(?<=民)(?=国)"
    rf"|(?<=[半两十{_HAN_DIGITS}])(?=[〇○零十{_HAN_DIGITS}]|秒|月|分钟|天|周|年|个?(?:小时|星期|月))"
    r"|(?<=[A-Za-z])(?=an|eb|ar|pr|ay|un|ul|ug|ep|ct|ov|ec|AN|EB|AR|PR|AY|UN|UL|UG|EP|CT|OV|EC))"
)
_EPOCH = re.compile(r"\s*(1\d{9})(?:\d{3})?\s*")
"""Seconds or milliseconds from 2001 to 2033; mobile numbers have eleven digits."""
_DAYS_AGO = {"今": 0, "昨": 1, "前": 2, "大": 3}
_YEARS_AGO = {"今": 0, "本": 0, "去": 1, "前": 2}
_WEEKS_AGO = {"本": 0, "这": 0, "上": 1}
_QUARTERS = {"整": 0, "一刻": 15, "半": 30, "三刻": 45}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = {
    "秒": timedelta(seconds=1), "分": timedelta(minutes=1), "小": timedelta(hours=1), "天": timedelta(days=1),
    "周": timedelta(days=7), "星": timedelta(days=7), "月": timedelta(days=30), "年": timedelta(days=365),
}  # fmt: skip
_JUST_NOW = Elapsed(timedelta(0), timedelta(minutes=5))


def to_half_width(text: str) -> str:
    """Return the text in simplified characters, with full-width digits, punctuation and spaces as ASCII ones, of the same length.

    >>> to_half_width("２０２６年１５：５６")
    '2026年15:56'
    """
    return text.translate(_HALF_WIDTH) if _WIDE.search(text) else text


_HALF_WIDTH = (
    FOLDED
    | {code: unicodedata.normalize("NFKC", chr(code)) for code in (0x3000, 0xA0, *range(0xFF01, 0xFF5F))}
    | {0x2236: ":", 0xFE55: ":", 0x2013: "-", 0x2014: "-", 0x2212: "-"}
)
_WIDE = re.compile(f"[{''.join(map(chr, _HALF_WIDTH))}]")


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each date in a text, in order.

    >>> [("2026-03-06来源:天脉网")[a:b] for a, b in spans("2026-03-06来源:天脉网")]
    ['2026-03-06']
    """
    for before, day, tail in _found(text):
        yield (before or day).start(), tail.end()


# Cached: the teasers of a page share a few dates, and several functions parse the same date of an article.
@lru_cache(maxsize=4096)
def first(text: str) -> Printed | None:
    """Return the first date of a text, ``None`` without one.

    A text that is a single number is read as seconds or milliseconds since 1970, as in a page's head.

    >>> first("去年3月6日下午3点半")
    Printed(day=DayOfYear(month=3, day=6, years_ago=1), clock=Clock(hour=15, minute=30, second=0, zone=None))
    """
    if epoch := _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(epoch[1]), UTC)
        return Printed(CalendarDay(at.year, at.month, at.day), Clock(at.hour, at.minute, at.second, UTC))
    for before, day, tail in _found(text):
        parts = _parts(day)
        return Printed(_day(parts), _clock(parts | _parts(before or tail)))
    return None


def _found(text: str) -> Iterator[tuple[re.Match[str] | None, re.Match[str], re.Match[str]]]:
    """Yield the matches of each day, of a time of day before it, and of what follows it: a weekday, a time of day, or nothing."""
    half_width = to_half_width(text)
    position = last = 0
    while begins := _BEGINS.compiled.search(half_width, position):
        position = begins.end()
        form = _NUMERIC if begins[0] <= "9" else _WORDED
        if (day := form.compiled.match(half_width, begins.start())) and (
            tail := _TAIL.compiled.match(half_width, day.end())
        ):
            earliest = max(last, day.start() - 16)
            before = None if tail["hour"] else _CLOCK_BEFORE.compiled.search(half_width, earliest, day.start())
            yield before, day, tail
            position = last = tail.end()


def _parts(found: re.Match[str]) -> dict[str, str]:
    return {
        part if part in _PAIRED else part.rstrip("0123456789"): value
        for part, value in found.groupdict().items()
        if value
    }


_PAIRED = frozenset({"either1", "either2", "zoned1", "zoned2"})
"""Names that end in a number of their own."""


def _day(parts: dict[str, str]) -> Day:
    if "now" in parts:
        return _JUST_NOW
    if "near" in parts:
        return DaysAgo(_DAYS_AGO[parts["near"][0]])
    if "weekday" in parts:
        return Weekday(
            "一二三四五六日".index(parts["weekday"].replace("天", "日")), _WEEKS_AGO.get(parts.get("week", ""))
        )
    if "unit" in parts:
        return _elapsed(parts["count"], parts["unit"].lstrip("个 "))
    if "between" in parts:
        return _ordered(int(parts["either1"]), int(parts["either2"]), int(parts["year"]))
    return _dated(parts)


def _dated(parts: dict[str, str]) -> CalendarDay | DayOfYear:
    month = _MONTHS.index(parts["name"][:3].lower()) + 1 if "name" in parts else _number(parts["month"])
    day, year = _number(parts["day"]), _year(parts)
    if year is not None:
        return CalendarDay(year, month, day)
    return DayOfYear(month, day, _YEARS_AGO[parts["named"][0]] if "named" in parts else None)


_BEFORE_REPUBLIC = 1911
_MONTHS_OF_YEAR = 12


def _year(parts: dict[str, str]) -> int | None:
    if "republic" in parts:
        return _BEFORE_REPUBLIC + int(parts["republic"])
    return _number(f"20{parts['year']}"[-4:]) if "year" in parts else None


def _ordered(first: int, second: int, year: int) -> CalendarDay | EitherOrder:
    """Return the day if one of two numbers can be no month, or both are equal.

    >>> _ordered(5, 19, 2026), _ordered(6, 2, 2026)
    (CalendarDay(year=2026, month=5, day=19), EitherOrder(first=6, second=2, year=2026))
    """
    if second > _MONTHS_OF_YEAR or first == second:
        return CalendarDay(year, first, second)
    return CalendarDay(year, second, first) if first > _MONTHS_OF_YEAR else EitherOrder(first, second, year)


def _elapsed(count: str, unit: str) -> DaysAgo | Elapsed:
    if unit == "天" and count != "半":
        return DaysAgo(_number(count))
    length = _UNITS[unit[0]]
    least = length / 2 if count == "半" else length * _number(count)
    return Elapsed(least, least + length)


def _clock(parts: dict[str, str]) -> Clock | None:
    if "hour" not in parts:
        return None
    near = parts.get("near", "")[1:]
    half = parts.get("half") or parts.get("meridiem", "").lower() or (near if near in _HALVES else None)
    hour = _hour(int(parts["hour"]), half)
    if hour is None:
        return None
    minute = _QUARTERS[parts["quarter"]] if "quarter" in parts else int(parts.get("minute", 0))
    return Clock(hour, minute, int(parts.get("second", 0)), _zone(parts))


_NOON = 12


def _hour(printed: int, half: str | None) -> int | None:
    """Return the hour (0 to 23) for a printed hour in a part of the day, ``None`` if it is ambiguous.

    >>> [_hour(12, half) for half in ("凌晨", "中午", "晚上", None)], _hour(1, "中午"), _hour(14, "上午")
    ([0, 12, None, 12], 13, None)
    """
    if half is None:
        return printed
    hours = {printed, (printed + 12) % 24} if printed <= _NOON else {printed}
    return next((hour for hour in hours if hour in _HALVES[half]), None)


def _zone(parts: dict[str, str]) -> timezone | None:
    if named := parts.get("zoned1") or parts.get("zoned2"):
        return timezone(timedelta(hours=_ZONES[named]))
    if "zone" not in parts:
        return None
    east = timedelta(hours=int(parts.get("hours", 0)), minutes=int(parts.get("minutes", 0)))
    return timezone(-east if parts.get("sign") == "-" else east)


def _number(numeral: str) -> int:
    """Return the value of a numeral of Arabic or Han digits.

    >>> [_number(numeral) for numeral in ("06", "二〇二六", "十一", "二十", "三十一", "六", "两")]
    [6, 2026, 11, 20, 31, 6, 2]
    """
    tens, ten, ones = numeral.translate(_DIGITS).partition("十")
    return 10 * int(tens or 1) + int(ones or 0) if ten else int(tens)


_DIGITS = str.maketrans("〇○零一二三四五六七八九两", "0001234567892")
