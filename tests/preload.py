"""Imports of the fork server of ``tests.warm``: those of a crawl without the settings, which read the environment.

The patterns of texts are compiled too, a quarter of the time of a small crawl.
"""
# ruff: noqa: F401

from __future__ import annotations

import gc
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("error")
    import aiohttp.web
    import psycopg2.extras
    import scrapy.cmdline
    import scrapy.core.engine
    import scrapy.exporters
    import scrapy.pipelines.images
    import scrapy.pqueues
    import scrapy.squeues
    import scrapy.utils._remote_control
    import sqlalchemy.dialects.postgresql.psycopg2
    import twisted.conch.telnet
    from scrapy.settings import default_settings as defaults
    from scrapy.utils.misc import load_object, walk_modules_iter

    import pipelines.deduplicate
    import pipelines.images
    import pipelines.persist
    import pipelines.run.revisit
    import pipelines.validate
    import smartdaily_crawler.crawl.fingerprint
    import smartdaily_crawler.extensions.monitoring
    import smartdaily_crawler.extensions.webhook
    import smartdaily_crawler.feeds
    import smartdaily_crawler.middlewares.offsite
    import smartdaily_crawler.middlewares.redirect
    import smartdaily_crawler.middlewares.render
    import smartdaily_crawler.middlewares.robots
    import smartdaily_crawler.middlewares.throttle
    import smartdaily_crawler.rendering.handler
    import smartdaily_crawler.spiders.smartdaily
    from smartdaily_crawler.extensions import progress, summary
    from smartdaily_crawler.parsing.script import Pattern

    # Scrapy's own components, and all commands, which it imports to list them.
    for path in (
        *defaults.DOWNLOAD_HANDLERS_BASE.values(),
        *defaults.DOWNLOADER_MIDDLEWARES_BASE,
        *defaults.EXTENSIONS_BASE,
        *defaults.SPIDER_MIDDLEWARES_BASE,
    ):
        load_object(path)
    for package in ("scrapy.commands", "smartdaily_crawler.commands"):
        list(walk_modules_iter(package))

for each in gc.get_objects():
    if isinstance(each, Pattern):
        assert each.compiled

# The settings choose the reactor.
assert not {"smartdaily_crawler.settings", "twisted.internet.reactor"} & sys.modules.keys()
gc.freeze()
