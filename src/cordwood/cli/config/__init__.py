"""`cordwood config`: settings of topics, brokers and groups of any Kafka, and the configuration that `serve` would run with.

Lives here: its commands, and the options that say whose settings are meant. Must not live here: asking a cluster
(`client.configs`), and what a configuration means (cordwood.node).
"""
