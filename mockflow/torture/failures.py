"""What the exception is worth that a test ended with: an assertion, an accident, or an error that was foreseen."""

from __future__ import annotations

import ast
import linecache
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType

import pytest

from mockflow.torture.runs import Failure, Place

_LONGEST = 300
# The library directories of this Python; what lies there is nobody's client.
_LIBRARIES = tuple(
    {str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_OWN = str(Path(__file__).resolve().parent.parent)
# Errors of these that nobody caught were not foreseen, but for those of the network and the system.
_ACCIDENTS = ("builtins", "json.decoder", "simplejson.errors", "simplejson.scanner", "pydantic", "pydantic_core")
_ABOUT_REQUESTS = ("requests", "hits", "recent", "assert_called", "assert_not_called", "control", "forget")


def failure_of(error: BaseException, test_file: str, *, looked: bool) -> Failure:
    """What a person and the judge have to know of it.

    `looked` tells whether the test has looked at the journal: then an assertion may be about that, and a client
    that tries again sends other requests than without a fault.
    """
    error = _told_instead(error)
    place = place_of(error.__traceback__, test_file)
    kind = _kind(error, place, looked)
    return Failure(_name(type(error)), str(error)[:_LONGEST], kind, place)


def place_of(trace: TracebackType | None, test_file: str) -> Place | None:
    """The outermost line of the test's own file, or of a conftest.py, that the exception came through."""
    for frame, line in traceback.walk_tb(trace):
        if is_test_file(frame.f_code.co_filename, test_file):
            return place_at(frame, line)
    return None


def is_test_file(filename: str, test_file: str) -> bool:
    """Whether a file is the test's own, or a conftest.py."""
    return filename == test_file or filename.endswith(("/conftest.py", "\\conftest.py"))


def place_at(frame: FrameType, line: int) -> Place:
    """A line of a file, and what is written there."""
    filename = frame.f_code.co_filename
    return Place(filename, line, linecache.getline(filename, line).strip())


def _told_instead(error: BaseException) -> BaseException:
    """The error that a test got in place of the one it expected, which `pytest.raises` only complains about."""
    inner = error.__context__
    if inner is None or not _is_assertion(error) or not is_library(_last_file(error)):
        return error
    return inner


def _kind(error: BaseException, place: Place | None, looked: bool) -> str:
    module = type(error).__module__
    if module == "mockflow.errors":
        return "assertion" if type(error).__name__ == "ServerRefused" else "harness"
    if _is_assertion(error):
        return _kind_of_assertion(error, place, looked)
    if isinstance(error, OSError | SystemExit) or not _is_accident(type(error)):
        return "error"
    if _was_raised(error) or (place is not None and _is_about(place, _names_errors)):
        return "error"  # the test may stumble over an error that is not the one it expects
    return "crash"


def _kind_of_assertion(error: BaseException, place: Place | None, looked: bool) -> str:
    frames = [
        (frame.f_code.co_filename, frame.f_code.co_name) for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    if any(name in _ABOUT_REQUESTS and file.startswith(_OWN) for file, name in frames):
        return "journal"
    if place is None:
        return "journal" if looked else "assertion"
    if _is_about(place, _names_errors):
        return "error"  # the test expects one, and this is another: not for it to say how a client survives
    return "journal" if looked and _is_about(place, _names_requests) else "assertion"


def _is_assertion(error: BaseException) -> bool:
    return isinstance(error, AssertionError | pytest.fail.Exception)


def _is_accident(kind: type[BaseException]) -> bool:
    """Whether neither a client nor its HTTP library has a name for it."""
    mine = [cls for cls in kind.__mro__ if cls not in (object, BaseException, Exception)]
    return all(cls.__module__.startswith(_ACCIDENTS) for cls in mine) or kind in (Exception, BaseException)


def _was_raised(error: BaseException) -> bool:
    """Whether the client itself raised it, with a `raise`: then it is no accident."""
    for frame, line in list(traceback.walk_tb(error.__traceback__))[-1:]:
        if not is_library(frame.f_code.co_filename):
            return isinstance(_statement(frame.f_code.co_filename, line), ast.Raise)
    return False


def _last_file(error: BaseException) -> str:
    frames = list(traceback.walk_tb(error.__traceback__))
    return frames[-1][0].f_code.co_filename if frames else ""


def is_library(filename: str) -> bool:
    """Whether a file is Python's own, or of a package that is installed."""
    return filename.startswith(("<", *_LIBRARIES)) or str(Path(filename).resolve()).startswith(_LIBRARIES)


def _is_about(place: Place, tells: Callable[[ast.AST], bool]) -> bool:
    """Whether a statement of a test looks at such a thing: by itself, or at a name that was given it before."""
    statement, tree = _statement(place.file, place.line), _tree(place.file)
    if statement is None or isinstance(statement, ast.With | ast.AsyncWith):
        return False  # what a `with` itself raises is that nothing came
    names = {name for node in ast.walk(tree) if tells(node) for name in _given(node)}
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return tells(statement) or bool(read & names)


def _names_requests(node: ast.AST) -> bool:
    """Whether it asks for the requests that came, or for the hits of a rule."""
    return _head_has(
        node,
        lambda inner: (
            isinstance(inner, ast.Attribute)
            and inner.attr in _ABOUT_REQUESTS
            and not (isinstance(inner.value, ast.Name) and inner.value.id == "requests")
        ),  # the library
    )


def _names_errors(node: ast.AST) -> bool:
    """Whether it catches an error: `with pytest.raises(…) as`, `except … as`, `assertRaises`."""
    if isinstance(node, ast.ExceptHandler):
        return True
    return isinstance(node, ast.With | ast.AsyncWith) and _head_has(
        node, lambda inner: isinstance(inner, ast.Attribute | ast.Name) and "raises" in _word(inner).lower()
    )


def _word(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def _head_has(node: ast.AST, has: Callable[[ast.AST], bool]) -> bool:
    """Whether a statement, without the statements in it, has such a part."""
    if isinstance(node, ast.With | ast.AsyncWith):
        heads: list[ast.AST] = list(node.items)
    elif isinstance(node, ast.For | ast.AsyncFor):
        heads = [node.iter]
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Assert | ast.Expr):
        heads = [node]
    else:
        return False
    return any(has(inner) for head in heads for inner in ast.walk(head))


def _given(node: ast.AST) -> set[str]:
    """The names that get a value in the head of a statement."""
    if isinstance(node, ast.ExceptHandler):
        return {node.name} if node.name else set()
    heads: list[ast.AST] = [node]
    if isinstance(node, ast.With | ast.AsyncWith):
        heads = [item.optional_vars for item in node.items if item.optional_vars is not None]
    elif isinstance(node, ast.For | ast.AsyncFor):
        heads = [node.target]
    stores = (inner for head in heads for inner in ast.walk(head) if isinstance(inner, ast.Name))
    return {inner.id for inner in stores if isinstance(inner.ctx, ast.Store)}


def _tree(file: str) -> ast.Module:
    """What is written in a file; nothing where that cannot be read."""
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _statement(file: str, line: int) -> ast.stmt | None:
    """The innermost statement that a line is of, functions and classes aside."""
    found = [
        node
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.lineno <= line <= (node.end_lineno or line)
    ]
    return max(found, key=lambda node: (node.lineno, -(node.end_lineno or 0)), default=None)


def _name(kind: type[BaseException]) -> str:
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def frames_out(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame and those that called it, from the inside out."""
    while frame is not None:
        yield frame
        frame = frame.f_back
