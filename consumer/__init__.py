"""Kafka to the lake: the exactly-once sink and the stores it writes to."""
