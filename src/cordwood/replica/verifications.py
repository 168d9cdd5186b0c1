"""Who is about to begin a transaction in a partition: nobody may whose coordinator does not know of it (KIP-890).

A batch that opens a transaction here is appended only after the coordinator said that the partition is part of the
producer's transaction. While it is asked, that transaction may end, and its marker be written: appended after it, the
batch would open a transaction that nobody ends. So whoever asks holds a verification, and the marker takes it away.

| the batch of a client, when the answer is there                  | outcome                                        |
|------------------------------------------------------------------|------------------------------------------------|
| its producer's transaction is open here by now                   | appended                                       |
| the log knows a newer epoch                                      | InvalidProducerEpoch                           |
| a marker came, or a newer epoch, since it was asked              | NotInTransaction                               |
| the log knows nothing of a producer of version 2, sequence not 0 | OutOfOrderSequence: what was before it is lost |
| a batch of a lower sequence came here and was not appended       | OutOfOrderSequence: that one comes first       |
| anything else                                                    | appended                                       |

The last rule but one is for pipelined batches: the first may have to come again when the second is let in, and the log
takes any sequence of a producer that it does not know.

Lives here: that table. Must not live here: asking the coordinator (broker), and the rules of sequences (log).

Source: Kafka's VerificationStateEntry and ProducerAppendInfo.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from cordwood.log.producers import ProducerTable
from cordwood.model.errors import InvalidProducerEpoch, OutOfOrderSequence
from cordwood.model.limits import VERIFICATIONS_LIMIT
from cordwood.model.transaction_errors import NotInTransaction


class KnowsProducers(Protocol):
    """The log, as far as it matters here."""

    @property
    def producers(self) -> ProducerTable:
        """What it knows of its producers."""
        ...


class Verification:
    """One producer's first batch of a transaction here, or several that are on their way together."""

    __slots__ = ("epoch", "lowest_sequence", "producer_id")

    def __init__(self, producer_id: int, epoch: int, sequence: int) -> None:
        self.producer_id = producer_id
        self.epoch = epoch
        self.lowest_sequence = sequence


class Admitted(NamedTuple):
    """The coordinator said yes to one batch."""

    verification: Verification
    sequence: int
    begins_at_zero: bool = False
    """Whether it is of a producer of version 2, which counts from 0 in every transaction."""


class Verifications:
    """Those of one partition. Used on the event loop's thread."""

    __slots__ = ("_held", "_log", "_name")

    def __init__(self, name: object, log: KnowsProducers) -> None:
        self._name = name
        self._log = log
        self._held: dict[int, Verification] = {}

    def __len__(self) -> int:
        return len(self._held)

    def is_open(self, producer_id: int, epoch: int) -> bool:
        """Whether the producer's transaction is open here. Raises InvalidProducerEpoch for an epoch of the past."""
        producer = self._log.producers.find(producer_id)
        if producer is None:
            return False
        if epoch < producer.epoch:
            raise InvalidProducerEpoch(producer_id, producer.epoch, epoch)
        return producer.transaction_start >= 0 and producer.epoch == epoch

    def begin(self, producer_id: int, epoch: int, sequence: int) -> Verification | None:
        """Called before the coordinator is asked; None if it need not be. Raises InvalidProducerEpoch."""
        if self.is_open(producer_id, epoch):
            return None
        held = self._held.get(producer_id)
        if held is not None and epoch < held.epoch:
            return Verification(producer_id, epoch, sequence)  # The coordinator will say no; whoever is newer stays.
        if held is None or epoch > held.epoch:
            held = self._held[producer_id] = Verification(producer_id, epoch, sequence)
            if len(self._held) > VERIFICATIONS_LIMIT:
                del self._held[next(iter(self._held))]
        elif sequence < held.lowest_sequence:
            held.lowest_sequence = sequence
        return held

    def check(self, admitted: Admitted) -> None:
        """Called right before the append. Raises InvalidProducerEpoch, NotInTransaction, OutOfOrderSequence."""
        held, sequence, begins_at_zero = admitted
        producer_id = held.producer_id
        if self.is_open(producer_id, held.epoch):
            return
        if self._held.get(producer_id) is not held:
            raise NotInTransaction(str(self._name), producer_id)
        if begins_at_zero and sequence > 0 and self._log.producers.find(producer_id) is None:
            raise OutOfOrderSequence(producer_id, 0, sequence)
        if sequence > held.lowest_sequence:
            raise OutOfOrderSequence(producer_id, held.lowest_sequence, sequence)

    def refused(self, held: Verification) -> None:
        """The coordinator said no, and would say so again: what comes after has nothing to wait for."""
        if self._held.get(held.producer_id) is held:
            del self._held[held.producer_id]

    def ended(self, producer_id: int) -> None:
        """A marker was written for the producer: what was asked before it counts no more."""
        self._held.pop(producer_id, None)
