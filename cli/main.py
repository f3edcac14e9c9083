"""The door: finds the command, runs it, and tells a person in one line what went wrong.

Only the asked command's module is imported, so that `./cityops --help` is quick.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import keyword
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from city.errors import CityopsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

INTERRUPTED = 130


# Command → what it does. It lives in `cli/<command>.py` (`import` in `cli/import_.py`), as a `typer.Typer` named
# `app` or as a function of the command's name with typer's annotations. An int that it returns is the exit code.
COMMANDS = {
    "up": "Run the city on this machine until Ctrl-C.",
    "test": "Run the tests; what follows goes to pytest.",
    "doctor": "Say what is missing on this machine, and what to do about it.",
    "settings": "Show every setting, its value, and where that came from.",
    "console": "Show the city in the browser.",
    "query": "Ask the store a question in InfluxQL.",
    "reset": "Empty the log, the offsets and the store.",
    "catalogue": "Show the domains: series, KPIs, rules; check the packs.",
    "new-domain": "Make the folder of a new domain, which runs at once.",
    "docs": "Make the reference pages out of the code; has one drifted?",
    "simulate": "Write simulated events to a file or to the city.",
    "record": "Write the events of the city's log to a file.",
    "replay": "Send recorded events into the city.",
    "inject": "Make a file worse: late, duplicate, missing and skewed events.",
    "import": "Turn an outside data set into events.",
    "check": "Say which lines of an events file are wrong, and why.",
    "truth": "Recompute a file's points plainly; compare them with the store.",
    "worker": "Run one stream worker against a broker and a store.",
    "dashboards": "Build, check and publish the Grafana boards.",
    "alerts": "Test and check the alert rules.",
    "secrets": "Make the secret files that production needs.",
    "servers": "Install and run real servers without Docker.",
}


def main() -> None:
    """Run `sys.argv` and exit: 0 done, 1 failed, 2 asked for wrongly, 130 interrupted."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # started with the stream closed: what is said goes nowhere
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 — as long as the process
            setattr(sys, name, nowhere)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; whatever goes wrong is told on standard error."""
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except CityopsError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone (`| head`): no fault, and nobody to tell
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        return _say(": ".join(str(part) for part in (error.filename, error.strerror or error) if part), 1)
    except Exception as error:  # noqa: BLE001 — the last resort: a fault of ours is one line too, with a file
        return _say(_keep_traceback(error), 1)
    return code


def _dispatch(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        sys.stdout.write(_help())
        return 0 if arguments else UsageError.exit_code
    name, *rest = arguments
    if name == "--version":
        sys.stdout.write(f"cityops {_version()}\n")
        return 0
    if name not in COMMANDS:
        nearest = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else "`./cityops --help` lists them"
        raise UsageError(f"no command {name!r}; {hint}")
    return _call(load_app(name), name, rest)


def _call(app: typer.Typer, name: str, arguments: Sequence[str]) -> int:
    from typer.exceptions import Abort, TyperException

    try:
        result = app(args=list(arguments), prog_name=f"cityops {name}", standalone_mode=False)
    except TyperException as error:  # what typer finds wrong with the arguments
        return _say(f"{error.format_message()} (`./cityops {name} --help`)", error.exit_code)
    except Abort:
        return INTERRUPTED
    except SystemExit as end:  # typer's own answer to a reader that is gone
        return end.code if isinstance(end.code, int) else 1
    return result if isinstance(result, int) else 0


def load_app(name: str) -> typer.Typer:
    """The typer app of a command; a plain function becomes one."""
    import typer

    if not _exists(name):
        raise CityopsError(f"the command {name!r} is not part of this version")
    module = importlib.import_module(_module(name))
    app = getattr(module, "app", None)
    if not isinstance(app, typer.Typer):
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(name)(getattr(module, name.replace("-", "_")))
    return app


def _exists(name: str) -> bool:
    return importlib.util.find_spec(_module(name)) is not None


def _module(name: str) -> str:
    return f"cli.{name}_" if keyword.iskeyword(name) else f"cli.{name.replace('-', '_')}"


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items() if _exists(name)]
    return "\n".join(
        [
            "Usage: cityops COMMAND [OPTIONS]",
            "",
            "cityops watches a city as it runs: events become time series, panels and alerts.",
            "",
            "Commands:",
            *lines,
            "",
            "`cityops COMMAND --help` tells more. Exit codes: 0 done, 1 failed, 2 usage.",
            "",
        ]
    )


def _version() -> str:
    from importlib import metadata

    project = Path(__file__).parent.parent / "pyproject.toml"
    if project.exists():
        import tomllib

        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("cityops")


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"cityops: {message}\n")
    return code


def _drop_output() -> None:
    """Send what is still to be printed nowhere, if it cannot be printed: Python would try again when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _keep_traceback(error: Exception) -> str:
    text = "".join(traceback.format_exception(error))
    if os.environ.get("CITYOPS_LOG_LEVEL", "").upper() == "DEBUG":
        sys.stderr.write(text)
    with tempfile.NamedTemporaryFile("w", prefix="cityops-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(text)
    summary = " ".join(f"{type(error).__name__}: {error}".split())
    return f"a fault of cityops itself: {summary[:300]} (traceback: {file.name})"


if __name__ == "__main__":
    main()
