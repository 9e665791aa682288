"""Record a job that was refused before it could start."""

from __future__ import annotations

from collections.abc import Mapping

from scrapy.settings import BaseSettings

from pipelines.run.configured import configured_database
from pipelines.storage.schema import schema_version
from pipelines.storage.write.runs import RunEnd, start_run
from smartdaily_crawler.sites.site_address import SiteAddress
from smartdaily_crawler.stat_names import Stat


def record_refused_job(
    settings: BaseSettings,
    *,
    spider: str,
    site_url: str,
    timezone: str,
    job: str,
    arguments: Mapping[str, str],
    reason: str,
    complaint: str,
) -> None:
    """Insert a closed row with the verdict ``failed``. Raise StorageError where the database cannot be used.

    :param timezone: zone of a site that the database does not know yet.
    """
    site = SiteAddress(site_url)
    with configured_database(settings) as database:
        schema_version.check(database.engine)
        start_run(
            database.engine,
            spider=spider,
            site=site.name,
            base_url=site.url,
            timezone=timezone,
            job=job,
            version=settings["CRAWLER_VERSION"],
            arguments={**arguments, "site_url": site_url},
            ended=RunEnd(reason, "failed", {Stat.RUN_REASONS: [complaint]}),
        )
