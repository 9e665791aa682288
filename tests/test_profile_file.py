"""A profile's file: an error in it is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartdaily_crawler.sites.profile import ProfileError, read_profile


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("title = ", "Invalid value"),
        ("timezone = 'Asia/Shanghai'", "title"),
        ("title = 'x'\nname = 'y'", "'name'"),
        ("title = 'x'\n[selectors]\nheadline = 'h1'", "'headline'"),
        ("title = 'x'\n[selectors]\ntitle = 'h1['", "'h1['"),
        ("title = 'x'\n[selectors]\ntitle = ['h1']", "title must be a string, not ['h1']"),
        ("title = 5", "title must be a string, not 5"),
        ("title = 'x'\nselectors = 'h1'", "selectors must be a table, not 'h1'"),
        ("title = 'x'\ntimezone = 'Asia/Nowhere'", "Nowhere"),
        ("title = 'x'\ntimezone = 'Asia'", "unknown time zone 'Asia'"),
        ("title = 'x'\ntimezone = '../etc'", "etc"),
        ("title = 'x'\nlanguage = 'Chinese, please'", "Chinese, please"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ProfileError) as raised:
        read_profile(file)
    assert str(file) in str(raised.value)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"none\.toml: No such file"):
        read_profile(tmp_path / "none.toml")
