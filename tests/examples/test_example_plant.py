"""The example business has the size that was asked for, reads back without a fault, and earns believable money."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

import polars as pl
import pytest

from reference import KPIS, evaluate
from tocfin.catalogue import INTERVAL_TYPES, ITEM_TYPES
from tocfin.dataset import Dataset
from tocfin.examples import SEED, example_dataset, example_plant
from tocfin.measure import measure

Texts = tuple[dict[str, Any], dict[str, list[dict[str, str]]]]


def test_it_has_the_size_of_a_mid_size_business(example: Dataset) -> None:
    height = {name: frame.height for name, frame in example.tables.items()}
    assert height["plants"] == 2
    assert 55 <= height["resources"] <= 65
    assert height["jobs"] == 400
    assert 5_700 <= height["activities"] <= 6_300
    assert example.tables["plants"]["timezone"].n_unique() == 2
    assert example.plan is not None
    assert len(example.plan.edges) == 6


def test_each_plant_has_one_drum_and_a_subcontractor(example: Dataset) -> None:
    resources = example.tables["resources"]
    assert sorted(resources.filter(pl.col("drum"))["plant"]) == ["ESS", "MKE"]
    assert set(resources.filter(pl.col("resource_type") == "Subcontractor")["plant"]) == {"ESS", "MKE"}
    assert resources["active"].not_().sum() == 1


def test_it_shows_everything_that_a_data_set_can_hold(example: Dataset) -> None:
    tables = example.tables
    stocked = tables["inventories"].join(tables["items"], on="item")
    assert set(stocked["item_type"]) == set(ITEM_TYPES)
    kinds = {*tables["calendars"]["interval_type"], *tables["capacity_intervals"]["interval_type"]}
    assert kinds == set(INTERVAL_TYPES) - {"Offline"}
    assert set(tables["activities"]["status"]) == {"Planned", "Started", "Finished"}
    assert set(tables["jobs"]["commitment"]) == {"Planned", "Firm", "Released"}
    assert set(tables["material_requirements"]["requirement_type"]) == {"FromStock", "BuyDirect"}
    assert tables["warehouses"]["owned"].not_().sum() == 1
    assert tables["jobs"]["cancelled"].sum() == 4
    assert tables["jobs"]["subcontract_cost"].is_not_null().any()
    shared = tables["activities"].group_by("batch").len().drop_nulls()
    assert shared["len"].max() > 4


def test_the_written_folder_reads_back_as_the_same_tables(example: Dataset, written: Dataset) -> None:
    assert written.ok
    assert written.plan == example.plan
    for name, frame in example.tables.items():
        assert written.tables[name].equals(frame), name


def test_its_only_findings_are_the_steps_that_are_not_scheduled_yet(written: Dataset) -> None:
    assert Counter((f.grade, f.rule) for f in written.findings) == {("warning", "operation-without-activity"): 3}


def test_the_typed_tables_are_what_the_reader_makes_of_them() -> None:
    _, tables = example_plant(3)
    read_back = example_dataset(3)
    assert all(read_back.tables[name].equals(frame) for name, frame in tables.items())


def test_the_same_seed_gives_the_same_tables_on_every_machine() -> None:
    first, second, other = example_plant(SEED)[1], example_plant(SEED)[1], example_plant(SEED + 1)[1]
    assert all(frame.equals(second[name]) for name, frame in first.items())
    assert not first["activities"].equals(other["activities"])
    said = repr([first[name].rows() for name in ("jobs", "activities", "material_requirements")])
    assert sha256(said.encode()).hexdigest()[:16] == "0f87b32c5a05e316"


def test_its_money_is_believable(texts: Texts) -> None:
    figures = evaluate(*texts, policy="reconciled")
    assert {figures[kpi].status for kpi in KPIS} == {"ok"}
    money = {kpi: float(figures[kpi].value) for kpi in KPIS}
    assert 0.03 < money["net_profit"] / money["throughput"] < 0.16
    yearly = money["net_profit"] * 365 / 35
    assert 1 < money["investment"] / yearly < 6
    assert 0 < money["throughput_late"] < 0.35 * money["throughput"]
    assert money["resource_overtime_cost"] > 0


@pytest.mark.parametrize("plant", ["ESS", "MKE"])
def test_each_plant_earns_money_and_its_drum_is_nearly_full(texts: Texts, plant: str) -> None:
    figures = evaluate(*texts, policy="reconciled", plants=[plant])
    assert figures["net_profit"].value > 0
    assert 80 < figures["drum_utilization"].value < 95


def test_targets_name_an_owner_and_every_one_has_a_tolerance(example: Dataset) -> None:
    targets = example.tables["targets"]
    assert targets.height >= 15
    assert targets["owner"].null_count() == targets["tolerance"].null_count() == 0
    assert set(targets["plant"]) == {None, "ESS", "MKE"}


def test_some_targets_are_met_and_some_are_missed(example: Dataset) -> None:
    statuses = Counter(line.status for line in measure(example).targets)
    assert set(statuses) == {"met", "within_tolerance", "missed"}
    assert statuses["met"] > statuses["missed"] >= 3
