"""One flush for many requests: who waits is served by a flush that began after it came, and told of failures."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from mockflow.errors import StorageFailed
from mockflow.serving.syncing import GroupSync
from tests.store.machine import DEADLINE


class Disk:
    """A disk whose flushes last until they are let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.written = 0
        self.error: Exception | None = None
        self.slow = False
        self.started, self.go_on = threading.Semaphore(0), threading.Semaphore(0)

    def flush(self) -> None:
        self.begun.append(self.written)
        self.started.release()
        if self.slow:
            assert self.go_on.acquire(timeout=DEADLINE)
        if self.error is not None:
            raise self.error

    async def has_started(self) -> None:
        assert await asyncio.to_thread(self.started.acquire, timeout=DEADLINE)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def group(disk: Disk) -> Iterator[GroupSync]:
    group = GroupSync(disk.flush, quick_seconds=0)
    yield group
    group.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mockflow-sync")]


def run(what: Callable[[], Awaitable[Any]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(DEADLINE):
            await what()

    asyncio.run(limited())


async def let_others_run() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_quick_disk_is_waited_for_in_the_loop_until_it_is_slow_once() -> None:
    threads: list[str] = []

    def flush() -> None:
        threads.append(threading.current_thread().name)

    group = GroupSync(flush)

    async def scenario() -> None:
        for quick_seconds in (60.0, 60.0, 0.0, 0.0):
            group._quick_seconds = quick_seconds
            await group.done()

    run(scenario)
    group.close()
    here = threading.current_thread().name
    # The first is not known to be quick, and the third turns out not to be.
    assert [name == here for name in threads] == [False, True, True, False]


def test_one_request_is_served_by_one_flush(disk: Disk, group: GroupSync) -> None:
    disk.written = 1
    run(group.done)
    assert disk.begun == [1]


def test_requests_at_the_same_time_share_a_flush(disk: Disk, group: GroupSync) -> None:
    async def scenario() -> None:
        await asyncio.gather(*(group.done() for _ in range(50)))

    run(scenario)
    assert len(disk.begun) == 1


def test_who_comes_during_a_flush_waits_for_the_next_and_shares_it(disk: Disk, group: GroupSync) -> None:
    disk.slow = True

    async def scenario() -> None:
        disk.written = 1
        first = asyncio.ensure_future(group.done())
        await disk.has_started()
        disk.written = 2
        second = asyncio.ensure_future(group.done())
        await let_others_run()
        disk.written = 3
        third = asyncio.ensure_future(group.done())
        disk.go_on.release()
        await first
        await disk.has_started()
        assert not second.done()
        assert not third.done()
        disk.go_on.release()
        await asyncio.gather(second, third)

    run(scenario)
    assert disk.begun == [1, 3]


def test_the_loop_is_free_during_a_flush(disk: Disk, group: GroupSync) -> None:
    disk.slow = True

    async def scenario() -> None:
        waiting = asyncio.ensure_future(group.done())
        await disk.has_started()
        await let_others_run()
        assert not waiting.done()
        disk.go_on.release()
        await waiting

    run(scenario)


def test_a_failure_is_told_to_those_who_waited_for_it_and_to_nobody_else(disk: Disk, group: GroupSync) -> None:
    disk.slow, disk.error = True, StorageFailed("the disk broke")

    async def scenario() -> None:
        failing = [asyncio.ensure_future(group.done()) for _ in range(3)]
        await disk.has_started()
        later = asyncio.ensure_future(group.done())
        await let_others_run()
        disk.go_on.release()
        told = await asyncio.gather(*failing, return_exceptions=True)
        assert [str(error) for error in told] == ["the disk broke"] * 3
        await disk.has_started()
        disk.error = None
        disk.go_on.release()
        await later

    run(scenario)


def test_a_client_that_leaves_takes_nothing_away_from_others(disk: Disk, group: GroupSync) -> None:
    disk.slow = True

    async def scenario() -> None:
        leaving, staying = (asyncio.ensure_future(group.done()) for _ in range(2))
        await disk.has_started()
        leaving.cancel()
        await let_others_run()
        disk.go_on.release()
        await staying
        disk.go_on.release()
        await group.done()

    run(scenario)


def test_a_failure_that_nobody_waits_for_any_more_is_no_noise(disk: Disk, group: GroupSync) -> None:
    disk.slow, disk.error = True, StorageFailed("the disk broke")
    noise: list[Any] = []

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))
        leaving = asyncio.ensure_future(group.done())
        await disk.has_started()
        leaving.cancel()
        await let_others_run()
        disk.go_on.release()
        disk.error = None
        disk.go_on.release()
        await group.done()

    run(scenario)
    assert noise == []


def test_a_loop_that_ends_during_a_flush_waits_for_nothing(disk: Disk, group: GroupSync) -> None:
    disk.slow = True

    async def scenario() -> None:
        asyncio.ensure_future(group.done())  # noqa: RUF006 - it is cancelled with the loop
        await disk.has_started()

    run(scenario)
    disk.go_on.release()
