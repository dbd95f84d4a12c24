"""All views of the API, group by group."""

from __future__ import annotations

from mockflow.http.api import accounts, projects, tags, tasks, users
from mockflow.http.api.binding import Views

GROUPS: tuple[Views, ...] = (accounts.views, users.views, tasks.views, projects.views, tags.views)
