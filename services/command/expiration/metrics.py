"""What the expiration counts, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

LATENESS = Histogram(
    "verbatim_expiration_lateness_seconds",
    "How long after it was due a status was recorded as expired",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
TRIES = Counter("verbatim_expiration_tries", "Expiries handed to the writers, by what came of it", ["outcome"])
UNREADABLE = Counter("verbatim_expiration_unreadable_records", "Records that count but that this version cannot read")
FOLLOWED = Gauge("verbatim_expiration_partitions", "Partitions whose expiries this process sees to")
