"""Run the README's first block as a new user does, in a clean checkout: `python first_lines.py README.md`."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

WAIT_SECONDS = 300


def main(readme: Path) -> None:
    """Start what the first command starts, run the second, compare what it prints."""
    found = re.search(r"<!-- first -->\n```console\n\$ (.*)\n\$ (.*)\n(.*)\n```", readme.read_text())
    assert found, "the README has no first block"
    start, call, printed = found.groups()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "MOCKFLOW_PORT": str(port)}
    server = subprocess.Popen(["bash", "-c", start], cwd=readme.parent, env=env, start_new_session=True)
    try:
        wait = ["bash", "-c", "until .venv/bin/mockflow wait --timeout 1 2>/dev/null; do sleep 0.5; done"]
        env["MOCKFLOW_URL"] = f"http://localhost:{port}"
        subprocess.run(wait, cwd=readme.parent, env=env, check=True, timeout=WAIT_SECONDS)
        run = subprocess.run(
            ["bash", "-c", call.replace("4747", str(port))], capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == printed, f"{run.stdout!r} is not {printed!r}"
        print(f"the README's first lines print {printed}")
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # the shell and what it started
        server.wait(10)


main(Path(sys.argv[1]).resolve())
