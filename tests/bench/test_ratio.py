"""What decides whether a commit has made simulating slower."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocfin.bench import ratio
from tocfin.bench.ratio import decided, main

BASE = [8.0, 8.1, 7.9, 8.0, 30.0, 8.2, 7.8]  # median 8.0: one bad round changes nothing


@pytest.mark.parametrize(("times", "fine"), [(0.5, True), (1.0, True), (1.25, True), (1.26, False), (3.0, False)])
def test_a_quarter_more_than_the_base_is_too_much(times: float, fine: bool) -> None:
    assert decided([8.0 * times] * 7, BASE)[0] is fine


def test_the_sentence_has_both_medians_and_the_change() -> None:
    assert decided([12.0] * 7, BASE)[1] == "simulate/draws: 12.00 against 8.00 of the base, +50 % (at most +25 %)"


def test_medians_are_compared_so_that_three_bad_rounds_decide_nothing() -> None:
    assert decided([8.0] * 4 + [99.0] * 3, BASE)[0]
    assert not decided([8.0] * 3 + [99.0] * 4, BASE)[0]


def test_too_few_rounds_or_a_broken_base_are_refused() -> None:
    with pytest.raises(ValueError, match="6 and 7 rounds are too few"):
        decided([1.0] * 6, BASE)
    with pytest.raises(ValueError, match="must be above 0"):
        decided(BASE, [0.0] * 7)


def test_the_command_reads_lines_and_exits_with_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, base = tmp_path / "head", tmp_path / "base"
    base.write_text("".join(f"{one}\n" for one in BASE))
    head.write_text("11\n" * 7)
    assert main(["decide", str(head), str(base)]) == 1
    assert main(["decide", str(base), str(head)]) == 0
    assert "+38 %" in capsys.readouterr().out
    assert main(["guess"]) == 2


def test_measuring_prints_one_positive_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ratio, "ACTIVITIES", 400)
    monkeypatch.setattr(ratio, "REPLICATIONS", 64)
    assert main(["measure"]) == 0
    assert float(capsys.readouterr().out) > 0
