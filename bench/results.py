"""What a run of the benchmark found: rows of figures, and what could not be measured and why. Printing is `report`'s."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median

BASELINE = "kafka"
"""The server that every other one is compared with, under the same policy and setting."""

Setting = Mapping[str, str | int]
Values = Mapping[str, float]


def medians(samples: Iterable[Values]) -> dict[str, float]:
    """The median of each value over the rounds."""
    columns: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        for key, value in sample.items():
            columns[key].append(value)
    return {key: median(column) for key, column in columns.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of one server under one policy in one setting of one measure."""

    measure: str
    subject: str
    policy: str
    setting: Setting
    values: Values
    rounds: int

    @property
    def cell(self) -> tuple[object, ...]:
        """What two rows must share to be compared."""
        return (self.measure, self.policy, *sorted(self.setting.items()))


@dataclass(slots=True)
class Results:
    """All rows of a run, and the reasons for those that are missing."""

    rows: list[Row] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    """Server to the reason why it was not there at all."""

    failures: list[str] = field(default_factory=list)

    def ratios(self, row: Row) -> dict[str, float]:
        """Each value of the row over the baseline's in the same cell; empty when there is none."""
        if row.subject == BASELINE:
            return {}
        for other in self.rows:
            if other.subject == BASELINE and other.cell == row.cell:
                return {key: value / other.values[key] for key, value in row.values.items() if other.values.get(key)}
        return {}

    def as_json(self) -> dict[str, object]:
        """Plain data for json.dumps."""
        rows = [{**asdict(row), f"ratio_to_{BASELINE}": self.ratios(row)} for row in self.rows]
        return {"rows": rows, "missing": self.missing, "failures": self.failures}
