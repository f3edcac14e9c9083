"""Building InfluxDB: the Go module that `go.mod` and `go.sum` pin, and the Rust library inside its query engine."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from infra.native.cache import Recipe, Steps
from infra.native.tools import CARGO, CC, GO, PKG_CONFIG, require

_HERE = Path(__file__).parent
_LOCKS = (_HERE / "go.mod", _HERE / "go.sum", _HERE / "tools.go")
_PATCHED_RUSTC = '#!/bin/sh\nexec "$@" --cap-lints allow\n'


def build(folder: Path, steps: Steps) -> None:
    """Fill `folder` with the program `influxd`."""
    go = require("InfluxDB", GO, CARGO, CC, PKG_CONFIG)["go"]
    module = folder / "build"
    module.mkdir()
    for lock in _LOCKS:
        (module / lock.name).write_bytes(lock.read_bytes())
    # The build asks pkg-config for the Rust library; InfluxDB's own pkg-config builds it with cargo on the way.
    pkg_config = module / "pkg-config"
    locked = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false"}
    steps.run([go, "build", "-o", pkg_config, "github.com/influxdata/pkg-config"], cwd=module, env=locked)
    # That library refuses warnings, and compilers newer than itself find some.
    rustc = module / "rustc-without-lints"
    rustc.write_text(_PATCHED_RUSTC, encoding="ascii")
    rustc.chmod(0o755)
    steps.run(
        [
            go,
            "build",
            f"-tags={_tags(platform.machine())}",
            f"-ldflags=-X main.version=v{RECIPE.version}",
            "-o",
            folder / "influxd",
            "github.com/influxdata/influxdb/v2/cmd/influxd",
        ],
        cwd=module,
        env=locked
        | {
            "CGO_ENABLED": "1",
            "PKG_CONFIG": str(pkg_config),
            "RUSTC_WRAPPER": str(rustc),
            # Where rustup is in charge: the compiler that is there, not the one a source tree asks it to fetch.
            "RUSTUP_TOOLCHAIN": "stable",
        },
    )
    shutil.rmtree(module)


def _tags(machine: str) -> str:
    """Build tags as InfluxDB's own makefile sets them, less its web pages (`assets`)."""
    tags = ["sqlite_foreign_keys", "sqlite_json"]
    if machine not in {"x86_64", "AMD64", "s390x"}:
        tags.append("noasm")  # its query engine would panic elsewhere
    return ",".join(tags)


RECIPE = Recipe(
    server="InfluxDB",
    locks=_LOCKS,
    pin=r"github\.com/influxdata/influxdb/v2 v(\S+)",
    takes="a build of about 5 minutes on 2 cores, 2 GB of Go and Rust caches",
    build=build,
)
