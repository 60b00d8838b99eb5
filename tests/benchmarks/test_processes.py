"""What a process and its children have used never becomes less, whatever becomes of the children."""

import select
import subprocess
import sys
from itertools import pairwise

from benchmarks.processes import cpu_seconds

CHILDREN = 12
ROUNDING = 1e-6  # seconds: sums of the same hundredths differ in their last digits
PARENT = f"""
import subprocess, sys
for _ in range({CHILDREN}):
    subprocess.run([sys.executable, "-S", "-c", "for _ in range(1_000_000): pass"], check=True)
print("done", flush=True)
sys.stdin.read()
"""


def test_what_was_used_is_not_lost_when_a_child_ends() -> None:
    """Each child's share goes over to its parent when it ends: at no moment it is nobody's."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        seen = [cpu_seconds(parent.pid)]
        while len(seen) < 100_000 and not _is_done(parent):
            seen.append(cpu_seconds(parent.pid))
        seen.append(cpu_seconds(parent.pid))
        assert parent.stdin is not None
        parent.stdin.close()

    assert seen[-1] > seen[0]
    assert all(after > before - ROUNDING for before, after in pairwise(seen))


def _is_done(parent: "subprocess.Popen[bytes]") -> bool:
    assert parent.stdout is not None
    return bool(select.select([parent.stdout], [], [], 0)[0])
