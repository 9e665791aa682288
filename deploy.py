"""``make deploy``: run scrapyd-deploy with a temporary build folder, and print its result in one line.

scrapyd-deploy itself prints whole pages of HTML, waits for ever if scrapyd does not answer, and exits with 0 if scrapyd
could not use the egg.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

DEFAULTS = {"SCRAPYD_URL": "http://127.0.0.1:6800/", "SCRAPYD_USERNAME": "", "SCRAPYD_PASSWORD": ""}
TIMEOUT = 120
"""Seconds for the build, the upload and scrapyd's check of the egg."""


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "default"
    given = {name: os.environ.get(name) or default for name, default in DEFAULTS.items()}
    if "@" in given["SCRAPYD_URL"]:
        sys.exit(
            "deploy: SCRAPYD_URL takes an address without a user and password; set SCRAPYD_USERNAME and SCRAPYD_PASSWORD"
        )
    if not given["SCRAPYD_URL"].startswith(("http://", "https://")):
        sys.exit(f"deploy: SCRAPYD_URL takes an http or https address, not {given['SCRAPYD_URL']!r}")
    # Without the slash, urljoin would drop the last segment of the path.
    given["SCRAPYD_URL"] = given["SCRAPYD_URL"].rstrip("/") + "/"
    with TemporaryDirectory(prefix="smartdaily-deploy-") as folder:
        # A build folder that is kept would add removed modules to the next egg.
        config = Path(folder, "setup.cfg")
        config.write_text(f"[build]\nbuild_base = {folder}/build\n[egg_info]\negg_base = {folder}\n")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "scrapyd_client.deploy", target],
                cwd=Path(__file__).parent,
                env=os.environ | given | {"DIST_EXTRA_CONFIG": str(config), "TMPDIR": folder},
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            sys.exit(f"deploy: no answer within {TIMEOUT} s")
    sys.stdout.write(f"deploy: {_answer(done.stdout, done.stderr)}\n")


def _answer(stdout: str, stderr: str) -> str:
    """Return the line about the deployed version; exit with one line if the deployment failed."""
    place = found[0] if (found := re.search(r"(?<= in )http\S+(?=addversion\.json)", stderr)) else "scrapyd"
    if status := re.search(r"^Deploy failed \((\d+)\)", stderr, re.MULTILINE):
        hint = ": SCRAPYD_USERNAME and SCRAPYD_PASSWORD are wrong or not set" if status[1] == "401" else ""
        sys.exit(f"deploy: {place} answers {status[1]}{hint}")
    if errno := re.search(r"^Deploy failed: .*\[Errno \S+\] ([\w ]+)", stderr, re.MULTILINE):
        sys.exit(f"deploy: {place} cannot be reached: {errno[1]}")
    if "Server response" not in stderr:
        sys.exit(f"deploy: {_last(stderr)}")
    try:
        answer = json.loads(stdout)
    except json.JSONDecodeError:
        answer = None
    match answer:
        case {"status": "ok", "project": project, "version": version}:
            return f"version {version} of {project} is at {place}"
        case {"status": "error", "message": str(message)}:
            version = stderr.partition("Packing version ")[2].partition("\n")[0]
            sys.exit(f"deploy: {place} could not use version {version}: {_last(message)}")
        case _:
            sys.exit(f"deploy: {place} answers, but not as scrapyd does")


def _last(text: str) -> str:
    """Return the last line, which in a traceback has the error."""
    return (text.strip().splitlines() or ["no reason given"])[-1]


if __name__ == "__main__":
    main()
