"""docs/architecture.md is in step with the code."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

import grimp

import pipelines
import smartdaily_crawler
from tests.waiting import ROOT
from tools import rooms

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_FILES = 12
MOST_STEPS = 15


@cache
def graph() -> grimp.ImportGraph:
    return rooms.build()


def test_the_picture_is_drawn_from_the_imports() -> None:
    assert rooms.renew(PAGE, rooms.diagram(graph())) == PAGE, "run `make rooms`"


def test_no_room_has_too_many_files() -> None:
    assert {room: files for room, files in rooms.sizes(graph()).items() if files > MOST_FILES} == {}


def test_every_room_has_a_docstring() -> None:
    packages = [
        found.name
        for package in (smartdaily_crawler, pipelines)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if found.ispkg and ".migrations" not in found.name and not found.name.endswith(".spiders")
    ]
    assert [name for name in packages if not importlib.import_module(name).__doc__] == []


def test_the_path_of_a_url_names_existing_functions() -> None:
    way = PAGE.partition("## The way of a URL")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\d+\. ", way, re.MULTILINE)) <= MOST_STEPS
    names = re.findall(r"`((?:smartdaily_crawler|pipelines)\.[\w.]+)`", way)
    assert names
    for name in names:
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name
