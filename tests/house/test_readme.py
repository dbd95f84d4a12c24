"""README.md: what test_docs.py does not run of it. Its test runs, and its container is that of docs/ci.md."""

from __future__ import annotations

import re
from pathlib import Path

from tests.suites import run

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()


def test_its_test_runs_as_it_stands_and_is_short(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len([line for line in text.splitlines() if line]) <= 6
    suite = run(tmp_path, {"test_readme.py": text})
    assert set(suite.outcomes.values()) == {"passed"}, suite.output


def test_its_container_is_the_one_that_ci_builds_and_runs() -> None:
    (commands,) = re.findall(r"^```sh\n(docker .*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert f"```sh\n{commands}```" in (ROOT / "docs" / "ci.md").read_text()


def test_every_page_for_a_reader_can_be_reached_from_it() -> None:
    assert "(docs/index.md)" in README
    named = set(re.findall(r"\]\(docs/([\w-]+\.md)", README))
    assert {"tutorial.md", "testing.md", "faults.md", "ci.md", "console.md", "api.md"} <= named
