"""The parts, in the order in which they are measured."""

from benchmarks.part import Part
from benchmarks.parts.acknowledging import PART as ACKNOWLEDGING
from benchmarks.parts.growth import PART as GROWTH
from benchmarks.parts.importing import PART as IMPORTING
from benchmarks.parts.memory import PART as MEMORY
from benchmarks.parts.mixed_commands import PART as MIXED_COMMANDS
from benchmarks.parts.projecting import LIVE, MIXED_LOG, REBUILD
from benchmarks.parts.record_size import PART as RECORD_SIZE
from benchmarks.parts.throughput import PART as THROUGHPUT
from benchmarks.parts.visibility import PART as VISIBILITY

PARTS: tuple[Part, ...] = (
    THROUGHPUT,
    ACKNOWLEDGING,
    LIVE,
    REBUILD,
    VISIBILITY,
    RECORD_SIZE,
    IMPORTING,
    MEMORY,
    GROWTH,
    MIXED_LOG,
    MIXED_COMMANDS,
)
