"""The servers are what the rendering tests take them for: the real ones, and able to do what is asked of them."""

from __future__ import annotations

import base64
import http.client
import http.server
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.rendering import conftest
from tests.rendering.conftest import PYTHON, Splash
from tests.waiting import HANGS, wait_for

LATE = 0.3
"""Seconds after which the body of the page is answered."""
LONGEST = 90
"""Seconds that Splash gives a page at the most, where nothing else is set."""
TEXT = "正文由脚本载入"
PAGE = """<!DOCTYPE html><meta charset=utf-8><title>t</title><div id=body></div><script>
var request = new XMLHttpRequest();
request.open("GET", "/body");
request.onload = function () { document.getElementById("body").innerHTML = request.responseText; };
request.send();
</script>"""
BODY = f"<p class=late>{TEXT}</p>"

POLL = """
function main(splash, args)
  splash:autoload("window.injected = true")
  local asked = {}
  splash:on_request(function(request) asked[#asked + 1] = request.url end)
  assert(splash:go(args.url))
  while not splash:evaljs("document.querySelector('.late') !== null") do
    splash:wait(0.05)
  end
  return {
    html = splash:html(),
    injected = splash:evaljs("window.injected"),
    asked = asked,
    status = splash:history()[1].response.status,
    version = splash:get_version(),
  }
end
"""
TIMERS = """
function main(splash, args)
  splash.resource_timeout = 5.5
  assert(splash:go(args.url))
  local later = false
  splash:call_later(function() later = true end, 0.05)
  splash:with_timeout(function() splash:wait(5) end, 0.25)
  splash:wait_for_resume("function main(s) { s.resume(1) }", 1.5)
  splash.scroll_position = {x = 0.5, y = 0.5}
  return later
end
"""
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Milliseconds of the page's own time, which stands still while an answer is awaited.
    "--virtual-time-budget=5000",
    "--dump-dom",
)


class LatePage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/body":
            time.sleep(LATE)
        found = {"/": PAGE, "/body": BODY}.get(self.path)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        # Nobody waits for the body any longer, where the page was rendered without a wait.
        with suppress(ConnectionError):
            self.wfile.write((found or "").encode())

    def log_message(self, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """The address of a page whose body comes late, by a script."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LatePage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@dataclass(frozen=True, kw_only=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)


def ask(server: Splash, endpoint: str, **arguments: object) -> Answered:
    request = json.dumps({"timeout": LONGEST, **arguments}).encode()
    with closing(http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=HANGS)) as connection:
        connection.request("POST", f"/{endpoint}", request, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return Answered(status=answer.status, headers=dict(answer.getheaders()), text=answer.read().decode())


def test_a_script_waits_for_what_comes_late(splash: Splash, page: str) -> None:
    answer = ask(splash, "execute", lua_source=POLL, url=page).data
    assert BODY.replace("=late", '="late"') in answer["html"]
    assert answer["injected"] is True
    assert list(answer["asked"].values()) == [page, f"{page}body"]
    assert answer["status"] == 200
    assert (answer["version"]["splash"], answer["version"]["webkit"]) == ("3.5", "602.1")


def test_without_a_wait_it_is_not_seen(splash: Splash, page: str) -> None:
    assert TEXT not in ask(splash, "render.html", url=page, wait=0).text


def test_every_timer_takes_fractions(splash: Splash, page: str) -> None:
    answer = ask(splash, "execute", lua_source=TIMERS, url=page)
    assert (answer.status, answer.text) == (200, "True")


def test_a_picture_is_taken(splash: Splash, page: str) -> None:
    answer = ask(splash, "render.json", url=page, wait=0.05, html=1, png=1).data
    assert "<title>t</title>" in answer["html"]
    assert base64.b64decode(answer["png"]).startswith(b"\x89PNG")


def test_a_script_is_sent_once(splash: Splash, page: str) -> None:
    saved = ask(splash, "execute", lua_source=POLL, url=page, save_args=["lua_source"])
    name, _, key = saved.headers["X-Splash-Saved-Arguments"].partition("=")
    assert TEXT in ask(splash, "execute", url=page, load_args={name: key}).data["html"]
    assert ask(splash, "execute", url=page, load_args={name: "0" * 40}).status == 498


def test_the_bridge_to_lua_is_debians(splash: Splash) -> None:
    """pip's breaks /execute."""
    done = subprocess.run(
        [PYTHON, "-c", "import lupa; print(lupa.__file__)"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("/usr/lib/python3/dist-packages/"), splash.url


def test_a_frozen_server_is_silent_and_a_killed_one_gone(own_splash: Callable[[], Splash]) -> None:
    server = own_splash()
    server.freeze()
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(f"{server.url}/_ping", timeout=0.5)
    server.thaw()
    wait_for(server.answers)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()
    assert children
    server.freeze()
    server.kill()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(f"{server.url}/_ping", timeout=HANGS)
    wait_for(lambda: not any(map(runs, children)))


def runs(pid: str) -> bool:
    """Tell a process from one that ended, whether or not somebody asked how."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "\nState:\tZ" not in status


def test_chromium_shows_what_comes_late(chromium: Path, page: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [chromium, *CHROMIUM, f"--user-data-dir={tmp_path}", page],
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=True,
    )
    assert TEXT in done.stdout


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_missing_fails_in_ci_and_is_skipped_elsewhere(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(conftest, "PYTHON", Path("/nowhere"))
    with pytest.raises(outcome, match="make renderers"), conftest.running_splash():
        pass
