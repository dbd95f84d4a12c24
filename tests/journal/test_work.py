"""What looking through a request costs grows as its size does: no pattern backtracks, no scanner goes back."""

from __future__ import annotations

import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.http import auth
from mockflow.journal import content, redaction

MODULES = (redaction, content, auth)
LETTERS = [chr(code) for code in range(0x180)] + ["\u2003", "\u212a", "\ufeff", "\U0001f600"]
_REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT}
_FEW = 32
"""A repeat of no more than so many is as good as none."""
_SINGLE = {sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY}


def patterns(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    return ((name, value) for name, value in vars(module).items() if isinstance(value, re.Pattern))


PATTERNS = [(f"{module.__name__}.{name}", found) for module in MODULES for name, found in patterns(module)]


# -- no pattern is of a form that can backtrack far


def firsts(node: tuple[Any, Any], flags: int) -> set[str]:
    """Which letters a repeated single letter of a pattern takes, of those that are tried."""
    state = parser.State()
    state.flags = flags
    one = re.compile(_source(node), flags & ~re.DEBUG)
    return {letter for letter in LETTERS if one.fullmatch(letter)}


def _source(node: tuple[Any, Any]) -> str:
    op, value = node
    if op is sre.LITERAL:
        return re.escape(chr(value))
    if op is sre.NOT_LITERAL:
        return f"[^{re.escape(chr(value))}]"
    if op is sre.ANY:
        return "."
    return "[" + "".join(map(_in_class, value)) + "]"


def _in_class(item: tuple[Any, Any]) -> str:
    op, value = item
    if op is sre.NEGATE:
        return "^"
    if op is sre.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    if op is sre.CATEGORY:
        return {sre.CATEGORY_WORD: r"\w", sre.CATEGORY_SPACE: r"\s", sre.CATEGORY_DIGIT: r"\d"}[value]
    return re.escape(chr(value))


def flat(nodes: Any) -> list[tuple[Any, Any]]:
    """The nodes of a sequence, groups that are not repeated taken apart."""
    found: list[tuple[Any, Any]] = []
    for op, value in nodes:
        found += flat(value[-1]) if op is sre.SUBPATTERN else [(op, value)]
    return found


def endless(node: tuple[Any, Any]) -> bool:
    return node[0] in _REPEATS and node[1][1] > _FEW


def offences(nodes: Any, flags: int) -> list[str]:
    """Why some sequence may backtrack: an endless repeat of more than a letter, or one that may go on behind it.

    A repeat that cannot be told from what follows it is quadratic alone, and worse inside another; where every
    endless repeat takes single letters that cannot begin what follows, there is one way to match only.
    """
    sequence, found = flat(nodes), []
    for place, (op, value) in enumerate(sequence):
        if op is sre.BRANCH:
            found += [one for branch in value[1] for one in offences(branch, flags)]
        elif op in _REPEATS:
            found += _repeat_offences(sequence, place, value, flags)
    return found


def _repeat_offences(sequence: list[tuple[Any, Any]], place: int, value: Any, flags: int) -> list[str]:
    inner = flat(value[2])
    if not endless(sequence[place]):
        return [str(one) for one in inner if endless(one)] if value[1] > 1 else offences(inner, flags)
    if len(inner) != 1 or inner[0][0] not in _SINGLE:
        return [f"an endless repeat of {inner}"]
    taken, behind = firsts(inner[0], flags), []
    for follower in sequence[place + 1 :]:
        op, what = follower
        if op is sre.ASSERT_NOT:
            break  # gives one letter back at the most, as these are used: see the module's own tests
        node = flat(what[2])[0] if op in _REPEATS else follower
        if node[0] not in _SINGLE:
            behind.append(f"{follower} behind an endless repeat")
            break
        if taken & firsts(node, flags):
            behind.append(f"{follower} can begin as the endless repeat before it goes on")
        if op not in _REPEATS or what[0] > 0:
            break
    return behind


@pytest.mark.parametrize(("name", "pattern"), PATTERNS, ids=[name for name, _ in PATTERNS])
def test_no_pattern_is_of_a_form_that_backtracks_far(name: str, pattern: re.Pattern[Any]) -> None:
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    assert offences(parser.parse(source, pattern.flags & ~re.UNICODE), pattern.flags) == [], name


@pytest.mark.parametrize(
    "bad",
    [
        r'\s*([^\s=;"]*)\s*(=?)("(?:[^"\\]|\\.)*(?:"|\Z)|[^;"])*(?:;|\Z)',
        r"(a*)*", r"(?:ab|b)*c", r"a*a", r"[ab]+[bc]", r"\s* *", r"a*b?a*", r"(?:ab*){0,3}",
    ],
)  # fmt: skip
def test_a_pattern_of_such_a_form_would_be_seen(bad: str) -> None:
    assert offences(parser.parse(bad), 0) != []


def test_all_patterns_have_a_name_under_which_they_are_looked_at() -> None:
    for module in MODULES:
        text = Path(str(module.__file__)).read_text()
        assert text.count("re.compile(") == len(list(patterns(module)))
        assert re.findall(r"\bre\.(?!compile|IGNORECASE|ASCII|DOTALL|Match)\w+", text) == []


# -- no scanner goes back


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of the modules a call runs."""
    count, files = 0, {module.__file__ for module in MODULES}

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


UNITS = [
    " ", '"', "\\", '"\\', "=", ";", "a=", 'a="', '\\"', '=" ', "a b", 'x="a;', "; ;", "code=", "code&", "%70",
    "&", "[", "{", '{"a":', '"a",', "\\u0070", "aA", "token ", "?", "\u00a0",
]  # fmt: skip
HEADS = ["", "a", "connect.sid=", 'connect.sid="', "c=x", '"', "{", "["]
TAILS = ["", '"\\', 'y"\\', "\\", ";", '"', "=", "}", "]"]
LOOKERS: dict[str, Callable[[str], object]] = {
    "Cookie": lambda text: redaction.header("Cookie", text),
    "Set-Cookie": lambda text: redaction.header("Set-Cookie", text),
    "Authorization": lambda text: redaction.header("Authorization", text),
    "Referer": lambda text: redaction.header("Referer", f"/?{text}"),
    "query": redaction.query,
    "body": lambda text: redaction.body(text.encode()),
    "code body": lambda text: redaction.body(f'{{"code": "{text}"'.encode()),
    "text": redaction.text,
    "session": auth.session_token,
}


@pytest.mark.parametrize("look", LOOKERS.values(), ids=LOOKERS)
@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_size_is_at_most_twice_the_work(unit: str, look: Callable[[str], object]) -> None:
    for head in HEADS:
        for tail in TAILS:
            few, many = (lines_run(partial(look, head + unit * size + tail)) for size in (60, 120))
            assert many <= 2 * few + 200, (head, unit, tail)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(sorted(LOOKERS)), st.text(st.sampled_from('a=;:"\\ &%[]{}codepswr,\t'), max_size=30))
def test_no_text_repeated_is_more_work_than_its_size(name: str, unit: str) -> None:
    few, many = (lines_run(partial(LOOKERS[name], unit * size)) for size in (20, 40))
    assert many <= 2 * few + 200


@pytest.mark.parametrize("head", ["a", "c=x", "connect.sid=", "="])
@pytest.mark.parametrize("tail", ['"\\', 'y"\\', "", "b"])
def test_a_cookie_of_spaces_is_looked_through(head: str, tail: str) -> None:
    for name in ("Cookie", "Set-Cookie"):
        assert "[removed]" in redaction.header(name, head + " " * 20_000 + tail)


def test_json_in_json_in_json_is_looked_through_so_far_and_removed_beyond() -> None:
    shown = '{"password": "secret"}'
    for depth in range(12):
        assert b"secret" not in redaction.body(shown.encode()), depth
        shown = f'{{"a": "{shown.translate({34: chr(92) + "u0022", 92: chr(92) + "u005c"})}"}}'
