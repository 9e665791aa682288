"""Static checks of compose.yml and the Dockerfile: the tests run without a Docker engine."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from smartdaily_crawler import settings
from tests.waiting import ROOT

TEXT = (ROOT / "compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def environment(service: str) -> dict[str, str]:
    return dict(SERVICES[service].get("environment", {}))


def option(name: str) -> int:
    """Return the value of one of Splash's options."""
    (found,) = [each for each in SERVICES["splash"]["command"] if each.startswith(f"--{name}=")]
    return int(found.partition("=")[2])


def seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


def scrapyd_conf() -> ConfigParser:
    conf = ConfigParser()
    (text,) = re.findall(r"scrapyd\.conf\n(.*?)^END$", DOCKERFILE, re.MULTILINE | re.DOTALL)
    conf.read_string(text)
    return conf


def test_the_image_contains_all_that_a_crawl_needs() -> None:
    assert SERVICES.keys() == {"database", "splash", "scrapyd"}
    for service in SERVICES.values():
        assert service["restart"] in {"always", "unless-stopped"}
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert named <= COMPOSE["volumes"].keys()


def test_images_have_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(images) == 3
    assert all(re.search(r":\d+\.\d", image) for image in images)


def test_scrapyd_has_the_version_of_the_recipe_and_of_the_tests() -> None:
    (pins,) = re.findall(r"pip install .*-r (\S+)", DOCKERFILE)
    assert f"-r {pins}\n" in (ROOT / "docs" / "scrapyd.md").read_text(encoding="utf-8")
    (pinned,) = re.findall(r"^scrapyd==\S+", (ROOT / pins).read_text(encoding="utf-8"), re.MULTILINE)
    assert f"\n{pinned} " in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")


def test_every_variable_is_in_the_example() -> None:
    named = set(re.findall(r"(?<!\$)\$\{?(\w+)", TEXT))
    assert {"POSTGRES_PASSWORD", "SCRAPYD_PASSWORD"} <= named
    assert named <= set(re.findall(r"^#(\w+)=", EXAMPLE, re.MULTILINE))


def test_no_secret_is_in_the_files() -> None:
    secrets = {
        name: value
        for service in SERVICES
        for name, value in environment(service).items()
        if re.search("PASS|USERNAME", name)
    }
    assert secrets.keys() == {"POSTGRES_PASSWORD", "PGPASSWORD", "SCRAPYD_USERNAME", "SCRAPYD_PASSWORD"}
    assert all(re.fullmatch(r"\$\{\w+:\?set it in \.env\}", value) for value in secrets.values())
    assert ".env\n" in (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").split() == ["*", "!requirements-scrapyd.txt"]
    assert not {"username", "password"} & set(scrapyd_conf()["scrapyd"])


def test_splash_reaches_nothing_but_scrapyd() -> None:
    assert SERVICES["splash"]["networks"] == ["rendering"]
    assert COMPOSE["networks"]["rendering"]["internal"] is True
    database, splash, scrapyd = (set(SERVICES[name]["networks"]) for name in ("database", "splash", "scrapyd"))
    assert not database & splash
    assert database & scrapyd
    assert splash & scrapyd
    assert "ports" not in SERVICES["splash"]


@pytest.mark.parametrize("service", ["database", "scrapyd"])
def test_ports_are_open_on_loopback_only(service: str) -> None:
    assert SERVICES[service]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service]["ports"])


def test_jobs_know_the_database_and_splash() -> None:
    given = environment("scrapyd")
    assert re.search(r"//smartdaily@(\w+)/", given["DATABASE_URL"])[1] == "database"  # type: ignore[index]
    assert given["SPLASH_URL"] == "http://splash:8050"
    read = set(re.findall(r"^#(\w+)=", EXAMPLE, re.MULTILINE))
    assert given.keys() - read == {"PGPASSWORD"}


def test_the_spool_outlives_the_container() -> None:
    mounts = [PurePosixPath(volume.split(":")[1]) for volume in SERVICES["scrapyd"]["volumes"]]
    spool = PurePosixPath(environment("scrapyd")["SPOOL_DIR"])
    assert any(spool.is_relative_to(mount) for mount in mounts)
    (home,) = re.findall(r"^WORKDIR (\S+)", DOCKERFILE, re.MULTILINE)
    assert PurePosixPath(home) in mounts


def test_scrapyd_is_not_root_and_gives_its_jobs_time() -> None:
    assert DOCKERFILE.index("\nUSER crawler\n") < DOCKERFILE.index("\nCMD ")
    assert seconds(SERVICES["scrapyd"]["stop_grace_period"]) > settings.STORAGE_PATIENCE


def test_splash_has_slots_for_the_jobs_and_restarts_in_time() -> None:
    splash, check = SERVICES["splash"], SERVICES["splash"]["healthcheck"]
    assert option("slots") >= scrapyd_conf().getint("scrapyd", "max_proc") * settings.RENDER_CONCURRENCY
    assert option("maxrss") < int(splash["mem_limit"].removesuffix("g")) * 1024
    assert splash["restart"] == "always"
    assert splash["init"] is True
    # The longest time from a freeze until the health check kills it.
    (longest,) = map(int, re.findall(r"timeout=(\d+)", check["test"][1]))
    assert longest < seconds(check["timeout"])
    assert seconds(check["interval"]) + longest < settings.RENDERER_PATIENCE
