"""Quorums of real nodes under faults: three or five of them, looked at after every event."""
