"""The id of a broker's own directory of the quorum, by which its peers know it again (KIP-853).

      0         4                20
      +---------+----------------+
      | node id | directory id   |      `node.meta`, in the envelope of docs/formats/checkpoints.md
      +---------+----------------+
       i32       16 bytes

Lives here: that file. Must not live here: what the directory holds beside it (`consensus`), and who compares ids.

The id is drawn by chance when the directory is used first, and durable before anybody is told. A broker that lost its disk
comes with another id, and is refused: it has forgotten what it voted for.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from cordwood.log import checkpoint
from cordwood.model.errors import CorruptLog
from cordwood.model.peer_errors import WrongNode

if TYPE_CHECKING:
    from cordwood.env.dice import Dice
    from cordwood.env.disk import Disk

KIND: Final = checkpoint.Kind(b"CWnm", 1)
NAME: Final = "node.meta"

_PAYLOAD: Final = Struct("<i16s")


def own_directory_id(disk: Disk, path: str, node_id: int, dice: Dice) -> bytes:
    """The id of the directory at `path`, which exists; drawn and written where there is none.

    Raises WrongNode where the directory is another broker's, CorruptLog, StorageFailed.
    """
    file = f"{path}/{NAME}"
    payload = checkpoint.load(disk, file, KIND)
    if payload is None:
        directory_id = dice.token(16)
        checkpoint.replace(disk, file, KIND, _PAYLOAD.pack(node_id, directory_id))
        return directory_id
    if len(payload) != _PAYLOAD.size:
        raise CorruptLog(file, 0, f"its payload has {len(payload)} bytes where it should have {_PAYLOAD.size}")
    found, known_id = _PAYLOAD.unpack(payload)
    if found != node_id:
        raise WrongNode(file, found, node_id)
    return bytes(known_id)
