"""What the writers count, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

COMMANDS = Counter("verbatim_commands_appended", "Commands whose events were appended and confirmed")
GROUPS = Histogram(
    "verbatim_group_records", "Records of each confirmed group", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
)
UNKNOWN_APPENDS = Counter(
    "verbatim_unknown_appends", "Groups of which it was not known at first whether they are in the log"
)
FENCED_APPENDS = Counter("verbatim_fenced_appends", "Groups that were refused because another writer had taken over")
REPEATS = Counter("verbatim_repeats", "Repeats of a command that met its record, and were answered the same again")
LOST_PARTITIONS = Counter("verbatim_lost_partitions", "Partitions lost, by why", ["why"])
TAKEOVERS = Counter("verbatim_takeovers", "Partitions taken over")
SERVING = Gauge("verbatim_serving_partitions", "Partitions that this process writes")
VOID_RECORDS = Counter("verbatim_void_records", "Records passed over because their claim was not in force")
