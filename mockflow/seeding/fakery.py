"""Invented people's data: what Faker makes for a seed set, the same for the same seed and locale.

Only this room imports Faker, and only when something is to be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from mockflow.errors import SettingsInvalid
from mockflow.ids import Ids
from mockflow.seeding.shapes import SeedFake, SeedPersona, SeedProject, SeedTag, SeedTask

# Only what is used here is loaded: all of Faker's providers take four times as long.
_PROVIDERS = ["faker.providers.company", "faker.providers.lorem", "faker.providers.person"]
_PRIORITIES = ("high", "medium", "low", None, None)
_DAYS_BACK, _DAYS_AHEAD = 45, 60
_NO_DATE_ONE_IN, _TIMED_ONE_IN, _SUBTASK_ONE_IN, _DESCRIBED_ONE_IN = 6, 4, 8, 3


def check_locale(locale: str) -> None:
    """Raises `SettingsInvalid` for a locale that Faker does not have."""
    from faker.config import AVAILABLE_LOCALES  # late: a start without seeding needs no Faker

    if locale not in AVAILABLE_LOCALES:
        raise SettingsInvalid(f"Faker has no locale {locale!r}; it has for example en_US, de_DE, ja_JP.")


class Fakery:
    """Invents what a persona has: words come from Faker, choices from a generator of its own."""

    def __init__(self, seed: int, locale: str) -> None:
        from faker.factory import Factory  # late: see above

        draws = count()
        self._ids = Ids(lambda: f"{seed}:fake:{next(draws)}")
        self._faker: Any = Factory.create(locale, providers=_PROVIDERS)
        self._faker.seed_instance(seed)

    def fill(self, persona: SeedPersona) -> SeedPersona:
        """The persona with what its `fake` asks for, behind what it has."""
        fake = persona.fake
        tags = [*persona.tags, *self._tags(fake.tags, {tag.name for tag in persona.tags})]
        projects = [*persona.projects, *self._projects(fake, {project.name for project in persona.projects})]
        made = list(self._tasks(fake.tasks, projects, [tag.name for tag in tags]))
        return persona.model_copy(update={"tags": tags, "projects": projects, "tasks": [*persona.tasks, *made]})

    def _tags(self, number: int, taken: set[str]) -> Iterator[SeedTag]:
        for position in range(1, number + 1):
            word = str(self._faker.word())[:40]
            yield SeedTag(name=_unique(word, position, taken))

    def _projects(self, fake: SeedFake, taken: set[str]) -> Iterator[SeedProject]:
        for number in range(1, fake.projects + 1):
            sections = [f"{self._faker.word().capitalize()} {position + 1}" for position in range(fake.sections)]
            yield SeedProject(name=_unique(self._faker.company(), number, taken), sections=sections)

    def _tasks(self, number: int, projects: list[SeedProject], tags: list[str]) -> Iterator[SeedTask]:
        made = 0
        while made < number:
            task = self._task(projects, tags)
            made += 1
            if made < number and not self._ids.below(_SUBTASK_ONE_IN):
                task = task.model_copy(update={"subtasks": [self._task([], tags)]})
                made += 1
            yield task

    def _task(self, projects: list[SeedProject], tags: list[str]) -> SeedTask:
        day = self._ids.below(_DAYS_BACK + _DAYS_AHEAD) - _DAYS_BACK
        time = f" {8 + self._ids.below(10):02d}:{self._ids.pick(('00', '15', '30'))}"
        dated = self._ids.below(_NO_DATE_ONE_IN)
        done = day < 0 and self._ids.below(4)
        project = self._ids.pick([None, *projects])
        return SeedTask(
            title=str(self._faker.bs()).capitalize()[:200],
            description=None if self._ids.below(_DESCRIBED_ONE_IN) else self._faker.sentence(),
            priority=self._ids.pick(_PRIORITIES),  # type: ignore[arg-type]  # a tuple of literals is seen as str
            due=f"{day:+d}d{'' if self._ids.below(_TIMED_ONE_IN) else time}" if dated else None,
            created=f"{min(day, 0) - 1 - self._ids.below(14):+d}d{time}",
            done=f"{day:+d}d{time}" if done else None,
            project=project.name if project else None,
            section=self._ids.pick([None, *project.sections]) if project else None,
            tags=sorted({self._ids.pick(tags) for _ in range(self._ids.below(3))}) if tags else [],
        )


def _unique(word: str, number: int, taken: set[str]) -> str:
    """The word, with a number where it is taken; from now on it is."""
    name = word if word not in taken else f"{word} {number}"
    taken.add(name)
    return name
