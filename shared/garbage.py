"""How seldom Python looks for cycles among objects: a service keeps many, and hardly any of them is in a cycle.

A look at the old objects costs as much as there are of them. With Python's own thresholds that was a quarter of what a
command costs; with those below it is next to nothing, and what exceptions and connections leave behind is still found.
"""

import gc

YOUNG_OBJECTS = 20_000
YOUNG_ROUNDS = 50
MIDDLE_ROUNDS = 20


def collect_seldom() -> None:
    """At the start of a process: what is there, the code above all, is never looked at again; what comes, seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
