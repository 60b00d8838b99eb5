"""The record in Kafka: its topics, how an event becomes a record and back, and how it is read."""
