"""Where a node's settings come from: a file, the environment, flags.

Lives here: the reading of each source into settings with their places, and what is wrong with each one by itself. Must
not live here: what settings mean together (`configuration`).

Stronger sources come later: file, KAFKA_* variables, CORDWOOD_* variables, --set, flags of their own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from cordwood.model.errors import InvalidConfig
from cordwood.model.settings import BROKER, BROKER_ALIASES, suggestion
from cordwood.node.toml_places import line_of, lines_of_keys

FLAGS: Final[Mapping[str, str]] = {
    "log.dirs": "--data",
    "listeners": "--listen",
    "advertised.listeners": "--advertise",
    "http.listener": "--http",
    "ready.file": "--ready-file",
}
"""Settings that have a flag of their own."""

PREFIXES: Final = ("KAFKA_", "CORDWOOD_")

NO_SETTINGS: Final = re.compile(
    r"""KAFKA_(
        HEAP_OPTS | OPTS | HOME | VERSION | MODE | DEBUG | URL | GC_LOG_OPTS | CLASSPATH | LOG_DIR_PREFIX |
        JVM_PERFORMANCE_OPTS | (TOOLS_)?LOG4J_\w+ | JMX_\w+ | DEBUG_\w+
    )
    # What Kubernetes and Docker links tell about services whose names begin with kafka or cordwood.
    | \w+_SERVICE_HOST | \w+_SERVICE_PORT(_\w+)? | \w+_PORT_\d+_(TCP|UDP)(_(ADDR|PORT|PROTO))?
    """,
    re.VERBOSE,
)
"""Variables that have a prefix of ours and are no settings."""

SERVICE_LINK: Final = re.compile(r"(tcp|udp)://")
"""How the value of a variable such as KAFKA_PORT begins when Kubernetes has set it for a service called kafka."""


class Given(msgspec.Struct, frozen=True):
    """A setting under its own name, the text given for it, and the place to tell people about."""

    name: str
    text: str
    place: str


class Findings(msgspec.Struct):
    """What was found in all sources: good settings, weakest first, mistakes that stop a start, and warnings."""

    settings: list[Given] = []
    mistakes: list[str] = []
    warnings: list[str] = []


def find_all(
    file: str | None, environment: Mapping[str, str], sets: Sequence[str], flags: Mapping[str, str]
) -> Findings:
    """Reads every source."""
    findings = Findings()
    if file is not None:
        _read_file(file, findings)
    for prefix in PREFIXES:
        _read_environment(prefix, environment, findings)
    _read_sets(sets, findings)
    _take(((name, text, f"{FLAGS.get(name, name)} {text}") for name, text in flags.items()), findings)
    return findings


def setting_of_variable(variable: str) -> str:
    """The setting that a variable without its prefix stands for: `_` is a dot, `__` is `_` and `___` is `-`."""
    return variable.lower().replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


def _take(items: Iterable[tuple[str, str, str]], findings: Findings) -> None:
    """Judges settings of one source, each by itself. The items are names as they were given, texts and places."""
    seen: dict[str, str] = {}
    for written, text, place in items:
        name = BROKER_ALIASES.get(written, written)
        setting = BROKER.get(name)
        if setting is None:
            findings.mistakes.append(f"{place}: {written}: there is no such setting{suggestion(written, BROKER)}")
            continue
        if seen.setdefault(name, written) != written:
            findings.mistakes.append(f"{place}: {written} is another name of {seen[name]}, which is given too")
        try:
            setting.parse(text)
        except InvalidConfig as error:
            findings.mistakes.append(f"{place}: {error}")
        else:
            findings.settings.append(Given(name, text, place))


def _read_file(path: str, findings: Findings) -> None:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        document = tomllib.loads(text)
    except OSError as error:
        findings.mistakes.append(f"{path}: cannot be read: {error.strerror}")
        return
    except UnicodeDecodeError as error:
        findings.mistakes.append(f"{path}: is not UTF-8: {error.reason} at byte {error.start}")
        return
    except tomllib.TOMLDecodeError as error:
        findings.mistakes.append(f"{path}: is not TOML: {error}")
        return
    lines = lines_of_keys(text)
    items = []
    for name, value in _flat(document, ""):
        place = f"{path}:{line_of(name, lines) or 1}"
        text_of_value = _text(value)
        if text_of_value is None:
            findings.mistakes.append(f"{place}: {name}: a {type(value).__name__} is no value of a setting")
        else:
            items.append((name, text_of_value, place))
    _take(items, findings)


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _text(value: object) -> str | None:
    """The text of a TOML value, as one would write it in Kafka's properties; None when it has none."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float() | str():
            return str(value)
        case list():
            texts = [_text(element) for element in value]
            return ",".join(text or "" for text in texts) if all(texts) else None
        case _:
            return None


def _read_environment(prefix: str, environment: Mapping[str, str], findings: Findings) -> None:
    items = []
    for variable, text in sorted(environment.items()):
        if not variable.startswith(prefix) or not text or NO_SETTINGS.fullmatch(variable):
            continue
        if variable == f"{prefix}PORT" and SERVICE_LINK.match(text):
            continue
        # Images of another maker say KAFKA_CFG_ where others say KAFKA_.
        name = setting_of_variable(variable.removeprefix(prefix).removeprefix("CFG_"))
        if prefix == "KAFKA_" and name not in BROKER and name not in BROKER_ALIASES:
            # A program that uses Kafka has such variables too, KAFKA_BOOTSTRAP_SERVERS for one.
            findings.warnings.append(
                f"{variable} names no setting of a broker{suggestion(name, BROKER)}; it is ignored"
            )
        else:
            items.append((name, text, variable))
    _take(items, findings)


def _read_sets(sets: Sequence[str], findings: Findings) -> None:
    items = {}
    for pair in sets:
        name, equals, text = pair.partition("=")
        if equals:
            items[name.strip()] = (text, f"--set {pair}")
        else:
            findings.mistakes.append(f"--set {pair}: wants KEY=VALUE")
    _take(((name, text, place) for name, (text, place) in items.items()), findings)
