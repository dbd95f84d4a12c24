"""The rules of one sandbox: tried in order, the first that fires wins, hits counted under a lock."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Callable, Generator, Iterable
from copy import copy
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mockflow import models
from mockflow.clock import Clock
from mockflow.errors import InvalidInput, NotFound, NotPossible
from mockflow.faults.effects import Effect, effect_of
from mockflow.faults.grammar import parse
from mockflow.faults.matching import Facts, Matcher
from mockflow.models.offences import offences_of, told


class Hit(NamedTuple):
    """A rule that fired for a request."""

    rule_id: str
    effect: Effect | None
    delay_seconds: float
    bytes_per_second: int | None
    after: bool
    """Whether the operation is carried out first."""


MOST_RULES = 1000
"""Rules in force in one sandbox; each request looks at those for its operation."""


def checked(rule: Any) -> models.faults.FaultRule:
    """A rule, or its flat text, of the right shape, that can match something. Raises `InvalidInput` naming the
    field."""
    if isinstance(rule, str):
        rule = parse(rule)
    try:
        shape = models.faults.FaultRule.model_validate(rule)
    except ValueError as error:  # pydantic's
        offences = offences_of(error)
        raise InvalidInput(f"Invalid fault rule: {told(offences)}.", offences) from None
    Matcher(shape.match)
    return shape


class _Active:
    """A rule in force, with its counts."""

    def __init__(self, rule_id: str, shape: models.faults.FaultRule, since: datetime) -> None:
        self.id = rule_id
        self.shape = shape
        self.matched = self.hits = 0
        self._matcher = Matcher(shape.match)
        self._effect = None if shape.effect is None else effect_of(shape.effect)
        lifetime = shape.expiresAfter
        self.operations = self._matcher.operations
        self._until = None if lifetime is None else since + timedelta(seconds=lifetime)

    def fires(self, facts: Facts, now: datetime, seed: int) -> Hit | None:
        """Count a request that matches, and tell what becomes of it."""
        shape = self.shape
        if self._until is not None and now >= self._until:
            return None
        if (shape.times is not None and self.hits >= shape.times) or not self._matcher.matches(facts):
            return None
        if self._effect is not None and self._effect.needs_session and facts.user is None:
            return None  # there is no session that could end
        self.matched += 1
        if self.matched <= shape.skip or _draw(seed, self.id, self.matched) >= shape.probability:
            return None
        self.hits += 1
        return self.hit(_draw(seed, f"{self.id} latency", self.matched))

    def hit(self, chance: float) -> Hit:
        """What becomes of a request; `chance`, from 0 to 1, chooses the latency."""
        latency = self.shape.latency
        return Hit(
            self.id,
            self._effect,
            _delay_ms(self.shape, chance) / 1000,
            None if latency is None else latency.bytesPerSecond,
            self.shape.phase == "after",
        )

    def described(self) -> dict[str, Any]:
        """The rule as it was given, its id, and how often it matched and fired."""
        given = self.shape.model_dump(exclude_unset=True, exclude={"id"})
        return {"id": self.id, **given, "matched": self.matched, "hits": self.hits}


class FaultsState(NamedTuple):
    """Rules in force at one moment, how many had to be named, and how many came with one request."""

    rules: tuple[_Active, ...]
    named: int
    alone: int


class Faults:
    """The rules in force. `seed` is asked for the sandbox's seed, from which probability is drawn."""

    def __init__(
        self, clock: Clock, seed: Callable[[], int], start: Iterable[models.faults.FaultRule] = ()
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._lock = threading.Lock()
        self._hold(())
        self._named = self._alone = 0
        self._put((), list(start))

    def __len__(self) -> int:
        return len(self._rules)

    def find(self, facts: Callable[[], Facts]) -> Hit | None:
        """The first rule that fires for a request; `facts` is only asked where there are rules."""
        if not self._rules:
            return None
        known, now, seed = facts(), self._clock.now(), self._seed()
        with self._lock:
            rules = self._by_operation.get(known.operation, ())
            return next((hit for rule in rules if (hit := rule.fires(known, now, seed))), None)

    def alone(self, rule: Any, facts: Callable[[], Facts]) -> Hit | None:
        """What a rule that came with one request makes of it. Raises `InvalidInput`."""
        shape = checked(rule)
        for field in ("skip", "times", "expiresAfter"):
            if field in shape.model_fields_set:
                raise InvalidInput.at(field, message=f"{field} has no meaning for a rule of one request.")
        now = self._clock.now()
        active = _Active(shape.id or "request", shape, now)
        with self._lock:
            active.matched = self._alone  # so that what is drawn differs from one request to the next
            self._alone += 1
        return active.fires(facts(), now, self._seed())

    def listed(self) -> list[dict[str, Any]]:
        """All rules in order, with their counts."""
        with self._lock:
            return [rule.described() for rule in self._rules]

    def one(self, rule_id: str) -> dict[str, Any]:
        """One rule. Raises `NotFound`."""
        with self._lock:
            return self._named_rule(rule_id).described()

    def hits(self, rule_id: str) -> int | None:
        """How often a rule fired; None for one that is not in force."""
        return next((rule.hits for rule in self._rules if rule.id == rule_id), None)

    def add(self, rules: Iterable[Any]) -> list[dict[str, Any]]:
        """Put rules behind those in force; all or none. Raises `InvalidInput`, `NotPossible` for an id in use and
        past the limit."""
        return self._put(self._rules, [checked(rule) for rule in rules])

    def renew(self, rules: Iterable[Any]) -> list[dict[str, Any]]:
        """As `add`, but the same rules make room where they are in force already: they may have run out. Another
        rule that has one of their ids is one's own, and stays."""
        wanted = [checked(rule) for rule in rules]
        return self._put(tuple(rule for rule in self._rules if rule.shape not in wanted), wanted)

    def checking(self, rules: Iterable[Any]) -> Generator[None, None, list[models.faults.FaultRule]]:
        """Check rules in steps, one for each, for `replace`. Raises `InvalidInput`."""
        wanted = []
        for number, rule in enumerate(rules):
            try:
                wanted.append(checked(rule))
            except InvalidInput as error:
                raise InvalidInput(f"Rule {number}: {error.message}", error.offences) from None
            yield
        return wanted

    def replace(self, wanted: list[models.faults.FaultRule]) -> list[dict[str, Any]]:
        """Put rules in the place of those in force; all or none. Raises as `add` does."""
        return self._put((), wanted)

    def remove(self, rule_id: str) -> None:
        """Take one rule out of force. Raises `NotFound`."""
        with self._lock:
            gone = self._named_rule(rule_id)
            self._hold(rule for rule in self._rules if rule is not gone)

    def clear(self) -> int:
        """Take all rules out of force; tells how many."""
        with self._lock:
            count = len(self._rules)
            self._hold(())
        return count

    def state(self) -> FaultsState:
        """The rules in force with their counts, to come back to."""
        with self._lock:
            return FaultsState(tuple(copy(rule) for rule in self._rules), self._named, self._alone)

    def afresh(self) -> FaultsState:
        """The rules in force as if they had been given just now, none of which has matched."""
        now = self._clock.now()
        with self._lock:
            return FaultsState(tuple(_Active(rule.id, rule.shape, now) for rule in self._rules), 0, 0)

    def restore(self, state: FaultsState) -> None:
        """Have the rules in force, and the counts, of that time."""
        with self._lock:
            self._hold(copy(rule) for rule in state.rules)
            self._named, self._alone = state.named, state.alone

    def _put(self, before: tuple[_Active, ...], wanted: list[models.faults.FaultRule]) -> list[dict[str, Any]]:
        with self._lock:
            taken = {rule.id for rule in before}
            for name in (shape.id for shape in wanted if shape.id is not None):
                if name in taken:
                    raise NotPossible.at("id", message=f"There is a rule {name!r} already.", code="not_unique")
                taken.add(name)
            if len(before) + len(wanted) > MOST_RULES:
                raise NotPossible(f"A sandbox has at most {MOST_RULES} fault rules; remove some first.")
            now = self._clock.now()
            new = tuple(_Active(shape.id or self._next_id(taken), shape, now) for shape in wanted)
            self._hold((*before, *new))
            return [rule.described() for rule in new]

    def _hold(self, rules: Iterable[_Active]) -> None:
        """Have exactly these rules in force."""
        self._rules = tuple(rules)
        self._by_operation: dict[str, list[_Active]] = {}
        for rule in self._rules:
            for name in rule.operations:
                self._by_operation.setdefault(name, []).append(rule)

    def _next_id(self, taken: set[str]) -> str:
        while True:
            self._named += 1
            if (name := f"fault-{self._named}") not in taken:
                return name

    def _named_rule(self, rule_id: str) -> _Active:
        for rule in self._rules:
            if rule.id == rule_id:
                return rule
        raise NotFound(f"There is no fault rule {rule_id!r}.")


def _draw(seed: int, name: str, number: int) -> float:
    """From 0 up to, not including, 1: depends on nothing but seed, rule and which match it is."""
    digest = hashlib.blake2b(f"{seed}:{name}:{number}".encode(), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def _delay_ms(shape: models.faults.FaultRule, chance: float) -> float:
    latency = shape.latency
    if latency is None:
        return 0.0
    if latency.distribution == "lognormal":
        from statistics import NormalDist  # late: no start needs it

        sigma = math.log1p(latency.jitter / latency.ms)
        deviation = NormalDist().inv_cdf(min(max(chance, 1e-6), 1 - 1e-6))
        return min(latency.ms * math.exp(sigma * deviation), 600_000)
    return max(0.0, latency.ms + latency.jitter * (2 * chance - 1))
