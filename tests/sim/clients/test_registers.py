"""Each register holds what is written to it, and says so when it was not."""

from __future__ import annotations

import pytest

from cordwood.sim.clients.connection import Refused
from cordwood.sim.clients.registers import ClientQuota, GroupOffset, LogStart, PartitionCount, Setting
from cordwood.sim.run import registers_of

REGISTERS = [GroupOffset("g", "orders"), *registers_of("n1")]


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.name)
def test_it_holds_the_number_that_was_written_last(bench, register):
    connection = bench.connection()
    for topic in ("harvest", "diary"):
        bench.create(topic)
    before = bench.run(register.read(connection))
    assert before == (0 if isinstance(register, PartitionCount | LogStart) else -1)
    for number in (0, 1, 2):
        bench.run(register.write(connection, number))
        assert bench.run(register.read(connection)) == number
    bench.machine.cut_power()
    bench.machine.start()
    assert bench.run(register.read(connection)) == 2


def test_names_tell_registers_apart():
    assert len({register.name for register in [*REGISTERS, *registers_of("n2")]}) == 1 + 2 * len(registers_of("n1"))


def test_a_refusal_is_raised(bench, monkeypatch):
    with pytest.raises(Refused, match="INVALID_CONFIG"):
        bench.run(Setting("n1", 2, "orders", "no.such.setting", 1).write(bench.connection(), 0))
    monkeypatch.setattr("cordwood.sim.clients.registers.MILLION", -7)
    with pytest.raises(Refused, match="INVALID_REQUEST"):
        bench.run(ClientQuota("c").write(bench.connection(), 0))
