from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from city.errors import CityopsError, UsageError
from runtime.settings import Settings, explain, load


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().rate == 200.0
    Path("cityops.toml").write_text('rate = 1\nseed = 2\ngroup = "filed"\n')
    assert (load().rate, load().seed, load().group) == (1.0, 2, "filed")
    monkeypatch.setenv("CITYOPS_RATE", "3")
    monkeypatch.setenv("CITYOPS_SEED", "4")
    assert (load().rate, load().seed) == (3.0, 4)
    assert (load(rate=5).rate, load(rate=None).rate) == (5.0, 3.0)


def test_each_value_is_explained_by_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cityops.toml").write_text("rate = 1\nseed = 2\n")
    monkeypatch.setenv("CITYOPS_RATE", "3")
    rows = {row.name: row for row in explain(group="mine")}
    assert list(rows) == list(Settings.model_fields)
    assert (rows["rate"].value, rows["rate"].source) == ("3.0", "CITYOPS_RATE")
    assert (rows["seed"].value, rows["seed"].source) == ("2", "cityops.toml")
    assert (rows["group"].value, rows["group"].source) == ("mine", "flag")
    assert (rows["store_port"].value, rows["store_port"].source) == ("18086", "default")
    assert all(row.help for row in rows.values())


def test_an_unknown_name_in_the_file_is_refused_with_the_nearest_known_one() -> None:
    Path("cityops.toml").write_text("stor_port = 1\n")
    with pytest.raises(UsageError, match=r"unknown setting 'stor_port' in cityops\.toml; .* store_port"):
        load()


@pytest.mark.parametrize("name", ["CITYOPS_RAT", "CITYOPS_LIV", "cityops_rat"])
def test_an_unknown_variable_is_refused_with_the_nearest_known_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(UsageError, match=f"unknown variable {name}; the nearest known name is CITYOPS_(RATE|LIVE)"):
        load()


def test_variables_that_are_no_settings_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CITYOPS_SUPERVISED", "CITYOPS_LIVE", "CITYOPS_DATASETS", "CITYOPS_PYTHON"):
        monkeypatch.setenv(name, "1")
    assert load().datasets == Path("1")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("RATE", "fast", "rate = 'fast' (CITYOPS_RATE): Input should be a valid number"),
        ("RATE", "-1", "rate = '-1' (CITYOPS_RATE): Input should be greater than or equal to 0"),
        ("RATE", "nan", "rate = 'nan' (CITYOPS_RATE): Input should be a finite number"),
        ("STORE_PORT", "70000", "store_port = '70000' (CITYOPS_STORE_PORT): Input should be less than"),
        ("BROKER", "localhost", "'localhost' is no address; write HOST:PORT"),
        ("BROKER", "a:1,b:x", "'b:x' is no address; write HOST:PORT"),
        ("STORE_URL", "localhost:8086", "is no address; write http://HOST:PORT"),
        ("STORE_URL", "http://localhost:99999", "is no address; write http://HOST:PORT"),
        ("STORE_URL", "http://localhost:0", "is no address; write http://HOST:PORT"),
        ("SESSION_SECONDS", "91", "Input should be less than or equal to 90"),
        ("SESSION_SECONDS", "0.5", "Input should be greater than or equal to 1"),
        ("LOG_LEVEL", "loud", "log_level = 'loud' (CITYOPS_LOG_LEVEL): is none of DEBUG"),
    ],
)
def test_a_value_that_cannot_be_is_one_line_with_its_name_and_source(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CITYOPS_{name}", value)
    with pytest.raises(UsageError) as caught:
        load()
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"rate = \n", "cityops.toml: Invalid value"),
        (b"\xff\xfe", "cityops.toml: not UTF-8 text"),
        (b'rate = "x"\n', "rate = 'x' (cityops.toml)"),
        (b'data_dir = "a\\u0000b"\n', "no file can have that name"),
    ],
)
def test_a_broken_file_is_one_line(content: bytes, complaint: str) -> None:
    Path("cityops.toml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load()
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_and_crlf_do_no_harm() -> None:
    Path("cityops.toml").write_bytes(b"\xef\xbb\xbfrate = 7\r\n")
    assert load().rate == 7.0


def test_the_file_can_be_named_and_must_then_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.toml").write_text("rate = 9\n")
    monkeypatch.setenv("CITYOPS_CONFIG", "other.toml")
    assert load().rate == 9.0
    monkeypatch.setenv("CITYOPS_CONFIG", "missing.toml")
    with pytest.raises(UsageError, match="no such settings file"):
        load()


def test_a_session_is_as_long_as_the_broker_takes_it() -> None:
    assert load(session_seconds=3).session_seconds == 3.0
    assert load(session_seconds=3, broker="host:9092", broker_embedded=True).session_seconds == 3.0
    assert load(session_seconds=6, broker="host:9092").session_seconds == 6.0
    with pytest.raises(UsageError, match="Kafka takes 6 and more"):
        load(session_seconds=5, broker="host:9092")


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load().rate = 3.0


def test_but_replaces_some_and_checks_them() -> None:
    changed = load(rate=5).but(broker="host:9092")
    assert (changed.rate, changed.broker) == (5.0, "host:9092")
    with pytest.raises(ValidationError):
        load().but(store_port=0)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "rate": st.floats(0, 1e6),
            "seed": st.integers(0, 2**63),
            "scenarios": st.lists(st.from_regex(r"[a-z][a-z-]{0,10}", fullmatch=True)).map(tuple),
            "broker": st.sampled_from(["", "host:9092", "a:1,b:2"]),
            "broker_embedded": st.booleans(),
            "store_token_file": st.none() | st.just(Path("a b/ü")),
        },
    )
)
def test_a_child_process_loads_the_very_settings_of_its_parent(flags: dict[str, object]) -> None:
    settings = load(**flags)
    with pytest.MonkeyPatch.context() as child:
        for name, value in settings.environment().items():
            child.setenv(name, value)
        assert load() == settings


def test_the_token_is_read_from_its_file_and_never_shown() -> None:
    settings = load()
    settings.token_file.parent.mkdir(parents=True)
    settings.token_file.write_text("s3cret\n")
    assert settings.store_token() == "s3cret"
    assert "s3cret" not in f"{settings!r}{explain()}{settings.environment()}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff", "not text"),
        (b"one\ntwo", "holds no token"),
        ("mã".encode(), "holds no token"),
        (b"x" * 1_000_000, "holds no token"),
    ],
)
def test_a_file_without_a_token_is_one_line(content: bytes | None, complaint: str) -> None:
    settings = load(store_token_file=Path("token"))
    if content is not None:
        settings.token_file.write_bytes(content)
    with pytest.raises(CityopsError, match=complaint):
        settings.store_token()


def test_the_address_of_a_webhook_may_be_a_secret_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "webhook"
    path.write_text("https://example.org/hook?token=s3cret\n")
    assert load(alert_webhook_file=path).alert_webhook_url() == "https://example.org/hook?token=s3cret"
    assert load(alert_webhook="http://127.0.0.1:1/x").alert_webhook_url() == "http://127.0.0.1:1/x"
    assert load().alert_webhook_url() == ""


@pytest.mark.parametrize("address", ["ftp://host", "host:80", "http://", "http://user:pass@host/", "http://a b"])
def test_what_is_no_address_of_a_webhook_is_refused_and_a_secret_one_is_not_repeated(
    address: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"alert_webhook = .* is no address"):
        load(alert_webhook=address)
    path = tmp_path / "webhook"
    path.write_text(address)
    with pytest.raises(CityopsError, match=r"alert_webhook_file = .*webhook: holds no http") as found:
        load(alert_webhook_file=path).alert_webhook_url()
    assert "pass" not in str(found.value)
    with pytest.raises(CityopsError, match=r"alert_webhook_file = .*: No such file"):
        load(alert_webhook_file=tmp_path / "none").alert_webhook_url()
