"""A certificate of our own for this machine."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.servers import cannot

if TYPE_CHECKING:
    from pathlib import Path


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key; ends the test where there is no openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        cannot("no openssl to make a certificate with: install the package openssl")
    crt, key = folder / "server.crt", folder / "server.key"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", crt),
        ],
        check=True,
        capture_output=True,
    )
    return crt, key
