"""The client's tests: `python -m unittest`. Each has a sandbox of its own; nobody needs to start a server."""

from __future__ import annotations

import unittest

from flowtask import Flowtask, Refused

from mockflow.testing import Mockflow, server


class FlowtaskTest(unittest.TestCase):
    running: Mockflow

    @classmethod
    def setUpClass(cls) -> None:
        cls.running = cls.enterClassContext(server())

    def setUp(self) -> None:
        self.mockflow = self.enterContext(self.running.sandbox(label=self.id()))
        ((name, value),) = self.mockflow.sign_in("demo@flowtask.test").items()
        self.flowtask = Flowtask(self.mockflow.url, f"{name}={value}")

    def test_a_task_is_added(self) -> None:
        self.flowtask.add("Buy milk")
        self.assertIn("Buy milk", self.flowtask.titles())
        self.mockflow.assert_called(operation="createTask", body={"title": "Buy milk"}, count=1)

    def test_a_refusal_has_the_servers_words(self) -> None:
        with (
            self.mockflow.fault(operation="createTask", status=403, message="Not on Sundays."),
            self.assertRaisesRegex(Refused, "Not on Sundays"),
        ):
            self.flowtask.add("Buy milk")
        self.assertNotIn("Buy milk", self.flowtask.titles())

    def test_a_session_ends_after_a_day(self) -> None:
        self.mockflow.clock.advance("1d")
        with self.assertRaises(Refused):
            self.flowtask.titles()


if __name__ == "__main__":
    unittest.main()
