"""The run's verdict as a Spidermon monitor, for actions such as mail, chat or Sentry. Needs ``spidermon``."""

from __future__ import annotations

from spidermon import Monitor, MonitorSuite, monitors

from smartdaily_crawler.stat_names import Stat


@monitors.name("Run")
class VerdictMonitor(Monitor):  # type: ignore[misc]  # Spidermon is not typed
    """Fail for every verdict but ``healthy``, with the reasons as the message."""

    __test__ = False  # a test of Spidermon's, not of pytest's

    @monitors.name("is healthy")  # type: ignore[untyped-decorator]  # as above
    def test_verdict(self) -> None:
        stats = self.data.stats
        assert stats.get(Stat.RUN_VERDICT) == "healthy", "; ".join(stats.get(Stat.RUN_REASONS, ()))  # noqa: S101 - Spidermon's monitors use assert


class RunSuite(MonitorSuite):  # type: ignore[misc]  # as above
    """Suite to subclass with ``monitors_failed_actions``; name the subclass in ``SPIDERMON_ENGINE_STOP_MONITORS``."""

    monitors = [VerdictMonitor]  # noqa: RUF012 - as Spidermon reads it
