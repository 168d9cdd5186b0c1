"""Findings: their levels, and how many of them are told."""

from __future__ import annotations

import msgspec

from cordwood.log.tools.findings import FINDINGS_LIMIT, STORE_CODES, Code, Findings, Level, LogReport
from tests.tidy.tree import ROOT


def test_the_code_decides_over_the_level_unless_told_otherwise():
    findings = Findings()
    findings.add(Code.CRC, "/a", 1, "wrong")
    findings.add(Code.UNFINISHED, "/a", 2, "torn")
    findings.add(Code.INDEX_SHORT, "/a", None, "short", level=Level.NOTE)
    assert [finding.level for finding in findings.all()] == [Level.DAMAGE, Level.NOTE, Level.NOTE]
    assert LogReport("/", findings=findings.all()).damage == findings.all()[:1]


def test_damage_of_stores_is_known():
    findings = Findings()
    findings.add(Code.INDEX_SHORT, "/a", None, "short")
    findings.add(Code.CRC, "/a", 1, "nobody's", level=Level.NOTE)
    assert not findings.has(STORE_CODES)
    findings.add(Code.GAP, "/a", 1, "lost")
    assert findings.has(STORE_CODES)


def test_a_file_of_rubbish_is_told_in_few_words():
    findings = Findings()
    for number in range(FINDINGS_LIMIT + 5):
        findings.add(Code.INDEX_ENTRY, "/a", number, "wrong")
    findings.add(Code.INDEX_ENTRY, "/b", 0, "wrong")
    told = findings.all()
    assert len(told) == FINDINGS_LIMIT + 2
    assert told[-1].message == "and 5 more of this kind in this file"
    assert told[-1].path == "/a"
    assert told[-1].level is Level.DAMAGE


def test_every_code_has_a_name_of_its_own():
    assert len({code.value for code in Code}) == len(Code)


def test_a_finding_in_json():
    findings = Findings()
    findings.add(Code.OFFSET, "/a", 7, "wrong", segment=0, offset=5, right=5)
    assert msgspec.json.decode(msgspec.json.encode(findings.all()[0])) == {
        "type": "finding",
        "level": "damage",
        "code": "offset",
        "path": "/a",
        "position": 7,
        "message": "wrong",
        "segment": 0,
        "offset": 5,
        "right": 5,
    }


def test_every_code_is_explained_to_users():
    page = (ROOT / "docs/TOOLS.md").read_text("utf-8")
    assert [code for code in Code if f"| `{code}` |" not in page] == []
