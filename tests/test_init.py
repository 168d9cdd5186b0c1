"""`cordwood` hands on its names, and pays for none that was not asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cordwood


@pytest.mark.parametrize("name", cordwood.__all__)
def test_every_name_can_be_imported(name):
    found = getattr(cordwood, name)
    assert getattr(cordwood, name) is found
    assert name == "__version__" or found.__name__ == name


def test_all_names_are_listed():
    assert dir(cordwood) == sorted(cordwood.__all__)


def test_a_wrong_name_is_told_as_python_tells_it():
    with pytest.raises(AttributeError, match="module 'cordwood' has no attribute 'Broker'"):
        cordwood.Broker  # noqa: B018 - the access is what is tested


def imported_by(statement: str) -> set[str]:
    """The modules that a statement loads in a fresh interpreter."""
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_package_loads_nothing_else():
    assert {name for name in imported_by("import cordwood") if name.startswith("cordwood")} == {"cordwood"}


def test_the_library_does_not_pay_for_the_broker():
    loaded = imported_by("from cordwood import Log")
    assert "cordwood.log.log" in loaded
    assert not loaded & {"asyncio", "uvloop", "click", "rich", "starlette", "uvicorn", "prometheus_client"}
