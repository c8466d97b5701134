"""Planted causes are named first; benchmarks/explain_planted.py does so 1,000 times for one cause and for two."""

from planted_causes import KNOBS, case


def test_one_cause_among_nine_nuisances_comes_first() -> None:
    found = [case(seed, 1) for seed in range(6)]
    assert [ranked[0] for _, ranked in found] == [next(iter(planted)) for planted, _ in found]
    assert all(set(ranked) == set(KNOBS) for _, ranked in found)


def test_two_causes_are_among_the_first_three() -> None:
    found = [case(10_000_000 + seed, 2) for seed in range(3)]
    assert all(planted <= set(ranked[:3]) for planted, ranked in found)
