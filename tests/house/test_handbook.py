"""The handbook: built without a warning, with every page of docs/, served from the package, its links whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.conftest import MakeApp
from tests.running import DEADLINE
from tests.support import Api

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
NAMES = sorted(path.stem for path in DOCS.glob("*.md"))
GUIDE = "/_mockflow/guide/"


def listed() -> list[str]:
    """The pages that `index.md` leads to, each as often as it is there."""
    return re.findall(r"^- \[[^]]+\]\(([\w-]+)\.md\): \S", (DOCS / "index.md").read_text(), re.MULTILINE)


def test_the_index_lists_every_page_once() -> None:
    assert sorted([*listed(), "index"]) == NAMES


@pytest.mark.minutes
@pytest.mark.skipif(not (ROOT / "mockflow").exists(), reason="the generator is not where the package is installed")
def test_it_is_built_without_a_warning(tmp_path: Path) -> None:
    """As the gate's step: a broken link, a missing anchor, a page that nothing leads to would be one."""
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "handbook", "docs", str(tmp_path)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert {path.stem for path in tmp_path.glob("*.html")} == {*NAMES, "search"}


@pytest.mark.parametrize("package", ["sphinx", "snowballstemmer"])
def test_scripts_of_others_come_with_their_licenses(api: Api, package: str) -> None:
    reply = api.get(f"{GUIDE}_static/LICENSE-{package}.txt")
    assert "Copyright" in reply.text


class Page(HTMLParser):
    """What a page of the handbook links to, and where one can link to in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.beside: dict[str, str] = {}
        self.anchors: set[str] = set()
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self.anchors.add(have.get("id", ""))
        self.links += [have[name] for name in ("href", "src") if name in have]
        if tag == "a" and "rel" in have:
            self.beside[have["rel"]] = have["href"]
        self.inline += [name for name in have if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in have):
            self.inline.append(tag)


@pytest.fixture
def api(make_app: MakeApp) -> Api:
    return Api(make_app())


@pytest.fixture
def pages(api: Api) -> dict[str, Page]:
    """All of it, as it is served."""
    return {name: Page(api.get(f"{GUIDE}{name}.html").text) for name in [*NAMES, "search"]}


def test_its_first_page_is_the_index(api: Api) -> None:
    reply = api.get(GUIDE)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.text == api.get(f"{GUIDE}index.html").text


def test_no_page_holds_what_the_policy_forbids(pages: dict[str, Page]) -> None:
    assert {name: page.inline for name, page in pages.items() if page.inline} == {}


def test_every_link_inside_leads_somewhere(api: Api, pages: dict[str, Page]) -> None:
    seen: dict[str, int] = {}
    for name, page in pages.items():
        for link in page.links:
            target = urlsplit(urljoin(f"http://localhost{GUIDE}{name}.html", link))
            if target.netloc == "localhost":  # the examples' server has a port
                status = seen.setdefault(target.path, api.get(unquote(target.path)).status_code)
                assert status == 200, f"{name}: {link}"
            inside = re.fullmatch(rf"{GUIDE}([\w-]+)\.html", target.path)
            if inside is not None and target.fragment:
                assert target.fragment in pages[inside[1]].anchors, f"{name}: {link}"
    assert f"{GUIDE}_static/handbook.css" in seen


def walked(pages: dict[str, Page], direction: str, name: str) -> Iterator[str]:
    """The pages on the way from one to where it ends."""
    while name:
        yield name
        name = pages[name].beside.get(direction, "").removesuffix(".html")


def test_previous_and_next_go_through_all_of_it(pages: dict[str, Page]) -> None:
    order = ["index", *listed()]
    assert list(walked(pages, "next", "index")) == order
    assert list(walked(pages, "prev", order[-1])) == order[::-1]


def test_a_server_says_where_it_is(api: Api) -> None:
    assert f'href="{GUIDE}"' in api.call("GET", "/", headers={"Accept": "text/html"}).text
    assert api.get("/").json["guide"] == f"http://localhost{GUIDE}"


def test_a_start_does_not_import_the_generator() -> None:
    code = "import sys, mockflow.app; sys.exit(bool({'sphinx', 'myst_parser'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], env=os.environ, timeout=DEADLINE, check=False).returncode == 0
    )
