"""The contract: what an event is, where it lands, and what is rendered from that."""
