"""What holds for every test: how hypothesis looks for examples.

Lives here: settings of the test tools. Must not live here: fixtures of one package; those stand in its own folder.

By default the examples are the same in every run, so that a failure seen once is seen again. HYPOTHESIS_PROFILE=explore
looks at new ones, and at twenty times as many: HYPOTHESIS_PROFILE=explore make test ARGS=tests/wire
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])

settings.register_profile("repeat", SHARED, derandomize=True, database=None, max_examples=60)
settings.register_profile("explore", SHARED, print_blob=True, max_examples=1200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))
