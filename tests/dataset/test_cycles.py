from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from tables import PLAN, tables
from tocfin.dataset.checks import check


def cycles(operations, links):
    """Findings for operations given as (key, order, sequence) and links as (predecessor, successor)."""
    frames = tables(
        operations=[
            {"operation": key, "manufacturing_order": order, "sequence": sequence}
            for key, order, sequence in operations
        ],
        precedences=[{"predecessor": before, "successor": after} for before, after in links],
    )
    return [one for one in check(frames, PLAN) if one.rule == "cycle"]


def printed(finding):
    return finding.message.split(": ")[1].split(";")[0].replace("'", "").split(" → ")


def test_a_cycle_is_told_at_the_precedence_that_closes_it_and_printed_as_a_path():
    (found,) = cycles([("A", "M1", 1), ("B", "M2", 1), ("C", "M3", 1)], [("A", "B"), ("B", "C"), ("C", "A")])
    assert (found.grade, found.table, found.row, found.column, found.value) == (
        "error", "precedences", 2, "successor", "B",
    )  # fmt: skip
    assert printed(found) == ["A", "B", "C", "A"]


def test_a_precedence_against_the_sequence_is_a_cycle():
    (found,) = cycles([("A", "M1", 10), ("B", "M1", 20)], [("B", "A")])
    assert printed(found) == ["B", "A", "B"]


def test_equal_sequence_numbers_are_parallel():
    assert cycles([("A", "M1", 10), ("B", "M1", 10)], [("B", "A")]) == []
    assert len(cycles([("A", "M1", 10), ("B", "M1", 10)], [("B", "A"), ("A", "B")])) == 1


def test_the_sequence_reaches_over_operations_that_no_precedence_names():
    (found,) = cycles([("A", "M1", 10), ("B", "M1", 20), ("C", "M1", 30)], [("C", "A")])
    assert printed(found) == ["C", "A", "C"]


def test_a_cycle_may_run_through_two_orders():
    operations = [("A", "M1", 10), ("B", "M1", 20), ("C", "M2", 10), ("D", "M2", 20)]
    (found,) = cycles(operations, [("D", "A"), ("B", "C")])
    assert printed(found) == ["D", "A", "B", "C", "D"]
    assert cycles(operations, [("B", "C")]) == []


def test_an_operation_before_itself_is_a_cycle():
    (found,) = cycles([("A", "M1", 10), ("B", "M1", 20)], [("A", "B"), ("B", "B")])
    assert (found.row, printed(found)) == (3, ["B", "B"])


def test_each_knot_is_told_once_and_the_way_between_them_is_not():
    operations = [(key, f"M{key}", 1) for key in "ABCDEF"]
    links = [("A", "B"), ("B", "A"), ("B", "C"), ("C", "D"), ("D", "E"), ("E", "D"), ("E", "F")]
    assert [one.row for one in cycles(operations, links)] == [2, 6]


def test_links_to_operations_that_do_not_exist_are_passed_over():
    assert cycles([("A", "M1", 10)], [("A", "X"), ("X", "A"), ("X", "X"), (None, "A")]) == []
    assert cycles([], [("A", "B"), ("B", "A")]) == []


def test_operations_without_order_or_sequence_have_only_their_links():
    assert cycles([("A", None, 10), ("B", None, 20), ("C", "M1", None)], [("B", "A"), ("B", "C")]) == []
    assert len(cycles([("A", None, 10), ("B", "M1", None)], [("B", "A"), ("A", "B")])) == 1


def test_a_chain_of_a_hundred_thousand_operations_is_walked_without_recursion():
    keys = [f"O{at}" for at in range(100_000)]
    operations = [(key, key, 1) for key in keys]
    chain = list(pairwise(keys))
    assert cycles(operations, chain) == []
    (found,) = cycles(operations, [*chain, (keys[-1], keys[0])])
    assert len(found.message) < 400
    assert "(99,985 more)" in found.message


def orderings(operations, links):
    """Every edge, spelled out: links, and each lower number before each higher one of its order."""
    edges = {(a[0], b[0]) for a, b in product(operations, operations) if a[1] == b[1] and a[2] < b[2]}
    return edges | set(links)


def knots(keys, edges):
    """Sets of operations that reach each other (Warshall's closure)."""
    reaches = {(a, b): (a, b) in edges for a, b in product(keys, keys)}
    for middle, a, b in product(keys, keys, keys):
        reaches[a, b] |= reaches[a, middle] and reaches[middle, b]
    return {frozenset(b for b in keys if reaches[a, b] and reaches[b, a]) for a in keys if reaches[a, a]}


graphs = st.integers(1, 7).flatmap(
    lambda size: st.tuples(
        st.lists(st.tuples(st.sampled_from("MNO"), st.integers(1, 3)), min_size=size, max_size=size),
        st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=9, unique=True),
    )
)


@settings(max_examples=200)
@given(graphs)
def test_exactly_the_knots_of_a_naive_search_are_found_and_each_path_is_real(graph):
    placed, pairs = graph
    operations = [(f"O{at}", order, sequence) for at, (order, sequence) in enumerate(placed)]
    links = [(f"O{a}", f"O{b}") for a, b in pairs]
    edges = orderings(operations, links)
    expected = knots([key for key, _, _ in operations], edges)
    found = cycles(operations, links)
    paths = [printed(one) for one in found]
    assert len(paths) == len(expected)
    assert {next(knot for knot in expected if path[0] in knot) for path in paths} == expected
    for path in paths:
        assert path[0] == path[-1]
        assert all(step in edges for step in pairwise(path))
