from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.parsing.dates import NOTHING, SHANGHAI, day, has_year, month_and_day, parse
from tests.parsing.test_date_forms import DATEISH

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
        ("發布 2026.03.05 | 08:30", "2026-03-05 08:30"),
        ("2026-03-05｜08:30", "2026-03-05 08:30"),
        ("發佈時間：08:30 2026-03-05 HKT", "2026-03-05 08:30"),
        ("08:30:15 2026年3月5日", "2026-03-05 08:30:15"),
        ("发布： 1:18pm 25/02/2026", "2026-02-25 13:18"),
        ("08:30 2026-03-05 09:10", "2026-03-05 09:10"),
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
        ("２０２６－０３－０６　１１：３０", "2026-03-06 11:30"),
        ("2026年03月05日 星期四 08:30", "2026-03-05 08:30"),
        ("2026-03-05（周四）08:30", "2026-03-05 08:30"),
        ("星期四 2026-03-05 08:30", "2026-03-05 08:30"),
        ("昨天 03-05 21:05", "2026-03-05 21:05"),
        ("202603050830", "2026-03-05 08:30"),
        ("20260305 08:30", "2026-03-05 08:30"),
        ("26-3-5 08:30", "2026-03-05 08:30"),
        ("3/5 08:30", "2026-03-05 08:30"),
        ("3-5 08:30", "2026-03-05 08:30"),
        ("2026-03-05 08:30-09:30", "2026-03-05 08:30"),
        ("2026-03-05 08:30 GMT+8", "2026-03-05 08:30"),
        ("2026-03-05T19:30:00-05:00", "2026-03-06 08:30"),
        ("ABC3月5日 08:30", "2026-03-05 08:30"),
        ("去年3月5日 08:30", "2025-03-05 08:30"),
        ("March 5th, 2026 at 8:30 PM", "2026-03-05 20:30"),
        ("Thu, 05 Mar 2026 00:30:00 GMT", "2026-03-05 08:30"),
        ("1772670600", "2026-03-05 08:30"),
        ("1772670600000", "2026-03-05 08:30"),
        ("昨晚 21:05", "2026-03-05 21:05"),
        ("昨夜11:20", "2026-03-05 23:20"),
        ("今早8:30", "2026-03-06 08:30"),
        ("今晨5点", "2026-03-06 05:00"),
        ("前天 10:20", "2026-03-04 10:20"),
        ("大前天 10:20", "2026-03-03 10:20"),
        ("周五 10:00", "2026-03-06 10:00"),
        # Taiwan and Hong Kong
        ("民國115年3月5日 下午2:05", "2026-03-05 14:05"),
        ("115-03-05 08:30", "2026-03-05 08:30"),
        ("2026/03/05 週四 下午10:37", "2026-03-05 22:37"),
        ("週四 下午10:37", "2026-03-05 22:37"),
        ("2026-03-05 (16:31)", "2026-03-05 16:31"),
        ("2026-03-05 HKT 08:57", "2026-03-05 08:57"),
        ("2026-03-05 08:57 HKT", "2026-03-05 08:57"),
        ("2026年3月5日13時47分", "2026-03-05 13:47"),
        ("2026年3月5日 下午9:00", "2026-03-05 21:00"),
        ("昨天晚間 8點半", "2026-03-05 20:30"),
        # zones and foreign orders
        ("2026年3月5日, 格林尼治标准时间00:41", "2026-03-05 08:41"),
        ("2026-03-05 08:30（北京时间）", "2026-03-05 08:30"),
        ("Thu, 5 Mar 2026 08:47:00 +0800", "2026-03-05 08:47"),
        ("Mar 5 Thu 2026 00:28", "2026-03-05 00:28"),
        ("28/02/2026 - 13:48", "2026-02-28 13:48"),
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
        ("03-08", "2025-03-08"),
        ("03/05", "2026-03-05"),
        ("12-25", "2025-12-25"),
        ("12月31日", "2025-12-31"),
        ("2026-03-05 25:00", "2026-03-05"),
        ("2026.3.5", "2026-03-05"),
        ("2026-03-05 周一鸣", "2026-03-05"),
        ("今年3月6日", "2026-03-06"),
        ("去年3月6日", "2025-03-06"),
        ("前年3月6日", "2024-03-06"),
        ("Mar 5, 2026", "2026-03-05"),
        ("5 Sept. 2025", "2025-09-05"),
        ("星期五", "2026-03-06"),
        ("上个星期五", "2026-02-27"),
        ("本周五 21:05", "2026-03-06"),
        ("昨晚", "2026-03-05"),
        ("今晨", "2026-03-06"),
        ("大前天", "2026-03-03"),
        ("一小时前", "2026-03-06"),
        ("两个小时前", "2026-03-06"),
        ("十分钟前", "2026-03-06"),
        ("二十小时前", "2026-03-05"),
        ("3天前", "2026-03-03"),
        ("3天前发布", "2026-03-03"),
        ("3天前發佈", "2026-03-03"),
        ("三月 5th, 2026", "2026-03-05"),
        ("3 月 5, 2026", "2026-03-05"),
        ("02-28-2026 / 1 week ago", "2026-02-28"),
        ("03/03/2026", "2026-03-03"),
        ("刚刚更新", "2026-03-06"),
    ],
)
def test_a_printed_day_has_no_time(raw: str, expected: str) -> None:
    assert parse(raw, NOW) == (date.fromisoformat(expected), None)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "智能日报",
        "2026-03-09",
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
        "下周三",
        "上上周三",
        "昨日晚报",
        "今日关注",
        "今天2家公司",
        "刚刚宣布",
        # in the future
        "今年3月7日",
        "明年3月5日",
        "周五 21:05",
        # without a year, and no day of the last twelve months for certain
        "03-06 14:30",
        "03-07",
        "2月29日",
        "每年3月5日",
        "农历3月5日",
        # a unit that leaves more than one day
        "半天前",
        "1周前",
        "上个月",
        "3个月前",
        # ranges, versions, scores, shares, prices, numbers
        "3-5月",
        "2026年3-5月",
        "10-12月",
        "3-5年",
        "3-5天",
        "3-5%",
        "10-20万",
        "第03-06期",
        "A03-06",
        "3-1",
        "1/2",
        "￥03-05",
        "2.3.1",
        "iOS 17.4.1",
        "Unity 2022.3.10",
        "版本2022.3.10",
        "2022.3.10.1",
        "2026年3月5家公司",
        "400-12-25",
        "138-0013-8000",
        "13800138000",
        # the order of day and month is not known
        "06/03/26",
        "03-06-2026",
    ],
)
def test_none_rather_than_wrong(raw: str) -> None:
    assert parse(raw, NOW) == NOTHING


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("凌晨12:30", "00:30"),
        ("凌晨1点", "01:00"),
        ("清晨6:05", "06:05"),
        ("早上8点05分", "08:05"),
        ("上午9点半", "09:30"),
        ("中午11:30", "11:30"),
        ("中午12:30", "12:30"),
        ("中午1:30", "13:30"),
        ("下午0:30", "12:30"),
        ("下午3点一刻", "15:15"),
        ("下午15:20", "15:20"),
        ("傍晚6点", "18:00"),
        ("晚8点", "20:00"),
        ("晚间11:59", "23:59"),
        ("晚上12:00", None),  # at its end or its beginning
        ("晚上1点", None),
        ("上午12:30", None),  # noon, or midnight as some programs write it
        ("上午14:30", None),
    ],
)
def test_halves_of_the_day(raw: str, expected: str | None) -> None:
    at = moment(f"2026-03-05 {expected}") if expected else None
    assert parse(f"2026年3月5日{raw}", NOW) == parse(f"昨天 {raw}", NOW) == (date(2026, 3, 5), at)


@pytest.mark.parametrize("raw", ["2026-03-07", "2026年3月7日06:30", "2026-03-08 23:59"])
def test_the_day_of_the_next_print_edition_is_known_without_its_time(raw: str) -> None:
    assert parse(raw, NOW) == (day(raw), None)


def test_a_time_of_today_that_has_not_come_is_not_believed() -> None:
    assert parse("2026-03-06 12:01", NOW) == (NOW.date(), None)


def test_a_date_without_year_shortly_ahead_is_a_fast_clock_and_later_ahead_is_nothing() -> None:
    assert parse("03-06 12:09", NOW) == (NOW.date(), None)
    assert parse("03-06 12:30", NOW) == NOTHING
    assert parse("03-07 08:30", NOW) == NOTHING
    assert parse("03-08 08:30", NOW).at == moment("2025-03-08 08:30")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2024-02-28", None),  # tomorrow
        ("2024-02-29", "2024-02-29"),
        ("2025-02-28", "2024-02-29"),
        ("2025-03-01", None),  # more than a year ago
        ("2028-02-27", None),
    ],
)
def test_29_february(today: str, expected: str | None) -> None:
    assert parse("02-29", moment(f"{today} 12:00")).on == (date.fromisoformat(expected) if expected else None)


def test_what_has_just_passed_is_of_no_certain_day_at_midnight() -> None:
    midnight = moment("2026-03-06 00:03")
    assert parse("刚刚", midnight) == parse("3分钟前", midnight) == NOTHING
    assert parse("1分钟前", midnight).on == midnight.date()


def test_the_clock_is_read_in_shanghai() -> None:
    late = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)  # 01:00 of the 6th
    assert parse("今天", late).on == date(2026, 3, 6)
    assert parse("昨天 23:50", late).at == moment("2026-03-05 23:50")


def test_new_year() -> None:
    now = datetime(2026, 1, 1, 0, 30, tzinfo=SHANGHAI)
    assert parse("昨天 23:50", now).at == moment("2025-12-31 23:50")
    assert parse("12-31 23:50", now).at == moment("2025-12-31 23:50")
    assert parse("01-01 00:20", moment("2025-12-31 23:50")) == NOTHING


def test_the_first_of_two_dates_counts() -> None:
    assert parse("2026-03-04 08:00 更新：2026-03-05 09:00", NOW).at == moment("2026-03-04 08:00")


def test_parts_of_a_date() -> None:
    assert not has_year("10-0812:00")
    assert month_and_day("10-0812:00") == month_and_day("2025-10-08T12:00:00") == (10, 8)
    assert day("2025-10-08T23:30:00Z") == date(2025, 10, 9)
    assert month_and_day("去年10月8日") == (10, 8)
    assert day("去年10月8日") is day("2026-02-30") is day("刚刚") is None
    assert month_and_day("刚刚") is month_and_day("智能") is None


@given(st.one_of(DATEISH, st.text()), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_never_an_error_and_never_the_future(raw: str, clock: datetime) -> None:
    now = clock.replace(tzinfo=SHANGHAI)
    published = parse(raw, now)
    if published.on is not None:
        assert published.on <= now.date()
    if published.at is not None:
        assert published.at <= now
        assert published.at.date() == published.on


MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2026, 3, 6)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=SHANGHAI, microsecond=0)
)


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d%H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%Y.%m.%d %H:%M:%S",
        "%Y年%m月%d日%H:%M:%S",
        "%Y年%m月%d日 %H时%M分%S秒",
        "%Y-%m-%dT%H:%M:%S+08:00",
        "%b %d, %Y %I:%M:%S %p",
        "%d %B %Y %H:%M:%S GMT+8",
    ],
)
@given(at=MOMENTS)
def test_what_is_printed_in_full_is_read_back(form: str, at: datetime) -> None:
    printed = at.strftime(form)
    assert parse(printed, NOW).at == parse(f"发布时间：{printed} 来源：北辰", NOW).at == at


@given(MOMENTS)
def test_a_machine_s_seconds_are_read_back(at: datetime) -> None:
    if at.year > 2001:
        assert parse(f"{at.timestamp():.0f}", NOW).at == at


@pytest.mark.parametrize("form", ["%m-%d %H:%M", "%m-%d%H:%M", "%m/%d %H:%M", "%m月%d日 %H:%M"])
@given(minutes=st.integers(0, 363 * 24 * 60))
def test_a_moment_of_the_last_twelve_months_needs_no_year(form: str, minutes: int) -> None:
    at = NOW - timedelta(minutes=minutes)
    assert parse(at.strftime(form), NOW).at == at


@given(st.dates(date(1995, 1, 1), NOW.date()))
def test_a_day_is_read_back(on: date) -> None:
    han = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(on.year))
    assert parse(f"{han}年{numeral(on.month)}月{numeral(on.day)}日", NOW).on == on
    assert parse(f"{on:%Y%m%d}", NOW).on == on


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return f"{digits[tens] if tens > 1 else ''}{'十' if tens else ''}{digits[ones] if ones else ''}"
