"""The log of changes: what a kill or a power cut leaves of it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mockflow.errors import DataUnusable
from mockflow.store import open_file
from mockflow.store.loglines import Base, Change, changed, checkpoint, header, later_changes, read_lines
from tests.store.stores import (
    Files,
    after_a_restart,
    content,
    files,
    keeper_of,
    laid_out,
    opened,
    put,
    wait_for_saves,
)

LOG = Path("data.json.changes")
BASE, OTHER = Base.of(b"{}"), Base.of(b"[]")
THREE = {1: "one", 2: "two", 3: "three"}

ADDED: Change = ("tags", 1, {"id": "t1", "name": "ünïcode \n \u2028"})
DROPPED: Change = ("tags", 1, None)
MANY: list[Change] = [("tasks", number, {"id": str(number), "tags": [], "n": None}) for number in range(1, 9)]


def as_read(changes: list[Change]) -> list[Any]:
    return [list(change) for change in changes]


# -- lines


@pytest.mark.parametrize("changes", [[ADDED], [DROPPED], [ADDED, DROPPED], MANY, []])
def test_a_line_says_what_was_written(changes: list[Change]) -> None:
    written = header(BASE) + changed(changes, behind=0)
    found = read_lines(LOG, written, BASE)
    assert found.requests == [as_read(changes)]
    assert (found.good, found.torn) == (len(written), 0)
    assert written.count(b"\n") == 2


def test_an_empty_log_says_nothing() -> None:
    assert read_lines(LOG, b"", BASE).requests == []


def test_a_file_that_took_the_place_needs_only_what_came_later() -> None:
    first = header(BASE) + changed([ADDED], behind=0)
    log = first + changed([DROPPED], behind=0) + checkpoint(OTHER, len(first)) + changed(MANY, behind=0)
    assert read_lines(LOG, log, BASE).requests == [as_read([ADDED]), as_read([DROPPED]), as_read(MANY)]
    assert read_lines(LOG, log, OTHER).requests == [as_read([DROPPED]), as_read(MANY)]


def test_the_latest_checkpoint_of_a_file_counts() -> None:
    """A state can come back: what the file has is what it had the last time."""
    log = header(BASE) + changed([ADDED], behind=0) + changed([DROPPED], behind=0)
    log += checkpoint(BASE, len(log)) + changed(MANY, behind=0)
    assert read_lines(LOG, log, BASE).requests == [as_read(MANY)]


@pytest.mark.parametrize("base", [OTHER, None], ids=["replaced", "removed"])
def test_a_log_of_another_file_is_refused(base: Base | None) -> None:
    with pytest.raises(DataUnusable, match=r"changes to another data\.json .* --reset"):
        read_lines(LOG, header(BASE) + changed([ADDED], behind=0), base)


def test_lines_that_may_not_have_been_on_the_disk_cost_no_more_than_themselves() -> None:
    """After a power cut the disk may have a later page of the log, but not an earlier one."""
    known = header(BASE) + changed([ADDED], behind=0)
    lost, whole = changed(MANY, behind=0), changed([DROPPED], behind=len(changed(MANY, behind=0)))
    log = known + b"\0" * len(lost) + whole
    found = read_lines(LOG, log, BASE)
    assert found.requests == [as_read([ADDED])]
    assert (found.good, found.torn) == (len(known), len(log) - len(known))


def test_damage_to_what_was_on_the_disk_is_refused() -> None:
    known = header(BASE) + changed([ADDED], behind=0)
    log = known + b"\0" * 20 + b"\n" + changed([DROPPED], behind=0)
    with pytest.raises(DataUnusable, match=rf"damaged at byte {len(known)}\. It was left as it is"):
        read_lines(LOG, log, BASE)


def test_damage_to_what_the_file_has_already_does_not_matter() -> None:
    log = header(BASE) + b"\0" * 20 + b"\n" + changed([DROPPED], behind=0)
    log += checkpoint(OTHER, len(log)) + changed([ADDED], behind=0)
    assert read_lines(LOG, log, OTHER).requests == [as_read([ADDED])]
    with pytest.raises(DataUnusable, match="damaged"):
        read_lines(LOG, log, BASE)


def test_what_a_log_says_about_files_is_not_part_of_its_changes() -> None:
    log = header(BASE) + changed([ADDED], behind=0) + checkpoint(OTHER, 3) + changed([DROPPED], behind=0)
    assert later_changes(log) == changed([ADDED], behind=0) + changed([DROPPED], behind=0)


# -- what a kill leaves


@pytest.fixture
def killed(path: Path) -> Files:
    """The files of a store that was killed after three changes, one line of the log each."""
    store = opened(path)
    for number, text in THREE.items():
        put(store, number, text)
        keeper_of(store).sync()
    left = files(path.parent)
    store.close()
    assert left["data.json.changes"].count(b"\n") == 4
    return left


def test_all_changes_are_there_after_a_kill(tmp_path: Path, killed: Files) -> None:
    assert after_a_restart(tmp_path / "again", killed) == THREE


def test_recovery_is_told_in_a_sentence(tmp_path: Path, killed: Files) -> None:
    path = laid_out(tmp_path / "again", killed)
    assert recovered(path) == f"{path} was not closed: 3 logged changes taken up."
    assert recovered(path) is None


def test_a_start_after_a_kill_writes_nothing(tmp_path: Path, killed: Files) -> None:
    folder = tmp_path / "again"
    store = opened(laid_out(folder, killed))
    assert files(folder) == killed
    store.close()


def recovered(path: Path) -> str | None:
    store = opened(path)
    assert store.keeper is not None
    told = store.keeper.storage.recovered
    store.close()
    return told


def last_line(log: bytes) -> int:
    return log.rindex(b"\n", 0, -1) + 1


@pytest.mark.parametrize("part", range(4))
def test_a_last_line_torn_at_any_byte_costs_no_more_than_itself(tmp_path: Path, killed: Files, part: int) -> None:
    log = killed["data.json.changes"]
    start = last_line(log)
    for end in range(start + part, len(log), 4):
        found = after_a_restart(tmp_path / str(end), {**killed, "data.json.changes": log[:end]})
        assert found == {1: "one", 2: "two"}, end
    path = laid_out(tmp_path / "told", {**killed, "data.json.changes": log[: start + 9]})
    assert recovered(path) == (
        f"{path} was not closed: 2 logged changes taken up, a last one of 9 bytes, never finished, dropped."
    )


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80, 0xFF])
def test_a_last_line_corrupted_at_any_byte_costs_no_more_than_itself(
    tmp_path: Path, killed: Files, flip: int
) -> None:
    log = killed["data.json.changes"]
    for place in range(last_line(log), len(log)):
        damaged = bytearray(log)
        damaged[place] ^= flip
        found = after_a_restart(tmp_path / str(place), {**killed, "data.json.changes": bytes(damaged)})
        # The hexadecimal digits of a checksum may be capital ones.
        assert found == {1: "one", 2: "two"} or (found == THREE and flip == 0x20), place


def test_a_first_line_torn_at_any_byte_costs_no_more_than_itself(tmp_path: Path, path: Path) -> None:
    store = opened(path)
    put(store, 1, "one")
    left = files(path.parent)
    store.close()
    log = left["data.json.changes"]
    for end in range(len(log)):
        assert after_a_restart(tmp_path / str(end), {**left, "data.json.changes": log[:end]}) == {}, end


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda line: b"\0" * len(line), id="zeros"),
        pytest.param(lambda line: line[1:], id="a byte less"),
        pytest.param(lambda line: line[:5] + b"\n" + line[5:], id="a byte more"),
        pytest.param(lambda line: line.replace(b"[", b"(", 1), id="another byte"),
        pytest.param(lambda _: b"\n", id="an empty line"),
    ],
)
def test_damage_before_the_last_line_stops_the_start_and_is_left_alone(
    tmp_path: Path, killed: Files, line: int, damage: Callable[[bytes], bytes]
) -> None:
    lines = killed["data.json.changes"].splitlines(keepends=True)
    lines[line] = damage(lines[line])
    damaged = {**killed, "data.json.changes": b"".join(lines)}
    path = laid_out(tmp_path / "damaged", damaged)
    start = sum(map(len, lines[:line]))
    with pytest.raises(DataUnusable, match=rf"data\.json\.changes is damaged at byte {start}\. It was left"):
        opened(path)
    assert files(path.parent) == damaged


def test_changes_that_make_no_sense_stop_the_start_and_are_left_alone(tmp_path: Path, killed: Files) -> None:
    """Written by a newer mockflow, say."""
    killed["data.json.changes"] += changed([("notes", 1, {"id": "n1"})], behind=0)
    path = laid_out(tmp_path / "again", killed)
    with pytest.raises(DataUnusable, match="notes: This table is none of ours"):
        opened(path)
    assert files(path.parent) == killed


def test_a_log_that_cannot_be_read_stops_the_start(tmp_path: Path, killed: Files) -> None:
    del killed["data.json.changes"]
    path = laid_out(tmp_path / "again", killed)
    path.with_name("data.json.changes").mkdir()
    with pytest.raises(DataUnusable, match=r"data\.json\.changes is a folder"):
        opened(path)


# -- a data file that is not the one the log continues


def replaced(left: Files) -> Files:
    tables = orjson.loads(left["data.json"])
    tables["meta"]["1"]["draws"] += 1
    return {**left, "data.json": orjson.dumps(tables)}


def removed(left: Files) -> Files:
    return {name: held for name, held in left.items() if name != "data.json"}


@pytest.mark.parametrize("change", [replaced, removed])
def test_changes_to_another_file_stop_the_start_until_a_reset(
    tmp_path: Path, killed: Files, change: Callable[[Files], Files]
) -> None:
    left = change(killed)
    path = laid_out(tmp_path / "again", left)
    with pytest.raises(DataUnusable, match=r"replaced or removed before they were saved .* --reset"):
        opened(path)
    assert files(path.parent) == left
    store = opened(path, anew=True)
    assert content(store) == {}
    assert set(files(path.parent)) == {"data.json"}
    put(store, 4, "anew")
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {4: "anew"}
    store.close()


def test_a_start_anew_that_comes_to_nothing_leaves_all_as_it_was(tmp_path: Path, killed: Files) -> None:
    path = laid_out(tmp_path / "again", killed)
    open_file(path, anew=True).close()
    assert files(path.parent) == killed


def test_a_file_whose_changes_were_deleted_after_a_kill_is_what_it_is(tmp_path: Path, killed: Files) -> None:
    del killed["data.json.changes"]
    assert after_a_restart(tmp_path / "again", killed) == {}


def test_changes_that_were_deleted_after_the_start_are_written_again(tmp_path: Path, killed: Files) -> None:
    store = opened(laid_out(tmp_path / "again", killed))
    (tmp_path / "again" / "data.json.changes").unlink()
    put(store, 4, "four")
    wait_for_saves(keeper_of(store))
    assert after_a_restart(tmp_path / "later", files(tmp_path / "again")) == {**THREE, 4: "four"}
    store.close()


def test_what_an_interrupted_save_left_behind_is_removed(path: Path) -> None:
    opened(path).close()
    for name in (".data.json.tmp", ".data.json.saving", ".data.json.changes.tmp"):
        path.with_name(name).write_bytes(b"half")
    store = opened(path)
    assert set(files(path.parent)) == {"data.json"}
    store.close()


# -- odd changes


def test_numbers_of_dropped_records_are_used_again_after_a_restart(tmp_path: Path, path: Path) -> None:
    """As TinyDB does it; and the log, read in order, has it right."""
    store = opened(path)
    put(store, 1, "one")
    put(store, 1, None)
    store.close()
    again = opened(path)
    put(again, 2, "two")
    assert [record.doc_id for record in again.outbox.records()] == [1]
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {2: "two"}
    again.close()


def test_what_json_cannot_hold_changes_nothing(tmp_path: Path, path: Path) -> None:
    store = opened(path)
    with pytest.raises(TypeError):
        put(store, 1, "\ud800")
    put(store, 2, "two")
    assert content(store) == {2: "two"}
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {2: "two"}
    store.close()
