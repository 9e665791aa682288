"""The run's verdict as a Spidermon monitor, for those who hang mail, chat or Sentry on it. Needs ``spidermon``."""

from __future__ import annotations

from spidermon import Monitor, MonitorSuite, monitors

from smartdaily_crawler.stat_names import Stat


@monitors.name("Run")
class VerdictMonitor(Monitor):  # type: ignore[misc]  # Spidermon is not typed
    """Fails for every verdict but ``healthy``, with the reasons as its message."""

    __test__ = False  # one of Spidermon's tests, not of pytest's

    @monitors.name("is healthy")  # type: ignore[untyped-decorator]  # as above
    def test_verdict(self) -> None:
        stats = self.data.stats
        assert stats.get(Stat.RUN_VERDICT) == "healthy", "; ".join(stats.get(Stat.RUN_REASONS, ()))  # noqa: S101 - as Spidermon has it


class RunSuite(MonitorSuite):  # type: ignore[misc]  # as above
    """Subclass it with ``monitors_failed_actions`` of your own, and name that in ``SPIDERMON_ENGINE_STOP_MONITORS``."""

    monitors = [VerdictMonitor]  # noqa: RUF012 - Spidermon's way
