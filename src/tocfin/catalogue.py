"""Every table and column of a data set, once. Reader, checks, Excel template and reference are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Need = Literal["always", "column", "optional"]
Kind = Literal["text", "number", "integer", "boolean", "time", "date", "clock", "weekdays", "choice"]

#: What a cell becomes once it is checked: the polars type of each kind.
STORED_AS: dict[Kind, str] = {
    "text": "String",
    "choice": "String",
    "weekdays": "String",
    "number": "Float64",
    "integer": "Int64",
    "boolean": "Boolean",
    "time": "Int64",  # seconds since 1970-01-01T00:00:00Z
    "date": "Int64",  # days since 1970-01-01, local
    "clock": "Int64",  # seconds since local midnight
}

#: ``Column.zone`` of times that belong to no plant: local where all plants share a time zone, else UTC.
EVERY_PLANT = "plants"

#: Largest magnitude of any number in a data set (rulings R20).
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``need`` says how much of it must be there: *always* (column and every cell), *column* (the column must
    exist, a cell may be empty: the value was not supplied) or *optional* (the column may be missing).
    ``zone`` names the column of the same table through which a time without an offset finds its plant.
    """

    name: str
    kind: Kind
    need: Need
    doc: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = 0.0
    high: float | None = None
    refers: str = ""
    zone: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in the order of the template, its key, and whether a data set needs it.

    A ``journal`` is what other systems report: a row may arrive twice, and may speak of what the plan does not know.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = True
    may_be_empty: bool = True
    journal: bool = False

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in template order."""
        return tuple(column.name for column in self.columns)


def _text(name: str, doc: str, need: Need = "optional", *, refers: str = "", default: str = "") -> Column:
    return Column(name, "text", need, doc, refers=refers, default=default)


def _number(
    name: str,
    doc: str,
    unit: str = "",
    need: Need = "optional",
    *,
    low: float | None = 0.0,
    high: float | None = None,
) -> Column:
    return Column(name, "number", need, doc, unit=unit, low=low, high=high)


def _integer(name: str, doc: str, need: Need = "optional", *, low: float | None = None, default: str = "") -> Column:
    return Column(name, "integer", need, doc, low=low, default=default)


def _flag(name: str, doc: str, need: Need = "optional", *, default: str = "") -> Column:
    return Column(name, "boolean", need, doc, default=default)


def _time(name: str, doc: str, need: Need = "optional", *, zone: str) -> Column:
    return Column(name, "time", need, doc, zone=zone)


def _choice(name: str, doc: str, choices: tuple[str, ...], need: Need = "optional", *, default: str = "") -> Column:
    return Column(name, "choice", need, doc, choices=choices, default=default)


RESOURCE_TYPES = (
    "Machine", "Labor", "Tool", "Subcontractor", "Employee", "Engineer", "Inspector", "Operator", "Supervisor",
    "Team", "Technician", "Other",
)  # fmt: skip
INTERVAL_TYPES = ("Online", "Overtime", "PotentialOvertime", "Cleanout", "Offline", "Maintenance", "Holiday")
ITEM_TYPES = (
    "RawMaterial", "Intermediate", "SubAssembly", "FinishedGood", "ByProduct", "CoProduct", "Tool", "Resource",
)  # fmt: skip
COMMITMENTS = ("Estimate", "Planned", "Firm", "Released")
STATUSES = ("Planned", "Started", "Finished")
REQUIREMENT_TYPES = ("FromStock", "BuyDirect")
PURPOSES = ("Sale", "Stock", "Rework", "Service", "Prototype", "Transfer")
RECOGNITION = ("completion", "shipment", "invoice")
EVENT_TYPES = (
    "completion", "material_issue", "labour_booking", "downtime", "rework", "receipt", "shipment", "invoice",
)  # fmt: skip

_SCOPE = (
    _text("plant", "only this plant", refers="plants"),
    _text("department", "only this department"),
    _text("product", "only this product", refers="items"),
    _text("resource", "only this resource", refers="resources"),
)

TABLES: tuple[Table, ...] = (
    Table(
        "plants",
        "Sites, with the money that belongs to a site as a whole",
        (
            _text("plant", "key of the plant", "always"),
            _text("name", "what people call it"),
            _text("timezone", "IANA name, e.g. Europe/Berlin", default="UTC"),
            _text("currency", "ISO code; the reporting currency when empty"),
            _number("daily_operating_expense", "operating expense per operating day", "money/day", "column"),
            _number("invested_capital", "capital invested in the plant", "money", "column", low=None),
            _flag("invested_capital_includes_inventory", "capital was taken from total assets", default="false"),
            Column("day_start", "clock", "optional", "when an operating day begins, local", default="00:00"),
            _number("annual_percentage_rate", "cost of capital; kept, used by no KPI yet", "1/yr"),
            _text("entity", "legal entity"),
        ),
        key=("plant",),
        may_be_empty=False,
    ),
    Table(
        "resources",
        "Machines, people, tools and subcontractors",
        (
            _text("resource", "key of the resource", "always"),
            _text("plant", "where it stands", "always", refers="plants"),
            _text("name", "what people call it"),
            _text("department", "for selection and reports"),
            _choice("resource_type", "only Subcontractor changes a KPI", RESOURCE_TYPES, "always"),
            _flag("drum", "is it a drum (constraint)?", "column"),
            _flag("active", "an inactive resource has no capacity and no cost", default="true"),
            _number("standard_hourly_cost", "cost of an online hour", "money/h", "column"),
            _number("overtime_hourly_cost", "cost of an overtime hour", "money/h", "column"),
            _text("calendar", "recurring shifts, beside its own intervals", refers="calendars"),
            _number("mean_time_between_failures", "hours of work between failures", "h"),
            _number("mean_time_to_repair", "hours to repair", "h"),
            _integer("units", "equal machines behind one name", low=1, default="1"),
            _flag("finite", "false: never delays work", default="true"),
        ),
        key=("resource",),
    ),
    Table(
        "capacity_intervals",
        "When a resource is available, and how those hours are paid",
        (
            _text("resource", "whose interval", "always", refers="resources"),
            _time("start", "from (included)", "always", zone="resource"),
            _time("end", "to (excluded)", "always", zone="resource"),
            _choice("interval_type", "what the interval is", INTERVAL_TYPES, "always"),
        ),
    ),
    Table(
        "calendars",
        "Recurring shifts, expanded over the horizon once per distinct calendar",
        (
            _text("calendar", "name of the calendar; several rows make one calendar", "always"),
            Column("days", "weekdays", "always", "weekdays the shift starts on, e.g. Mon-Fri or Sat,Sun"),
            Column("start_time", "clock", "always", "local start"),
            Column("end_time", "clock", "always", "local end; not after the start = next day"),
            _choice("interval_type", "what the shift is", INTERVAL_TYPES, "always"),
            Column("valid_from", "date", "optional", "first local date (included)"),
            Column("valid_to", "date", "optional", "last local date (included)"),
            _integer("priority", "lower wins where rows overlap; empty is last"),
        ),
        required=False,
    ),
    Table(
        "items",
        "Materials, parts and products",
        (
            _text("item", "key of the item", "always"),
            _text("name", "what people call it"),
            _choice("item_type", "decides which inventory KPI it is in", ITEM_TYPES, "always"),
            _number("cost", "cost of one unit, reporting currency", "money/unit", "always"),
            _number("truly_variable_cost", "what one more unit costs; empty: cost", "money/unit"),
            _number("price", "selling price", "money/unit"),
            _text("uom", "unit of measure"),
            _text("family", "for setups"),
        ),
        key=("item",),
    ),
    Table(
        "warehouses",
        "Where stock lies",
        (
            _text("warehouse", "key of the warehouse", "always"),
            _text("plant", "whose stock it is", "always", refers="plants"),
            _flag("owned", "false: consignment, left out of inventory", default="true"),
            _number("annual_percentage_rate", "kept, used by no KPI yet", "1/yr"),
        ),
        key=("warehouse",),
    ),
    Table(
        "inventories",
        "Stock on hand at the clock",
        (
            _text("warehouse", "where", "always", refers="warehouses"),
            _text("item", "what", "always", refers="items"),
            _number("on_hand_qty", "how much; negative is counted and warned of", "unit", "always", low=None),
        ),
        key=("warehouse", "item"),
    ),
    Table(
        "jobs",
        "What is made for whom, and what it earns",
        (
            _text("job", "key of the job", "always"),
            _text("plant", "may be empty only where there is one plant", refers="plants"),
            _text("product", "the item it makes", refers="items"),
            _number("quantity", "how many", "unit"),
            _text("customer", "for whom"),
            _number("revenue", "what it earns when complete", "money", "column", low=None),
            _number("shipping_cost", "freight", "money", "column"),
            _number("late_penalty_per_day", "cost of one day late", "money/day", "column"),
            _time("need_date", "when it is due", "always", zone="plant"),
            _time("release_date", "not before", zone="plant"),
            _choice("commitment", "how firm it is", COMMITMENTS),
            _flag("cancelled", "a cancelled job counts nowhere", default="false"),
            _number("material_cost", "replaces the roll-up of material in throughput", "money"),
            _number("subcontract_cost", "replaces the roll-up of subcontract cost", "money"),
            _integer("priority", "kept, used by no KPI yet"),
            _choice("purpose", "why the job exists", PURPOSES, default="Sale"),
            _text("parent_job", "the job it feeds", refers="jobs"),
            _text("currency", "of this job's money; the plant's when empty"),
            _number("delivered_qty", "delivered so far", "unit"),
            _flag("closed_short", "ended with what it delivered", default="false"),
            _number("late_penalty_cap", "most that is charged for lateness", "money"),
            _number("late_penalty_grace_days", "days late that cost nothing", "day"),
            _flag("late_penalty_is_cash", "false: goodwill, shown apart", default="true"),
            _time("shipped_at", "when it left", zone="plant"),
            _time("invoiced_at", "when it was invoiced", zone="plant"),
        ),
        key=("job",),
    ),
    Table(
        "manufacturing_orders",
        "The orders a job is made of",
        (
            _text("manufacturing_order", "key of the order", "always"),
            _text("job", "the job it belongs to", "always", refers="jobs"),
            _text("product", "what it makes; the job's product when empty", refers="items"),
            _number("quantity", "how many", "unit"),
            _time("need_date", "when it is due; the job's when empty", zone="job"),
        ),
        key=("manufacturing_order",),
    ),
    Table(
        "operations",
        "The steps of an order",
        (
            _text("operation", "key of the operation", "always"),
            _text("manufacturing_order", "the order it belongs to", "always", refers="manufacturing_orders"),
            _integer("sequence", "default order inside an order; equal numbers run in parallel", "always"),
            _number("carrying_cost_per_day", "of the whole operation", "money/day", "column"),
            _number("setup_hours", "planned setup", "h"),
            _number("run_hours", "planned run", "h"),
            _number("scrap_rate", "share lost", "1", high=1.0),
            _number("quantity", "how many", "unit"),
            _number("good_qty", "good so far", "unit"),
            _number("scrap_qty", "scrapped so far", "unit"),
        ),
        key=("operation",),
    ),
    Table(
        "precedences",
        "Links between operations, added to the sequence inside an order",
        (
            _text("predecessor", "must end first", "always", refers="operations"),
            _text("successor", "starts afterwards", "always", refers="operations"),
            _number("lag_hours", "least time between them", "h", low=None),
        ),
        key=("predecessor", "successor"),
        required=False,
    ),
    Table(
        "alternatives",
        "Where else an operation can run",
        (
            _text("operation", "which operation", "always", refers="operations"),
            _text("resource", "where", "always", refers="resources"),
            _number("setup_hours", "setup there", "h", "always"),
            _number("run_hours", "run there", "h", "always"),
        ),
        key=("operation", "resource"),
        required=False,
    ),
    Table(
        "activities",
        "The plan: one row per activity and resource",
        (
            _text("activity", "name of the activity", "always"),
            _text("operation", "which operation it does", "always", refers="operations"),
            _text("resource", "on which resource", "always", refers="resources"),
            _time("start", "planned start", "always", zone="resource"),
            _time("end", "planned end", "always", zone="resource"),
            _text("batch", "activities of one batch share their time on a resource"),
            _choice("status", "how far it is", STATUSES),
            _time("actual_start", "when it really started", zone="resource"),
            _time("actual_end", "when it really ended", zone="resource"),
            _number("work_hours", "resource hours where they are not end minus start", "h"),
            _number("remaining_hours", "work left", "h"),
            _number("quantity", "its share of a split operation", "unit"),
            _time("recorded_at", "when the status was recorded", zone="resource"),
        ),
        key=("activity", "resource"),
    ),
    Table(
        "material_requirements",
        "What an operation consumes",
        (
            _text("operation", "which operation", "always", refers="operations"),
            _text("item", "what; required for FromStock", refers="items"),
            _choice("requirement_type", "from stock or bought for this job", REQUIREMENT_TYPES, "always"),
            _number("required_qty", "how much in total", "unit", "always"),
            _number("issued_qty", "how much was issued or received; empty: nothing yet", "unit"),
            _number("total_cost", "BuyDirect only, required there", "money"),
        ),
    ),
    Table(
        "targets",
        "What a KPI should reach, and whose it is",
        (
            _text("kpi", "a KPI or a term", "always"),
            *_SCOPE,
            _time("period_start", "from (included)", "always", zone="plant"),
            _time("period_end", "to (excluded)", "always", zone="plant"),
            _text("version", "budget, last_forecast, prior_year", default="budget"),
            _number("target", "what to reach, in the KPI's unit", "", "always", low=None),
            _number("tolerance", "absolute amount that is still within tolerance", ""),
            _number("tolerance_red", "beyond this it is red", ""),
            _text("owner", "who answers for it"),
            _text("backup_owner", "who stands in"),
            _text("parent", "the target it is a part of"),
            _choice("recognition", "when it counts", RECOGNITION, default="completion"),
        ),
        key=("kpi", "plant", "department", "product", "resource", "period_start", "period_end", "version"),
        required=False,
    ),
    Table(
        "setups",
        "Changeovers between families",
        (
            _text("resource", "on this resource", refers="resources"),
            _text("department", "or in this department"),
            _text("from_family", "from", "always"),
            _text("to_family", "to", "always"),
            _number("hours", "how long", "h", "always"),
            _number("cost", "cash it costs", "money"),
        ),
        required=False,
    ),
    Table(
        "supplies",
        "Material on its way",
        (
            _text("supply", "key of the supply", "always"),
            _text("item", "what", "always", refers="items"),
            _text("warehouse", "where to", "always", refers="warehouses"),
            _number("qty", "how much", "unit", "always"),
            _time("due", "when it is due", "always", zone="warehouse"),
            _time("promised", "when the supplier promised it", zone="warehouse"),
            _number("received_qty", "received so far", "unit"),
            _number("price", "price of one unit", "money/unit"),
            _text("supplier", "from whom"),
        ),
        key=("supply",),
        required=False,
    ),
    Table(
        "demands",
        "Order lines, for jobs or from stock",
        (
            _text("demand", "key of the demand", "always"),
            _text("item", "what", "always", refers="items"),
            _number("qty", "how much", "unit", "always"),
            _number("unit_price", "price of one unit", "money/unit", "always"),
            _text("currency", "of the price"),
            _text("customer", "for whom"),
            _time("due", "when it is due", "always", zone="job"),
            _text("job", "the job that makes it; empty: from stock", refers="jobs"),
        ),
        key=("demand",),
        required=False,
    ),
    Table(
        "periods",
        "Accounting periods",
        (
            _text("period", "key of the period", "always"),
            _time("start", "from (included); local where all plants share a time zone", "always", zone=EVERY_PLANT),
            _time("end", "to (excluded)", "always", zone=EVERY_PLANT),
            _time("cut_off", "last moment of booking", zone=EVERY_PLANT),
            _choice("status", "may it still change?", ("open", "closed"), default="open"),
        ),
        key=("period",),
        required=False,
    ),
    Table(
        "exchange_rates",
        "Rates by type and validity",
        (
            _text("currency", "one unit of it", "always"),
            _choice("rate_type", "which rate", ("budget", "closing", "average"), "always"),
            Column("valid_from", "date", "always", "from this date on"),
            _number("rate", "is worth this much of the reporting currency", "", "always"),
        ),
        key=("currency", "rate_type", "valid_from"),
        required=False,
    ),
    Table(
        "buffers",
        "Time and stock buffers",
        (
            _choice("kind", "what it protects", ("drum", "shipping", "stock"), "always"),
            _text("scope", "resource, plant or item", "always"),
            _number("hours", "time buffer", "h"),
            _number("quantity", "stock buffer", "unit"),
        ),
        key=("kind", "scope"),
        required=False,
    ),
    Table(
        "events",
        "What the shop floor reported",
        (
            _text("event_id", "key of the event", "always"),
            _choice("type", "what happened", EVENT_TYPES, "always"),
            _time("occurred_at", "when it happened", "always", zone="plant"),
            _time("recorded_at", "when it was recorded", "always", zone="plant"),
            _text("plant", "where", "always", refers="plants"),
            _text("job", "which job", refers="jobs"),
            _text("operation", "which operation", refers="operations"),
            _text("resource", "which resource", refers="resources"),
            _text("item", "which item", refers="items"),
            _number("good_qty", "good quantity", "unit"),
            _number("scrap_qty", "scrapped quantity", "unit"),
            _number("qty", "quantity", "unit", low=None),
            _number("hours", "hours", "h"),
            _number("amount", "money", "money", low=None),
            _text("reason", "why"),
            _text("reverses", "the event it takes back"),
        ),
        key=("event_id",),
        required=False,
        journal=True,
    ),
    Table(
        "actuals",
        "Actual totals, for sources that give no events",
        (
            _text("kpi", "a KPI or a term", "always"),
            *_SCOPE,
            _time("at", "as of", "always", zone="plant"),
            _number("value", "the total of its period so far", "", "always", low=None),
            _time("recorded_at", "when it was recorded", zone="plant"),
            _choice("recognition", "when it counts", RECOGNITION),
        ),
        required=False,
    ),
    Table(
        "adjustments",
        "Corrections by hand, each with its author",
        (
            _text("period", "which period", "always"),
            _text("kpi", "a KPI or a term", "always"),
            *_SCOPE,
            _number("amount", "how much", "", "always", low=None),
            _text("reason", "why", "always"),
            _text("author", "who", "always"),
            _time("at", "when", "always", zone="plant"),
        ),
        required=False,
    ),
    Table(
        "assumptions",
        "What was supplied or derived because the source did not hold it",
        (
            _text("table_name", "the table it is about", "always"),
            _text("column_name", "the column it is about", "always"),
            _text("selector", "which rows: a key or name, * and ? standing for anything", "always"),
            _text("value", "the value, or the rule by which it was derived", "always"),
            _text("source", "where it comes from: a file, or derived", "always"),
            _text("who", "who answers for it"),
            Column("at", "date", "optional", "the date on which it was supplied"),
        ),
        key=("table_name", "column_name", "selector", "source"),
        required=False,
    ),
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

#: Policy flags of plan.toml: flag -> (published, reconciled, further words). Rulings R21 and R39.
FLAGS: dict[str, tuple[str, ...]] = {
    "tpdh_hours": ("elapsed", "capacity"),
    "tpdh_jobs": ("all", "counted"),
    "subcontract_in": ("both", "throughput", "operating_expense"),
    "subcontractor_cost": ("include", "exclude"),
    "potential_overtime": ("all", "used"),
    "cleanout_day": ("no", "yes"),
    "job_material": ("required", "issued"),
    "wip_carry_until": ("op_end", "mo_end"),
    "wip_carry_clip": ("no", "yes"),
    "fg_carry_clamp": ("no", "yes"),
    "item_cost": ("cost", "truly_variable"),
    "material_levels": ("all", "bought"),
    "capital_includes_inventory": ("ignore", "honour"),
}

POLICIES = ("published", "reconciled")

#: Keys of plan.toml: table -> keys. Tables that map free names to values are empty here.
PLAN_KEYS: dict[str, tuple[str, ...]] = {
    "plan": ("name", "clock", "horizon_end", "currency", "policy"),
    "periods": ("boundaries",),
    "exchange_rates": (),
    "policy": tuple(FLAGS),
    "reschedule": (
        "move_cost",
        "move_cost_per_hour",
        "change_resource_cost",
        "slushy_move_cost",
        "slushy_move_cost_per_hour",
    ),
    "control_totals": (),
    "basis": ("item_cost", "hourly_rates"),
    "progress": ("as_of", "unconfirmed"),
    "recognition": ("shipment_lag_hours", "invoice_lag_hours"),
}

#: What becomes of work that should have begun or ended and is not confirmed (plan.toml [progress], rulings R31).
UNCONFIRMED = ("not_done", "as_planned")

#: What costs are made of (plan.toml [basis]); the first word counts nothing twice.
BASIS: dict[str, tuple[str, str]] = {"item_cost": ("material", "full"), "hourly_rates": ("cash", "loaded")}
