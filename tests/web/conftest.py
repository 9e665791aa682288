"""Chromium, as tests/rendering has it."""

from __future__ import annotations

from tests.crawl.conftest import scrapy
from tests.rendering.conftest import chromium

__all__ = ["chromium", "scrapy"]
