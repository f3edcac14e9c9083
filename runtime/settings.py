"""Every setting of cityops in one typed table.

A value comes from the first of: a flag, the environment (`CITYOPS_<NAME>`), `cityops.toml` in the working
folder (or the file that `CITYOPS_CONFIG` names), the default below. A name nobody knows is refused, because a
misspelt setting that silently does nothing is worse than a start that fails.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from city.errors import ConfigurationError, UsageError

PREFIX = "CITYOPS_"
CONFIG_FILE = "cityops.toml"
#: Variables with our prefix that are no settings: each is read by one place, named here.
OTHER_VARIABLES = {
    "CITYOPS_CONFIG": "the settings file to read instead of cityops.toml (runtime/settings.py)",
    "CITYOPS_LIVE": "what a test run may expect of real servers (tests/)",
    "CITYOPS_PYTHON": "the Python to set up with (the launcher)",
    "CITYOPS_SERVERS_DIR": "where real servers are installed (infra/native/cache.py)",
    "CITYOPS_SUPERVISED": "set by the supervisor for its parts (runtime/part.py)",
}

LEAST_KAFKA_SESSION_S = 6.0
"""Kafka's `group.min.session.timeout.ms`. The most, 90 s, is Faust's: it must stay below the time of a request."""

_TOKEN_CHARACTERS = 4_096

_PATHS = (
    *("data_dir", "store_token_file", "alert_rules", "alert_webhook_file", "datasets"),
    *(
        "alerts_token_file",
        "alert_webhook_token_file",
        "map_boundaries",
        "replay_dir",
        "broker_ca_file",
        "broker_password_file",
    ),
)

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """The settings of one process, checked and frozen. Make it with `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
        allow_inf_nan=False,
    )

    data_dir: Path = Field(
        Path(".cityops"), description="folder of everything a running city keeps: store, secrets, logs"
    )
    broker: str = Field("", description="Kafka to use, HOST:PORT[,HOST:PORT]; empty: the embedded broker")
    broker_embedded: bool = Field(
        default=False, description="`broker` is an embedded one (set by the supervisor for its parts)"
    )
    broker_tls: bool = Field(default=False, description="speak TLS with `broker`; its certificate is checked")
    broker_ca_file: Path | None = Field(
        None, description="certificate authority (PEM) that vouches for `broker`; unset: those of the system"
    )
    broker_user: str = Field("", description="user to sign in to Kafka as (SASL); empty: nobody")
    broker_password_file: Path | None = Field(None, description="file that holds that user's password")
    broker_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="how to sign in: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"
    )
    store_url: str = Field("", description="InfluxDB to use, http://HOST:PORT; empty: the embedded store")
    store_port: Port = Field(18086, description="port of the embedded store, on loopback")
    store_token_file: Path | None = Field(
        None, description="file that holds the store's token; default: <data_dir>/secrets/store-token"
    )
    store_org: str = Field("cityops", min_length=1, description="InfluxDB organisation")
    metrics_port: Port = Field(18090, description="port of the worker's figures and health, on loopback")
    console_host: str = Field("127.0.0.1", min_length=1, description="address the console listens on")
    console_port: int = Field(18080, ge=0, le=65535, description="port of the console; 0: `up` runs none")
    console_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="host names the console answers to beside localhost, separated by commas"
    )
    console_guarded: bool = Field(
        default=False, description="something else keeps others out, so the console may listen beyond loopback"
    )
    alerts_token_file: Path | None = Field(
        None,
        description="file with the token that Grafana shows when it posts alerts; unset: the embedded alerting tells",
    )
    map_boundaries: Path | None = Field(
        None, description="GeoJSON file with the areas' outlines (properties `code` or `name`); unset: cells"
    )
    replay_dir: Path | None = Field(None, description="folder of the recorded files that the console may replay")
    rate: float = Field(
        200.0,
        ge=0,
        description="simulated events a second over all domains; 0: none; above 8,000 `up` says them by two processes",
    )
    seed: int = Field(2026, ge=0, description="seed of the simulators: the same seed gives the same events")
    scenarios: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="scenarios the simulators play, by name, separated by commas"
    )
    partitions: int = Field(4, ge=1, le=1000, description="partitions of each topic (the embedded broker: 4)")
    group: str = Field("cityops-stream", min_length=1, description="Kafka consumer group of the workers")
    session_seconds: float = Field(
        10.0, ge=1, le=90, description="a worker silent for so long loses its partitions (Kafka takes 6 and more)"
    )
    flush_seconds: float = Field(1.0, gt=0, le=60, description="seconds between two writes of a partition")
    max_pending_points: int = Field(
        200_000, ge=1, description="points, late and rejected records that wait to be written, before reading stops"
    )
    max_open_windows: int = Field(
        200_000, ge=1, description="open windows a worker may hold; with more it stops and says so"
    )
    max_series: int = Field(50_000, ge=1, description="sources of one domain that a worker tells of in `sources`")
    max_remembered_ids: int = Field(
        3_000_000, ge=1, description="event identities a worker may remember; with more it stops and says so"
    )
    alert_rules: Path | None = Field(
        None, description="alert rules to evaluate, as Grafana is provisioned with; default: those of this checkout"
    )
    alert_webhook: str = Field("", description="where alerts are posted, http(s)://…; empty: nowhere")
    alert_webhook_file: Path | None = Field(
        None, description="file that holds that address, where it is itself a secret"
    )
    alert_webhook_token_file: Path | None = Field(
        None, description="file with the token that goes along with posted alerts, as `Authorization: Bearer`"
    )
    datasets: Path | None = Field(
        None, description="folder of the outside data sets: traffic/ services/ tourism/ city/"
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @field_validator("scenarios", "console_names", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator(*_PATHS, mode="after")
    @classmethod
    def _nameable(cls, value: Path | None) -> Path | None:
        if "\0" in str(value):
            raise ValueError("no file can have that name")
        return value

    @field_validator("session_seconds", mode="after")
    @classmethod
    def _taken_by_the_broker(cls, value: float, info: ValidationInfo) -> float:
        kafka = info.data.get("broker") and not info.data.get("broker_embedded")
        if kafka and value < LEAST_KAFKA_SESSION_S:
            raise ValueError(f"Kafka takes {LEAST_KAFKA_SESSION_S:g} and more; only the embedded broker takes less")
        return value

    @field_validator("log_level", mode="after")
    @classmethod
    def _known_level(cls, value: str) -> str:
        level = value.upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("is none of DEBUG, INFO, WARNING, ERROR")
        return level

    @field_validator("broker", mode="after")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        for address in value.split(",") if value else ():
            host, _, port = address.rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65536:
                raise ValueError(f"{address!r} is no address; write HOST:PORT")
        return value

    @field_validator("store_url", mode="after")
    @classmethod
    def _http_url(cls, value: str) -> str:
        found = re.fullmatch(r"https?://[^/\s:]+(?::(\d{1,5}))?/?", value, re.ASCII)
        if value and (found is None or not 0 < int(found[1] or 80) < 65536):
            raise ValueError("is no address; write http://HOST:PORT")
        return value.rstrip("/")

    @field_validator("alert_webhook", mode="after")
    @classmethod
    def _any_http_url(cls, value: str) -> str:
        return _web_address(value) if value else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file; no .env file and no folder of secrets."""
        _ = dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, _read_file())

    @property
    def token_file(self) -> Path:
        """Where the store's token is, whether it exists or not."""
        return self.store_token_file or self.data_dir / "secrets" / "store-token"

    def store_token(self) -> str:
        """The store's token.

        Raises:
            ConfigurationError: the file is missing, unreadable or empty.
        """
        try:
            with self.token_file.open(encoding="utf-8") as file:
                token = file.read(_TOKEN_CHARACTERS + 1).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise ConfigurationError(
                f"no store token at {self.token_file} ({reason}): `./cityops up` makes one at first start, "
                "or set store_token_file"
            ) from error
        if not token:
            raise ConfigurationError(f"the store token file {self.token_file} is empty: delete it, then `./cityops up`")
        if len(token) > _TOKEN_CHARACTERS or not token.isascii() or not token.isprintable():
            raise ConfigurationError(
                f"{self.token_file} holds no token, which is one line of ASCII: see store_token_file"
            )
        return token

    def broker_password(self) -> str:
        """The password of `broker_user`.

        Raises:
            ConfigurationError: no file is named, or it is missing, unreadable or empty.
        """
        path = self.broker_password_file
        if path is None:
            raise ConfigurationError("broker_user is set: name the file of its password by broker_password_file")
        try:
            password = path.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise ConfigurationError(f"broker_password_file = {path}: {reason}") from error
        if not password:
            raise ConfigurationError(f"broker_password_file = {path}: is empty")
        return password

    def alerts_token(self) -> str:
        """The token that whoever posts alerts to the console must show; empty where nobody may.

        Raises:
            ConfigurationError: the file is missing, unreadable, or holds no token.
        """
        return _token_in(self.alerts_token_file, "alerts_token_file")

    def alert_webhook_token(self) -> str:
        """The token that goes along with posted alerts; empty: none does.

        Raises:
            ConfigurationError: the file is missing, unreadable, or holds no token.
        """
        return _token_in(self.alert_webhook_token_file, "alert_webhook_token_file")

    def alert_webhook_url(self) -> str:
        """Where alerts are posted; empty: nowhere.

        Raises:
            ConfigurationError: the file is missing, unreadable, or holds no address.
        """
        path = self.alert_webhook_file
        if path is None:
            return self.alert_webhook
        try:
            return _web_address(path.read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "holds no http:// or https:// address"
            raise ConfigurationError(f"alert_webhook_file = {path}: {reason}") from error

    def environment(self) -> dict[str, str]:
        """These settings as `CITYOPS_*` variables, so that a child process loads the same ones."""
        return {PREFIX + name.upper(): text for name in type(self).model_fields if (text := plain(getattr(self, name)))}

    def but(self, **changes: object) -> Self:
        """The same settings with some replaced; the new values are checked too."""
        return type(self)(**{**self.model_dump(), **changes})


def _token_in(path: Path | None, setting: str) -> str:
    if path is None:
        return ""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigurationError(f"{setting} = {path}: {reason}") from error
    if not token or len(token) > _TOKEN_CHARACTERS or not token.isascii() or not token.isprintable():
        raise ConfigurationError(f"{setting} = {path}: holds no token, which is one line of ASCII")
    return token


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s:@]+(?::\d{1,5})?(?:[/?][^\s]*)?", value):
        raise ValueError("is no address; write http://HOST:PORT/PATH")
    return value


class Row(NamedTuple):
    """One setting as `./cityops settings` shows it."""

    name: str
    value: str
    source: str
    help: str


def load(**flags: Any) -> Settings:
    """The settings of this process; a flag that is None was not given.

    Raises:
        UsageError: an unknown name, or a value that cannot be; the message is one line.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    _refuse_unknown(given, _read_file())
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        reason = first["msg"].removeprefix("Value error, ")
        text = f"{name} = {first['input']!r} ({_source(name, given, _read_file())}): {reason}"
        raise UsageError(text) from error


def explain(**flags: Any) -> list[Row]:
    """Every setting with its value, where the value came from, and what it means."""
    given = {name: value for name, value in flags.items() if value is not None}
    settings = load(**given)
    written = _read_file()
    return [
        Row(name, plain(getattr(settings, name)), _source(name, given, written), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def plain(value: object) -> str:
    """A setting's value as text that `load` reads back; what is unset is empty."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def _config_file() -> Path:
    return Path(os.environ.get(PREFIX + "CONFIG") or CONFIG_FILE)


def _read_file() -> dict[str, Any]:
    path = _config_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if path == Path(CONFIG_FILE):
            return {}
        raise UsageError(f"{path}: no such settings file (named by CITYOPS_CONFIG)") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error


def _source(name: str, flags: dict[str, Any], written: dict[str, Any]) -> str:
    if name in flags:
        return "flag"
    variable = PREFIX + name.upper()
    if os.environ.get(variable):
        return variable
    return str(_config_file()) if name in written else "default"


def _refuse_unknown(flags: dict[str, Any], written: dict[str, Any]) -> None:
    known = list(Settings.model_fields)
    variables = [PREFIX + name.upper() for name in known] + list(OTHER_VARIABLES)
    for name in flags:
        if name not in known:
            raise UsageError(_unknown(f"setting {name!r}", name, known))
    for name in written:
        if name not in known:
            raise UsageError(_unknown(f"setting {name!r} in {_config_file()}", name, known))
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in variables:
            raise UsageError(_unknown(f"variable {name}", name.upper(), variables))


def _unknown(what: str, name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
    return f"unknown {what}; the nearest known name is {nearest} (`./cityops settings` lists them)"
