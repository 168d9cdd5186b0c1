"""PeerMessage: something that one node of the metadata quorum says to another. Private to Cordwood's brokers."""

from __future__ import annotations

from cordwood.wire.schema import Message, RecordsView, Versions


class PeerMessageRequest(Message):
    """One message of the consensus group, in its own frame (`consensus.wire`), as a view. Version 0; has no answer."""

    api_key = 20_001
    versions = Versions(0, 0)
    flexible_from = 0

    frame: RecordsView | None = None


class PeerMessageResponse(Message):
    """Nothing: it is never sent, and stands here because every request has its response in the table. Version 0."""

    api_key = 20_001
    versions = Versions(0, 0)
    flexible_from = 0
