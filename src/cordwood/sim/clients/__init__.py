"""Clients inside the simulation: they speak the Kafka protocol, retry as real ones do, and note what they were told."""
