"""A part in miniature: announces itself, then lives until told to end. Run as a script: NAME [BEHAVIOUR…]."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from runtime import part
from runtime.settings import load


class _Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    name, *behaviour = sys.argv[1:]
    settings = load()
    part.end_with_supervisor()
    with (settings.data_dir / "history").open("a") as history:
        begun = " begin" if "--begin" in behaviour else ""
        history.write(f"{name}{begun} broker={settings.broker} store={settings.store_url}\n")
    if "stubborn" in behaviour:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "parent" in behaviour:
        offspring = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (settings.data_dir / "offspring").write_text(str(offspring.pid))
    if "refuses" in behaviour:
        sys.stderr.write("cityops: no scenario 'rain'\n")
        sys.exit(part.EX_CONFIG)
    if "breaks" in behaviour:
        sys.stderr.write("something is broken\n")
        sys.exit(1)
    if "web" in behaviour:
        server = HTTPServer(("127.0.0.1", settings.metrics_port), _Well)
        part.announce(settings, name)
        server.serve_forever()
    if "mute" not in behaviour:
        part.announce(settings, name, address=f"{name}.invalid:1", url=f"http://{name}.invalid")
    while True:
        if "chatty" in behaviour:
            sys.stderr.write("x" * 100_000 + "\n")
        time.sleep(0.05)
        if Path(settings.data_dir / f"break-{name}").exists():
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
