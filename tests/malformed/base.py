"""One small valid data set that uses every table of the catalogue, as text, and the changes that cases make to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import polars as pl
import xlsxwriter

Change = Callable[[Path], None]
Lines = list[list[str]]

PLAN = """[plan]
name = "june week 1"
clock = 2026-06-01T00:00:00Z
horizon_end = 2026-06-08T00:00:00Z
currency = "USD"
policy = "reconciled"

[periods]
boundaries = [2026-06-01T00:00:00Z, 2026-06-04T00:00:00Z, 2026-06-08T00:00:00Z]

[exchange_rates]
EUR = 1.08

[policy]
item_cost = "cost"

[reschedule]
move_cost = 10.5

[control_totals.jobs]
rows = 2
"""

TABLES = {
    "plants": """\
plant,timezone,currency,daily_operating_expense,invested_capital,invested_capital_includes_inventory,day_start
P1,Europe/Berlin,EUR,1000,200000,true,06:00
P2,America/New_York,,500,100000,,
""",
    "resources": """\
resource,plant,resource_type,drum,active,standard_hourly_cost,overtime_hourly_cost,calendar,units
R1,P1,Machine,true,true,40,60,DAY,1
R2,P1,Machine,false,true,50,80,,1
R3,P2,Subcontractor,false,,100,100,,
""",
    "capacity_intervals": """\
resource,start,end,interval_type
R1,2026-06-06T08:00,2026-06-06T12:00,Overtime
R2,2026-06-01T08:00,2026-06-01T16:00,Online
R2,2026-06-02T08:00,2026-06-02T16:00,Online
R3,2026-06-01T08:00,2026-06-05T16:00,Online
""",
    "calendars": """\
calendar,days,start_time,end_time,interval_type,valid_from,valid_to,priority
DAY,Mon-Fri,08:00,16:00,Online,,,
DAY,Wed,12:00,13:00,Maintenance,2026-06-01,2026-06-30,1
""",
    "items": "item,item_type,cost,truly_variable_cost,family\nRM,RawMaterial,30,,\nFG,FinishedGood,120,100,red\n",
    "warehouses": "warehouse,plant,owned\nW1,P1,true\nW2,P2,\n",
    "inventories": "warehouse,item,on_hand_qty\nW1,RM,200\nW2,FG,5\n",
    "jobs": """\
job,plant,product,revenue,shipping_cost,late_penalty_per_day,need_date,cancelled,customer,parent_job
J1,P1,FG,20000,200,100,2026-06-05T12:00:00Z,false,"Müller, Sohn",
0012,P2,,9000,0,0,2026-06-05 12:00,,,J1
""",
    "manufacturing_orders": "manufacturing_order,job,product,need_date\nM1,J1,FG,\nM2,0012,,2026-06-04T00:00Z\n",
    "operations": """\
operation,manufacturing_order,sequence,carrying_cost_per_day,scrap_rate
O1,M1,10,10,0.02
O2,M1,20,5,
O3,M2,10,0,
""",
    "precedences": "predecessor,successor,lag_hours\nO1,O3,1\n",
    "alternatives": "operation,resource,setup_hours,run_hours\nO1,R2,0.5,8\n",
    "activities": """\
activity,operation,resource,start,end,status,actual_start,actual_end,work_hours
A1,O1,R1,2026-06-01T08:00:00,2026-06-01T12:00:00+02:00,Started,2026-06-01T08:10,,
A2,O2,R2,2026-06-02T08:00,2026-06-02T14:00,,,,6
A3,O3,R3,2026-06-03T13:00Z,2026-06-03T17:30Z,,,,
""",
    "material_requirements": """\
operation,item,requirement_type,required_qty,issued_qty,total_cost
O1,RM,FromStock,100,50,
O2,,BuyDirect,1,,250
""",
    "targets": """\
kpi,plant,product,resource,period_start,period_end,version,target,tolerance,owner
throughput,P1,,,2026-06-01T00:00,2026-06-08T00:00,,15000,500,Ann
net_profit,,FG,,2026-06-01T00:00Z,2026-06-08T00:00Z,budget,10000,,Bob
""",
    "setups": "resource,from_family,to_family,hours,cost\nR1,red,blue,0.5,20\n",
    "supplies": "supply,item,warehouse,qty,due\nS1,RM,W1,100,2026-06-03T08:00\n",
    "demands": "demand,item,qty,unit_price,currency,due,job\nD1,FG,10,2000,EUR,2026-06-05T12:00,J1\n",
    "periods": "period,start,end,status\n2026-06,2026-06-01T00:00,2026-07-01T00:00,open\n",
    "exchange_rates": "currency,rate_type,valid_from,rate\nEUR,average,2026-06-01,1.09\n",
    "buffers": "kind,scope,hours,quantity\ndrum,R1,24,\n",
    "events": """\
event_id,type,occurred_at,recorded_at,plant,job,operation,resource,item,qty,amount
E1,material_issue,2026-06-01T08:05,2026-06-01T08:06,P1,J1,O1,R1,RM,50,
""",
    "actuals": "kpi,plant,product,resource,at,value\nthroughput,P1,FG,R1,2026-06-02T00:00,5000\n",
    "adjustments": """\
period,kpi,plant,product,resource,amount,reason,author,at
2026-06,throughput,P1,FG,R1,-20,typing error,Ann,2026-06-02T08:00
""",
}


#: Tables of the first part; the others are written by the cases that change them, which keeps the rest fast.
CORE = tuple(TABLES)[: tuple(TABLES).index("setups")]


def write(folder: Path, names: Collection[str] = CORE) -> Path:
    """The valid data set as a folder of CSV files."""
    folder.mkdir()
    (folder / "plan.toml").write_bytes(PLAN.encode())
    for name in names:
        (folder / f"{name}.csv").write_bytes(TABLES[name].encode())
    return folder


def records(table: str) -> Lines:
    """Header and rows of a table of the valid data set."""
    return list(csv.reader(io.StringIO(TABLES[table])))


def spelled(lines: Lines) -> str:
    """Header and rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def place(table: str, row: int, column: str) -> str:
    """How a finding names a cell of a CSV file."""
    return f"{table}.csv:{row}: {column}"


# --- changes


def put(file: str, content: str | bytes) -> Change:
    """The file holds this and nothing else."""
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / file).write_bytes(data) and None


def drop(*files: str) -> Change:
    """The files are not there."""
    return lambda folder: [(folder / file).unlink() for file in files] and None


def swap(file: str, old: str, new: str | bytes) -> Change:
    """The one place of the file that holds ``old`` holds ``new``."""

    def change(folder: Path) -> None:
        data = (folder / file).read_bytes()
        if data.count(old.encode()) != 1:
            raise ValueError(f"{old!r} is not once in {file}")
        data = data.replace(old.encode(), new.encode() if isinstance(new, str) else new)
        (folder / file).write_bytes(data)

    return change


def more(table: str, *lines: str) -> Change:
    """The table has these further lines."""
    return put(f"{table}.csv", TABLES[table] + "".join(f"{line}\n" for line in lines))


def cell(table: str, row: int, column: str, value: str) -> Change:
    """The cell holds ``value``; a column that is not there is added."""
    return put(f"{table}.csv", spelled(changed(table, row, column, value)))


def changed(table: str, row: int, column: str, value: str) -> Lines:
    """Header and rows with one cell changed."""
    lines = records(table)
    if column not in lines[0]:
        lines = [[*line, "" if number else column] for number, line in enumerate(lines)]
    lines[row - 1][lines[0].index(column)] = value
    return lines


def longer(table: str, column: str, values: Sequence[str]) -> Change:
    """The table has a further row for each value, like its last row but for the key and that column."""
    lines = records(table)
    for number, value in enumerate(values):
        row = list(lines[-1])
        row[0] = row[0] if table == "calendars" else f"X{number}"
        row[lines[0].index(column)] = value
        lines.append(row)
    return put(f"{table}.csv", spelled(lines))


def without(table: str, column: str) -> Change:
    """The table has no such column."""
    lines = records(table)
    index = lines[0].index(column)
    return put(f"{table}.csv", spelled([[*line[:index], *line[index + 1 :]] for line in lines]))


def every(*changes: Change) -> Change:
    """All of the changes."""

    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


# --- other forms


def parquet(*tables: str) -> Change:
    """These tables (all, when none is named) are Parquet files with columns of text."""

    def change(folder: Path) -> None:
        for name in tables or [path.stem for path in folder.glob("*.csv")]:
            pl.read_csv(folder / f"{name}.csv", infer_schema=False).write_parquet(folder / f"{name}.parquet")
            (folder / f"{name}.csv").unlink()

    return change


def workbook(path: Path, given: Mapping[str, Lines] | None = None, only: Collection[str] = CORE) -> Path:
    """The valid data set as a workbook of text cells, with some sheets given anew, and plan.toml beside it."""
    with xlsxwriter.Workbook(path) as book:
        for name in only:
            sheet = book.add_worksheet(name)
            for row, line in enumerate((given or {}).get(name) or records(name)):
                for column, value in enumerate(line):
                    sheet.write_string(row, column, value)
    path.with_name("plan.toml").write_bytes(PLAN.encode())
    return path
