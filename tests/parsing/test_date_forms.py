from __future__ import annotations

import time
import timeit

from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.parsing.date_forms import first, spans

DATEISH = st.text(
    "0123456789０１２年月日号-/.:：~,，。()（） \u3000昨前今大去上本天周星期三刚半小时分钟个早上中下午晚夜点刻T+ZPMar十二〇一两发布更新",
    max_size=200,
)
SLOWEST = 0.01
"""Seconds, where most texts take a tenth of a millisecond."""


def test_spans_have_the_places_of_the_original_text() -> None:
    text = "发布：２０２６-03-05　更新：昨天 21:05"
    assert [text[start:end] for start, end in spans(text)] == ["２０２６-03-05", "昨天 21:05"]


def test_a_weekday_a_half_of_the_day_and_a_word_of_publishing_belong_to_the_date() -> None:
    texts = ("2026-03-06 星期五", "2026-03-06（周五）", "昨日下午", "昨晚8点", "3小时前发布", "2026-03-06 08:30 更新")
    for text in texts:
        assert [text[start:end] for start, end in spans(f"{text} 来源：北辰")] == [text]


def test_a_word_that_opens_the_next_field_does_not() -> None:
    text = "3小时前更新：昨天 21:05"
    assert [text[start:end] for start, end in spans(text)] == ["3小时前", "昨天 21:05"]


@given(st.one_of(DATEISH, st.text(max_size=200)))
def test_any_text_is_read_without_error_and_quickly(text: str) -> None:
    found = list(spans(text))
    # The best of three: the collection of garbage may fall into one.
    timer = timeit.Timer(lambda: list(spans(text)), timer=time.thread_time)
    assert min(timer.repeat(repeat=3, number=1)) < SLOWEST
    assert all(start < end for start, end in found)
    assert bool(found) == (first(text) is not None) or text.strip().isdigit()


@given(DATEISH)
def test_a_date_cut_out_of_its_text_is_the_same_date(text: str) -> None:
    for start, end in list(spans(text))[:1]:
        assert first(text[start:end]) == first(text)
