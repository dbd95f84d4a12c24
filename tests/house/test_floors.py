"""The house: imports only go down, and nothing lives at module level that two apps would share."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

import mockflow
from mockflow.domain.world import World
from mockflow.sandbox import Sandbox
from mockflow.sandboxes import Sandboxes
from mockflow.settings import Settings
from mockflow.store import Store
from tests.conftest import MakeApp
from tests.support import PASSWORD, Api

ROOT = Path(mockflow.__file__).parent
GROUPS = "accounts users tasks projects tags".split()


# Who lives on a floor, which floors it may import from besides itself, and which packages besides Python's own.
@dataclass(frozen=True)
class Floor:
    modules: str
    below: str = ""
    packages: str = ""


FLOORS: Mapping[str, Floor] = {
    "leaves": Floor(
        "mockflow mockflow.errors mockflow.clock mockflow.ids mockflow.operations mockflow.origins "
        "mockflow.settings"
    ),
    "shapes": Floor("mockflow.models.*", "leaves", "pydantic pydantic_core"),
    "storage": Floor("mockflow.store.*", "leaves", "tinydb orjson filelock"),
    "behaviour": Floor(
        "mockflow.domain.* mockflow.faults.* mockflow.journal.*",
        "leaves shapes storage",
        "fractional_indexing orjson pydantic slugify werkzeug.security",
    ),
    "seeding": Floor("mockflow.seeding.*", "leaves shapes storage behaviour", "faker pydantic yaml"),
    "sandbox": Floor("mockflow.sandbox mockflow.sandboxes", "leaves shapes storage behaviour seeding"),
    "http": Floor(
        "mockflow.http.*",
        "leaves shapes storage behaviour seeding sandbox",
        "flask jinja2 orjson pydantic pydantic_core werkzeug",
    ),
    "app": Floor("mockflow.app", "leaves shapes storage behaviour seeding sandbox http", "flask werkzeug"),
    "serving": Floor(
        "mockflow.serving.*",
        "leaves shapes storage behaviour seeding sandbox http app",
        "httptools trustme uvloop",
    ),
    "client": Floor(
        "mockflow.client mockflow.process mockflow.testing.*", "leaves shapes storage behaviour seeding sandbox"
    ),
    "torture": Floor("mockflow.torture.*", "leaves behaviour client", "click pytest"),
    "edges": Floor(
        "mockflow.cli.* mockflow.__main__ mockflow.pytest_plugin",
        "leaves shapes storage behaviour seeding sandbox http app serving client torture",
        "click pytest",
    ),
}
# Their time comes from `mockflow.clock`, the one module that reads the wall clock.
TIMELESS = ("leaves", "shapes", "storage", "behaviour", "seeding", "sandbox")
WALL_CLOCK = {
    "time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.localtime", "time.gmtime",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
}  # fmt: skip


def all_modules() -> dict[str, Path]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = all_modules()


def floor_of(module: str) -> str:
    for name, floor in FLOORS.items():
        for pattern in floor.modules.split():
            room = pattern.removesuffix(".*")
            if module == room or (room != pattern and module.startswith(f"{room}.")):
                return name
    raise AssertionError(f"{module} has no place in the house: give it one in this test and in style.md")


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    # `from package import name` counts as an import of the module `package.name` where there is one.
    package = module if MODULES.get(module, Path()).name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            source = importlib.util.resolve_name(source, package) if node.level else source
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in MODULES or not source.startswith("mockflow") else source


def wall_clock_reads(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            read = f"{ast.unparse(node.value).rpartition('.')[2]}.{node.attr}"
            if read in WALL_CLOCK:
                yield read
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{alias.name}" for alias in node.names)


def allowed(module: str, imported: str) -> bool:
    floor = FLOORS[floor_of(module)]
    if imported.partition(".")[0] == "mockflow":
        sibling = [name.removeprefix("mockflow.domain.") for name in (module, imported)]
        if sibling[0] != sibling[1] and all(name in GROUPS for name in sibling):
            return False
        return floor_of(imported) in (floor_of(module), *floor.below.split())
    return imported.partition(".")[0] in sys.stdlib_module_names or any(
        f"{imported}.".startswith(f"{package}.") for package in floor.packages.split()
    )


def offences(module: str, source: str) -> list[str]:
    tree = ast.parse(source)
    found = [f"imports {imported}" for imported in imports(module, tree) if not allowed(module, imported)]
    if floor_of(module) in TIMELESS and module != "mockflow.clock":
        found += [f"reads {read}" for read in wall_clock_reads(tree)]
    return found


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_above_or_from_outside_its_floor(module: str) -> None:
    assert offences(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mockflow.errors", "import pydantic"),
        ("mockflow.clock", "from mockflow.models.base import Body"),
        ("mockflow.models.tags", "from mockflow.store import Record"),
        ("mockflow.models.tags", "import flask"),
        ("mockflow.store.store", "from mockflow import models"),
        ("mockflow.domain.tags", "from mockflow.seeding.sets import names"),
        ("mockflow.store.store", "from mockflow.models.tags import Tag"),
        ("mockflow.domain.tags", "from flask import request"),
        ("mockflow.domain.tags", "def late():\n    import werkzeug.wrappers"),
        ("mockflow.domain.tags", "from mockflow.domain import tasks"),
        ("mockflow.domain.tags", "from . import tasks"),
        ("mockflow.domain.users", "from mockflow.domain.accounts import sign_in"),
        ("mockflow.domain.search", "import mockflow.http.answers"),
        ("mockflow.domain.world", "from mockflow.sandbox import Sandbox"),
        ("mockflow.domain.accounts", "from datetime import datetime\nnow = datetime.now()"),
        ("mockflow.domain.accounts", "import datetime\nnow = datetime.date.today()"),
        ("mockflow.domain.accounts", "from time import monotonic"),
        ("mockflow.domain.outbox", "import time\nnow = time.time()"),
        ("mockflow.domain.outbox", "from mockflow.http.answers import answer"),
        ("mockflow.sandbox", "from mockflow.app import create_app"),
        ("mockflow.sandboxes", "import flask"),
        ("mockflow.http.api.tags", "from mockflow.app import create_app"),
        ("mockflow.http.api.tags", "import tinydb"),
        ("mockflow.client", "from mockflow.http.answers import STATUSES"),
        ("mockflow.client", "import flask"),
        ("mockflow.serving.run", "from flask import Flask"),
        ("mockflow.serving.run", "from mockflow.cli import main"),
        ("mockflow.torture.judging", "from mockflow.sandboxes import Sandboxes"),
        ("mockflow.torture.stage", "from mockflow.app import create_app"),
        ("mockflow.cli.serve", "from flask import Flask"),
    ],
)
def test_an_import_that_goes_up_is_seen(module: str, source: str) -> None:
    assert len(offences(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mockflow.domain.tags", "from mockflow.domain import relations, views"),
        ("mockflow.domain.tags", "def late(world):\n    return world.clock.now()"),
        ("mockflow.seeding.planting", "from mockflow.domain import accounts, tasks"),
        ("mockflow.http.api.tags", "from mockflow.domain import tags"),
        ("mockflow.cli.serve", "from mockflow.serving import run"),
    ],
)
def test_an_import_that_goes_down_is_let_through(module: str, source: str) -> None:
    assert offences(module, source) == []


def test_every_group_has_a_room_on_each_floor() -> None:
    rooms = {f"mockflow.{floor}.{group}" for floor in ("models", "domain", "http.api") for group in GROUPS}
    assert rooms <= set(MODULES)


def test_what_is_below_http_loads_without_flask() -> None:
    wanted = [module for module in MODULES if floor_of(module) in (*TIMELESS, "client")]
    script = f"import sys, {', '.join(wanted)}; sys.exit('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# -- nothing is shared


@pytest.mark.parametrize("module", MODULES)
def test_no_module_holds_an_app_or_what_belongs_to_one(module: str) -> None:
    kept = (Flask, Sandbox, Sandboxes, Settings, Store, World)
    for name, value in vars(importlib.import_module(module)).items():
        inside = value.values() if isinstance(value, Mapping) else value
        values = [value, *inside] if isinstance(value, Mapping | list | tuple | set | frozenset) else [value]
        assert not any(isinstance(one, kept) for one in values), f"{module}.{name}"


def everything(app: Flask) -> list[object]:
    api = Api(app)
    control = [api.get(f"/_mockflow/{name}").json for name in ("info", "accounts", "outbox", "clock")]
    assert api.post("/_mockflow/sessions", email="ann@example.com").status_code == 201
    paths = "v1/user/profile v1/user/user-preferences v2/todo v2/projects v2/projects/inbox v2/tag".split()
    return control + [api.get(f"/api/{path}").json for path in paths]


def test_two_apps_in_one_process_share_nothing(make_app: MakeApp) -> None:
    first, untouched, other = make_app(), make_app(), make_app()
    ann = Api(first).sign_in("ann@example.com")
    tag, project = ann.tag("urgent"), ann.project("Launch")
    ann.task("there", projectId=project["id"], tags=[tag["id"]])
    assert ann.put("/api/v1/user/name", name="Anna").status_code == 200
    assert ann.put("/api/v1/user/user-preferences", dailyDigest=True).status_code == 200
    assert ann.post("/api/v1/user/signup/send-otp", email="new@example.com").status_code == 200
    assert ann.put("/_mockflow/clock", advance="PT1H").status_code == 200
    assert everything(other) == everything(untouched) != everything(first)
    stranger = Api(other)
    cookie = ann.client.get_cookie("connect.sid")
    assert cookie is not None
    stranger.client.set_cookie("connect.sid", cookie.value)
    assert stranger.get("/api/v1/auth-check").json == {"isAuthenticated": False}
    changed = everything(first)[1:]
    assert stranger.sign_in("ann@example.com", PASSWORD).task("here")["sortKey"] == "a0"
    assert stranger.post("/_mockflow/reset").status_code == 200
    assert everything(first)[1:] == changed
