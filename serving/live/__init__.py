"""The live path: what is played now and what rises, from Kafka, in memory, approximate, within a second."""
