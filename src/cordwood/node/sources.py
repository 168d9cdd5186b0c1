"""Where a node's settings come from: a file, the environment, flags.

Lives here: the reading of each source into settings with their places, and what is wrong with each one by itself. Must
not live here: what settings mean together (`configuration`, `contradictions`). A file is TOML, or properties as Kafka's.

Stronger sources come later: file, KAFKA_* variables, CORDWOOD_* variables, --set, flags of their own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cordwood.model.errors import InvalidConfig
from cordwood.model.settings import BROKER, BROKER_ALIASES, hint, suggestion
from cordwood.node import properties
from cordwood.node.findings import Findings, Given, Place, Severity
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
    | CORDWOOD_BOOTSTRAP_SERVERS  # where the command line finds a cluster
    # What Kubernetes and Docker links tell about services whose names begin with kafka or cordwood.
    | \w+_SERVICE_HOST | \w+_SERVICE_PORT(_\w+)? | \w+_PORT_\d+_(TCP|UDP)(_(ADDR|PORT|PROTO))?
    """,
    re.VERBOSE,
)
"""Variables that have a prefix of ours and are no settings."""

_LINE_OF_ERROR: Final = re.compile(r"at line (\d+)")

SERVICE_LINK: Final = re.compile(r"(tcp|udp)://")
"""How the value of a variable such as KAFKA_PORT begins when Kubernetes has set it for a service called kafka."""


LISTENERS_OWN: Final = re.compile(r"listener\.name\.[^.]+\.(.+)")
"""A setting for one listener alone, as listener.name.INTERNAL.ssl.keystore.location."""


class Written(NamedTuple):
    """A setting as somebody wrote it, and where."""

    name: str
    text: str
    place: Place


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
    _take((Written(name, text, Place(f"{FLAGS.get(name, name)} {text}")) for name, text in flags.items()), findings)
    return findings


def find_in_text(path: str, text: str) -> Findings:
    """Reads the text of a file: properties if its name or its form says so, else TOML."""
    findings = Findings()
    if path.endswith(".properties"):
        _take(_written_in_properties(path, text, findings), findings)
        return findings
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if not path.endswith(".toml") and properties.looks_like(text):
            _take(_written_in_properties(path, text, findings), findings)
        else:
            line = _LINE_OF_ERROR.search(str(error))
            place = Place(path, int(line[1]) if line else text.count("\n") + 1)
            findings.add(Severity.ERROR, place, "", f"is not TOML: {error}")
        return findings
    _take(_written_in_toml(path, text, document, findings), findings)
    return findings


def setting_of_variable(variable: str) -> str:
    """The setting that a variable without its prefix stands for: `_` is a dot, `__` is `_` and `___` is `-`."""
    return variable.lower().replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


def _take(items: Iterable[Written], findings: Findings) -> None:
    """Judges settings of one source, each by itself."""
    seen: dict[str, str] = {}
    for written, text, place in items:
        name = BROKER_ALIASES.get(written, written)
        setting = BROKER.get(name)
        if setting is None:
            _say_unknown(written, place, findings)
            continue
        if seen.setdefault(name, written) != written:
            twice = f"{written} is another name of {seen[name]}, which is given too"
            findings.add(Severity.ERROR, place, written, twice, "give one of them")
        elif written != name:
            findings.add(Severity.NOTE, place, written, f"{written} is another name of {name}", f"write {name}")
        try:
            setting.parse(text)
        except InvalidConfig as error:
            findings.add(Severity.ERROR, place, written, str(error))
        else:
            findings.settings.append(Given(name, text, place))


def _say_unknown(written: str, place: Place, findings: Findings) -> None:
    of_listener = LISTENERS_OWN.fullmatch(written)
    if of_listener is not None and _is_known(of_listener[1]):
        message = f"{written} has no effect: Cordwood has no settings of single listeners yet"
        findings.add(Severity.WARNING, place, written, message)
        return
    findings.add(Severity.ERROR, place, written, f"{written}: there is no such setting", hint(written, BROKER))


def _is_known(name: str) -> bool:
    """Whether there is such a setting; a SASL mechanism may stand before it, as in plain.sasl.jaas.config."""
    return name in BROKER or name.partition(".")[2] in BROKER


def _read_file(path: str, findings: Findings) -> None:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
    except OSError as error:
        findings.add(Severity.ERROR, Place(path), "", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        findings.add(Severity.ERROR, Place(path), "", f"is not UTF-8: {error.reason} at byte {error.start}")
    else:
        found = find_in_text(path, text)
        findings.settings += found.settings
        findings.all += found.all


def _written_in_toml(path: str, text: str, document: Mapping[str, object], findings: Findings) -> Iterator[Written]:
    lines = lines_of_keys(text)
    for name, value in _flat(document, ""):
        place = Place(path, line_of(name, lines) or 1)
        text_of_value = _text(value)
        if text_of_value is None:
            message = f"{name}: a {type(value).__name__} is no value of a setting"
            findings.add(Severity.ERROR, place, name, message)
        else:
            yield Written(name, text_of_value, place)


def _written_in_properties(path: str, text: str, findings: Findings) -> Iterator[Written]:
    """The last of several values counts, as in Java."""
    last = {pair.name: pair for pair in properties.parse(text)}
    for pair in properties.parse(text):
        place = Place(path, pair.line)
        if pair is last[pair.name] or pair == last[pair.name]:
            yield Written(pair.name, pair.value, place)
        else:
            message = f"{pair.name} is given again on line {last[pair.name].line}, and that is what counts"
            findings.add(Severity.WARNING, place, pair.name, message, "take one of them away")


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
            message = f"{variable} names no setting of a broker{suggestion(name, BROKER)}; it is ignored"
            findings.add(Severity.WARNING, None, variable, message)
        else:
            items.append(Written(name, text, Place(variable)))
    _take(items, findings)


def _read_sets(sets: Sequence[str], findings: Findings) -> None:
    """The place is told without the value, which may be a secret."""
    items = {}
    for pair in sets:
        name, equals, text = pair.partition("=")
        if equals:
            items[name.strip()] = Written(name.strip(), text, Place(f"--set {name.strip()}"))
        else:
            findings.add(Severity.ERROR, Place(f"--set {pair}"), "", "wants KEY=VALUE")
    _take(items.values(), findings)
