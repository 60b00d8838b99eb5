"""What the expiration counts, for Prometheus. `docs/expiration.md` says what to make of it."""

from prometheus_client import Counter, Gauge, Histogram

LATENESS = Histogram(
    "verbatim_expiration_lateness_seconds",
    "How long after it was due a status was recorded as expired",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
OVERDUE = Gauge("verbatim_expiration_overdue_seconds", "How long the longest overdue status has been due; 0: none is")
TRIES = Counter("verbatim_expiration_tries", "Expiries handed to the writers, by what came of it", ["outcome"])
UNREADABLE = Counter("verbatim_expiration_unreadable_records", "Records that count but that this version cannot read")
FOLLOWED = Gauge("verbatim_expiration_partitions", "Partitions whose expiries this process sees to")
LAG = Gauge("verbatim_expiration_lag_records", "Records in the log that the schedule does not cover yet", ["partition"])
