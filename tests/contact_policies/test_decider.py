"""Whom somebody lets write to them: as long as they say nothing, everybody."""

from services.command.features.contact_policies.decider import CONTACT_POLICIES, SetContactPolicy
from services.command.features.contact_policies.facts import ContactPolicyOf
from services.command.features.people.decider import PEOPLE, UserIsDeactivated
from shared.events.people import AvatarChanged, ContactPolicySet, UserDeactivated, UserRegistered
from shared.identifiers import StreamId
from tests.conversations.examples import ANN, BEN
from tests.specs.deciding import Scene

HERS = ContactPolicyOf(ANN)


def ann() -> Scene:
    """Ann has registered."""
    return Scene(StreamId(ANN), (PEOPLE, CONTACT_POLICIES)).happened(ANN, UserRegistered("ann", "Ann"))


def test_who_has_said_nothing_is_open() -> None:
    ann().when(HERS, by=BEN).then_nothing_happens(policy="open")


def test_what_somebody_says_last_counts() -> None:
    wary = ann().when(SetContactPolicy(ANN, "request"), by=ANN).then(ContactPolicySet("request"))
    wary.when(HERS, by=BEN).then_nothing_happens(policy="request")
    again = wary.when(SetContactPolicy(ANN, "open"), by=ANN).then(ContactPolicySet("open"))
    again.when(HERS, by=BEN).then_nothing_happens(policy="open")


def test_other_things_that_happen_to_them_leave_it_as_it_is() -> None:
    changed = ann().happened(ANN, ContactPolicySet("request")).happened(ANN, AvatarChanged(None))
    changed.when(HERS, by=BEN).then_nothing_happens(policy="request")


def test_the_same_policy_again_changes_nothing() -> None:
    ann().when(SetContactPolicy(ANN, "open"), by=ANN).then_nothing_happens()
    wary = ann().happened(ANN, ContactPolicySet("request"))
    wary.when(SetContactPolicy(ANN, "request"), by=ANN).then_nothing_happens()


def test_whoever_asks_about_somebody_unknown_is_told_that_they_are_open() -> None:
    Scene(StreamId(ANN), (PEOPLE, CONTACT_POLICIES)).when(HERS, by=BEN).then_nothing_happens(policy="open")


def test_whoever_has_left_says_nothing_more() -> None:
    gone = ann().happened(ANN, UserDeactivated())
    gone.when(SetContactPolicy(ANN, "request"), by=ANN).then_refused(UserIsDeactivated)
    gone.when(HERS, by=BEN).then_nothing_happens(policy="open")
