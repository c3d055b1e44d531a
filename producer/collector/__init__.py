"""The collector: events and listens over HTTP, each answered when Kafka has acknowledged it."""
