"""What a rule does: each effect is one room, with its behaviour and its words."""

from mockflow.faults.effects.effect import Effect, Instead, Line, Outcome, Victim
from mockflow.faults.effects.kinds import effect_of

__all__ = ["Effect", "Instead", "Line", "Outcome", "Victim", "effect_of"]
