from __future__ import annotations

import pytest

from smartdaily_crawler.parsing.standalone_dates import BOUNDARY, span_of, without


@pytest.mark.parametrize(
    ("text", "date", "rest"),
    [
        ("2026-03-06", "2026-03-06", ""),
        ("[03-06]", "03-06", ""),
        ("2026年3月6日 08:30", "2026年3月6日 08:30", ""),
        ("昨天 21:05", "昨天 21:05", ""),
        ("3小时前 · 手机", "3小时前", "手机"),
        ("发布时间：2026-03-06", "2026-03-06", "发布时间"),
        ("2026-03-06来源:天脉网", "2026-03-06", "来源:天脉网"),
        ("天脉网 | 2026-03-06 | 评论 3", "2026-03-06", "天脉网 评论 3"),
        (f"天脉网{BOUNDARY}03-06{BOUNDARY}(12)", "03-06", "天脉网 (12)"),
        ("新机在秋季亮相，售价未定… 2026-03-06", "2026-03-06", "新机在秋季亮相，售价未定…"),
        ("2026-03-06 新机在秋季亮相，售价未定…", "2026-03-06", "新机在秋季亮相，售价未定…"),
        ("【2026-03-06】新机在秋季亮相，售价未定…", "2026-03-06", "新机在秋季亮相，售价未定…"),
        (f"3月6日{BOUNDARY}新机在秋季亮相，售价未定…", "3月6日", "新机在秋季亮相，售价未定…"),
        ("新机在3月6日亮相，售价未定 (03-07)", "03-07", "新机在3月6日亮相，售价未定"),
    ],
)
def test_a_date_that_stands_alone(text: str, date: str, rest: str) -> None:
    span = span_of(text)
    assert span is not None
    assert text[slice(*span)] == date
    assert " ".join(without(text, span).replace(BOUNDARY, " ").split()) == rest


@pytest.mark.parametrize(
    "text",
    [
        "3月4日下午,两家公司会面",
        "3月4日，两家公司会面",
        "3月4日 两家公司会面，商讨合作",
        "2026-03-04，两家公司会面",
        "今天 小米发布新机，售价未定",
        "昨天21:05，两家公司会面",
        "两家公司将于3月4日会面",
        "据公告（2026年3月4日）称，两家公司将会面",
        "据 2026-03-04 的公告，两家公司将会面",
        f"两家公司将于{BOUNDARY}3月4日{BOUNDARY}下午会面，商讨合作",
        f"{BOUNDARY}3月4日{BOUNDARY}，两家公司会面",
        "两家公司会面的时间是 3月4日",
        "截至 2026-03-04",
        "没有日期",
        "",
    ],
)
def test_a_date_of_a_sentence(text: str) -> None:
    assert span_of(text) is None
