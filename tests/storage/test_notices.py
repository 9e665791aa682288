"""A page that has nothing in common with the article at its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.storage.db.retry import query
from pipelines.storage.text import notices
from pipelines.storage.write.writer import write
from tests.storage.making import article, new_run, outcome, read, states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey

NOTICE: dict[str, Any] = {"title": "系统维护公告", "body": ["机房今晚进行设备更换，期间页面暂时无法访问。"]}


@pytest.fixture
def known(engine: Engine, run: RunKey) -> RunKey:
    write(engine, run, [article(name) for name in "abc"])
    return new_run(engine)


def reasons(engine: Engine, run: RunKey, names: Sequence[str], **page: Any) -> list[str | None]:
    shown = {**NOTICE, "minute": 5, **page}
    return [written.reason for written in write(engine, run, [article(name, **shown) for name in names])]


def test_one_page_at_several_urls_is_never_stored(engine: Engine, known: RunKey) -> None:
    assert reasons(engine, known, "ab") == ["notice"] * 2
    assert reasons(engine, new_run(engine), "abc", minute=6) == ["notice"] * 3
    assert read(engine, "SELECT max(revision) FROM api.article") == [1]


def test_a_page_with_the_title_of_a_notice_and_another_body_is_one_too(engine: Engine, known: RunKey) -> None:
    assert reasons(engine, known, "a", body=["请求编号 4711，请稍后再试。"]) == ["unconfirmed"]
    assert reasons(engine, known, "b", body=["请求编号 4712，请稍后再试。"]) == ["notice"]


def test_a_page_at_one_url_is_believed_by_the_second_run(engine: Engine, known: RunKey) -> None:
    assert reasons(engine, known, "a") == ["unconfirmed"]
    assert reasons(engine, known, "a", minute=6) == ["unconfirmed"]
    assert reasons(engine, new_run(engine), "a", minute=7) == [None]
    assert read(engine, "SELECT count(*) FROM crawl.held_page") == [0]


def test_the_own_page_in_between_begins_anew(engine: Engine, known: RunKey) -> None:
    assert reasons(engine, known, "a") == ["unconfirmed"]
    write(engine, new_run(engine), [outcome("a", "not_modified", status=304, minute=6)])
    assert reasons(engine, new_run(engine), "a", minute=7) == ["unconfirmed"]


def test_a_category_named_by_a_held_page_is_not_believed(engine: Engine, known: RunKey) -> None:
    write(engine, known, [article("d", categories=["公告"])])
    assert reasons(engine, known, "ab", categories=["公告"]) == ["notice"] * 2
    assert read(engine, "SELECT count(*) FROM api.article WHERE '公告' = ANY (categories)") == read(
        engine, "SELECT count(*) FROM api.article WHERE url LIKE '%/d.html' AND '公告' = ANY (categories)"
    )


def test_a_new_article_stored_with_the_notice_is_taken_back(engine: Engine, known: RunKey) -> None:
    write(engine, known, [article("new", minute=4, teases="x", **NOTICE), article("other", minute=4, **NOTICE)])
    assert reasons(engine, known, "ab") == ["notice"] * 2
    assert query(engine, lambda connection: notices.withdraw(connection, known), patience=0) == 2
    assert {name: states(engine)[name] for name in ("new", "other")} == {"new": "discovered", "other": "discovered"}
    assert read(
        engine, "SELECT count(*) FROM api.article WHERE title = '系统维护公告' OR duplicate_of IS NOT NULL"
    ) == [0]
    assert reasons(engine, new_run(engine), ["new"], title="题目 new", body=["正文"], minute=9) == [None]
    assert states(engine)["new"] == "fetched"
