"""A board's state is in its address, and Grafana's links lead to our pages and nowhere else."""

import pytest

from console.panels.address import Wanted, here, path_of

ADDRESSES = {
    "a board": ("/d/traffic-vi", "/boards/traffic"),
    "what is chosen and when": (
        "/d/traffic-vi?var-zone=a&var-zone=b&from=now-3h&to=now",
        "/boards/traffic?var-zone=a&var-zone=b&from=now-3h&to=now",
    ),
    "all": ("/d/traffic-en?var-area=$__all", "/boards/traffic?var-area=$__all"),
    "one panel": ("/d/traffic-vi?viewPanel=962197", "/boards/traffic?viewPanel=962197"),
    "a value with signs": ("/d/area-vi?var-area=a%26b", "/boards/area?var-area=a%26b"),
    "parameters of Grafana's that mean nothing here": ("/d/area-vi?orgId=1&kiosk", "/boards/area"),
}


@pytest.mark.parametrize(("theirs", "ours"), ADDRESSES.values(), ids=ADDRESSES)
def test_a_link_of_grafana_s_becomes_one_of_ours(theirs: str, ours: str) -> None:
    assert here("", theirs) == ours
    assert here("/en", theirs) == f"/en{ours}"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil/d/x", "https://evil/d/traffic-vi", "/explore", "data:text/html,x", ""]
)
def test_a_link_that_leads_elsewhere_leads_nowhere(url: str) -> None:
    assert here("", url) == ""


def test_what_an_address_asks_for_makes_the_same_address() -> None:
    pairs = [("var-a", "x"), ("var-a", "y"), ("from", "now-1h"), ("to", "now"), ("refresh", "off"), ("viewPanel", "7")]
    wanted = Wanted.of(pairs)
    assert wanted == Wanted({"a": ("x", "y")}, "now-1h", "now", "off", 7)
    assert wanted.at("/b") == "/b?var-a=x&var-a=y&from=now-1h&to=now&refresh=off&viewPanel=7"
    assert wanted.but("a", ["z"]).at("/b").startswith("/b?var-a=z&from")


@pytest.mark.parametrize("number", ["x", "-1", "9" * 13, "１"])  # noqa: RUF001 - a digit that is none of ours
def test_a_panel_that_is_no_number_is_none(number: str) -> None:
    assert Wanted.of([("viewPanel", number)]).panel == 0


def test_a_board_of_either_language_is_one_page() -> None:
    assert path_of("", "services-day-vi") == path_of("", "services-day-en") == "/boards/services-day"
