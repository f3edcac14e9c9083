"""Who may import whom, as the design says, read from the source of every room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    *("bench", "city", "cli", "console", "dashboards", "embedded", "infra", "producers", "runtime", "stream_app"),
    "summary",
)
EVERYONE = frozenset(ROOMS)

# Room → the rooms it may import, beside itself. Part of a room comes before the room.
MAY_IMPORT = {
    "city": frozenset[str](),
    "runtime": frozenset({"city"}),
    "stream_app.core": frozenset({"city"}),
    "stream_app.truth": frozenset({"city"}),
    "stream_app": frozenset({"city", "runtime"}),
    "summary": frozenset({"city", "runtime", "stream_app"}),
    "producers": frozenset({"city", "runtime"}),
    "dashboards": frozenset({"city", "runtime"}),
    "console": frozenset({"city", "runtime"}),
    "embedded": frozenset({"city", "runtime", "producers"}),
    "infra": frozenset({"city", "runtime"}),
    "cli": EVERYONE - {"bench"},
    "bench": EVERYONE,
}

# Pure rooms know nothing of the machine they run on.
PURE = ("city", "stream_app.core", "stream_app.truth")
IMPURE = {
    *(
        "asyncio",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "platform",
        "random",
        "secrets",
        "select",
    ),
    *("shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib"),
    "uuid",
}
CLOCKS = frozenset({"now", "today", "utcnow"})
DOORS = frozenset({"open", "print", "input", "exec", "eval"})

# A domain is one folder. Only what turns one data set into its events may name it from outside.
MAY_NAME_A_DOMAIN = ("producers.feeds", "bench")


def sources(room: str) -> Iterator[tuple[str, ast.Module]]:
    """Module name and syntax tree of every file of a room, or of a part of one."""
    base = ROOT.joinpath(*room.split("."))
    files = [base.with_suffix(".py")] if base.with_suffix(".py").is_file() else sorted(base.rglob("*.py"))
    for file in files:
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports(module: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Full names of what a module imports, anywhere in it, with the line. Relative imports are in the room."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield top(module), node.lineno
            elif node.module:
                for alias in node.names:
                    yield f"{node.module}.{alias.name}", node.lineno


def lies_in(module: str, part: str) -> bool:
    return module == part or module.startswith(f"{part}.")


def top(name: str) -> str:
    return name.partition(".")[0]


def test_every_room_has_its_rule_and_every_rule_a_room() -> None:
    there = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()} - {"tests"}
    assert there <= set(ROOMS)
    assert set(MAY_IMPORT) - {"stream_app.core", "stream_app.truth"} == set(ROOMS)


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(part: str) -> None:
    allowed = MAY_IMPORT[part]
    wrong = [
        f"{module}:{line} imports {name}"
        for module, tree in sources(part)
        for name, line in imports(module, tree)
        if not lies_in(name, part) and (room := top(name)) in ROOMS and room not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_no_room_imports_the_tests() -> None:
    wrong = [
        f"{module}:{line}"
        for room in ROOMS
        for module, tree in sources(room)
        for name, line in imports(module, tree)
        if lies_in(name, "tests")
    ]
    assert not wrong


@pytest.mark.parametrize("part", PURE)
def test_a_pure_part_reads_no_clock_no_file_and_no_machine(part: str) -> None:
    wrong = []
    for module, tree in sources(part):
        wrong += [f"{module}:{line} imports {name}" for name, line in imports(module, tree) if top(name) in IMPURE]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
                wrong.append(f"{module}:{node.lineno} asks for {ast.unparse(node.func)}()")
            if isinstance(node.func, ast.Name) and node.func.id in DOORS:
                wrong.append(f"{module}:{node.lineno} calls {node.func.id}()")
    assert not wrong, "\n".join(wrong)


def test_a_domain_is_named_by_nobody_but_itself_and_its_feeds() -> None:
    wrong = []
    for room in ROOMS:
        for module, tree in sources(room):
            if any(lies_in(module, part) for part in MAY_NAME_A_DOMAIN):
                continue
            own = ".".join(module.split(".")[:3]) if lies_in(module, "city.domains") else None
            for name, line in imports(module, tree):
                domain = ".".join(name.split(".")[:3])
                if lies_in(name, "city.domains") and name != "city.domains" and domain != own:
                    wrong.append(f"{module}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import stream_app.worker", ["stream_app.worker"]),
        ("from stream_app import worker as w", ["stream_app.worker"]),
        ("def f():\n    from stream_app.core import fold", ["stream_app.core.fold"]),
        ("if TYPE_CHECKING:\n    import city, os.path", ["city", "os.path"]),
        ("from . import x", ["here"]),
    ],
)
def test_no_way_of_importing_escapes(source: str, found: list[str]) -> None:
    assert [name for name, _ in imports("here.module", ast.parse(source))] == found
