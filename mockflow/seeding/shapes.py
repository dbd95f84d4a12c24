"""The shape of a seed file: people first, then what they have. Unknown keys are mistakes here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mockflow.models.base import Email, Name, NewPassword, Text
from mockflow.models.projects import ViewMode
from mockflow.models.tags import TagColor, TagName
from mockflow.models.tasks import Color, Priority, RecurrenceRule, Title
from mockflow.models.texts import trimmed
from mockflow.models.users import PreferenceChanges
from mockflow.seeding.dates import check


def _trimmed(value: Any) -> Any:
    return trimmed(value) if isinstance(value, str) else value


Reference = Annotated[str, BeforeValidator(_trimmed)]
"""The name of something in the seeds, which are trimmed."""


class _Seed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _rule(value: Any) -> Any:
    return {"pattern": value} if isinstance(value, str) else value


SeedDate = Annotated[str, AfterValidator(check)]
Count = Annotated[int, Field(ge=0, le=100_000)]


class SeedTag(_Seed):
    """A tag; its color is drawn when left out."""

    name: TagName
    color: TagColor | None = None


class SeedProject(_Seed):
    """A project: personal, or of the workspace it names."""

    name: Name
    workspace: Reference | None = None
    view: ViewMode | None = None
    sections: list[Name] = []


class SeedTask(_Seed):
    """A task. `project`, `section` and `tags` are names; `tags: "*"` stands for all the persona has."""

    title: Title
    description: Text | None = None
    priority: Priority | None = None
    due: SeedDate | None = None
    created: SeedDate = "-7d 09:00"
    done: SeedDate | None = None
    color: Color | None = None
    reminder: bool = False
    project: Reference | None = None
    section: Reference | None = None
    tags: list[Reference] | Literal["*"] = []
    repeat: Annotated[RecurrenceRule, BeforeValidator(_rule)] | None = None
    until: SeedDate | None = None
    sortKey: str | None = None
    subtasks: list[SeedTask] = []


class SeedFake(_Seed):
    """How many of each Faker makes for one persona; `sections` is for each of the projects."""

    projects: Count = 0
    sections: Count = 0
    tags: Count = 0
    tasks: Count = 0


class SeedPersona(_Seed):
    """An account to sign in with, and what it is for. One with a `provider` came through OAuth."""

    email: Email
    password: NewPassword | None = None
    provider: Literal["google", "github"] | None = None
    name: Name | None = None
    purpose: Annotated[str, Field(alias="for")]
    created: SeedDate = "-90d 08:00"
    preferences: PreferenceChanges | None = None
    tags: list[SeedTag] = []
    projects: list[SeedProject] = []
    tasks: list[SeedTask] = []
    fake: SeedFake = SeedFake()


class SeedWorkspace(_Seed):
    """A shared workspace and the e-mail addresses of its members."""

    name: Name
    members: list[Email]


class SeedSet(_Seed):
    """One named data set."""

    about: str
    personas: list[SeedPersona] = []
    workspaces: list[SeedWorkspace] = []
