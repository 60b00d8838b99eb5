"""Who is there in a run: people in rooms, those of them who will leave for good, and agents with their owners."""

import random
from dataclasses import dataclass
from typing import NamedTuple

from tests.blackbox.history import Member


class OwnedAgent(NamedTuple):
    """An agent, and whoever made it."""

    owner: Member
    agent: Member


@dataclass(frozen=True, slots=True)
class Town:
    """`members` stay, whatever happens; those who are `leaving` are in rooms as well."""

    members: list[Member]
    leaving: list[Member]
    agents: list[OwnedAgent]

    def somebody(self, chance: random.Random) -> Member:
        """Any of them, whether or not they have left meanwhile."""
        return chance.choice([*self.members, *self.leaving])

    def two_of_a_room(self, chance: random.Random) -> list[Member]:
        """Two who are in one conversation."""
        one = chance.choice(self.members)
        return chance.sample([each for each in self.members if each.conversation_id == one.conversation_id], 2)

    @property
    def tokens(self) -> dict[str, str]:
        """The access token of each."""
        everybody = [*self.members, *self.leaving, *(each.agent for each in self.agents)]
        return {each.user_id: each.token for each in everybody}
