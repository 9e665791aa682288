"""Imports of the fork server of ``tests.warm``: those of a crawl without the settings, which read the environment."""
# ruff: noqa: F401

from __future__ import annotations

import gc
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("error")
    import scrapy.cmdline
    import scrapy.core.downloader.handlers.http11
    import scrapy.core.engine
    import sqlalchemy.dialects.postgresql.psycopg2

    import pipelines.deduplicate
    import pipelines.persist
    import pipelines.run.revisit
    import pipelines.validate
    import smartdaily_crawler.middlewares.redirect
    import smartdaily_crawler.middlewares.render
    import smartdaily_crawler.middlewares.robots
    import smartdaily_crawler.middlewares.throttle
    import smartdaily_crawler.rendering.handler
    import smartdaily_crawler.spiders.smartdaily
    from smartdaily_crawler.commands import changes, crawl, db, deadletters, diff, export, runs, web
    from smartdaily_crawler.commands.page import check, fetch, inspect, shell
    from smartdaily_crawler.extensions import progress, summary

# The settings choose the reactor.
assert not {"smartdaily_crawler.settings", "twisted.internet.reactor"} & sys.modules.keys()
gc.freeze()
