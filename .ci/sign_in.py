"""Sign in against an installed mockflow, as its first user does: `python sign_in.py PATH_TO_MOCKFLOW`.

Standard library alone, so that it runs in an environment that has nothing but the wheel.
"""

from __future__ import annotations

import json
import subprocess
import sys
from http.cookiejar import CookieJar
from importlib.resources import files
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener


def post(opener: OpenerDirector, url: str, body: dict[str, str]) -> dict[str, object]:
    """POST JSON, answer JSON."""
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with opener.open(request) as response:
        return dict(json.load(response))


def main(mockflow: str) -> None:
    """Start it, sign in, list, stop; check that the wheel brought everything along."""
    package = files("mockflow")
    for part in ("py.typed", "seeds/demo.yaml", "seeds/edge.yaml", "seeds/empty.yaml", "seeds/large.yaml"):
        assert package.joinpath(part).is_file(), part
    assert "site-packages" in str(package), package
    server = subprocess.Popen([mockflow, "serve", "--memory", "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = next(line.split()[-1] for line in server.stdout if line.startswith("MOCKFLOW READY"))
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    signed_in = post(opener, f"{url}/api/v1/user/signin", {"email": "demo@flowtask.test", "password": "Passw0rd!"})
    assert signed_in == {"msg": "Logged in successfully"}, signed_in
    with opener.open(f"{url}/api/v2/todo") as response:
        tasks = json.load(response)["todos"]
    assert len(tasks) > 20, len(tasks)
    server.terminate()
    assert server.wait(10) == 0, server.returncode
    print(f"signed in against the installed wheel: {len(tasks)} tasks")


main(sys.argv[1])
