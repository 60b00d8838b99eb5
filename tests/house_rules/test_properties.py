"""No decider is left out of what must hold of all of them."""

from services.command.app import FEATURES
from tests.properties.stories import ASKED


def test_it_is_said_of_every_decider_what_may_be_asked_of_it() -> None:
    assert {decider.name for feature in FEATURES for decider in feature.deciders} == ASKED.keys()
