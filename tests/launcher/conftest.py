from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "chmod", "cksum", "dirname", "mkdir", "mv", "pwd", "readlink", "rm", "rmdir", "sleep", "env")

# What the launcher ends in: says where it is and what it was given.
MAIN = """
import json, locale, os, sys
print(json.dumps({
    "arguments": sys.argv[1:],
    "cwd": os.getcwd(),
    "prefix": sys.prefix,
    "path": sys.path,
    "utf8": sys.flags.utf8_mode,
    "uv": sorted(name for name in os.environ if name.startswith("UV_")),
}))
"""

# A double of uv: `venv` makes an environment that borrows this Python, `pip` writes down what it was asked and
# waits as long as a test wants, to be interrupted or overtaken.
UV = """#!/bin/sh
case "$1" in
  --version) echo "uv 0.0" ;;
  venv)
    for venv in "$@"; do :; done
    mkdir -p "$venv/bin"
    printf '#!/bin/sh\\nexec "%s" "$@"\\n' "$REAL_PYTHON" >"$venv/bin/python"
    chmod +x "$venv/bin/python" ;;
  pip)
    echo "$UV_DEFAULT_INDEX|$*" >>"$UV_LOG"
    echo "installing"
    [ -z "${UV_SLEEP-}" ] || sleep "$UV_SLEEP"
    [ -z "${UV_FAIL-}" ] || { echo "no such package" >&2; exit 1; } ;;
esac
"""


class Project:
    """A copy of the launcher with lock files of nothing, and a PATH with nothing in it but what a test puts there."""

    def __init__(self, root: Path, bin_dir: Path) -> None:
        self.root = root
        self.bin = bin_dir
        self.log = bin_dir / "uv.log"
        (root / "cli").mkdir(parents=True)
        bin_dir.mkdir()
        shutil.copy(ROOT / "cityops", root / "cityops")
        (root / "cli" / "__init__.py").touch()
        (root / "cli" / "main.py").write_text(MAIN)
        for name in ("requirements.lock", "requirements-dev.lock"):
            (root / name).write_text("# nothing\n")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, tool
            (bin_dir / tool).symlink_to(found)
        self.environment = {
            "PATH": str(bin_dir),
            "HOME": str(root),
            "REAL_PYTHON": sys.executable,
            "UV_LOG": str(self.log),
        }

    def add_program(self, name: str, script: str) -> None:
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def add_python(self, name: str = "python3", *, without: str = "") -> None:
        """A Python in PATH; `without` names a module that it lacks."""
        lacks = f'case "$*" in *{without}*) exit 1 ;; esac\n' if without else ""
        self.add_program(name, f'#!/bin/sh\n{lacks}exec "{sys.executable}" "$@"\n')

    def add_uv(self) -> None:
        self.add_program("uv", UV)

    def installs(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def start(self, *arguments: str, cwd: Path | None = None, **environment: str | None) -> subprocess.Popen[str]:
        merged = {**self.environment, **environment}
        return subprocess.Popen(
            [str(self.root / "cityops"), *arguments],
            cwd=cwd or self.root,
            env={name: value for name, value in merged.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *arguments: str, cwd: Path | None = None, **environment: str | None
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, cwd=cwd, **environment) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "a project, đặt ở đây", tmp_path / "bin")
    assert (made.root / "cityops").stat().st_mode & stat.S_IXUSR
    return made
