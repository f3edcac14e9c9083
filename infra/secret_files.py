"""The secrets of `docker-compose.yml`, each a file of its own, made once and never changed."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from city.errors import CityopsError

NAMES = (
    "influx-token",
    "influx-password",
    "grafana-admin-password",
    "grafana-secret-key",
    "alert-webhook-token",
    "telegram-bot-token",  # a bot's own token is put in its place: Grafana only wants the file to be there
)
FOLDER = Path(__file__).with_name("secrets")
_BYTES = 32


def make(folder: Path = FOLDER) -> dict[Path, bool]:
    """Make the files that are not there; which of them are new.

    The folder is its owner's alone (0700), and that is what guards the files: Compose mounts each as it is into
    containers that run as other users (Grafana, InfluxDB, ours), who must be able to read it (0444).

    Raises:
        CityopsError: the folder cannot be written, or a file of an earlier time holds nothing.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        return {folder / name: _make(folder / name) for name in NAMES}
    except OSError as error:
        raise CityopsError(f"no secrets can be made in {folder}: {error.strerror or error}") from error


def _make(path: Path) -> bool:
    """Make one secret, whole or not at all; False when there is one."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_BYTES))
            os.fchmod(file.fileno(), 0o444)
        path.hardlink_to(draft)  # unlike a rename, this never replaces
    except FileExistsError:
        if not path.read_text(encoding="utf-8").strip():
            raise CityopsError(f"the secret {path} is empty: delete it and run `./cityops secrets` again") from None
        return False
    finally:
        Path(draft).unlink()
    return True
