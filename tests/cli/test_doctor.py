"""``tocfin doctor``, and commands that are mistyped."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from tocfin.forecast import health

Run = Callable[..., Result]


def test_a_sound_installation_is_called_sound(tocfin: Run) -> None:
    said = tocfin("doctor", "--format", "json")
    found = json.loads(said.stdout)
    assert (said.exit_code, found["fine"]) == (0, True)
    assert {"Python", "numba", "machine code", "without luck a future is the plan"} <= {
        one["check"] for one in found["checks"]
    }


def test_what_is_wrong_is_named_and_exits_with_1(tocfin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise ValueError("no such luck")

    monkeypatch.setattr(health, "_alike", broken)
    monkeypatch.setattr(health, "_planned", lambda: False)
    said = tocfin("doctor")
    assert said.exit_code == 1
    assert "ValueError: no such luck" in said.stdout
    assert said.stdout.count("WRONG") == 2


@pytest.mark.parametrize(("typed", "told"), [("kpy", "Did you mean 'kpi'?"), ("zzz", "`tocfin --help` lists them")])
def test_a_mistyped_command_is_told_the_nearest(tocfin: Run, typed: str, told: str) -> None:
    said = tocfin(typed)
    assert said.exit_code == 2
    assert told in said.stderr
