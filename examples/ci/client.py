"""A client of Flowtask in a few lines, for the recipes: signs in, makes a task, finds it."""

import json
import os
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

# Cookies of a name without a dot are kept for `name.local`: Python's own rule.
opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))


def call(method: str, path: str, **body: object) -> Any:
    """The answer's JSON."""
    request = Request(
        os.environ["MOCKFLOW_URL"] + path, method=method, headers={"Content-Type": "application/json"}
    )
    if body:
        request.data = json.dumps(body).encode()
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)


call("POST", "/api/v1/user/signin", email="demo@flowtask.test", password="Passw0rd!")
made = call("POST", "/api/v2/todo", title="Buy oat milk")["todo"]
found = call("GET", "/api/v2/todo/search?q=oat")["todos"]
assert made["id"] in [task["id"] for task in found], found
print("made and found:", made["title"])
