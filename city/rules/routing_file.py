"""Who is notified, in Grafana's provisioning format, as strictly as it is documented: what is not here is refused.

Contact points, notification policies, mute timings and message templates. Grafana fills `$NAME` and `$__file{…}` in
where the values of contact points and policies are concerned, and nowhere in templates and mute timings.
https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from city.errors import DataError
from city.rules.file import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

Filled = Annotated[str, Meta(min_length=1)]
Duration = Annotated[str, Meta(pattern=r"^(\d+[smhdw])+$")]
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
_DAY: Final = "(sun|mon|tues|wednes|thurs|fri|satur)day"
Weekday = Annotated[str, Meta(pattern=f"^{_DAY}(:{_DAY})?$")]
Uid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]

_DEFINES: Final = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
_CALLS: Final = re.compile(r'\{\{-?\s*template\s+"([^"]+)"')
_OPENS: Final = re.compile(r"\{\{-?\s*(?:define|if|range|with|block)\b")
_CLOSES: Final = re.compile(r"\{\{-?\s*end\s*-?\}\}")


class _Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A part of a file."""


class Webhook(_Model, frozen=True):
    """Settings of a receiver of type `webhook`."""

    url: Filled
    httpMethod: Literal["POST", "PUT"] = "POST"  # noqa: N815 - the format's own names, here and below
    username: str = ""
    password: str = ""
    authorization_scheme: str = ""
    authorization_credentials: str = ""
    maxAlerts: int = 0  # noqa: N815
    title: str = ""
    message: str = ""


class Email(_Model, frozen=True):
    """Settings of a receiver of type `email`; addresses are separated by `;`, `,` or line feeds."""

    addresses: Filled
    singleEmail: bool = False  # noqa: N815
    message: str = ""
    subject: str = ""


class Telegram(_Model, frozen=True):
    """Settings of a receiver of type `telegram`."""

    bottoken: Filled
    chatid: Filled
    message: str = ""
    message_thread_id: str = ""
    parse_mode: Literal["", "None", "HTML", "Markdown", "MarkdownV2"] = ""
    disable_web_page_preview: bool = False
    protect_content: bool = False
    disable_notifications: bool = False


_SETTINGS: Final[dict[str, type[Webhook | Email | Telegram]]] = {
    "webhook": Webhook,
    "email": Email,
    "telegram": Telegram,
}


class Receiver(_Model, frozen=True):
    """One way of telling; a contact point may have several."""

    uid: Uid
    type: Literal["webhook", "email", "telegram"]
    settings: dict[str, Any]
    disableResolveMessage: bool = False  # noqa: N815


class ContactPoint(_Model, frozen=True):
    """Somebody to tell, by name."""

    orgId: int  # noqa: N815
    name: Filled
    receivers: Annotated[tuple[Receiver, ...], Meta(min_length=1)]


Matcher = tuple[Filled, Literal["=", "!=", "=~", "!~"], str]
"""Label, operator, value."""


class Route(_Model, frozen=True, rename={"continue_": "continue"}):
    """Alerts that match go to the receiver, unless a route below takes them."""

    receiver: str = ""
    group_by: tuple[str, ...] = ()
    object_matchers: tuple[Matcher, ...] = ()
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    continue_: bool = False
    routes: tuple[Route, ...] = ()


class Policy(Route, frozen=True):
    """The root: it matches everything."""

    orgId: int = 1  # noqa: N815


class Times(_Model, frozen=True):
    """From one time of the day to another."""

    start_time: Clock
    end_time: Clock


class TimeInterval(_Model, frozen=True):
    """Times that satisfy every part given."""

    times: tuple[Times, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    days_of_month: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    location: str = ""


class MuteTime(_Model, frozen=True):
    """When nobody is told of what a route takes."""

    orgId: int  # noqa: N815
    name: Filled
    time_intervals: tuple[TimeInterval, ...]


class Template(_Model, frozen=True):
    """Message templates that others call by the names they define."""

    orgId: int  # noqa: N815
    name: Filled
    template: Filled


class RoutingFile(_Model, frozen=True):
    """A file that holds some of these; Grafana reads all files of a folder as one."""

    apiVersion: Literal[1]  # noqa: N815
    contactPoints: tuple[ContactPoint, ...] = ()  # noqa: N815
    policies: Annotated[tuple[Policy, ...], Meta(max_length=1)] = ()
    muteTimes: tuple[MuteTime, ...] = ()  # noqa: N815
    templates: tuple[Template, ...] = ()


def decode(*contents: str) -> RoutingFile:
    """The files of a folder as one, checked: names that are used are there, templates are whole.

    Raises:
        DataError: a file is not as documented; says where.
    """
    try:
        files = [msgspec.yaml.decode(content, type=RoutingFile) for content in contents]
        whole = RoutingFile(
            apiVersion=1,
            contactPoints=tuple(one for file in files for one in file.contactPoints),
            policies=tuple(one for file in files for one in file.policies),
            muteTimes=tuple(one for file in files for one in file.muteTimes),
            templates=tuple(one for file in files for one in file.templates),
        )
        for receiver in (one for point in whole.contactPoints for one in point.receivers):
            msgspec.convert(receiver.settings, _SETTINGS[receiver.type])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DataError(f"no notification file of Grafana's: {error}") from error
    if faults := [*_naming_faults(whole), *_template_faults(whole)]:
        raise DataError(f"no notification file of Grafana's: {'; '.join(faults)}")
    return whole


def routes(policy: Route) -> Iterator[Route]:
    """The policy and all routes below it."""
    yield policy
    for route in policy.routes:
        yield from routes(route)


def _naming_faults(file: RoutingFile) -> Iterator[str]:
    points = {point.name for point in file.contactPoints}
    mutes = {mute.name for mute in file.muteTimes}
    uids = [receiver.uid for point in file.contactPoints for receiver in point.receivers]
    if len(uids) != len(set(uids)):
        yield "two receivers have one uid"
    for policy in file.policies:
        if not policy.receiver or policy.object_matchers or policy.mute_time_intervals:
            yield "the root policy wants a receiver, no matchers and no mute timing"
        for route in routes(policy):
            if route.receiver and not route.receiver.startswith("$") and route.receiver not in points:
                yield f"a policy names the contact point {route.receiver!r}, which is not there"
            for name in {*route.mute_time_intervals, *route.active_time_intervals} - mutes:
                yield f"a policy names the mute timing {name!r}, which is not there"
            if route.group_interval and seconds(route.group_interval) == 0:
                yield "a group interval of nothing"


def _template_faults(file: RoutingFile) -> Iterator[str]:
    texts = [template.template for template in file.templates]
    defined = [name for text in texts for name in _DEFINES.findall(text)]
    settings = [
        str(value) for point in file.contactPoints for one in point.receivers for value in one.settings.values()
    ]
    for name in sorted({name for text in (*texts, *settings) for name in _CALLS.findall(text)} - set(defined)):
        if not name.startswith("default."):
            yield f"the template {name!r} is called and not defined"
    if len(defined) != len(set(defined)):
        yield "a template is defined twice"
    for template in file.templates:
        if len(_OPENS.findall(template.template)) != len(_CLOSES.findall(template.template)):
            yield f"the template {template.name!r} does not end what it begins"
