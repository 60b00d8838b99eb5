"""What the projector counts, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("verbatim_projected_events", "Events whose rows were committed")
BATCHES = Histogram("verbatim_projected_batch_seconds", "How long the transaction of a batch took")
VOID_RECORDS = Counter("verbatim_projector_void_records", "Records passed over because their claim was not in force")
LAG = Gauge("verbatim_projector_lag_records", "Records in the log that were not read yet", ["partition"])
PARKED_RECORDS = Gauge("verbatim_parked_records", "Records that wait for an operator to release them")
PARKED_STREAMS = Gauge("verbatim_parked_streams", "Streams that a projection failed on")
WENT_BACK = Gauge("verbatim_projector_log_went_back", "Partitions stopped because their log is not the one projected")
FOLLOWING = Gauge("verbatim_projector_following", "1 while this process is the one that follows")
NO_TURN = Counter("verbatim_searches_turned_away", "Searches answered 503 because too many were asked for at once")
