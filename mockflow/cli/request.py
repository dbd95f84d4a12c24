"""`mockflow request`: one request, in process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mockflow.cli.helping import examples
from mockflow.cli.options import checked, option, seed_options
from mockflow.cli.words import Command
from mockflow.settings import Settings


@click.command(
    cls=Command,
    epilog=examples(
        "mockflow request GET /api/v2/todo --as demo@flowtask.test",
        'mockflow request POST /api/v1/user/signup/send-otp --data \'{"email": "new@example.com"}\'',
    ),
)
@click.argument("method")
@click.argument("path")
@option(
    "--data",
    "--body",
    "body",
    metavar="JSON",
    envvar="MOCKFLOW_BODY",  # MOCKFLOW_DATA is a server's data file
    help="The body to send.",
)
@option("--as", "email", metavar="EMAIL", help="The account whose session the request has.")
@option(
    "--data-file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Act on the data of this file instead of fresh seeds.",
)
@seed_options
def request(
    method: str,
    path: str,
    body: str | None,
    email: str | None,
    data_file: Path | None,
    **rest: Any,
) -> None:
    """Answer one request without a server, and print the answer's body.

    Exit 1 if the status is 400 or more.
    """
    from mockflow.app import create_app, sandboxes_of  # late: `--help` needs no Flask

    if not path.startswith("/"):
        raise click.UsageError(f"PATH has to start with a slash, as in /api/v2/todo; got {path!r}.")
    app = create_app(checked(Settings(data=data_file, **rest)), report=lambda text: click.echo(text, err=True))
    try:
        client = app.test_client()
        if email is not None:
            signed_in = client.post("/_mockflow/sessions", json={"email": email})
            if signed_in.status_code >= 400:
                raise click.UsageError(signed_in.get_json()["message"])
        content_type = "application/json" if body is not None else None
        response = client.open(path, method=method.upper(), data=body, content_type=content_type)
        sys.stdout.buffer.write(response.get_data() + b"\n")
        sys.stdout.flush()
    finally:
        sandboxes_of(app).close()
    if response.status_code >= 400:
        click.echo(f"mockflow: {response.status}", err=True)
        raise click.exceptions.Exit(1)
