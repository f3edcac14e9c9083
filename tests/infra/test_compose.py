"""What can be held of the Compose and Docker files without an engine."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import COMMANDS
from infra.native.influxdb import BUCKETS, ORG, InfluxDB
from infra.native.kafka import Kafka
from infra.secret_files import NAMES
from runtime.settings import Settings
from stream_app.metrics import COUNTERS, GAUGES

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
PROVISIONED = ROOT / "dashboards" / "provisioned"
COMPOSE: dict[str, Any] = yaml.safe_load((INFRA / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (INFRA / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("worker", "summary", "simulator")
each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def _by_the_specification(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_file_is_valid_by_the_compose_specification() -> None:
    checked = _by_the_specification(INFRA / "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_misspelt_key_is_not(tmp_path: Path) -> None:
    text = (INFRA / "docker-compose.yml").read_text(encoding="utf-8")
    assert "healthcheck:" in text
    (tmp_path / "docker-compose.yml").write_text(text.replace("healthcheck:", "healtcheck:", 1), encoding="utf-8")
    assert "healtcheck" in _by_the_specification(tmp_path / "docker-compose.yml").stdout


@each_service
def test_every_image_is_pinned_to_a_full_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+\.\d+", SERVICES[name]["image"])


@each_service
def test_every_port_is_on_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_the_ports_are_those_of_the_design() -> None:
    ports = {port.split(":")[1] for service in SERVICES.values() for port in service.get("ports", [])}
    assert ports == {"9092", "8086", "3000", "8080"}


@each_service
def test_every_service_has_a_health_check_and_a_start_order_by_health(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(needed["condition"] == "service_healthy" for needed in service.get("depends_on", {}).values())


@each_service
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == "unless-stopped"
    # Kafka's image writes its configuration into its own folders.
    assert service.get("read_only", False) is (name != "kafka")


@each_service
def test_every_volume_is_named_or_a_read_only_file_of_the_project(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source, _, rest = volume.partition(":")
        if source.startswith("."):
            assert rest.endswith(":ro")
            inside = (INFRA / source).resolve().relative_to(ROOT)
            assert inside.parts[:2] == ("dashboards", "provisioned") or (ROOT / inside).exists()
        else:
            assert source in COMPOSE["volumes"]


def test_every_secret_is_a_file_that_the_command_makes() -> None:
    assert COMPOSE["secrets"] == {name: {"file": f"./secrets/{name}"} for name in NAMES}
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(NAMES)


@each_service
def test_no_password_or_token_stands_in_an_environment(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|TOKEN|SECRET_KEY|CREDENTIAL", variable):
            assert variable.endswith("_FILE")
            secret = value.removeprefix("/run/secrets/")
            assert secret in SERVICES[name]["secrets"]


@each_service
def test_every_variable_taken_from_outside_has_a_default_and_every_setting_exists(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    for outside in re.findall(r"\$\{[^}]*\}", yaml.safe_dump(SERVICES[name])):
        assert ":-" in outside
    ours = {variable.removeprefix("CITYOPS_").lower() for variable in environment if variable.startswith("CITYOPS_")}
    assert ours <= set(Settings.model_fields)


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_that_the_command_line_or_a_part_has(name: str) -> None:
    entrypoint = SERVICES[name].get("entrypoint")
    if entrypoint is None:
        assert SERVICES[name]["command"][0] in COMMANDS
    else:
        assert entrypoint[:2] == ["python", "-m"]
        assert importlib.util.find_spec(entrypoint[2]) is not None


@pytest.mark.parametrize("name", OURS)
def test_our_image_has_the_projects_version(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert SERVICES[name]["image"] == f"cityops:{project['version']}"


def test_the_servers_are_those_that_run_without_docker() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{Kafka.recipe.version}"
    assert SERVICES["influxdb"]["image"] == f"influxdb:{InfluxDB.recipe.version}"


def test_kafka_keeps_the_contract_of_the_topics() -> None:
    environment = SERVICES["kafka"]["environment"]
    assert environment["KAFKA_NUM_PARTITIONS"] == SERVICES["worker"]["environment"]["CITYOPS_PARTITIONS"] == "12"
    assert environment["KAFKA_LOG_CLEANUP_POLICY"] == "delete"
    assert environment["KAFKA_LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS"] == "60000"
    assert int(environment["KAFKA_LOG_RETENTION_HOURS"]) >= 24
    assert SERVICES["worker"]["environment"]["CITYOPS_BROKER"] in environment["KAFKA_ADVERTISED_LISTENERS"]


def test_influxdb_makes_the_same_buckets_as_without_docker() -> None:
    environment = SERVICES["influxdb"]["environment"]
    script = INFRA / "influxdb" / "buckets.sh"
    found = {environment["DOCKER_INFLUXDB_INIT_BUCKET"]: environment["DOCKER_INFLUXDB_INIT_RETENTION"]}
    found |= dict(re.findall(r"--name (\S+) --retention (\S+)", script.read_text(encoding="utf-8")))

    assert {name: int(hours.removesuffix("h")) * 3600 for name, hours in found.items()} == dict(BUCKETS)
    assert environment["DOCKER_INFLUXDB_INIT_ORG"] == ORG
    assert os.access(script, os.X_OK)  # the image runs only what is executable


def test_grafana_is_given_the_boards_sources_and_rules_as_they_stand() -> None:
    mounted = dict(volume.removesuffix(":ro").split(":") for volume in SERVICES["grafana"]["volumes"])
    provisioned = "../dashboards/provisioned"
    assert mounted[f"{provisioned}/datasources"] == "/etc/grafana/provisioning/datasources"
    assert mounted[f"{provisioned}/alerting"] == "/etc/grafana/provisioning/alerting"
    assert mounted[f"{provisioned}/providers.yaml"] == "/etc/grafana/provisioning/dashboards/providers.yaml"
    providers = yaml.safe_load((PROVISIONED / "providers.yaml").read_text(encoding="utf-8"))["providers"]
    for provider in providers:
        folder = provider["options"]["path"].replace(mounted[f"{provisioned}/boards"], str(PROVISIONED / "boards"))
        assert list(Path(folder).glob("*.json"))
    assert SERVICES["grafana"]["image"].startswith("grafana/grafana:12.")


def test_grafanas_sources_name_services_and_secrets_that_it_has() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (PROVISIONED / "datasources").glob("*.yaml"))
    assert set(re.findall(r"url: (\S+)", text)) == {"http://influxdb:8086"}
    assert set(re.findall(r"dbName: (\S+)", text)) == set(BUCKETS)
    named = set(re.findall(r"\$__file\{/run/secrets/([^}]+)\}", text))
    assert named
    assert named <= set(SERVICES["grafana"]["secrets"])


def test_the_image_is_built_in_stages_from_hashes_and_runs_as_nobody() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base) for base in bases)
    assert "--require-hashes" in DOCKERFILE
    builder, shipped = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert " gcc " in builder
    assert "gcc" not in shipped
    assert re.search(r"^USER 10001:10001$", shipped, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", shipped, re.MULTILINE)


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), "--no-color", INFRA / "Dockerfile"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_image_holds_every_room_but_the_benchmarks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) - {"bench"}
    copied = dict(re.findall(r"^COPY (\w+) \./(\w+)$", DOCKERFILE, re.MULTILINE))
    ignored = (INFRA / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()

    assert copied == {room: room for room in rooms}
    assert {line.removeprefix("!") for line in ignored if re.fullmatch(r"!\w+", line)} == rooms | {"LICENSE"}
    assert ignored.index("infra/secrets") > ignored.index("!infra")


HOW_TO = {page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "how-to").glob("*.md")}
each_page = pytest.mark.parametrize("page", sorted(HOW_TO))


@each_page
def test_how_to_pages_name_services_profiles_and_volumes_that_there_are(page: str) -> None:
    compose = r"(?:\$compose|docker compose -f infra/docker-compose\.yml)[^\n]*?"
    text = HOW_TO[page]
    named = set(re.findall(rf"{compose} (?:stop|start|exec|logs|up -d)(?: --\S+)* ([a-z]+)", text))
    named |= set(re.findall(r"(\w+):/var/lib", text)) | set(re.findall(r"--scale (\w+)=", text))

    assert named <= set(SERVICES)
    assert set(re.findall(r"--profile (\w+)", text)) <= {p for s in SERVICES.values() for p in s.get("profiles", [])}
    assert set(re.findall(r"cityops_([a-z]+-data)", text)) <= set(COMPOSE["volumes"])


def test_every_variable_taken_from_outside_is_told_on_a_how_to_page() -> None:
    outside = re.findall(r"\$\{([A-Z_]+):-", (INFRA / "docker-compose.yml").read_text(encoding="utf-8"))
    assert outside
    assert [name for name in outside if not any(f"`{name}`" in text for text in HOW_TO.values())] == []


@each_page
def test_how_to_pages_name_commands_that_there_are(page: str) -> None:
    assert set(re.findall(r"^(?:\S+=\S+ )*\./cityops ([a-z-]+)", HOW_TO[page], re.MULTILINE)) <= set(COMMANDS)


def test_what_is_watched_is_told_by_the_worker() -> None:
    told = {*COUNTERS, *GAUGES}
    text = HOW_TO["watch-it"]
    (counters, gauges) = re.findall(r"(?:counters|gauges)\n?\s*`([a-z_ \n]+)`", text)

    assert set(counters.split()) | set(gauges.split()) == told
    assert {re.sub(r"_total$", "", name) for name in re.findall(r"cityops_([a-z_]+)\b", text)} <= told
