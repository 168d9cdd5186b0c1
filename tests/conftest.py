"""What holds for every test: how hypothesis looks for examples, and how many files may stay open.

Lives here: settings of the test tools. Must not live here: fixtures of one package; those stand in its own folder.

By default the examples are the same in every run, so that a failure seen once is seen again. HYPOTHESIS_PROFILE=explore
looks at new ones, and at twenty times as many: HYPOTHESIS_PROFILE=explore make test ARGS=tests/wire
"""

from __future__ import annotations

import gc
import os
import resource
from typing import Final

from hypothesis import HealthCheck, settings

SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])

settings.register_profile("repeat", SHARED, derandomize=True, database=None, max_examples=60)
settings.register_profile("explore", SHARED, print_blob=True, max_examples=1200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))

OPEN_FILES: Final = 400

_, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
# Many machines give 1 024 to who does not ask for more; a thousand members or partitions take more than that.
resource.setrlimit(resource.RLIMIT_NOFILE, (_most, _most))


def pytest_runtest_teardown() -> None:
    """Files of disks in memory are closed when nobody holds them any more: the collector is told when they are many."""
    descriptor = os.open(os.devnull, os.O_RDONLY)  # The lowest number that is free.
    os.close(descriptor)
    if descriptor > OPEN_FILES:
        gc.collect()
