"""The page of commands, out of what `--help` is made of."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from cli._reference.markdown import code, page, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typer.core import TyperCommand


def pages(commands: Mapping[str, str], load: Any) -> dict[str, str]:
    """File → page.

    Args:
        commands: name → what it does, in the order of `--help`.
        load: name → its typer app.
    """
    import typer

    parts = [part for name in commands for part in _command(name, typer.main.get_command(load(name)))]
    text = page(
        "Commands",
        "`./cityops COMMAND --help` says the same. Exit codes: 0 done, 1 failed, 2 asked for wrongly, 130 interrupted; "
        "a part of a running city that only a person can help ends with 78.",
        table(("command", "what it does"), [(f"[`{name}`](#{name})", about) for name, about in commands.items()]),
        *parts,
    )
    return {"commands.md": text}


def _command(name: str, command: Any) -> Iterator[str]:
    """A section of a command, and one of each command below it."""
    yield f"## {name}"
    below: dict[str, TyperCommand] = getattr(command, "commands", {})
    if not below:
        yield from _body(name, command)
        return
    yield _paragraphs(command.help or "")
    for sub, inner in below.items():
        yield f"### {name} {sub}"
        yield from _body(f"{name} {sub}", inner)


def _body(name: str, command: TyperCommand) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    words = [_argument(one) for one in arguments]
    yield "```text\n" + " ".join(("./cityops", name, *(["[OPTIONS]"] if options else []), *words)) + "\n```"
    yield _paragraphs(command.help or "")
    rows = [(code(_argument(one)), _help(one)) for one in arguments] + [(_names(one), _help(one)) for one in options]
    yield table(("", ""), rows)


def _argument(one: Any) -> str:
    name = one.metavar or one.name.upper()
    name = f"{name}..." if one.nargs != 1 and not name.endswith("...") else name
    return name if one.required else f"[{name}]"


def _names(one: Any) -> str:
    value = "" if _is_flag(one) else f" {one.metavar or _kind(one)}"
    return ", ".join(code(f"{flag}{value}") for flag in (*one.opts, *one.secondary_opts))


def _is_flag(one: Any) -> bool:
    return bool(one.is_flag) or one.type_descriptor.annotation is bool


def _kind(one: Any) -> str:
    """What its value is, for an option that names it by nothing but its type."""
    kind = one.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(choice.value) for choice in kind)
    return {int: "INTEGER", float: "NUMBER"}.get(kind, "TEXT")


def _help(one: Any) -> str:
    said = prose(" ".join((one.help or "").split()))
    default = one.default
    if default in {None, False, ""} or callable(default) or "default" in said:
        return said
    return f"{said} Default: `{getattr(default, 'value', default)}`."


def _paragraphs(text: str) -> str:
    """The help as prose: its lines are wrapped for a terminal, its paragraphs are not."""
    return "\n\n".join(" ".join(part.split()) for part in prose(text.replace("\b", "")).split("\n\n"))
