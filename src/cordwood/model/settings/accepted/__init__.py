"""Settings of Kafka's brokers that Cordwood accepts and does not act on, in families that have one reason."""
