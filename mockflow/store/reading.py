"""Reading a document of tables from JSON in small steps: no step takes long, whatever is in it.

A record is read at once where it is short; else field by field, and long lists item by item.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from json import JSONDecodeError, JSONDecoder
from math import isfinite
from typing import Any, NoReturn

import orjson

from mockflow.errors import InvalidInput, MalformedBody, Offence
from mockflow.store.loglines import Document
from mockflow.store.schema import TABLES

_WINDOW = 4096
_CHUNK = 64 * 1024
_SMALLEST = 24
"""Bytes that a value takes on an average, at least, in records that are read field by field: ids, long texts."""

_SPARE = 1000
_DEEPEST = 4
_LEAST, _GREATEST = -(1 << 63), (1 << 64) - 1
_SPACE = re.compile(r"[ \t\n\r]*")


def _no_number(text: str) -> NoReturn:
    raise MalformedBody(f"The body is not valid JSON: {text} is no number.")


def _whole(text: str) -> int:
    """A whole number that can be kept: the rest of the house writes 64 bits."""
    number = int(text)
    if not _LEAST <= number <= _GREATEST:
        raise MalformedBody(f"The body is not valid JSON: {text[:40]} is a number of more than 64 bits.")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise MalformedBody(f"The body is not valid JSON: {text[:40]} is beyond all numbers.")
    return number


_DECODER = JSONDecoder(parse_constant=_no_number, parse_int=_whole, parse_float=_fraction)


def read_tables(raw: bytes) -> Document:
    """The tables of a document. Raises `MalformedBody`, and `InvalidInput` for what cannot be one."""
    return _Reader(raw).document()


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = memoryview(raw)
        self._next = 0
        self._decoder = getincrementaldecoder("utf-8")()
        self._text, self._at = "", 0
        self._items = _SPARE + len(raw) // _SMALLEST

    def document(self) -> Document:
        if self._peek() != "{":
            raise MalformedBody("Expected a JSON object of tables as the body.")
        tables: Document = {}
        for name in self._keys():
            if name not in TABLES:
                raise _refused(_printable(name), message="This table is none of ours.")
            tables[name] = self._table(name)
        if self._peek():
            self._malformed("something follows the object")
        return tables

    def _table(self, name: str) -> dict[str, Any]:
        if self._peek() != "{":
            raise _refused(name, message="Expected an object of numbered records.")
        table: dict[str, Any] = {}
        for number in self._keys():
            if self._peek() != "{" or not number.isascii():
                raise _refused(name, _printable(number), message="Expected a numbered record.")
            table[number] = self._record(name, number)
        return table

    def _record(self, name: str, number: str) -> Any:
        window = self._text[self._at : self._at + _WINDOW]
        try:
            record, length = _DECODER.raw_decode(window)
            self._at += length
        except (JSONDecodeError, RecursionError):  # a longer one, or none
            record, length = self._value(0), len(window)
        except ValueError as error:
            raise MalformedBody(f"The body is not valid JSON: {error}.") from None
        if "\\u" in window[:length] or length == len(window):
            _check_letters(record, name, number)
        return record

    def _value(self, depth: int) -> Any:
        self._items -= 1
        first = self._peek()
        if self._items < 0 or depth > _DEEPEST or (first == "[" and depth > 1):
            raise InvalidInput("This is not a mockflow data document: a record of it has too many values.")
        if first == "{":
            return {key: self._value(depth + 1) for key in self._keys()}
        if first == "[":
            return [self._value(depth + 1) for _ in self._list()]
        return self._scalar()

    def _list(self) -> Any:
        """A step for each item of a list, which has to be read then."""
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield None
            if self._end_or_comma("]"):
                return

    def _keys(self) -> Any:
        """The keys of an object, whose values have to be read then."""
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                self._malformed("expected a name in quotes")
            key = self._scalar()
            if self._peek() != ":":
                self._malformed("expected a colon")
            self._at += 1
            yield key
            if self._end_or_comma("}"):
                return

    def _end_or_comma(self, end: str) -> bool:
        found = self._peek()
        if found not in (end, ","):
            self._malformed(f"expected a comma or {end}")
        self._at += 1
        return found == end

    def _scalar(self) -> Any:
        """A text, a number, true, false or null."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                if not self._more(len(self._text)):
                    self._malformed(error.msg)
            except (ValueError, RecursionError) as error:
                raise MalformedBody(f"The body is not valid JSON: {error}.") from None
            else:
                if end < len(self._text) or not self._more(_CHUNK):  # a number may go on
                    self._at = end
                    return value

    def _peek(self) -> str:
        """The next letter that is no space; none at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if len(self._text) - self._at < _WINDOW and self._more(_CHUNK):
                continue
            return self._text[self._at : self._at + 1]

    def _more(self, size: int) -> bool:
        """Decode some more; False where there is none."""
        if self._next >= len(self._raw):
            return False
        size = max(size, _CHUNK)
        piece = self._raw[self._next : self._next + size]
        self._next += size
        try:
            decoded = self._decoder.decode(piece, self._next >= len(self._raw))
        except UnicodeDecodeError as error:
            raise MalformedBody(f"The body is not valid JSON: it is not UTF-8, {error.reason}.") from None
        self._text, self._at = self._text[self._at :] + decoded, 0
        return True

    def _malformed(self, reason: str) -> NoReturn:
        raise MalformedBody(f"The body is not valid JSON: {reason[:1].lower()}{reason[1:]}.")


def _check_letters(record: Any, name: str, number: str) -> None:
    """JSON's escapes can make halves of letters that nothing can be done with."""
    try:
        orjson.dumps(record)
    except (TypeError, ValueError):
        raise _refused(name, number, message="This has a text that cannot be kept.") from None


def _printable(text: str) -> str:
    return text[:60].encode("ascii", "replace").decode()


def _refused(*path: str, message: str) -> InvalidInput:
    found = Offence(path, message, "invalid_type")
    where = ".".join(path)
    return InvalidInput(f"This is not a mockflow data document: {where}: {message}", (found,))
