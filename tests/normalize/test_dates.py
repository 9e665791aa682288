from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.normalize.dates import NOTHING, SHANGHAI, has_year, month_and_day, parse, spans

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=SHANGHAI)  # a Friday


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-05 08:30", "2026-03-05 08:30"),
        ("2026-03-05 08:30:15", "2026-03-05 08:30:15"),
        ("2026/3/5 8:05", "2026-03-05 08:05"),
        ("2026.03.05 08:30", "2026-03-05 08:30"),
        ("2026年3月5日 08:30", "2026-03-05 08:30"),
        ("2026年03月05日07:48", "2026-03-05 07:48"),
        ("2026年3月5日 10时20分", "2026-03-05 10:20"),
        ("2026年03月05日15：56", "2026-03-05 15:56"),
        ("２０２６年０３月０５日　１５：５６", "2026-03-05 15:56"),
        ("发布时间：2026-03-0508:30", "2026-03-05 08:30"),
        ("202603/0508:30", "2026-03-05 08:30"),
        ("发布时间：26-03-0508:30", "2026-03-05 08:30"),
        ("2026-3-123:16", "2026-03-01 23:16"),
        ("20260305083000", "2026-03-05 08:30"),
        ("2026-03-05 星期四 下午3:20", "2026-03-05 15:20"),
        ("2026-03-05 11:20 PM", "2026-03-05 23:20"),
        ("2026-03-05 12:20 AM", "2026-03-05 00:20"),
        ("2026-03-05T00:30:00Z", "2026-03-05 08:30"),
        ("2026-03-05T08:30:00+08:00", "2026-03-05 08:30"),
        ("2026-03-05T08:30:00.123+0800", "2026-03-05 08:30"),
        ("2026-03-04T23:30:00-0500", "2026-03-05 12:30"),
        ("昨天 21:05", "2026-03-05 21:05"),
        ("前天08:00", "2026-03-04 08:00"),
        ("周三 09:10", "2026-03-04 09:10"),
        ("今天 11:59", "2026-03-06 11:59"),
        ("02-28 08:30", "2026-02-28 08:30"),
        ("发布时间：10-0812:00", "2025-10-08 12:00"),
        ("3月5日 08:30", "2026-03-05 08:30"),
        ("昨天晚上8:30来源", "2026-03-05 20:30"),
        ("昨天 晚8:30", "2026-03-05 20:30"),
        ("发布于昨天21:05", "2026-03-05 21:05"),
        ("时间：周三09:10", "2026-03-04 09:10"),
    ],
)
def test_a_printed_time(raw: str, expected: str) -> None:
    at = moment(expected)
    assert parse(raw, NOW) == (at.date(), at)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-05", "2026-03-05"),
        ("2026年3月5日", "2026-03-05"),
        ("20260305", "2026-03-05"),
        ("二〇二六年三月五日", "2026-03-05"),
        ("二○二五年十二月三十一日", "2025-12-31"),
        ("刚刚", "2026-03-06"),
        ("5分钟前", "2026-03-06"),
        ("半小时前", "2026-03-06"),
        ("3小时前", "2026-03-06"),
        ("20小时前", "2026-03-05"),
        ("2天前", "2026-03-04"),
        ("今天", "2026-03-06"),
        ("昨日", "2026-03-05"),
        ("昨日下午", "2026-03-05"),
        ("昨日来源：北辰", "2026-03-05"),
        ("（昨日）", "2026-03-05"),
        ("昨日_北辰", "2026-03-05"),
        ("更新时间昨日", "2026-03-05"),
        ("今日头条 2026-03-01", "2026-03-01"),
        ("周一鸣 2026-03-01", "2026-03-01"),
        ("前天", "2026-03-04"),
        ("周五", "2026-03-06"),
        ("周六", "2026-02-28"),
        ("上周三", "2026-02-25"),
        ("本周一", "2026-03-02"),
        ("03-06", "2026-03-06"),
        ("03-07", "2025-03-07"),
        ("12月31日", "2025-12-31"),
        ("2月29日", "2024-02-29"),
        ("2026-03-05 25:00", "2026-03-05"),
    ],
)
def test_a_printed_day_has_no_time(raw: str, expected: str) -> None:
    assert parse(raw, NOW) == (date.fromisoformat(expected), None)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "智能日报",
        "2026-03-07",
        "2027-01-01 08:30",
        "2026-02-30",
        "2026-13-01",
        "1889-03-05",
        "2026年3月",
        "版本3.5.6",
        "12.5-13.6",
        "08:30",
        "本周日",
        "12小时前",  # between 23:00 yesterday and midnight: either day
        "电话010-12345678",
        "阅读 20260",
        "今日头条",
        "今日A股",
        "来源：今日俄罗斯",
        "来源：目前日本",
        "周一鸣",
        "编辑：周三丰",
        "一周五天",
        "大前天",
        "下周三",
        "上上周三",
        "昨日晚报",
        "今日关注",
        "今天2家公司",
    ],
)
def test_none_rather_than_wrong(raw: str) -> None:
    assert parse(raw, NOW) == NOTHING


def test_a_time_of_today_that_has_not_come_is_not_believed() -> None:
    assert parse("2026-03-06 12:01", NOW) == (NOW.date(), None)


def test_a_date_without_year_shortly_ahead_is_a_fast_clock_and_later_ahead_is_last_years() -> None:
    assert parse("03-06 12:30", NOW) == (NOW.date(), None)
    assert parse("03-06 18:00", NOW).on == date(2025, 3, 6)


def test_the_clock_is_read_in_shanghai() -> None:
    late = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)  # 01:00 of the 6th
    assert parse("今天", late).on == date(2026, 3, 6)
    assert parse("昨天 23:50", late).at == moment("2026-03-05 23:50")


def test_new_year() -> None:
    now = datetime(2026, 1, 1, 0, 30, tzinfo=SHANGHAI)
    assert parse("昨天 23:50", now).at == moment("2025-12-31 23:50")
    assert parse("12-31 23:50", now).at == moment("2025-12-31 23:50")


def test_the_first_of_two_dates_counts() -> None:
    assert parse("2026-03-04 08:00 更新：2026-03-05 09:00", NOW).at == moment("2026-03-04 08:00")


def test_spans_have_the_places_of_the_original_text() -> None:
    text = "发布：２０２６-03-05　更新：昨天 21:05"
    assert [text[start:end] for start, end in spans(text)] == ["２０２６-03-05", "昨天 21:05"]


def test_year_and_month_of_a_partial_date() -> None:
    assert not has_year("10-0812:00")
    assert month_and_day("10-0812:00") == month_and_day("2025-10-08T12:00:00") == (10, 8)
    assert month_and_day("刚刚") is None
    assert month_and_day("智能") is None


DATEISH = st.text("0123456789０１２年月日-/.:： 昨前今天周三刚小时分钟上下午T+ZPM十二〇", max_size=30)


@given(st.one_of(DATEISH, st.text()), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_never_an_error_and_never_the_future(raw: str, clock: datetime) -> None:
    now = clock.replace(tzinfo=SHANGHAI)
    published = parse(raw, now)
    if published.on is not None:
        assert published.on <= now.date()
    if published.at is not None:
        assert published.at <= now
        assert published.at.date() == published.on


@given(st.datetimes(datetime(1995, 1, 1), datetime(2026, 3, 6)))  # noqa: DTZ001
def test_what_is_printed_in_full_is_read_back(at: datetime) -> None:
    at = at.replace(tzinfo=SHANGHAI, microsecond=0)
    later = NOW + timedelta(days=1)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y年%m月%d日%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+08:00"):
        assert parse(at.strftime(form), later).at == at
