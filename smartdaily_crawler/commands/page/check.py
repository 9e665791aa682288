"""``scrapy check``: Scrapy's command, and the recorded pages of each spider."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.commands import check
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import Settings

from smartdaily_crawler.cleaning.text import visible
from smartdaily_crawler.cli.output import refuse, say
from smartdaily_crawler.cli.site_spiders import as_site_spider


class Command(check.Command):
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def short_desc(self) -> str:
        return "Check spider contracts and recorded pages"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        # Scrapy imports all commands to run one, and what reads pages takes as long as Scrapy.
        from smartdaily_crawler.cli.page.recorded import recorded  # noqa: PLC0415

        loader = self.crawler_process.spider_loader
        names = args or loader.list()
        if unknown := set(names) - set(loader.list()):
            refuse(self, f"there is no spider {min(unknown)!r}; `scrapy list` shows them")
            return
        files = [(name, file) for name in names for file in recorded(Path(self.settings["RECORDED_DIR"]) / name)]
        super().run(args, opts)
        if opts.list:
            for _, file in files:
                say(str(file))
            return
        failed = sum(not self._check(name, file) for name, file in files)
        result = f"{failed} FAILED" if failed else "OK"
        say(f"Read {len(files)} recorded page{'s' * (len(files) != 1)}: {result}" if files else "No recorded page")
        self.exitcode = self.exitcode or int(failed > 0)

    def _check(self, spider: str, file: Path) -> bool:
        """Print the fields that are read differently; return whether none is."""
        from smartdaily_crawler.cli.page.reading import Rules  # noqa: PLC0415 - as above
        from smartdaily_crawler.cli.page.recorded import RecordedPage  # noqa: PLC0415 - as above

        if not as_site_spider(self.crawler_process.spider_loader.load(spider)):
            return True
        try:
            found = RecordedPage.load(file).differences(Rules.of(self.crawler_process, spider, None))
        except ValueError as error:
            found = [str(error)]
        for line in found:
            print(visible(f"{file}: {line}"), file=sys.stderr)
        return not found
