"""Static checks of compose.yml, the Dockerfile and the recipe for Kubernetes: the tests run without an engine."""

from __future__ import annotations

import json
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
STAGES = dict(re.findall(r"^FROM \S+ AS (\w+)$(.*?)(?=^FROM |\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL))
RECIPES = (ROOT / "docs" / "scrapyd.md").read_text(encoding="utf-8")
CRAWLERS = ["crawl", "scrapyd"]
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


def instruction(stage: str, name: str) -> str:
    """Return the arguments of the only such instruction of a stage of the Dockerfile."""
    (found,) = re.findall(rf"^{name} (.+)", STAGES[stage], re.MULTILINE)
    return str(found)


def test_compose_contains_all_that_a_crawl_needs() -> None:
    assert SERVICES.keys() == {"database", "splash", "crawl", "scrapyd"}
    for name, service in SERVICES.items():
        # A run is started by a scheduler, and ends.
        assert service["restart"] in ({"no"} if name == "crawl" else {"always", "unless-stopped"})
        assert ("profiles" in service) == (name == "crawl")
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert named <= COMPOSE["volumes"].keys()


def test_images_have_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    images += [image for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) if image not in STAGES]
    assert len(images) == 3
    assert all(re.search(r":\d+\.\d", image) for image in images)


def test_scrapyd_has_the_version_of_the_recipe_and_of_the_tests() -> None:
    (pins,) = re.findall(r"pip install .*-r (requirements-\S+)", STAGES["scrapyd"])
    assert f"-r {pins}\n" in RECIPES
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
    sent = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = " ".join(re.findall(r"^COPY (?!-)(.+) \S+$", DOCKERFILE, re.MULTILINE)).split()
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").startswith("*\n")
    assert sorted(sent) == sorted(copied)
    assert all((ROOT / name).exists() for name in copied)
    assert not {"username", "password"} & set(scrapyd_conf()["scrapyd"])


def test_splash_reaches_nothing_but_the_crawler() -> None:
    assert SERVICES["splash"]["networks"] == ["rendering"]
    assert COMPOSE["networks"]["rendering"]["internal"] is True
    database, splash = (set(SERVICES[name]["networks"]) for name in ("database", "splash"))
    assert not database & splash
    for crawler in CRAWLERS:
        assert database & set(SERVICES[crawler]["networks"])
        assert splash & set(SERVICES[crawler]["networks"])
    assert "ports" not in SERVICES["splash"]


@pytest.mark.parametrize("service", ["database", "scrapyd"])
def test_ports_are_open_on_loopback_only(service: str) -> None:
    assert SERVICES[service]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service]["ports"])


@pytest.mark.parametrize("service", CRAWLERS)
def test_runs_know_the_database_and_splash(service: str) -> None:
    given = environment(service)
    assert re.search(r"//smartdaily@(\w+)/", given["DATABASE_URL"])[1] == "database"  # type: ignore[index]
    assert given["SPLASH_URL"] == "http://splash:8050"
    read = set(re.findall(r"^#(\w+)=", EXAMPLE, re.MULTILINE))
    assert given.keys() - read == {"PGPASSWORD"}


@pytest.mark.parametrize("service", CRAWLERS)
def test_the_spool_outlives_the_container(service: str) -> None:
    mounts = {PurePosixPath(volume.split(":")[1]) for volume in SERVICES[service]["volumes"]}
    given = environment(service)
    spool = PurePosixPath(given.get("SPOOL_DIR") or f"{given['DATA_DIR']}/spool")
    assert mounts & set(spool.parents)
    # A new volume takes the owner over from the image.
    (owned,) = re.findall(
        r"install --directory --owner=crawler .*?(?= /etc|$)",
        STAGES[SERVICES[service]["build"]["target"]],
        re.MULTILINE,
    )
    assert {PurePosixPath(owned.split()[-1])} == mounts


@pytest.mark.parametrize("service", CRAWLERS)
def test_the_crawler_is_not_root_and_has_time_to_stop(service: str) -> None:
    (uid,) = re.findall(r"useradd --uid (\d+)", STAGES["base"])
    assert instruction(SERVICES[service]["build"]["target"], "USER") == uid
    assert seconds(SERVICES[service]["stop_grace_period"]) > settings.STORAGE_PATIENCE


def test_kubernetes_runs_the_image_with_the_spool_on_a_volume() -> None:
    (recipe,) = re.findall(r"^```yaml\n(apiVersion.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)
    claim, job = yaml.safe_load_all(recipe)
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (volume,), (mount,) = pod["volumes"], container["volumeMounts"]
    assert (claim["kind"], volume["persistentVolumeClaim"]["claimName"]) == (
        "PersistentVolumeClaim",
        claim["metadata"]["name"],
    )
    assert (volume["name"], {"name": "DATA_DIR", "value": mount["mountPath"]}) == (mount["name"], container["env"][0])
    uid = int(instruction("crawler", "USER"))
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["fsGroup"]) == (uid, uid)
    # Nothing in the pod replaces the image's program and folder.
    assert not container.keys() & {"command", "workingDir"}
    assert json.loads(instruction("crawler", "ENTRYPOINT")) == ["scrapy"]
    assert container["args"] == json.loads(instruction("crawler", "CMD"))
    assert f"--tag {container['image']} " in RECIPES
    assert pod["terminationGracePeriodSeconds"] > settings.STORAGE_PATIENCE


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
