"""The runner's last lines: what ran, what did not and why, and which attacks were refused."""

from __future__ import annotations

from pathlib import Path

from samverkan.cli import test as runner

REPORT = """<testsuites><testsuite>
<testcase name="a"><properties><property name="tried flipped bytes" value="140"/></properties></testcase>
<testcase name="b"><properties><property name="tried flipped bytes" value="2"/><property name="tried kills" value="3"/>
  <property name="other" value="9"/></properties></testcase>
<testcase name="c"><properties><property name="tried kills" value="500"/></properties><failure/></testcase>
<testcase name="d"><skipped message="no chromium"/></testcase>
</testsuite></testsuites>"""


def test_attacks_are_counted_by_kind_and_those_that_came_through_are_not(tmp_path: Path) -> None:
    (tmp_path / "tests.xml").write_text(REPORT)
    lane, empty = runner.Lane("tests", []), runner.Lane("style", [])
    runner._count(lane, tmp_path / "tests.xml")
    assert runner._attacks([lane, empty]) == "attacks tried and refused: 145 (flipped bytes 142, kills 3)"
    assert runner._attacks([empty]) == ""
    told = runner._summary([lane, empty], "chromium", 90)
    assert told.startswith("2 tests passed in 1.5 minutes; ") and "1 not run: no chromium" in told
