"""Calls all 34 operations through Prism's validating proxy: walk.py PROXY MOCKFLOW DOCUMENT.

The proxy answers what does not fit the document with an error of its own.
"""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

# Without an image: Prism takes each body for text.
FORM = b'--walk\r\nContent-Disposition: form-data; name="name"\r\n\r\nDemo Person\r\n--walk--\r\n'


class Client:
    """Calls operations by their names, and remembers which."""

    def __init__(self, proxy: str, document: Any) -> None:
        self.address = urlsplit(proxy).netloc
        self.cookie = ""
        self.missing = {
            operation["operationId"]: (method.upper(), path)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    def __call__(
        self, name: str, body: Any = None, *, query: str = "", form: bytes | None = None, **ids: str
    ) -> Any:
        """The JSON that an operation answers; anything but a 2xx fails."""
        method, path = self.missing.pop(name)
        kind = "application/json" if form is None else "multipart/form-data; boundary=walk"
        content = form if body is None else json.dumps(body).encode()
        headers = {"Cookie": self.cookie, **({"Content-Type": kind} if content is not None else {})}
        connection = HTTPConnection(self.address, timeout=60)
        connection.request(method, path.format(**ids) + query, content, headers)
        response = connection.getresponse()
        text = response.read().decode()
        assert 200 <= response.status < 300, f"{name}: {response.status} {text}"
        self.cookie = (response.headers["Set-Cookie"] or self.cookie).partition(";")[0]
        return json.loads(text)


def code_for(server: str, email: str) -> str:
    """The passcode that was sent last."""
    connection = HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.request("GET", f"/_mockflow/outbox?to={quote(email)}")
    return str(json.loads(connection.getresponse().read())["messages"][-1]["code"])


def walk(call: Client, server: str) -> None:
    """Sign up, fill an account with one of each, change all, delete all, sign out."""
    email, password = "walker@example.com", "yourpassword"
    call("requestSignUpCode", {"email": email})
    call("completeSignUp", {"email": email, "code": code_for(server, email), "password": password})
    call("signIn", {"email": email, "password": password})
    call("checkAuth")
    call("updateProfile", form=FORM)
    assert call("getProfile")["user"]["name"] == "Demo Person"
    call("updateName", {"name": "Walker"})
    twice = {"newPassword": f"{password}2", "confirmNewPassword": f"{password}2"}
    call("updatePassword", {"currentPassword": password, **twice})
    call("updatePreferences", {"digestTime": "07:30"})
    call("getPreferences")
    tag = call("createTag", {"name": "urgent", "color": "red"})["tag"]["id"]
    project = call("createProject", {"name": "Launch", "personal": True})["project"]["id"]
    section = call("createSection", {"name": "Doing"}, project_id=project)["section"]["id"]
    task = call(
        "createTask",
        {
            "title": "Walk",
            "tags": [tag],
            "projectId": project,
            "projectSectionId": section,
            "dueDate": "2030-01-31",
            "recurrenceRule": {"pattern": "weekly"},
        },
    )["todo"]["id"]
    assert call("listTasks", query=f"?tagIds={tag},{tag}&completed=false")["todos"]
    assert call("searchTasks", query="?q=walk")["todos"]
    # An empty value is none to Prism, whatever the document says of it: `search=` would not pass.
    assert call("listPersonalProjects", query="?search=laun")["personalProjects"]
    assert call("listTags", query=f"?search=&ids={tag}&ids={tag}")["tags"]
    for name in ("getInbox", "listProjects", "countTags"):
        call(name)
    call("getProject", project_id=project)
    assert call("listSections", project_id=project)["sections"][0]["todos"]
    call("updateTag", {"color": "blue"}, tag_id=tag)
    call("updateTask", {"completed": True, "nextIndex": None}, task_id=task)
    call("updateTasks", {"priority": None}, query=f"?todoIds={task},{task}")
    call("updateSection", {"name": "Done", "nextIndex": None}, project_id=project, section_id=section)
    call("updateProject", {"taskDisplayPreferences": {"viewMode": "board"}}, project_id=project)
    call("deleteTask", task_id=task)
    call("deleteTasks", query=f"?todoIds={task}")
    call("deleteTags", query=f"?tagIds={tag}")
    call("deleteSection", project_id=project, section_id=section)
    call("deleteProject", project_id=project)
    call("signOut")


def main() -> None:
    """Walk, and see that nothing is left out."""
    proxy, server, path = sys.argv[1:]
    call = Client(proxy, json.loads(Path(path).read_text()))
    count = len(call.missing)
    walk(call, server)
    assert not call.missing, call.missing
    print(f"Prism let {count} operations pass.")


main()
