"""The way from one broker to another, over the brokers' own port and framing.

Lives here: connections that this broker opens, what is said at their beginning, and who is believed. Must not live here:
what the messages mean (`consensus`, `broker`), and the port that others come in by (`server`).
"""
