"""`pytest --mockflow-coverage`: what an ordinary run of the tests reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from mockflow.torture.reach import Cells, count, table


class Coverage:
    """A plugin of pytest that prints the table for a run; under xdist, for what all workers have seen."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._cells: Cells = Counter()

    def add(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Count the requests of a sandbox."""
        self._cells += count(entries)

    def pytest_sessionfinish(self) -> None:
        """Hand over what this worker has counted, if it is one."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["mockflow"] = [[*cell, number] for cell, number in self._cells.items()]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has counted."""
        for operation, kind, number in getattr(node, "workeroutput", {}).get("mockflow", ()):
            self._cells[operation, kind] += number

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table."""
        terminalreporter.section("mockflow: what the tests reached")
        for line in table(self._cells):
            terminalreporter.write_line(line)
