"""``scrapy crawl``: Scrapy's command, with arguments checked beforehand, and an exit code and a line for the run's verdict."""

from __future__ import annotations

import argparse
import gc
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.commands import crawl
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from pipelines.run.configured import configured_database, spool_folder
from pipelines.run.schedule import ScheduleError, parse_schedule
from pipelines.run.verdict import EXIT_CODES, Verdict
from pipelines.storage.db.errors import StorageError
from pipelines.storage.spill.spool import try_folder
from smartdaily_crawler.cli.output import refuse, report
from smartdaily_crawler.cli.site_spiders import as_site_spider
from smartdaily_crawler.cli.stoppable import StoppableCrawler
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.logs import set_up_logs
from smartdaily_crawler.own_settings import SettingError, check_settings, load_settings, need_extra
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.rendering.choice import NoRendererError, choose
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)


class Command(crawl.Command):
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--site", metavar="NAME", help="crawl this site of `scrapy sites list`, with its arguments and its profile"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if str(self.settings["JSON_LOGS"]).lower() in ("1", "true"):
            # Until run() can set the format: Scrapy logs that it has started.
            logging.disable()

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        logging.disable(logging.NOTSET)
        if len(args) != 1:
            raise UsageError("name one spider; `scrapy list` shows them", print_help=False)
        if not self._prepare(args[0], opts):
            return
        given = _given(opts)
        try:
            stoppable = StoppableCrawler(self.crawler_process.spider_loader.load(args[0]), self.settings)
            crawler = self._create_crawler(stoppable)  # type: ignore[arg-type]  # which create_crawler takes too
            set_up_logs(self.settings)  # again: a crawler has a handler of its own
            site_spider = as_site_spider(crawler.spidercls)
            if site_spider is None:
                super().run(args, opts)
                return
            arguments = WalkArguments.parse(given, self.settings, site_spider.profile)
            choose(arguments.render, self.settings)
            _try_spool(self.settings)
            _try_images(self.settings)
            _try_archive(self.settings)
        except SettingError as error:
            self._record(CloseReason.BAD_SETTING, str(error), args[0], given, opts)
            self._refuse(error)
        except KeyError:
            self._refuse(f"there is no spider {args[0]!r}; `scrapy list` shows them")
        except (ArgumentError, NoRendererError) as error:
            self._record(CloseReason.BAD_ARGUMENT, str(error), args[0], given, opts)
            self._refuse(error)  # last: it is what an operator looks for in the log
        else:
            _hide_components(crawler.settings)
            self.crawler_process.crawl(crawler, **opts.spargs)
            self.crawler_process.start()
            self._report(crawler.stats.get_stats() if crawler.stats else {})
            # The process is about to exit. Python would first look for cycles in all that was imported, which takes a tenth of a short run.
            gc.freeze()

    def _prepare(self, spider: str, opts: argparse.Namespace) -> bool:
        """Check the settings, and take over the arguments of a site of the list. Return false where that was refused."""
        try:
            load_settings(self.settings)
            check_settings(self.settings)
            set_up_logs(self.settings)
            parse_schedule(self.settings["REVISIT_SCHEDULE"])
            if opts.site:
                opts.spargs = {**_listed_arguments(self.settings, opts.site), **opts.spargs}
        except (SettingError, ScheduleError) as error:
            self._record(CloseReason.BAD_SETTING, str(error), spider, _given(opts), opts)
            self._refuse(error)  # last: it is what an operator looks for in the log
        except ArgumentError as error:
            self._refuse(error)
        except StorageError as error:
            refuse(self, error, exitcode=1)
        else:
            return True
        return False

    def _report(self, stats: Mapping[str, Any]) -> None:
        """Set the exit code; print why a run is not healthy, which is all that cron mails of a run with a ``LOG_FILE``."""
        # A run that did not start has no verdict.
        verdict: Verdict = stats.get(Stat.RUN_VERDICT) or "failed"
        if verdict != "healthy":
            reasons = "; ".join(stats.get(Stat.RUN_REASONS) or ["the run did not start, see the log"])
            report(self, f"{verdict}: {' '.join(reasons.split())}")
        self.exitcode = EXIT_CODES[verdict]

    def _refuse(self, complaint: object) -> None:
        refuse(self, complaint)
        if self.settings["LOG_FILE"]:  # scrapyd shows its operator only this file
            logger.error("%s", complaint)

    def _record(
        self, reason: str, complaint: str, name: str, given: Mapping[str, Any], opts: argparse.Namespace
    ) -> None:
        """Insert a row for a job, whose operator looks for it in ``api.run``; none if the site is not known either."""
        # Scrapy imports all commands to run one; the models of the tables take as long as SQLAlchemy.
        from pipelines.run.refused_job import record_refused_job  # noqa: PLC0415

        job = opts.spargs.get("_job") or self.settings["JOB"]
        if not job or not self.settings["DATABASE_URL"]:
            return
        try:
            spider = as_site_spider(self.crawler_process.spider_loader.load(name))
            if spider is None:
                return
            site = {"SITE_URL": given.get("site_url") or self.settings["SITE_URL"]}
            record_refused_job(
                self.settings,
                spider=name,
                site_url=WalkArguments.parse({}, site).site_url,
                timezone=spider.profile.timezone,
                job=job,
                # A profile of the list is no text.
                arguments={each: str(getattr(value, "name", value)) for each, value in given.items()},
                reason=reason,
                complaint=complaint,
            )
        # ValueError: the site's URL is bad, or a setting of the database.
        except (KeyError, StorageError, ValueError) as error:
            logger.warning("The refused job has no row in api.run: %s", error)


def _given(opts: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in opts.spargs.items() if not name.startswith("_")}


def _listed_arguments(settings: Settings, name: str) -> dict[str, Any]:
    """Return the spider arguments of a site on the list. Raise ArgumentError if there is none, StorageError without a database."""
    # Scrapy imports all commands to run one.
    from pipelines.storage.fleet.sites import find_site  # noqa: PLC0415
    from pipelines.storage.schema import schema_version  # noqa: PLC0415 - as above
    from smartdaily_crawler.sites.profile import ProfileError, parse_profile  # noqa: PLC0415 - as above

    with configured_database(settings) as database:
        schema_version.check(database.engine)
        site = find_site(database.engine, name)
    if site is None:
        raise ArgumentError(f"--site: there is no site {name!r} on the list; `scrapy sites list` shows it")
    listed: dict[str, Any] = {**site.arguments, "site_url": site.url}
    if site.profile is not None:
        try:
            listed["profile"] = parse_profile(site.profile_name or site.site, site.profile)
        except ProfileError as error:
            raise ArgumentError(f"profile {error}") from None
    return listed


def _try_spool(settings: Settings) -> None:
    """Raise SettingError if the spool's folder takes no file."""
    _try_folder("SPOOL_DIR", spool_folder(settings), "where items wait while the database is unavailable")


def _try_images(settings: Settings) -> None:
    """Raise SettingError if pictures are to be kept, but the folder takes no file, or the extra is not installed."""
    if settings["IMAGES_STORE"]:
        need_extra("IMAGES_STORE", "PIL", "images")
        _try_folder("IMAGES_STORE", Path(settings["IMAGES_STORE"]), "where pictures are kept")


def _try_archive(settings: Settings) -> None:
    """Raise SettingError as ``_try_images`` does, for the archive."""
    if settings["ARCHIVE"]:
        need_extra("ARCHIVE", "warcio", "archive")
        _try_folder("ARCHIVE", Path(settings["ARCHIVE"]), "where responses are kept")


def _try_folder(setting: str, folder: Path, purpose: str) -> None:
    try:
        try_folder(folder)
    except OSError as error:
        raise SettingError(
            f"{setting}: no file can be written in {folder} ({error.strerror or error}), {purpose}: name another folder"
        ) from None


def _hide_components(settings: Settings) -> None:
    """Drop Scrapy's sixty lines about enabled components and overridden settings, unless the log has level ``DEBUG``."""
    if settings["LOG_LEVEL"] in ("DEBUG", logging.DEBUG):
        return
    for name in ("scrapy.addons", "scrapy.crawler", "scrapy.middleware"):
        logging.getLogger(name).addFilter(_is_about_the_run)


def _is_about_the_run(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(("Enabled ", "Overridden settings"))
