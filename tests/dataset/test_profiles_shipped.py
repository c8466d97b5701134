"""The profiles of ERPNext, Odoo and order lists on small exports made here: right values, totals, and their drafts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared_data import shared_data
from tocfin.dataset.imports import Imported, example_finance, import_dataset
from tocfin.dataset.imports.draft import draft

MON_8 = 1_780_300_800  # 2026-06-01T08:00:00Z

WORK_ORDER = {
    "doctype": "Work Order", "name": "MFG-1", "production_item": "Bike", "qty": 4, "produced_qty": 1,
    "status": "In Process", "sales_order": "SO-9", "planned_start_date": "2026-06-01 08:00:00",
    "expected_delivery_date": "2026-06-05",
    "operations": [
        {"idx": 1, "operation": "Weld", "workstation": "Welder", "status": "Completed", "time_in_mins": 90,
         "planned_start_time": "2026-06-01 08:00:00", "planned_end_time": "2026-06-01 09:30:00",
         "actual_start_time": "2026-06-01 08:10:00", "actual_end_time": "2026-06-01 09:45:00", "hour_rate": 40},
        {"idx": 2, "operation": "Paint", "workstation": "Booth", "status": "Pending", "time_in_mins": 30,
         "planned_start_time": "2026-06-01 10:00:00", "planned_end_time": "2026-06-01 10:30:00", "hour_rate": 60},
    ],
    "required_items": [{"item_code": "Tube", "required_qty": 12, "transferred_qty": 3}],
}  # fmt: skip
ERPNEXT = [
    WORK_ORDER,
    WORK_ORDER | {"name": "MFG-2", "status": "Cancelled", "operations": [], "required_items": []},
    {"doctype": "Item", "name": "Bike", "item_code": "Bike", "item_group": "Products", "last_purchase_rate": 0},
    {"doctype": "Item", "name": "Tube", "item_code": "Tube", "item_group": "Raw Material", "last_purchase_rate": 5},
    {"doctype": "Workstation", "name": "Welder", "hour_rate": 40,
     "working_hours": [{"start_time": "8:00:00", "end_time": "16:00:00", "enabled": 1}]},
    {"doctype": "Workstation", "name": "Booth", "hour_rate": 60, "working_hours": []},
    {"doctype": "BOM", "name": "BOM-1", "item": "Bike", "quantity": 1, "operating_cost": 22.5,
     "raw_material_cost": 18, "total_cost": 40.5, "is_active": 1,
     "items": [{"item_code": "Tube", "qty": 3, "rate": 6, "amount": 18}], "operations": []},
    {"doctype": "Sales Order", "name": "SO-9", "customer": "Anna", "delivery_date": "2026-06-06",
     "items": [{"item_code": "Bike", "qty": 4, "rate": 250, "amount": 1000}]},
    {"doctype": "Bin", "item_code": "Tube", "warehouse": "Stores", "actual_qty": 40, "valuation_rate": 5.5},
]  # fmt: skip

ODOO = {
    "mrp.production.csv": (
        "name,product_id,product_qty,qty_produced,date_start,date_deadline,state,origin\n"
        "WH/MO/00001,BIKE,4,0,2026-06-01 08:00:00,2026-06-05 12:00:00,confirmed,S00009\n"
        "WH/MO/00002,BIKE,2,2,2026-06-02 08:00:00,,done,\n"
    ),
    "mrp.workorder.csv": (
        "name,production_id,workcenter_id,date_start,date_finished,duration_expected,duration,state\n"
        "Weld,WH/MO/00001,Welder,2026-06-01 08:00:00,2026-06-01 09:30:00,90,0,ready\n"
        "Paint,WH/MO/00001,Booth,2026-06-01 10:00:00,2026-06-01 10:45:00,45,0,pending\n"
        "Weld,WH/MO/00002,Welder,2026-06-02 08:00:00,2026-06-02 09:00:00,60,70,done\n"
    ),
    "mrp.workcenter.csv": "name,code,costs_hour\nWelder,W,40\nBooth,B,60\n",
    "product.product.csv": "default_code,name,standard_price,lst_price\nBIKE,Bike,180,250\nTUBE,Tube,5.5,0\n",
    "stock.quant.csv": "location_id,product_id,quantity,value\nWH/Stock,TUBE,40,220\n",
    "sale.order.line.csv": (
        "order_id,product_id,product_uom_qty,price_unit,price_subtotal\nS00009,BIKE,4,250,1000\nS00010,BIKE,1,250,250\n"
    ),
}


def erpnext(folder: Path) -> Path:
    for doctype in {str(document["doctype"]) for document in ERPNEXT}:
        documents = [document for document in ERPNEXT if document["doctype"] == doctype]
        (folder / f"{doctype}.json").write_text(json.dumps(documents), "utf-8")
    return folder


def odoo(folder: Path) -> Path:
    for name, text in ODOO.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def totals(imported: Imported) -> dict[str, tuple[float | None, float | None]]:
    return {one.name: (one.source, one.imported) for one in imported.totals}


def test_work_orders_of_erpnext_are_jobs_with_the_revenue_of_their_sales_order(tmp_path: Path) -> None:
    plain = import_dataset("erpnext", erpnext(tmp_path)).require()
    job = plain.tables["jobs"].row(0, named=True)
    assert (job["job"], job["revenue"], job["customer"], job["quantity"]) == ("MFG-1", 1000.0, "Anna", 4.0)
    assert plain.tables["jobs"].height == 1
    first, second = plain.tables["activities"].to_dicts()
    assert (first["start"], first["end"], first["work_hours"], first["status"]) == (
        MON_8,
        MON_8 + 5400,
        1.5,
        "Finished",
    )
    assert (first["actual_start"], first["actual_end"]) == (MON_8 + 600, MON_8 + 6300)
    assert (second["status"], second["actual_start"]) == ("Planned", None)
    need = plain.tables["material_requirements"].row(0, named=True)
    assert (need["item"], need["required_qty"], need["issued_qty"]) == ("Tube", 12.0, 3.0)
    costs = dict(plain.tables["items"].select("item", "cost").iter_rows())
    assert costs == {"Tube": 5.5, "Bike": 18.0}  # valuation of the stock; a made item at its own material
    assert totals(plain)["stock at valuation rate"] == (220.0, 220.0)
    assert totals(plain)["sales of the orders"] == (1000.0, 1000.0)


def test_the_erpnext_demo_ties_out_to_the_costs_that_erpnext_states() -> None:
    source = shared_data("erpnext_demo")
    imported = import_dataset("erpnext", source, finance=example_finance("erpnext")).require()
    operating = totals(imported)["operating cost of the bills, as ERPNext states it"]
    material = totals(imported)["material of the bills that have operations, as ERPNext states it"]
    assert operating == pytest.approx((85.1667, 85.1667), abs=5e-5)
    assert material == (139.0, 139.0)
    jobs = imported.tables["jobs"]
    assert "BOM/Wind Turbine/001" in jobs["job"].to_list()
    assert set(jobs["commitment"]) == {"Estimate"}
    assert imported.tables["activities"].height == 0


def test_odoo_lists_become_jobs_and_tie_out(tmp_path: Path) -> None:
    imported = import_dataset("odoo", odoo(tmp_path)).require()
    jobs = {row["job"]: row for row in imported.tables["jobs"].to_dicts()}
    assert jobs["WH/MO/00001"]["revenue"] == 1000.0
    assert jobs["WH/MO/00001"]["need_date"] == MON_8 + 4 * 86_400 + 4 * 3600
    assert jobs["WH/MO/00002"]["revenue"] is None
    assert jobs["WH/MO/00002"]["need_date"] == MON_8 + 86_400 + 3600  # no deadline: its own end
    plan = imported.tables["activities"].select("operation", "resource", "start", "work_hours", "status").rows()
    assert plan[1] == ("WH/MO/00001/Paint", "Booth", MON_8 + 7200, 0.75, "Planned")
    assert plan[2][-1] == "Finished"
    found = totals(imported)
    assert found["expected hours"] == (3.25, 3.25)
    assert found["expected cost of work centres"] == (145.0, 145.0)
    assert found["sales lines"] == (1250.0, 1000.0)
    assert found["stock value"] == (220.0, 220.0)
    said = {finding.rule: finding.message for finding in imported.findings}
    assert "1 sales line(s) (250.00) have no production order" in said["sold-without-order"]


@pytest.mark.parametrize(("name", "make"), [("erpnext", erpnext), ("odoo", odoo)])
def test_a_draft_recognises_a_shipped_example_and_places_its_columns(
    tmp_path: Path, name: str, make: Callable[[Path], Path]
) -> None:
    made = draft(make(tmp_path))
    assert made.extends == name
    lost = [place for place in made.places if place.role is None]
    assert made.share >= 0.9, lost
