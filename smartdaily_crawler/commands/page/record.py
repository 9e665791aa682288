"""``scrapy record``: keep a page with the fields read from it, as a test that ``scrapy check`` runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartdaily_crawler.cli.output import console, refuse, say
from smartdaily_crawler.cli.page.command import PageCommand

if TYPE_CHECKING:
    from smartdaily_crawler.cli.page.reading import LoadedPage, Rules


class Command(PageCommand):
    def short_desc(self) -> str:
        return "Record article pages with the fields read from them, as tests for scrapy check"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--update", action="store_true", help="replace what is recorded of the page already")

    def rules(self, args: list[str], opts: argparse.Namespace) -> Rules:
        from smartdaily_crawler.cli.page.reading import Rules, is_url  # noqa: PLC0415 - as in PageCommand.run

        opts.spider = self._spider(opts.spider)
        if opts.url is None and not all(map(is_url, args)):
            raise ValueError("a page given as a file needs --url")
        return Rules.of(self.crawler_process, opts.spider, None)

    def use(self, page: LoadedPage, facts: dict[str, Any], opts: argparse.Namespace) -> None:
        from smartdaily_crawler.cli.page.recorded import RecordedPage  # noqa: PLC0415 - as above
        from smartdaily_crawler.cli.page.table import table  # noqa: PLC0415 - as above

        recorded = RecordedPage.of(Path(self.settings["RECORDED_DIR"]) / opts.spider, page, facts)
        if recorded.file.exists() and not opts.update:
            refuse(self, f"{recorded.file} exists already; --update replaces it")
            return
        try:
            recorded.save()
        except OSError as error:
            refuse(self, f"{recorded.file}: {error.strerror or error}")
            return
        console(in_pipe=None).print(table(facts))
        what = f"recorded as no article ({facts['rejected']})" if facts["rejected"] else "recorded"
        say(f"{what} in {recorded.file}: correct a wrong value there, then mend the rules until scrapy check passes")

    def _spider(self, name: str | None) -> str:
        """Return the spider named, or the only one of the project. Raise ``ValueError`` if there are several."""
        names: list[str] = self.crawler_process.spider_loader.list()
        if name is None and len(names) != 1:
            raise ValueError(f"name the spider by --spider: {', '.join(names)}")
        return name or names[0]
