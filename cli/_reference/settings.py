"""The page of settings, out of their one table."""

from __future__ import annotations

from types import UnionType
from typing import Union, get_args, get_origin

from cli._reference.markdown import code, page, prose, table
from runtime.settings import OTHER_VARIABLES, PREFIX, Settings, plain


def pages() -> dict[str, str]:
    """File → page."""
    text = page(
        "Settings",
        "A value comes from the first of: a flag of the command, the environment (`CITYOPS_<NAME>`), `cityops.toml` in "
        "the working folder (or the file that `CITYOPS_CONFIG` names), the default. A name that nobody knows is "
        "refused. `./cityops settings` prints every setting, its value, and where that came from.",
        table(
            ("setting", "variable", "type", "default", "meaning"),
            [
                (
                    code(name),
                    code(PREFIX + name.upper()),
                    _kind(field.annotation),
                    code(plain(field.default)),
                    prose(field.description or ""),
                )
                for name, field in Settings.model_fields.items()
            ],
        ),
        "## Other variables",
        table(("variable", "what"), [(code(name), what) for name, what in sorted(OTHER_VARIABLES.items())]),
    )
    return {"settings.md": text}


def _kind(annotation: object) -> str:
    """`Path | None` → `path`: what is not set is empty."""
    kinds = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    names = {bool: "yes or no", int: "integer", float: "number", str: "text"}
    first = next(kind for kind in kinds if kind is not type(None))
    if get_origin(first) is tuple:
        return "list"
    return names.get(first, "path")
