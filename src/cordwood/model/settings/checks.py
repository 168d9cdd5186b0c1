"""The judgement of all the settings that a resource would have: each by itself, and whether they go together.

Lives here: one check for each scope, which reports every mistake at once. Must not live here: who asks for a change and
what it comes to (`metadata.configs`), and the configuration that a broker starts with (`node.configuration`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from cordwood.model import regex
from cordwood.model.errors import InvalidConfig, InvalidRequest
from cordwood.model.group_errors import InvalidRegularExpression
from cordwood.model.settings.per_group_rows import BOUNDS, LONGER
from cordwood.model.settings.resolution import NO_LAYERS, Layers, bounds, group_number
from cordwood.model.settings.setting import Setting
from cordwood.model.settings.table import BROKER, CLIENT_METRICS, GROUP, TOPIC, mistakes


def check_topic_configs(values: Mapping[str, str]) -> None:
    """Raises InvalidConfig, which names every mistake, unless a topic may have these settings."""
    found = mistakes(TOPIC, values) or list(_contradictions(values))
    if found:
        raise InvalidConfig("; ".join(found))


def check_broker_configs(values: Mapping[str, str], *, one: bool = False) -> None:
    """Raises InvalidConfig or InvalidRequest unless all brokers, or one, may be given these settings while they run.

    The error names every mistake. As in Kafka (KAFKA-13609) a value that cannot be is a fault of the request.
    """
    found = mistakes(BROKER, values)
    found += [f"{name}: {reason}" for name in values if name in BROKER and (reason := _fixed(BROKER[name], one))]
    if found:
        raise (InvalidRequest if values.keys() <= BROKER.keys() else InvalidConfig)("; ".join(found))


def _fixed(setting: Setting, one: bool) -> str:
    """Why a broker's setting cannot be changed while it runs; empty where it can."""
    if not setting.dynamic:
        return "cannot be changed while brokers run; set it in their configuration and start them again"
    if setting.per_listener:
        return "can be changed for a single listener only, and Cordwood has no settings of single listeners yet"
    if setting.per_broker and not one:
        return "can be changed for one broker at a time, by its number, not for all together"
    return ""


def check_group_configs(values: Mapping[str, str], layers: Layers = NO_LAYERS) -> None:
    """Raises InvalidConfig, which names every mistake, unless a group may have these settings on such a broker."""
    found = mistakes(GROUP, values) or [*_out_of_bounds(values, layers), *_too_short(values, layers)]
    if found:
        raise InvalidConfig("; ".join(found))


def check_client_metrics_configs(values: Mapping[str, str]) -> None:
    """Raises InvalidConfig or InvalidRequest, which name every mistake, unless a subscription may have these settings.

    As in Kafka a setting that does not exist and an interval out of range are faults of the request.
    """
    found = mistakes(CLIENT_METRICS, values)
    if found:
        of_request = any(name not in CLIENT_METRICS for name in values) or _is_outside("interval.ms", values)
        raise (InvalidRequest if of_request else InvalidConfig)("; ".join(found))
    matches = CLIENT_METRICS["match"].parse(values.get("match", ""))
    assert isinstance(matches, tuple), matches
    for match in matches:
        try:
            regex.check(match.partition("=")[2].strip())
        except InvalidRegularExpression as error:
            raise InvalidConfig(f"match = {match!r}: {error}") from error


def _contradictions(values: Mapping[str, str]) -> Iterator[str]:
    youngest, oldest = (TOPIC[name] for name in ("min.compaction.lag.ms", "max.compaction.lag.ms"))
    if youngest.name in values and oldest.name in values and int(values[youngest.name]) > int(values[oldest.name]):
        yield f"{youngest.name} = {values[youngest.name]} is more than {oldest.name} = {values[oldest.name]}"
    if values.get("remote.storage.enable", "").strip().lower() == "true":
        yield "remote.storage.enable: Cordwood has no tiered storage yet; leave it false"


def _is_outside(name: str, values: Mapping[str, str]) -> bool:
    """Whether a number is given that is one, and outside of its range."""
    given = {name: values[name]} if name in values else {}
    unbounded = {name: replace(CLIENT_METRICS[name], low=None, high=None)}
    return bool(mistakes(CLIENT_METRICS, given)) and not mistakes(unbounded, given)


def _out_of_bounds(values: Mapping[str, str], layers: Layers) -> Iterator[str]:
    for name in [name for name in BOUNDS if name in values]:
        low, high = bounds(name, layers)
        number = int(values[name])
        if low is not None and number < low:
            yield f"{name} = {number}: is less than {low}, which {BOUNDS[name].low} says on this broker"
        if high is not None and number > high:
            yield f"{name} = {number}: is more than {high}, which {BOUNDS[name].high} says on this broker"


def _too_short(values: Mapping[str, str], layers: Layers) -> Iterator[str]:
    """Sessions that would be over before the next heartbeat is due."""
    for session, heartbeat in LONGER:
        if session in values or heartbeat in values:
            timeout, interval = group_number(session, values, layers), group_number(heartbeat, values, layers)
            if timeout <= interval:
                yield f"{session} = {timeout}: must be more than {heartbeat} = {interval}"
