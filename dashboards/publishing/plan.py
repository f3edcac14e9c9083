"""What publishing would do to each thing, why it would not, and doing it."""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from city.errors import CityopsError
from dashboards.publishing import manifest as manifests
from dashboards.publishing.manifest import Made
from dashboards.publishing.resources import (
    Board,
    ContactPoint,
    DataSource,
    Folder,
    MuteTiming,
    Policy,
    Resource,
    RuleGroup,
    Templates,
    digest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboards.publishing.client import Grafana
    from dashboards.publishing.manifest import Manifest

Action = Literal["create", "update", "keep", "remove", "refuse"]
DIFF_LINES: Final = 40
DIFF_WIDTH: Final = 160
_PART: Final = re.compile(r".+?(?:}}|;|$)")
"""Of a template that names places by their table: an action, or a place."""

_KINDS: Final[dict[str, type[Resource]]] = {
    kind.kind: kind for kind in (DataSource, Folder, Board, MuteTiming, Templates, ContactPoint, Policy, RuleGroup)
}
"""In the order they are made; removed the other way round, so that nothing is asked for that is still in use."""


@dataclass(frozen=True)
class Step:
    """What happens to one thing, and why where it does not."""

    action: Action
    resource: Resource
    found: dict[str, Any] | None = None
    why: str = ""

    def __str__(self) -> str:
        words = f"{self.action:<7} {self.resource.key}"
        return f"{words}: {self.why}" if self.why else words

    def diff(self) -> list[str]:
        """What changes, as lines of JSON; empty where nothing does."""
        if self.action not in {"update", "refuse"} or self.found is None:
            return []
        before, after = (
            json.dumps(_in_lines(value), indent=1, sort_keys=True, ensure_ascii=False).splitlines()
            for value in (self.resource.shown(self.found), self.resource.compared())
        )
        changes = difflib.unified_diff(before, after, "in Grafana", "wanted", lineterm="", n=1)
        lines = [textwrap.shorten(line, DIFF_WIDTH) if len(line) > DIFF_WIDTH else line for line in changes]
        more = len(lines) - DIFF_LINES
        return [*lines[:DIFF_LINES], f"… {more} more lines"] if more > 0 else lines


def plan(grafana: Grafana, wanted: Sequence[Resource], known: Manifest, *, force: bool = False) -> list[Step]:
    """What publishing would do; nothing is written.

    Args:
        grafana: where.
        wanted: in the order they are made.
        known: what earlier calls made.
        force: overwrite what people have changed or made.
    """
    steps = [_step(grafana, resource, known, force=force) for resource in wanted]
    keys = {resource.key for resource in wanted}
    stale = [_known(key, made) for key, made in known.made.items() if key not in keys]
    return [*steps, *_removals(grafana, stale, known, force=force)]


def publish(
    grafana: Grafana, steps: Sequence[Step], known: Manifest, folder: str, tell: Callable[[Step], None]
) -> None:
    """Carry out a plan.

    Args:
        grafana: where.
        steps: of `plan`.
        known: what earlier calls made; what this one makes is added, also where it fails half-way.
        folder: where the list of what was made is kept.
        tell: hears each step that is done.

    Raises:
        CityopsError: some step is refused, and then nothing is written; or Grafana refuses a request.
    """
    refuse(steps)
    try:
        for step in steps:
            _carry_out(grafana, step, known)
            if step.action != "keep":
                tell(step)
    finally:
        if any(key.startswith(Folder.kind) for key in known.made):
            manifests.write(grafana, known, folder)


def unpublish(
    grafana: Grafana, known: Manifest, tell: Callable[[Step], None], *, force: bool = False, dry_run: bool = False
) -> None:
    """Remove what was made and nothing else.

    Raises:
        CityopsError: people have changed some of it, and then nothing is removed; or Grafana refuses a request.
    """
    steps = _removals(grafana, [_known(key, made) for key, made in known.made.items()], known, force=force)
    refuse(steps)
    if dry_run:
        for step in steps:
            tell(step)
        return
    folders = [step for step in steps if isinstance(step.resource, Folder)]
    for step in (step for step in steps if not isinstance(step.resource, Folder)):
        step.resource.remove(grafana)
        tell(step)
    if known.exists:
        manifests.remove(grafana)
    for step in folders:  # the list lay in one of them
        step.resource.remove(grafana)
        tell(step)


def refuse(steps: Sequence[Step]) -> None:
    """Say all that stands in the way.

    Raises:
        CityopsError: something does.
    """
    refused = [step for step in steps if step.action == "refuse"]
    if refused:
        lines = "".join(f"\n  - {step.resource.key}: {step.why}" for step in refused)
        raise CityopsError(f"nothing was written; --force overwrites what people made or changed:{lines}")


def _step(grafana: Grafana, resource: Resource, known: Manifest, *, force: bool) -> Step:
    found = resource.read(grafana)
    made = known.made.get(resource.key)
    if found is None:
        return Step("create", resource)
    if not force:
        if made is None:
            return Step("refuse", resource, found, "it is there, and not of our making")
        if digest(resource.shown(found)) != made.left:
            return Step("refuse", resource, found, "people have changed it")
    untouched = made is not None and digest(resource.shown(found)) == made.left
    if untouched and made is not None and made.source == digest(resource.wanted):
        return Step("keep", resource, found)
    return Step("update", resource, found)


def _removals(grafana: Grafana, resources: Sequence[Resource], known: Manifest, *, force: bool) -> list[Step]:
    """Those that are there still, the last made first."""
    order = list(_KINDS)
    steps = []
    for resource in sorted(resources, key=lambda one: (order.index(one.kind), one.name), reverse=True):
        found = resource.read(grafana)
        if found is None:
            continue
        if not force and digest(resource.shown(found)) != known.made[resource.key].left:
            steps.append(Step("refuse", resource, None, "people have changed it, and it is no longer wanted"))
        else:
            steps.append(Step("remove", resource, found))
    return steps


def _carry_out(grafana: Grafana, step: Step, known: Manifest) -> None:
    resource = step.resource
    if step.action == "remove":
        resource.remove(grafana)
        del known.made[resource.key]
    elif step.action in {"create", "update"}:
        resource.write(grafana, step.found)
        left = resource.read(grafana)
        if left is None:
            raise CityopsError(f"Grafana took {resource.key} and does not have it")
        folder = getattr(resource, "folder", "")
        known.made[resource.key] = Made(digest(resource.wanted), digest(resource.shown(left)), folder)


def _in_lines(value: Any) -> Any:
    """Texts of several lines as lists of lines, long templates by their parts, so that a difference is one line."""
    match value:
        case dict():
            return {name: _in_lines(part) for name, part in value.items()}
        case list():
            return [_in_lines(part) for part in value]
        case str() if "\n" in value:
            return value.splitlines()
        case str() if len(value) > DIFF_WIDTH and "{{" in value:
            return _PART.findall(value)
        case _:
            return value


def _known(key: str, made: Made) -> Resource:
    """A thing by its key alone, to read and remove it."""
    kind = next(name for name in sorted(_KINDS, key=len, reverse=True) if key.startswith(f"{name} "))
    name = key.removeprefix(f"{kind} ")
    if kind == Board.kind:
        return Board(name, {}, folder=made.folder)
    if kind == RuleGroup.kind:
        return RuleGroup(name, {}, folder=made.folder)
    return _KINDS[kind](name, {})
