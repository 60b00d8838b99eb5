"""A real Kafka and a real PostgreSQL as child processes, and the whole of Verbatim on top of them."""
