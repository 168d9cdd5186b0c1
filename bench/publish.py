"""Makes docs/BENCHMARKS.md of one or more runs: `python -m bench.publish results.json ... > docs/BENCHMARKS.md`.

With several files a later one replaces the measures that it holds, so that a measure can be taken again alone. The
sections of other programs are put behind by `bench.sections`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench import report
from bench.results import Results, Row

_OPENING = """\
# Benchmarks

Figures of `make bench`, printed by `python -m bench.publish` and not written by hand. What each one means, how it is
taken and what it is worth stands in [bench/README.md](../bench/README.md). Only ratios within one run count.
"""


def read(paths: list[Path]) -> tuple[dict[str, str], Results]:
    """The machine of the last run, and the rows of all."""
    facts: dict[str, str] = {}
    results = Results()
    for path in paths:
        run = json.loads(path.read_text())
        facts = facts | run["machine"]
        keys = ("measure", "subject", "policy", "setting", "values", "rounds")
        rows = [Row(**{key: row[key] for key in keys}) for row in run["rows"]]
        again = {row.measure for row in rows}
        results.rows = [row for row in results.rows if row.measure not in again] + rows
        results.missing |= run["missing"]
        results.failures = [line for line in results.failures if line.split(":")[0] not in again] + run["failures"]
    return facts, results


def main() -> None:
    """Reads the files named on the command line and prints the page."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    facts, results = read([Path(name) for name in sys.argv[1:]])
    print(_OPENING)
    print("\n".join(report.markdown(facts, results)))


if __name__ == "__main__":
    main()
