"""Quotas: what clients used, what they may use, and how long those wait who used too much (KIP-13, 55, 124, 219, 599, 612).

Lives here: measures without a clock (`usage`, `token_bucket`: now is an argument), which quota holds for whom
(`precedence`), the clients of one quota (`client_quota`, `mutation_quota`), all of them together (`quotas`), what requests
cost (`throttling`), and who may connect (`connection_rates`). Must not live here: sockets and timers (`server`), the
quotas themselves and what may be said of them (`metadata.quotas`).
"""
