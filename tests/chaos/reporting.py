"""A run in words: Markdown, with figures of that run alone."""

from collections.abc import Iterator, Mapping

from tests.chaos.running import Dealt, Outcome

SHOWN = 20


def in_words(outcome: Outcome) -> str:
    """What was asked, what bit, and what was found."""
    return "\n".join([*_figures(outcome), "", *_faults(outcome.dealt), "", *_findings(outcome)])


def _figures(outcome: Outcome) -> Iterator[str]:
    clients, counted = outcome.clients, outcome.fenced_or_unknown
    yield f"## Seed {outcome.seed}"
    yield ""
    yield f"{outcome.commands:,} commands in {outcome.seconds:.0f} s, {outcome.answers.total():,} requests:"
    yield ", ".join(f"{number:,} {what}" for what, number in outcome.answers.most_common()) + "."
    yield "Accepted, of each kind of wish: " + _listed(dict(outcome.accepted.most_common())) + "."
    yield f"{clients.met_a_record:,} retries met the record of a try whose answer was unknown."
    yield "The writers that were alive at the end counted " + _listed(counted) + "."
    yield f"The slowest answer took {outcome.slowest:.2f} s; {outcome.void_records} records are void."
    looks = ", ".join(f"{number:,} times {status or 'none'}" for status, number in outcome.looks.most_common())
    yield f"{outcome.looks.total():,} looks, answered {looks}."
    yield "`verify` looked at " + _listed(outcome.verified.looked_at) + "."


def _listed(counted: Mapping[str, float]) -> str:
    return ", ".join(f"{number:,.0f} {name.replace('_', ' ')}" for name, number in counted.items())


def _faults(dealt: list[Dealt]) -> Iterator[str]:
    yield "| at | fault | bit | how that is known | healed after |"
    yield "|---:|---|---:|---|---:|"
    for each in dealt:
        bite = each.bite
        yield f"| {each.at:.0f} s | {each.planned.kind} | {bite.count:,} | {bite.how} | {each.healed:.1f} s |"


def _findings(outcome: Outcome) -> Iterator[str]:
    found = [f"{each.promise}: {each.place}: {each.what}" for each in outcome.findings]
    found += [f"verify: {each.rule}: {each.place}: {each.what}" for each in outcome.verified.first]
    yield f"Findings: {len(found) or 'none'}." + (f" Void: {', '.join(outcome.void)}." if outcome.void else "")
    yield from (f"- {each}" for each in found[:SHOWN])
