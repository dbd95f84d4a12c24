"""What a stranger does with the Python client that was generated into `flowtask`."""

from __future__ import annotations

import os

from flowtask import Client
from flowtask.api.accounts import sign_in
from flowtask.api.tags import create_tag
from flowtask.api.tasks import create_task, delete_tasks, list_tasks
from flowtask.models import InputError, SignIn, TagCreated, TagDraft, TaskCreated, TaskDraft, TaskList


def main() -> None:
    """Sign in, make a tag and a task, list and delete it, and be refused."""
    client = Client(base_url=os.environ["MOCKFLOW_URL"], raise_on_unexpected_status=True)
    signed_in = sign_in.sync_detailed(client=client, body=SignIn("demo@flowtask.test", "Passw0rd!"))
    assert signed_in.status_code == 200, signed_in
    tag = create_tag.sync(client=client, body=TagDraft("from Python"))
    assert isinstance(tag, TagCreated), tag
    created = create_task.sync(client=client, body=TaskDraft("Made in Python", tags=[tag.tag.id]))
    assert isinstance(created, TaskCreated), created
    assert created.todo.created_at.tzinfo is not None
    found = list_tasks.sync(client=client, tag_ids=[tag.tag.id], completed=False)
    assert isinstance(found, TaskList), found
    assert [(task.title, task.tags[0].name) for task in found.todos] == [("Made in Python", "from Python")]
    refused = create_task.sync(client=client, body=TaskDraft(" "))
    assert isinstance(refused, InputError), refused
    assert refused.errors[0].path == ["title"]
    ids = ",".join([created.todo.id, created.todo.id])  # the client would send a list as repeated parameters
    assert delete_tasks.sync_detailed(client=client, todo_ids=[ids]).status_code == 200
    print("The Python client signed in, made, listed and deleted a task.")


main()
