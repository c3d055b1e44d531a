"""Everything that makes events, and the one Kafka publisher they leave through."""
