from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from starlette.responses import HTMLResponse

from city.errors import UsageError
from console.guard import POLICY, Guard, refuse_open_doors
from runtime.settings import load
from tests.console.asgi import ask

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PAGE = "<html><script>1</script><script type=module>2</script>é</html>"


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await HTMLResponse(PAGE)(scope, receive, send)


APP = Guard(page, names=["console", "Wall.example"])
KINDS = ("http", "websocket")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("host", ["localhost:18080", "127.0.0.1", "[::1]:18080", "console:18080", "wall.EXAMPLE"])
def test_our_own_names_are_answered(host: str, kind: str) -> None:
    assert ask(APP, kind=kind, headers={"host": host}).status in {200, 101}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:18080",
        "",
        "127.0.0.2",
        "[::1",
        "localhost@evil",
    ],
)
def test_another_name_that_leads_here_is_refused(host: str, kind: str) -> None:
    assert ask(APP, kind=kind, headers={"host": host}).status in {421, 1008}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:3000", "http://127.0.0.1:18080.evil.example", "file://"]
)
def test_a_page_of_another_site_gets_nothing(origin: str, kind: str) -> None:
    assert ask(APP, kind=kind, headers={"origin": origin}).status in {421, 1008}


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_pages_may_ask(kind: str) -> None:
    assert ask(APP, kind=kind, headers={"origin": "http://127.0.0.1:18080"}).status in {200, 101}


def test_a_page_runs_its_own_scripts_and_no_others() -> None:
    one, other = ask(APP), ask(APP)
    (nonce,) = re.findall(r"'nonce-([\w-]+)'", one.headers["content-security-policy"])
    assert one.body.decode() == PAGE.replace("<script", f'<script nonce="{nonce}"')
    assert int(one.headers["content-length"]) == len(one.body)
    assert nonce not in other.headers["content-security-policy"], "a nonce is used once"


def test_the_policy_names_no_host_and_lets_nobody_frame_us() -> None:
    assert POLICY["default-src"] == POLICY["frame-ancestors"] == POLICY["base-uri"] == "'none'"
    assert not re.search(r"//|\*|\w\.\w", " ".join(POLICY.values()))
    assert "unsafe-inline" not in POLICY["script-src"]


@pytest.mark.parametrize(("name", "value"), [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")])
def test_every_answer_has_the_headers_of_a_careful_server(name: str, value: str) -> None:
    assert ask(APP).headers[name] == value
    assert ask(APP, headers={"host": "evil"}).headers[name] == value


@pytest.mark.parametrize("host", ["::", "192.168.1.7", "console.example", "127.0.0.1.example"])
def test_beyond_loopback_it_does_not_start_unless_something_else_keeps_others_out(host: str) -> None:
    with pytest.raises(UsageError, match=r"^console_host = .* set console_guarded"):
        refuse_open_doors(load(console_host=host))
    refuse_open_doors(load(console_host=host, console_guarded=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_is_where_it_listens(host: str) -> None:
    refuse_open_doors(load(console_host=host))
