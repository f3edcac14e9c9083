"""Names of places in templates that Grafana fills in: code → name, out of a table that the template itself carries.

Grafana's annotations share nothing and know no tables: a table as text, and the regular expression that leaves one name
of it, is what its documented functions can do. A chain of `if eq` costs it ten times as much (decision record 9).
https://grafana.com/docs/grafana/latest/alerting/alerting-rules/templates/reference/
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOK_UP: Final = '{{ reReplaceAll (print "^.*?;" . "=|;.*") "" (print "%s;" . "=" .) }}'
_OF_LABEL: Final = "{{ with .Labels.%s }}" + _LOOK_UP + "{{ else }}?{{ end }}"
_WRITTEN: Final = re.compile(re.escape(_OF_LABEL).replace("%s", r"(\w+)", 1).replace("%s", r'([^"]*)', 1))
_UNFIT: Final = re.compile(r'[;="\\{}\n]')


def of_dot(names: Mapping[str, str]) -> str:
    """A template for the name of the code that the dot is; of a code without a name, the code.

    Raises:
        DataError: a name holds what the table is written with.
    """
    if unfit := sorted(text for pair in names.items() for text in pair if _UNFIT.search(text)):
        raise DataError(f'{unfit[0]!r} cannot be told in an alert: it holds one of ; = " \\ {{ }}')
    return _LOOK_UP % "".join(f";{code}={name}" for code, name in names.items())


def of_label(label: str, names: Mapping[str, str]) -> str:
    """The same for the code in a label; `?` where an alert has no such label.

    Raises:
        DataError: as `of_dot`.
    """
    return "{{ with .Labels." + label + " }}" + of_dot(names) + "{{ else }}?{{ end }}"


def filled(template: str, labels: Mapping[str, str]) -> str:
    """The template with all that `of_label` wrote into it filled in."""

    def name(found: re.Match[str]) -> str:
        code = labels.get(found[1], "")
        return _table(found[2]).get(code, code) or "?"

    return _WRITTEN.sub(name, template)


@lru_cache(maxsize=16)
def _table(text: str) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in text.split(";") if entry)
    return {code: name for code, _, name in pairs}
