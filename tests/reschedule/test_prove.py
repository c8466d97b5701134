"""Plans in futures: what is proven, in which order plans are proposed, and what is kept of it on disk."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import tocfin
from odd_plants import odd_plant
from tables import PLAN
from tocfin.dataset.write import write
from tocfin.errors import DatasetError, UsageError
from tocfin.kernels.slots import TERM_NAMES
from tocfin.measure import measure
from tocfin.report.rescheduled import nothing_better, page
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.futures import simulated
from tocfin.reschedule.handover import chosen, handed_over, reopened
from tocfin.reschedule.improve import PRESENT, RIGHT_SHIFT, Candidate
from tocfin.reschedule.money import OBJECTIVES, Price, price
from tocfin.reschedule.plan_check import breaches
from tocfin.reschedule.propose import Proposal, proposed
from tocfin.reschedule.prove import Proof, proved, ranked
from tocfin.reschedule.risk import RISKS, risk_of
from tocfin.reschedule.source import assumed, opened, toml_text
from tocfin.scenarios.estimates import Values
from tocfin.scenarios.launch import opened as launched
from tocfin.scenarios.spec import load
from tocfin.scenarios.uncertainty import Uncertainty

SMALL = 12


@cache
def proposal(seed: int = 1, threads: int = 2) -> Proposal:
    """A proposal for a small plant, by a budget of work."""
    source = assumed(odd_plant(seed, SMALL))
    return proposed(source, Clock(0, work=600), replications=192, threads=threads, risk=RISKS["neutral"])


def candidate(name: str, paper: float, *, breach: str = "") -> Candidate:
    return Candidate(name, odd_plant(1, 2).tables["activities"], Price(paper, (0.0, 0.0), {}), (breach,) * bool(breach))


def judged(*plans: tuple[Candidate, Values], risk: str = "neutral") -> Proof:
    pairs = [(one, {"value": v, "throughput": v, "operating_expense": 0 * v, "net_profit": v}) for one, v in plans]
    return ranked(pairs, "net-profit", risk_of(risk), "nothing", 1, 100)


LUCK = np.random.default_rng(1).normal(0.0, 100.0, 1_000)


def test_a_plan_that_is_better_on_paper_and_worse_under_noise_is_not_proposed_first() -> None:
    present, right = candidate(PRESENT, 0.0), candidate(RIGHT_SHIFT, 0.0)
    fragile, sturdy = candidate("fragile", 900.0), candidate("sturdy", 100.0)
    found = judged((present, LUCK), (right, LUCK), (fragile, LUCK - 50.0), (sturdy, LUCK + 30.0))
    assert [one.candidate.name for one in found.proven] == ["sturdy", PRESENT, RIGHT_SHIFT, "fragile"]
    assert found.best.gain.value == pytest.approx(30.0)
    only = judged((present, LUCK), (fragile, LUCK - 50.0))
    assert only.best.candidate.name == PRESENT


def test_what_cannot_be_carried_out_is_last_and_is_no_reference() -> None:
    crowded = candidate(PRESENT, 5_000.0, breach="overlap: two at once")
    found = judged(
        (crowded, LUCK + 5_000.0), (candidate(RIGHT_SHIFT, 0.0), LUCK), (candidate("search", 9.0), LUCK + 9.0)
    )
    assert found.reference == RIGHT_SHIFT
    assert [one.candidate.name for one in found.proven] == ["search", RIGHT_SHIFT, PRESENT]
    assert found.named(PRESENT).refused == "cannot be carried out"


def test_risk_decides_what_may_be_proposed() -> None:
    """A gamble: +400 in a quarter of the futures, -40 in the rest, so +70 on average; and a safe 10."""
    gamble = np.where(np.arange(1_000) % 4 == 0, 400.0, -40.0)
    plans = (
        (candidate(PRESENT, 0.0), LUCK),
        (candidate("gamble", 1.0), LUCK + gamble),
        (candidate("safe", 1.0), LUCK + 10),
    )
    assert judged(*plans, risk="neutral").best.candidate.name == "gamble"
    assert judged(*plans, risk="balanced").best.candidate.name == "safe"
    refused = judged(*plans, risk="0.2:30").named("gamble").refused
    assert refused == "loses 40 in the worst 5 % of futures, 30 are allowed"
    assert judged(*plans, risk="0.2:50").best.candidate.name == "gamble"
    said = "no plan that keeps to the risk: 'gamble' is expected to bring 70, but better in 25 % of futures"
    assert nothing_better(judged(*plans[:2], risk="balanced")).startswith(said)
    assert nothing_better(judged(plans[0])) == "no plan was found that is expected to be better"
    for text in ("brave", "2", "0.5:-1", "0.5:x", "nan"):
        with pytest.raises(UsageError, match="is no risk"):
            risk_of(text)


@pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name != "makespan"])
def test_a_future_that_goes_as_planned_is_worth_the_price(objective: str) -> None:
    found = proposal()
    certain = replace(found.source, uncertainty=Uncertainty(), start_policy="as planned")
    moved = [replace(one, price=replace(one.price, objective=one.price.objective)) for one in found.found.candidates]
    for one, values in zip(moved, simulated(certain, moved, "net-profit", 1, 64), strict=True):
        assert values["value"] == pytest.approx(np.full(64, one.price.objective), rel=1e-12)
        assert values["net_profit"] == pytest.approx(np.full(64, sum(one.price.net_profit)), rel=1e-12)
    assert np.isfinite(simulated(certain, moved, objective, 1, 64)[0]["value"]).all()


def test_grace_and_caps_count_in_every_future() -> None:
    """Three jobs that differ in nothing else: what each costs follows from what it costs without grace and cap."""
    plain = odd_plant(1, 1)

    def values(**cells: float | None) -> Values:
        jobs = plain.tables["jobs"].with_columns(
            need_date=pl.lit(PLAN.clock, pl.Int64), **{name: pl.lit(cell, pl.Float64) for name, cell in cells.items()}
        )
        dataset = replace(plain, tables={**plain.tables, "jobs": jobs})
        one = Candidate(
            PRESENT, dataset.tables["activities"], price(dataset, dataset.tables["activities"], "net-profit"), ()
        )
        return simulated(assumed(dataset), [one], "net-profit", 1, 192)[0]["value"]

    rate, grace, cap = 480.0, 0.25, 300.0
    free = values(late_penalty_per_day=0.0)
    full = free - values(late_penalty_per_day=rate)
    assert np.ptp(full) > 0
    less = values(late_penalty_per_day=rate, late_penalty_grace_days=grace, late_penalty_cap=cap)
    owed = np.minimum(np.maximum(full - rate * grace, 0.0), cap)
    assert 0 < np.count_nonzero(owed == cap) < owed.size
    np.testing.assert_allclose(free - less, owed, atol=1e-6)


def test_a_proposal_is_better_in_futures_that_it_was_not_ranked_in_and_breaks_no_rule() -> None:
    found = proposal()
    best = found.best
    assert not list(breaches(found.source.dataset, best.activities, found.problem.zones))
    fresh = proved(found.source, [found.found.named(PRESENT), best], seed=99, replications=512, risk=RISKS["neutral"])
    assert fresh.best.candidate.name == best.name
    assert fresh.best.gain.low > 0


def test_equal_work_gives_equal_proofs_for_any_number_of_threads() -> None:
    one, other = (
        proposal(),
        proposed(proposal().source, Clock(0, work=600), replications=192, threads=2, risk=RISKS["neutral"]),
    )
    assert [p.candidate.name for p in one.proof.proven] == [p.candidate.name for p in other.proof.proven]
    for ours, theirs in zip(one.proof.proven, other.proof.proven, strict=True):
        assert ours.candidate.activities.equals(theirs.candidate.activities)
        np.testing.assert_array_equal(ours.values["value"], theirs.values["value"])
    plans = one.found.candidates
    alone = proved(one.source, plans, replications=192, threads=1)
    for plan, values in zip(
        alone.proven, [one.proof.named(p.candidate.name).values for p in alone.proven], strict=True
    ):
        np.testing.assert_array_equal(plan.values["value"], values["value"])


def test_a_proof_ends_with_its_clock_and_says_so() -> None:
    over = Clock(0.0)
    found = proved(proposal().source, proposal().found.candidates, replications=10_000, clock=over)
    assert (found.replications, found.wanted) == (64, 10_000)


def test_an_interruption_ends_with_the_best_plan_so_far_in_fewer_futures_and_says_so() -> None:
    clock, handler = Clock(600.0), signal.getsignal(signal.SIGINT)
    sent: list[float] = []

    def heard(seconds: float, money: float) -> None:
        sent.append(seconds)
        if len(sent) == 1:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    found = proposed(assumed(odd_plant(1, SMALL)), clock, replications=10_000, risk=RISKS["neutral"], heard=heard)
    assert clock.interrupted
    assert (found.proof.replications, found.proof.wanted) == (64, 10_000)
    assert not found.best.breaches
    assert found.proof.best.gain.value >= 0
    assert {PRESENT, RIGHT_SHIFT} <= {one.candidate.name for one in found.proof.proven}
    assert found.why.interrupted
    assert not any(one.looked for one in found.why.binding)
    assert {one.value for one in found.why.binding} == {None}
    told = page(found.proof, "USD", objective="net-profit", why=found.why)
    text = "\n".join(str(grid) for grid in told.grids())
    assert "64 futures of the 10,000 asked for; it was interrupted" in text
    assert "not computed: interrupted" in text
    assert told.document()["interrupted"] is True
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_second_interruption_ends_the_program_and_a_part_hears_what_the_whole_does(heeding: None) -> None:
    clock, handler = Clock(600.0, work=10), signal.getsignal(signal.SIGINT)
    part = clock.part(0.5)

    def twice() -> None:
        with clock.interruptible(), part.interruptible():
            signal.raise_signal(signal.SIGINT)
            assert clock.interrupted
            assert part.interrupted
            assert clock.left == part.left == 0
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        twice()
    assert signal.getsignal(signal.SIGINT) is handler


def test_explanations_name_money_that_ties_out() -> None:
    found = proposal()
    best, base = found.proof.best.candidate.price, found.proof.named(PRESENT).candidate.price
    moved = sum(row["throughput_this"] + row["throughput_next"] for row in found.why.jobs)
    terms = ("revenue", "late_penalty", "material_cost_bought_variable", "subcontract_cost_counted", "shipping_cost")
    assert set(terms) <= set(TERM_NAMES) | set(best.parts)
    gained = sum(sum(best.parts[name]) - sum(base.parts[name]) for name in terms if name in best.parts)
    assert moved == pytest.approx(gained)
    assert sum(map(sum, best.parts.values())) == pytest.approx(best.objective)
    for one in found.why.binding:
        assert 0 < one.load <= 1.0
        assert one.value is None or one.value >= 0
    for stuck in found.why.stuck:
        assert stuck.at_stake > 0
        assert stuck.because


def test_a_proposal_on_disk_is_ranked_again_and_another_plan_chosen(tmp_path: Path) -> None:
    found = proposal()
    place = handed_over(found.source, found.best, tmp_path / "better", found.proof)
    source, proof = reopened(place)
    assert [p.candidate.name for p in proof.proven] == [p.candidate.name for p in found.proof.proven]
    for ours, theirs in zip(proof.proven, found.proof.proven, strict=True):
        columns = ["activity", "operation", "resource", "start", "end"]
        assert ours.candidate.activities[columns].equals(theirs.candidate.activities[columns])
        assert ours.candidate.price == theirs.candidate.price
        assert ours.gain == theirs.gain
    assert reopened(place, risk_of("careful"))[1].risk == RISKS["careful"]
    second = proof.proven[1].candidate
    other = chosen([(source, proof)], second.name, tmp_path / "other")
    again = tocfin.read(other / "plan").require()
    profit = measure(again, policy="reconciled").figures["net_profit"].value
    assert profit == pytest.approx(second.price.net_profit[0], rel=1e-12)
    with pytest.raises(UsageError, match="'nothing' is not a plan there"):
        chosen([(source, proof)], "nothing", tmp_path / "third")
    (place / "candidates.json").write_text("{}", "utf-8")
    with pytest.raises(UsageError, match="holds no candidates"):
        reopened(place)


def test_the_scenario_of_a_proposal_is_simulated_like_any_other(tmp_path: Path) -> None:
    found = proposal()
    place = handed_over(found.source, found.best, tmp_path / "better", found.proof)
    launch = launched([place / "scenario.toml"])
    assert launch.worlds[0].luck.duration.target.size == found.source.dataset.tables["activities"].height
    assert launch.scenarios[0].uncertainty.factors == found.source.uncertainty.factors


SCENARIO = """
name = "slow mill"
base = "plant"
start_policy = "as planned"
off = ["scrap"]
[uncertainty]
file = "noise.toml"
[[uncertainty.duration]]
resource = "saw"
distribution = "constant"
value = 1.0
[[override]]
table = "activities"
where = { resource = "mill 1" }
scale = { work = 1.5 }
"""
NOISE = """
[[uncertainty.factor]]
name = "week"
span = "week"
[[uncertainty.duration]]
all = true
distribution = "lognormal"
cv = 0.3
factors = { week = 0.5 }
"""


def test_a_scenario_is_planned_anew_from_what_becomes_of_its_base(tmp_path: Path) -> None:
    base = odd_plant(2, SMALL)
    write(base.tables, base.plan, tmp_path / "plant")  # type: ignore[arg-type]
    (tmp_path / "noise.toml").write_text(NOISE, "utf-8")
    (tmp_path / "slow.toml").write_text(SCENARIO, "utf-8")
    source = opened(tmp_path / "slow.toml")
    assert "slow.toml" in source.says
    assert source.start_policy == "as planned"
    was, now = (one.tables["activities"].sort("activity") for one in (base, source.dataset))
    longer = now["end"] - now["start"] > was["end"] - was["start"]
    assert longer.any()
    assert not longer.filter(now["resource"] != "mill 1").all()
    assert not [one for one in breaches(source.dataset, source.dataset.tables["activities"]) if "overlap" in one]
    (tmp_path / "again.toml").write_text('name = "a"\nbase = "plant"\nuncertainty = "u.toml"\n', "utf-8")
    (tmp_path / "u.toml").write_text(toml_text(source.content), "utf-8")
    written, direct = load(tmp_path / "again.toml")[0], load(tmp_path / "slow.toml")[0]
    assert written is not None
    assert direct is not None
    assert written.uncertainty.off == direct.uncertainty.off
    assert written.uncertainty.factors == direct.uncertainty.factors
    assert [(r.quantity, r.where, r.distribution, r.factors) for r in written.uncertainty.rules] == [
        (r.quantity, r.where, r.distribution, r.factors) for r in direct.uncertainty.rules
    ]


def test_a_job_that_is_needed_before_its_release_is_named(tmp_path: Path) -> None:
    base = odd_plant(2, 3)
    late = pl.when(pl.col("job") == "J1").then(pl.col("need_date") + 3_600)
    jobs = base.tables["jobs"].with_columns(release_date=late.cast(pl.Int64))
    write({**base.tables, "jobs": jobs}, base.plan, tmp_path / "plant")  # type: ignore[arg-type]
    (found,) = [one for one in opened(tmp_path / "plant").findings if one.rule == "need-before-release"]
    assert (found.grade, found.table, found.column) == ("warning", "jobs", "need_date")
    assert "'J1' is needed" in found.message


def test_where_the_luck_is_from_is_said_and_a_file_without_any_is_refused(tmp_path: Path) -> None:
    base = odd_plant(2, 3)
    write(base.tables, base.plan, tmp_path / "plant")  # type: ignore[arg-type]
    assert "assumed" in opened(tmp_path / "plant").says
    (tmp_path / "noise.toml").write_text(NOISE, "utf-8")
    named = opened(tmp_path / "plant", tmp_path / "noise.toml")
    assert "noise.toml" in named.says
    assert [factor.name for factor in named.uncertainty.factors] == ["week"]
    (tmp_path / "empty.toml").write_text('name = "x"\n', "utf-8")
    with pytest.raises(DatasetError, match="uncertainty"):
        opened(tmp_path / "plant", tmp_path / "empty.toml")
    with pytest.raises(DatasetError):
        opened(tmp_path / "plant", tmp_path / "nowhere.toml")
