"""The configuration that `cordwood serve` would run with, and where each value comes from.

      file < KAFKA_* < CORDWOOD_* < --set < flags of their own          what is stronger is in force
      ─────────────────────────────────────────────────────
      cordwood.node.sources.find_all, as a start reads them

Lives here: one row for each setting. Must not live here: which settings there are and what they mean (cordwood.node,
cordwood.model.settings).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from cordwood.cli.config.sources import Sources
from cordwood.cli.terminal.exits import Exit, tell_error
from cordwood.model.settings import BROKER, Layers, describe_broker
from cordwood.node.findings import Given, Place
from cordwood.node.sources import find_all


def configured(sources: Sources, environment: Mapping[str, str], *, is_judged: bool) -> list[dict[str, Any]]:
    """A row for each setting of a broker, in alphabetical order.

    Ends the program, as `serve` would, where there are mistakes; of settings that do not fit together only if they are
    judged, for which half of a broker is loaded.
    """
    findings = find_all(sources.file, environment, sources.sets, sources.flags)
    if is_judged:
        from cordwood.node.configuration import judge

        judge(findings)
    for mistake in findings.mistakes:
        tell_error(mistake)
    if findings.mistakes:
        sys.exit(Exit.USAGE)
    given: dict[str, list[Given]] = {}
    for one in findings.settings:
        given.setdefault(one.name, []).insert(0, one)
    static = {name: values[0].text for name, values in given.items()}
    entries = sorted(describe_broker(Layers(static=static)), key=lambda entry: entry.name)
    return [_row(entry.name, entry.value, given.get(entry.name, [])) for entry in entries]


def origin_of(place: Place) -> str:
    """What kind of place it is."""
    if place.line is not None:
        return "file"
    return "flag" if place.source.startswith("--") else "environment"


def _row(name: str, value: str | None, given: list[Given]) -> dict[str, Any]:
    """The fields of a setting that was given in these places, the strongest first."""
    return {
        "type": "serve",
        "resource": None,
        "name": name,
        "value": value,
        "origin": origin_of(given[0].place) if given else "default",
        "place": _place(given[0].place) if given else None,
        "read_only": not BROKER[name].dynamic,
        "sensitive": BROKER[name].sensitive,
        "overrides": list(_overridden(name, given)),
    }


def _overridden(name: str, given: list[Given]) -> Iterator[dict[str, Any]]:
    """What would be in force if the stronger places said nothing."""
    setting = BROKER[name]
    for one in given[1:]:
        text = None if setting.sensitive else one.text
        yield {"name": name, "value": text, "origin": origin_of(one.place), "place": _place(one.place)}
    if given and setting.default is not None:
        text = None if setting.sensitive else setting.render(setting.default)
        yield {"name": name, "value": text, "origin": "default", "place": None}


def _place(place: Place) -> str:
    """A place without the value that a flag was given."""
    return place.source.split(" ", 1)[0] if origin_of(place) == "flag" else str(place)
