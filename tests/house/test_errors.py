"""The tree of errors: every class has a status, a docstring, and the one shape."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from mockflow import errors
from mockflow.errors import InvalidInput, MockflowError, NoSuchRoute, NotSignedIn, Offence, TooManyRequests
from mockflow.http.answers import STATUSES, error_answer, error_body, status_of
from tests.support import BOUND

BY_STATUS = {
    400: "RequestRefused InvalidInput MalformedBody UnknownReference NotPossible CredentialsRefused WrongCode "
    "SettingsInvalid SeedInvalid AddressUnusable",
    401: "NotSignedIn ControlTokenMissing",
    403: "Forbidden NotYours NotAMember InboxIsFixed ControlRefused",
    404: "NotFound NoSuchRoute",
    408: "RequestTooSlow",
    413: "BodyTooLarge",
    431: "HeadTooLarge",
    415: "BodyNotUnderstood",
    429: "TooManyRequests",
    507: "TooManySandboxes",
    500: "MockflowError PortInUse StorageFailed DataUnusable ServerUnreachable ServerRefused",
}
STATUS_OF = {name: status for status, names in BY_STATUS.items() for name in names.split()}


def family(root: type[MockflowError]) -> Iterator[type[MockflowError]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


TREE = sorted(set(family(MockflowError)), key=lambda cls: cls.__name__)
each_error = pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)


def made(cls: type[MockflowError]) -> MockflowError:
    return cls("It went wrong.", 7) if issubclass(cls, TooManyRequests) else cls("It went wrong.")


def test_the_whole_tree_is_on_one_page() -> None:
    assert {cls.__module__ for cls in TREE} == {errors.__name__}
    exceptions = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)]
    assert set(exceptions) == set(TREE)


def test_the_table_of_statuses_names_classes_of_the_tree() -> None:
    assert set(STATUSES) <= set(TREE)
    assert {cls.__name__: status for cls, status in STATUSES.items()}.items() <= STATUS_OF.items()


@each_error
def test_every_error_has_the_status_that_the_contract_gives_it(cls: type[MockflowError]) -> None:
    expected = STATUS_OF.get(cls.__name__)
    assert expected is not None, f"{cls.__name__} is new: say here which status it has"
    assert status_of(made(cls)) == error_answer(made(cls)).status_code == expected


@each_error
def test_every_error_has_the_one_shape(cls: type[MockflowError]) -> None:
    body = error_body(made(cls))
    keys = ["message", "msg"]
    keys += ["errors"] * issubclass(cls, InvalidInput) + ["isAuthenticated"] * issubclass(cls, NotSignedIn)
    assert list(body) == keys
    assert body["message"] == body["msg"] == "It went wrong."
    assert body.get("errors", []) == []
    assert body.get("isAuthenticated", False) is False


@each_error
def test_every_error_answers_as_json(cls: type[MockflowError]) -> None:
    response = error_answer(made(cls))
    assert response.content_type == "application/json; charset=utf-8"
    assert response.get_json() == error_body(made(cls))
    assert response.headers.get("Retry-After") == ("7" if issubclass(cls, TooManyRequests) else None)


@each_error
def test_every_error_says_what_happened(cls: type[MockflowError]) -> None:
    own = vars(cls)["__doc__"]
    assert own is not None
    assert own.strip().endswith(".")
    assert str(made(cls)) == made(cls).message == "It went wrong."


@pytest.mark.parametrize(
    "cls", [cls for cls in TREE if issubclass(cls, InvalidInput)], ids=lambda cls: cls.__name__
)
def test_every_offending_field_is_told(cls: type[InvalidInput]) -> None:
    offences = (Offence(("dueDate",), "No such day.", "invalid_date"), Offence(("tags", 1), "Unknown."))
    body = error_body(cls("Two are wrong.", offences))
    assert body["message"] == body["msg"] == "Two are wrong."
    assert body["errors"] == [
        {"path": ["dueDate"], "message": "No such day.", "code": "invalid_date"},
        {"path": ["tags", 1], "message": "Unknown.", "code": "custom"},
    ]
    single = error_body(cls.at("tags", 1, message="Unknown.", code="unknown_reference"))
    assert single["message"] == "Unknown."
    assert single["errors"] == [{"path": ["tags", 1], "message": "Unknown.", "code": "unknown_reference"}]


@pytest.mark.parametrize(("allowed", "header"), [(("GET", "POST"), "GET, POST"), ((), None)])
def test_a_route_with_another_method_says_which_there_are(allowed: tuple[str, ...], header: str | None) -> None:
    assert error_answer(NoSuchRoute("There is none.", allowed)).headers.get("Allow") == header


def test_views_declare_errors_of_the_tree() -> None:
    raised = {cls for bound in BOUND.values() for cls in bound.raises}
    assert raised <= set(TREE)
    assert all(status_of(made(cls)) < 500 for cls in raised)
