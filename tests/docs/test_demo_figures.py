"""The figures of the micro-teams tutorial are those of the borough that ``make demo`` makes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.test_examples import ROOT, Step, carry_out, reader, steps

__all__ = ["reader"]

SMALL = re.compile(r"hamlets synth --store demo/store .*(?P<end>--end \S+)")
"""What the quick test takes instead: one practice, up to the same day."""
SHOWS = "hamlets teams show EX001-2 --store demo/store --why > shown.txt\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [ROOT / "docs/tutorial/micro-teams.md"], ids=lambda page: page.stem
)
def test_what_is_shown_is_what_the_demonstration_prints(
    page: Path, tmp_path: Path, reader: dict[str, str]
) -> None:
    made = dict(re.findall(r"^DEMO_(\w+) := (\d+)$", (ROOT / "Makefile").read_text(), re.M))
    size = f"--practices {made['PRACTICES']} --patients {made['PATIENTS']}"
    borough = f"hamlets synth --store demo/store {size} --months {made['MONTHS']} --seed 1"
    differing: list[str] = []
    shown: list[str] = []
    for step in steps(page):
        body = SMALL.sub(lambda found: f"{borough} {found['end']}", step.body)
        try:
            carry_out(replace(step, body=body, like=False), page, tmp_path, reader)
        except AssertionError as error:
            differing.append(str(error))
        if step.language == "text":
            shown += step.body.splitlines()
    carry_out(Step("bash", SHOWS, 0), page, tmp_path, reader)
    printed = (tmp_path / "shown.txt").read_text().splitlines()
    differing += [line for line in shown if line not in printed]
    assert not differing, "\n\n".join(differing)
