"""The pages for people: what `/` says to whom, what is served beside it, and what no page may do."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest

import mockflow
from tests.conftest import MakeApp
from tests.support import Api, Reply

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SPLIT = "/_mockflow/demo/split.html"
FRAMED = ["/_mockflow/ui/", "/_mockflow/ui/index.html", "/_mockflow/demo/", "/_mockflow/demo/index.html"]
GUIDE = "/_mockflow/guide/"
PAGES = ["/", "/_mockflow/ui/", "/_mockflow/docs", "/_mockflow/demo/", SPLIT, GUIDE, f"{GUIDE}search.html"]
FOLDER = Path(mockflow.__file__).parent / "pages"
TYPES = (".html", ".css", ".js", ".svg", ".txt")


def page(api: Api, path: str, **headers: str) -> Reply:
    return api.call("GET", path, headers={**BROWSER, **headers})


def policy_of(reply: Reply) -> dict[str, str]:
    """What the Content-Security-Policy says, by directive."""
    return dict(part.partition(" ")[::2] for part in reply.headers["Content-Security-Policy"].split("; "))


# -- the root


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html"])
def test_a_client_that_does_not_ask_for_html_gets_json(nobody: Api, accept: str | None) -> None:
    reply = nobody.call("GET", "/", headers={} if accept is None else {"Accept": accept})
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.json == {
        "name": "mockflow",
        "version": mockflow.__version__,
        "description": "A mock server and developer sandbox for the Flowtask REST API.",
        "sandbox": "default",
        "url": "http://localhost",
        "console": "http://localhost/_mockflow/ui/",
        "demo": "http://localhost/_mockflow/demo/",
        "docs": "http://localhost/_mockflow/docs",
        "guide": "http://localhost/_mockflow/guide/",
        "openapi": "http://localhost/_mockflow/openapi.json",
        "control": "http://localhost/_mockflow/",
        "accounts": nobody.get("/_mockflow/accounts").json["accounts"],
    }


def test_a_browser_gets_a_page_with_the_base_url_and_the_accounts(nobody: Api) -> None:
    reply = page(nobody, "/", Host="localhost:4747")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Vary"] == "Accept"
    for shown in ("http://localhost:4747", "ann@example.com", "Passw0rd!", mockflow.__version__):
        assert shown in reply.text


@pytest.mark.parametrize("prefix", ["/s/gw0", "/s/gw0/"])
def test_in_a_sandbox_the_root_is_about_that_sandbox(nobody: Api, prefix: str) -> None:
    about = nobody.get(prefix).json
    assert (about["sandbox"], about["url"]) == ("gw0", "http://localhost/s/gw0")
    text = page(nobody, prefix).text
    assert 'href="/s/gw0/_mockflow/ui/"' in text
    assert 'href="/_mockflow' not in text


def test_without_accounts_the_root_points_to_the_outbox(make_app: MakeApp) -> None:
    api = Api(make_app(seeds="empty"))
    assert "outbox" in page(api, "/").text
    assert api.get("/").json["accounts"] == []


def test_accounts_that_need_a_token_are_not_on_the_root(make_app: MakeApp) -> None:
    api = Api(make_app(control_token="s3cret"))
    assert "ann@example.com" not in page(api, "/").text
    assert api.get("/").json["accounts"] == []


def test_the_root_says_so_where_it_is_written_to(nobody: Api) -> None:
    reply = nobody.call("POST", "/", json={})
    assert (reply.status_code, reply.headers["Allow"]) == (404, "GET")


# -- what all pages share


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_or_loads_what_is_not_from_here(nobody: Api, path: str) -> None:
    reply = page(nobody, path)
    policy = policy_of(reply)
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_two_pages_can_be_put_into_a_frame_by_their_own_server_and_one_page_does_so(nobody: Api) -> None:
    """All others, and whatever they load, refuse; and no other page has frames."""
    files = [file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*") if file.suffix in TYPES]
    others = {*PAGES, *(f"/_mockflow/{name}" for name in files if "/" in name)}
    assert others > set(FRAMED)
    for path in sorted(others):
        policy = policy_of(page(nobody, path))
        assert policy["frame-ancestors"] == ("'self'" if path in FRAMED else "'none'"), path
        assert policy.get("frame-src") == ("'self'" if path == SPLIT else None), path


class Loads(HTMLParser):
    """What a page loads, and what it holds that the policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self.inline += [name for name in have if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in have):
            self.inline.append(tag)
        self.addresses += [have[name] for name in ("src", "href") if name in have and tag in ("script", "link")]


@pytest.mark.parametrize("prefix", ["", "/s/gw0"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_inline_script_and_all_that_it_loads_is_there(nobody: Api, path: str, prefix: str) -> None:
    loads = Loads(page(nobody, f"{prefix}{path}").text)
    assert loads.inline == []
    for address in loads.addresses:
        if address.startswith("data:"):
            continue
        assert "//" not in address
        resolved = urljoin(f"{prefix}{path}", address.partition("?")[0])
        assert resolved.startswith(f"{prefix}/")
        assert nobody.get(resolved).status_code == 200, address


@pytest.mark.parametrize("path", [*PAGES, "/_mockflow/docs/swagger-ui.css"])
def test_pages_are_neither_journaled_nor_faulted(nobody: Api, path: str) -> None:
    assert nobody.post("/_mockflow/faults", effect={"status": 500}).status_code == 201
    assert page(nobody, path).status_code == 200
    assert nobody.get("/_mockflow/requests").json["requests"] == []


@pytest.mark.parametrize("path", PAGES[1:])
def test_a_file_of_a_page_makes_no_sandbox(nobody: Api, path: str) -> None:
    assert page(nobody, f"/s/gone{path}").status_code == 200
    assert [found["name"] for found in nobody.get("/_mockflow/sandboxes").json["sandboxes"]] == ["default"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_open_without_the_token_since_they_tell_nothing(make_app: MakeApp, path: str) -> None:
    api = Api(make_app(control_token="s3cret"))
    assert page(api, path).status_code == 200
    assert api.get("/_mockflow/info").status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_a_rebound_name_gets_no_page(nobody: Api, path: str) -> None:
    assert page(nobody, path, Host="evil.example.com").status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_link_on_another_site_may_lead_to_a_page(nobody: Api, path: str) -> None:
    assert page(nobody, path, **{"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/_mockflow/ui", "ui/"),
        ("/_mockflow/demo", "demo/"),
        ("/_mockflow/docs/", "../docs"),
        ("/_mockflow/guide", "guide/"),
    ],
)
def test_an_address_beside_the_page_leads_to_it(nobody: Api, path: str, place: str) -> None:
    reply = nobody.get(path)
    assert (reply.status_code, reply.headers["Location"]) == (308, place)


@pytest.mark.parametrize(
    "path",
    [
        "ui/../root.html", "ui/%2e%2e/root.html", "ui/..%2froot.html", "ui//etc/passwd", "docs/../../app.py",
        "docs/LICENSE", "docs/__init__.py", "ui/vendor", "ui/.", "docs/%00", "ui/index.html%00.js", "demo/.",
        "guide/../root.html", "guide/_static", f"ui/{'a' * 300}.js", f"docs/{'a' * 300}.js",
    ],
)  # fmt: skip
def test_nothing_else_is_served(nobody: Api, path: str) -> None:
    assert nobody.get(f"/_mockflow/{path}").status_code in (400, 404)


# -- what is shipped


def shipped() -> Iterator[Path]:
    return (path for path in sorted(FOLDER.rglob("*")) if path.is_file())


def test_no_file_of_ours_names_another_address_to_load_from() -> None:
    foreign = re.compile(r"""(?:src|href|import|url|fetch)\s*[=(]?\s*["'(]https?://""")
    links = re.compile(r"<a [^>]*>")  # they load nothing
    found = {
        str(path.relative_to(FOLDER)): foreign.findall(links.sub("", path.read_text(encoding="utf-8")))
        for path in shipped()
        if path.suffix in (".html", ".css", ".js")
    }
    assert found
    assert {name for name, addresses in found.items() if addresses} == set()


def test_what_a_seed_file_says_is_text_on_the_root(make_app: MakeApp, tmp_path: Path) -> None:
    seeds = tmp_path / "hostile.yaml"
    seeds.write_text(
        "about: Hostile.\npersonas:\n  - email: eve@example.com\n    password: '<b>Passw0rd!</b>'\n    name: Eve\n"
        "    for: <script>alert(1)</script>\n",
        encoding="utf-8",
    )
    text = page(Api(make_app(seeds=str(seeds))), "/").text
    assert "<script>alert" not in text
    assert "<b>Passw0rd" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("password", ["Passw0rd!", 'it\'s $(here) "now"', "<b>\u00fc</b>"])
def test_the_first_request_on_the_root_can_be_pasted_into_a_shell(
    make_app: MakeApp, tmp_path: Path, password: str
) -> None:
    seeds = tmp_path / "quoted.yaml"
    persona = {"email": "eve@example.com", "password": password, "name": "Eve", "for": "quotes"}
    seeds.write_text(json.dumps({"about": "Quotes.", "personas": [persona]}), encoding="utf-8")
    shown = re.search(
        r"<pre[^>]*><code>(.*?)</code></pre>", page(Api(make_app(seeds=str(seeds))), "/").text, re.DOTALL
    )
    assert shown is not None
    words = shlex.split(unescape(shown[1]))
    assert json.loads(words[words.index("-d") + 1]) == {"email": "eve@example.com", "password": password}
    assert words[-1] == "http://localhost/api/v1/user/signin"
