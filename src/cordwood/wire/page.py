"""docs/protocol.md, made from the table of APIs: `python -m cordwood.wire.page > docs/protocol.md`.

Lives here: the text of the page. Must not live here: any fact; these come from `apis`.
"""

from __future__ import annotations

import sys
from typing import Final

from cordwood.wire.apis import APIS, FIRST_PRIVATE_KEY, Api
from cordwood.wire.schema import LATEST

_BEGINNING: Final = """\
# The Kafka protocol, as far as it is served

This page is made from the table in `src/cordwood/wire/apis.py` by `python -m cordwood.wire.page > docs/protocol.md`;
ApiVersions is answered from the same table. Keys and versions are those of Apache Kafka 4.3.

| key | API | versions | flexible from | remarks |
|---:|---|---|---:|---|
"""

_PRIVATE: Final = """
Keys from {first} on are Cordwood's own. ApiVersions does not name them, and no client needs them: brokers and tools of
Cordwood say these to each other.

| key | API | versions | flexible from | remarks |
|---:|---|---|---:|---|
"""

_END: Final = """
- A request for a key that is not in the table, or for a version that is not advertised, closes the connection, as it
  does with Kafka; only ApiVersions is answered, with version 0 and UNSUPPORTED_VERSION, so that the client can step down.
- A flexible version has compact lengths and tagged fields (KIP-482), and the request header v2. The client id in it
  stays a string of the old kind, and the response to ApiVersions has the header v0 in every version (KIP-511).
- Unknown tagged fields are skipped. What is not a message is refused with an error that names the field and the byte,
  and the connection is closed.
"""


def protocol_page() -> str:
    """The whole page, in Markdown."""
    apis = sorted(APIS.values(), key=lambda api: api.key)
    private = "".join(_row(api) for api in apis if api.is_private)
    beginning = _BEGINNING + "".join(_row(api) for api in apis if not api.is_private)
    return beginning + (_PRIVATE.format(first=FIRST_PRIVATE_KEY) + private if private else "") + _END


def _row(api: Api) -> str:
    flexible = "never" if api.flexible_from == LATEST else str(api.flexible_from)
    remark = "" if api.advertised == api.served else f"advertised as {api.advertised}, so that old clients understand"
    return f"| {int(api.key)} | {api.name} | {api.served} | {flexible} | {remark} |\n"


if __name__ == "__main__":
    sys.stdout.write(protocol_page())
