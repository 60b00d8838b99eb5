"""What people do, one thing after another: a function of who they are and of chance, so that a seed tells it again."""

import random
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from tests.blackbox import wishes
from tests.blackbox.history import Member, Wish
from tests.blackbox.people import Town

Step = tuple[Member, Wish]
Teller = Callable[[Town, random.Random], Iterator[Step]]
SHORT_SECONDS = (1, 2, 3600)
REACTIONS = ("like", "love", "haha", "wow", "sad", "pray")
ASKED_FIRST_SHARE = 0.7
REQUEST_MESSAGES = 4
"""One more than may be sent while a request is pending."""


def story_of(town: Town, chance: random.Random) -> list[Step]:
    """Something that people of this town may do. Each step is taken when the one before it is settled."""
    (tell,) = chance.choices(list(STORIES), weights=list(STORIES.values()))
    return list(tell(town, chance))


def key_of(chance: random.Random) -> str:
    """A key that nobody has used."""
    return str(UUID(int=chance.getrandbits(128), version=4))


def says_something(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    yield by, wishes.send(by, key_of(chance))


def replies_to_nothing(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    yield by, wishes.send(by, key_of(chance), "refused", reply_to_id=key_of(chance))


def changes_the_room(town: Town, chance: random.Random) -> Iterator[Step]:
    """Those who lead may; the others are refused."""
    by = town.somebody(chance)
    yield by, wishes.rename(by, by.conversation_id, key_of(chance), "renamed" if by.leads else "refused")
    if by.leads:
        agent = chance.choice(town.agents).agent
        yield by, wishes.change_picture(by, by.conversation_id, key_of(chance))
        assigned = chance.choice((agent.user_id, None))
        yield by, wishes.assign_agent(by, by.conversation_id, key_of(chance), assigned)


def shows_a_status(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    yield by, wishes.set_status(by, key_of(chance), chance.choice(SHORT_SECONDS) if chance.random() < 0.5 else None)


def wants_to_be_left_alone(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    yield by, wishes.set_dnd(by, key_of(chance), enabled=True)
    yield by, wishes.set_dnd(by, key_of(chance), enabled=chance.random() < 0.5)
    yield by, wishes.clear_status(by, key_of(chance))


def toggles_a_bookmark(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    yield by, wishes.toggle_bookmark(by, by.first_message, key_of(chance))


def keeps_what_changes(town: Town, chance: random.Random) -> Iterator[Step]:
    """A bookmark of a message that is then edited, and perhaps unsent."""
    by, other = town.two_of_a_room(chance)
    said = wishes.send(by, key_of(chance))
    yield by, said
    yield other, wishes.keep(other, said.message, key_of(chance))
    yield by, wishes.edit(by, said.message, key_of(chance))
    yield other, wishes.change_note(other, said.message, key_of(chance))
    if chance.random() < 0.5:
        yield by, wishes.unsend(by, said.message, key_of(chance))
    yield other, wishes.keep(other, said.message, key_of(chance))
    if chance.random() < 0.5:
        yield other, wishes.keep_no_longer(other, said.message, key_of(chance))


def takes_words_back(town: Town, chance: random.Random) -> Iterator[Step]:
    """A message is edited, reacted to and unsent, and there is nothing to edit or react to any more."""
    by, other = town.two_of_a_room(chance)
    said = wishes.send(by, key_of(chance), reply_to_id=by.message_id)
    yield by, said
    yield by, wishes.edit(by, said.message, key_of(chance))
    yield other, wishes.react(other, said.message, key_of(chance), chance.choice(REACTIONS))
    yield by, wishes.edit(by, said.message, key_of(chance))
    yield by, wishes.unsend(by, said.message, key_of(chance))
    yield other, wishes.unsend(other, said.message, key_of(chance))
    yield other, wishes.react(other, said.message, key_of(chance), chance.choice(REACTIONS))


def shows_pictures(town: Town, chance: random.Random) -> Iterator[Step]:
    """Pictures, whose text is edited, and which are perhaps unsent; or a post."""
    by, other = town.two_of_a_room(chance)
    shown = wishes.send_pictures(by, key_of(chance))
    yield by, shown
    yield other, wishes.react(other, shown.message, key_of(chance), chance.choice(REACTIONS))
    yield by, wishes.edit(by, shown.message, key_of(chance))
    if chance.random() < 0.5:
        yield by, wishes.unsend(by, shown.message, key_of(chance))
    yield other, wishes.share_a_post(other, key_of(chance), key_of(chance))


def sends_a_file(town: Town, chance: random.Random) -> Iterator[Step]:
    """Whoever may read the message keeps the file, until it is perhaps unsent."""
    by, other = town.two_of_a_room(chance)
    uploaded = wishes.upload(by, key_of(chance))
    yield by, uploaded
    sent = wishes.send_file(by, key_of(chance), uploaded.command_id)
    yield by, sent
    yield by, wishes.keep_file(by, uploaded.command_id, key_of(chance))
    yield other, wishes.keep_file(other, uploaded.command_id, key_of(chance))
    if chance.random() < 0.5:
        yield by, wishes.unsend(by, sent.message, key_of(chance))


def react_to_a_message(town: Town, chance: random.Random) -> Iterator[Step]:
    for by in town.two_of_a_room(chance):
        yield by, wishes.react(by, by.first_message, key_of(chance), chance.choice(REACTIONS))
        if chance.random() < 0.5:
            yield by, wishes.react(by, by.first_message, key_of(chance), chance.choice(REACTIONS))
        if chance.random() < 0.5:
            yield by, wishes.take_reaction_back(by, by.first_message, key_of(chance))


def arranges_the_room(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    for how in chance.sample(("pinned", "unpinned", "archived", "unarchived"), 3):
        yield by, wishes.arrange(by, by.conversation_id, key_of(chance), how)


def looks_otherwise(town: Town, chance: random.Random) -> Iterator[Step]:
    by = town.somebody(chance)
    yield by, wishes.change_profile(by, key_of(chance))


def writes_to_a_stranger(town: Town, chance: random.Random) -> Iterator[Step]:
    """Who wants to be asked first accepts, declines, or answers."""
    by, other = chance.sample(town.members, 2)
    policy = "request" if chance.random() < ASKED_FIRST_SHARE else "open"
    yield other, wishes.set_contact_policy(other, key_of(chance), policy)
    started = wishes.start_direct(by, other, key_of(chance))
    yield by, started
    for _ in range(chance.randint(1, REQUEST_MESSAGES)):
        yield by, wishes.send(by, key_of(chance), to=started.stream)
    yield other, wishes.mark(other, started.stream, key_of(chance), "delivered", 1)
    for how in chance.choice((("accepted",), ("declined",), ("declined", "accepted"), ())):
        yield other, wishes.answer_request(other, started.stream, key_of(chance), how)
    if chance.random() < 0.5:
        yield other, wishes.send(other, key_of(chance), to=started.stream)
    yield other, wishes.mark(other, started.stream, key_of(chance), "read", 1)
    yield by, wishes.send(by, key_of(chance), to=started.stream)


def meet_in_a_group(town: Town, chance: random.Random) -> Iterator[Step]:
    """People come, go and change their roles; each reads, clears and reacts; in the end it is deleted, or stays."""
    owner, admin, member, late = chance.sample(town.members, 4)
    started = wishes.start_group(owner, [admin, member], key_of(chance))
    group = started.stream
    yield owner, started
    said = wishes.send(owner, key_of(chance), to=group)
    yield owner, said
    yield owner, wishes.add(owner, group, key_of(chance), late)
    yield owner, wishes.change_role(owner, group, key_of(chance), admin, "admin")
    for how, seq in (("delivered", 1), ("read", 2), ("read", 1)):
        yield member, wishes.mark(member, group, key_of(chance), how, seq)
    yield member, wishes.react(member, said.message, key_of(chance), chance.choice(REACTIONS))
    yield member, wishes.keep(member, said.message, key_of(chance))
    yield member, wishes.arrange(member, group, key_of(chance), "cleared")
    yield member, wishes.react(member, said.message, key_of(chance), chance.choice(REACTIONS))
    if chance.random() < 0.5:
        yield admin, wishes.remove(admin, group, key_of(chance), late)
    yield from chance.choice((_hand_over, _leave_one_by_one, _delete))(group, (owner, admin, member), chance)
    yield owner, wishes.send(owner, key_of(chance), to=group)


def _hand_over(group: str, people: Sequence[Member], chance: random.Random) -> Iterator[Step]:
    owner, admin, _ = people
    yield owner, wishes.change_role(owner, group, key_of(chance), admin, "owner")
    yield owner, wishes.leave(owner, group, key_of(chance))


def _leave_one_by_one(group: str, people: Sequence[Member], chance: random.Random) -> Iterator[Step]:
    owner, admin, member = people
    yield member, wishes.leave(member, group, key_of(chance))
    yield owner, wishes.leave(owner, group, key_of(chance), "left to an heir")
    yield admin, wishes.rename(admin, group, key_of(chance))


def _delete(group: str, people: Sequence[Member], chance: random.Random) -> Iterator[Step]:
    owner, *_ = people
    yield owner, wishes.delete(owner, group, key_of(chance))


def asks_an_agent(town: Town, chance: random.Random) -> Iterator[Step]:
    """In the end the agent answers no more, and whoever asked leaves; nobody is left then."""
    owner, agent = chance.choice(town.agents)
    started = wishes.start_with_agent(owner, agent, key_of(chance))
    yield owner, started
    yield owner, wishes.send(owner, key_of(chance), to=started.stream)
    yield agent, wishes.send(agent, key_of(chance), to=started.stream, agent_id=agent.user_id)
    yield owner, wishes.rename(owner, started.stream, key_of(chance), "renamed untold")
    yield owner, wishes.assign_agent(owner, started.stream, key_of(chance), None)
    if chance.random() < 0.5:
        yield owner, wishes.remove(owner, started.stream, key_of(chance), agent, "removed untold")
        yield owner, wishes.leave(owner, started.stream, key_of(chance), "left as the last")


def makes_an_agent(town: Town, chance: random.Random) -> Iterator[Step]:
    by = chance.choice(town.members)
    yield by, wishes.make_agent(by, key_of(chance))


def leaves_for_good(town: Town, chance: random.Random) -> Iterator[Step]:
    """With a status that ends by itself, and a bookmark; whatever is asked afterwards is refused."""
    by = chance.choice(town.leaving)
    yield by, wishes.set_status(by, key_of(chance), chance.choice(SHORT_SECONDS))
    yield by, wishes.toggle_bookmark(by, by.first_message, key_of(chance))
    yield by, wishes.send(by, key_of(chance))
    yield by, wishes.leave_for_good(by)
    yield by, wishes.set_status(by, key_of(chance), None)


STORIES: dict[Teller, int] = {
    says_something: 60,
    shows_a_status: 26,
    toggles_a_bookmark: 26,
    replies_to_nothing: 6,
    changes_the_room: 5,
    wants_to_be_left_alone: 4,
    keeps_what_changes: 4,
    takes_words_back: 4,
    shows_pictures: 4,
    sends_a_file: 3,
    react_to_a_message: 8,
    arranges_the_room: 5,
    looks_otherwise: 4,
    writes_to_a_stranger: 3,
    meet_in_a_group: 3,
    asks_an_agent: 2,
    makes_an_agent: 2,
    leaves_for_good: 1,
}
"""Which there are, and how often each is told."""
