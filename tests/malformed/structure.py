"""Files that are no table, or not the table they should be: bytes, quotes, lines, headers, what is there at all."""

from __future__ import annotations

from pathlib import Path

from malformed.base import PLAN, TABLES, Change, drop, every, more, place, put, records, spelled, swap, without
from malformed.case import Case, Fault, one, together
from tocfin.catalogue import BY_NAME

JOBS, ITEMS = TABLES["jobs"], TABLES["items"]


def _moved(file: str, to: str) -> Change:
    return lambda folder: (folder / file).rename(folder / to) and None


def _copied(file: str, to: str) -> Change:
    return lambda folder: (folder / to).write_bytes((folder / file).read_bytes()) and None


def _is_folder(file: str) -> Change:
    return every(drop(file), lambda folder: (folder / file).mkdir())


def _links_to(file: str, target: str) -> Change:
    return every(drop(file), lambda folder: (folder / file).symlink_to(target))


def _replaced(content: bytes | str | None) -> Change:
    """The whole folder is gone, or a file stands in its place."""

    def change(folder: Path) -> None:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        if content is not None:
            folder.write_bytes(content.encode() if isinstance(content, str) else content)

    return change


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _loop(folder: Path) -> None:
    folder.with_name("loop").symlink_to("loop")


BYTES = (
    one("a file of 0 bytes", put("jobs.csv", b""), "jobs.csv", "unreadable", "empty", others=True),
    one("UTF-16 with its mark", put("items.csv", ITEMS.encode("utf-16")), "items.csv:1", "not-utf8", "UTF-16"),
    one("UTF-16 without mark", put("items.csv", ITEMS.encode("utf-16-le")), "items.csv:1", "nul-byte", "NUL"),
    one("latin-1", put("jobs.csv", JOBS.encode("latin-1")), "jobs.csv:2", "not-utf8", "0xfc"),
    one("a NUL in a cell", swap("items.csv", "FG,Fin", "F\0G,Fin"), "items.csv:3", "nul-byte", "NUL"),
    one("half a UTF-8 sequence", swap("jobs.csv", "Sohn", b"So\xc3"), "jobs.csv:2", "not-utf8", "0xc3"),
    one("surrogates as UTF-8", swap("items.csv", "RM,", b"\xed\xa0\x80,"), "items.csv:2", "not-utf8", "0xed"),
    one("binary junk", put("items.csv", bytes(range(256)) * 9), "items.csv:1", "nul-byte", "NUL"),
    one("the mark of a file in the middle of it", swap("jobs.csv", "J1,P1", "\ufeffJ1,P1"), "jobs.csv:3: parent_job",
        "dangling-key", "'J1'", others=True),
)  # fmt: skip

LINES = (
    one("semicolons", put("items.csv", ITEMS.replace(",", ";")), "items.csv:1", "unknown-column", "';'"),
    one("tabs", put("items.csv", ITEMS.replace(",", "\t")), "items.csv:1", "unknown-column", "commas"),
    one("bars", put("warehouses.csv", TABLES["warehouses"].replace(",", "|")), "warehouses.csv:1", "unknown-column",
        "'|'"),
    one("old Macintosh line ends", put("items.csv", ITEMS.replace("\n", "\r")), "items.csv:1", "bare-return", "LF"),
    one("one lone carriage return", swap("items.csv", "Good,", "Good\r,"), "items.csv:3", "bare-return", "CRLF"),
    one("an unclosed quote", swap("items.csv", "FG,", '"FG,'), "items.csv:3", "quoting", "never closed"),
    one("text after a quote", swap("jobs.csv", 'Sohn",', 'Sohn"x,'), "jobs.csv:2", "quoting", "follows"),
    one("a quote inside a field", swap("items.csv", "RM,", 'R"M",'), "items.csv:2", "quoting", "inside"),
    one("a blank line", swap("items.csv", "FG,", "\nFG,"), "items.csv:3", "ragged-row", "blank"),
    one("a blank line at the end", more("items", ""), "items.csv:4", "ragged-row", "blank"),
    one("a row too short", more("items", "X,Tool"), "items.csv:4", "ragged-row", "2 field"),
    one("a row too long", more("items", "X,Tool,1,1,,1"), "items.csv:4", "ragged-row", "6 field"),
    one("a decimal comma, unquoted", swap("items.csv", "120", "12,5"), "items.csv:3", "ragged-row", "header has 5"),
    one("a row too short, with a line break in it", more("jobs", 'J3,"P\n1"'), "jobs.csv:4", "ragged-row", "2 field"),
    one("a comment line", put("items.csv", f"# from the ERP\n{ITEMS}"), "items.csv:1: # from the ERP",
        "unknown-column", "not a column", others=True),
)  # fmt: skip

HEADERS = (
    one("no header", put("warehouses.csv", "W1,P1,true\nW2,P2,\n"), "warehouses.csv:1: warehouse", "missing-column",
        "needs", others=True),
    one("a column twice", swap("jobs.csv", "customer", "revenue"), "jobs.csv:1: revenue", "duplicate-column", "twice"),
    one("a column misspelt", swap("items.csv", "truly_variable_cost", "truly_varible_cost"),
        "items.csv:1: truly_varible_cost", "unknown-column", "'truly_variable_cost'"),
    one("a column in capitals", swap("jobs.csv", "customer", "CUSTOMER"), "jobs.csv:1: CUSTOMER", "unknown-column",
        "'customer'"),
    one("a column with a blank", swap("jobs.csv", "customer", " customer"), "jobs.csv:1:  customer", "unknown-column",
        "'customer'"),
    one("a column of another table", swap("items.csv", "truly_variable_cost", "on_hand_qty"),
        "items.csv:1: on_hand_qty", "unknown-column", "items"),
    one("a column without name", swap("jobs.csv", "customer", ""), "jobs.csv:1: column 9", "unknown-column", "no name"),
    one("a giant header", put("items.csv", "x" * 200_000 + "\n"), "items.csv:1", "unreadable", "131,072", others=True),
    one("5,000 columns", put("items.csv", ",".join(f"c{n}" for n in range(5_000)) + "\n"), "items.csv:1",
        "unknown-column", "5000 columns", others=True),
    one("header only plants", put("plants.csv", spelled(records("plants")[:1])), "plants.csv", "empty-table",
        "one plant", others=True),
    *(
        Case(
            f"the header of {table} is in capitals",
            put(f"{table}.csv", spelled([[name.upper() for name in records(table)[0]], *records(table)[1:]])),
            tuple(
                Fault(f"{table}.csv:1: {column.name}", "missing-column", "needs this column")
                for column in BY_NAME[table].columns
                if column.need != "optional"
            ),
            others=True,
        )
        for table in TABLES
    ),
    one("one column of several is missing", without("jobs", "revenue"), "jobs.csv:1: revenue", "missing-column",
        "needs this column"),
)  # fmt: skip

FILES = (
    *(
        one(f"{table} is not there", drop(f"{table}.csv"), f"{table}.csv", "missing-table", "missing", others=True)
        for table in TABLES
        if BY_NAME[table].required
    ),
    one("another name", _moved("items.csv", "item.csv"), "item.csv", "unknown-table", "'items'", others=True),
    one("a table in capitals", _moved("items.csv", "Items.csv"), "Items.csv", "unknown-table", "'items'", others=True),
    one("a strange table", put("budget 2026.csv", "a,b\n1,2\n"), "budget 2026.csv", "unknown-table", "not a table"),
    one("one table in two cases of the ending", _copied("items.csv", "items.CSV"), "items.csv", "table-twice", "CSV"),
    one("a folder in place of a table", _is_folder("jobs.csv"), "jobs.csv", "unreadable", "folder", others=True),
    one("a folder in place of Parquet", every(drop("jobs.csv"), lambda folder: (folder / "jobs.parquet").mkdir()),
        "jobs.parquet", "unreadable", "folder", others=True),
    one("a folder in place of the plan", _is_folder("plan.toml"), "plan.toml", "unreadable", "folder"),
    one("a link to nowhere", _links_to("items.csv", "nowhere"), "items.csv", "unreadable", "No such file", others=True),
    one("a link to itself", _links_to("items.csv", "items.csv"), "items.csv", "unreadable", "link", others=True),
    one("a plan that links to nowhere", _links_to("plan.toml", "nowhere"), "plan.toml", "unreadable", "No such file"),
    one("a plan that links to itself", _links_to("plan.toml", "plan.toml"), "plan.toml", "unreadable", "link"),
    one("an endless file", _links_to("items.csv", "/dev/zero"), "items.csv", "unreadable", "ordinary", others=True),
    one("nothing at that path", _replaced(None), "plant", "unreadable", "No such file"),
    one("a CSV file in place of the folder", _replaced("job\nJ1\n"), "plant", "unreadable", "neither a folder"),
    one("a path through a file", _replaced(""), "plant/jobs.csv", "unreadable", "Not a directory",
        opened="plant/jobs.csv"),
    one("a loop of links in place of the folder", _loop, "loop", "unreadable", "link", opened="loop"),
    one("a name too long", _emptied, "x" * 60 + "…", "unreadable", "too long", opened="x" * 300),
    Case(
        "an empty folder",
        _emptied,
        (
            Fault("plan.toml", "missing-table", "missing"),
            *(Fault(f"{name}.csv", "missing-table", "missing") for name, table in BY_NAME.items() if table.required),
        ),
    ),
)  # fmt: skip

MANY = (
    together(
        "six faults in six files",
        one("", swap("plants.csv", "P2,America", "P2,Amerika"), place("plants", 3, "timezone"), "unknown-zone", "IANA"),
        one("", swap("jobs.csv", "20000", "20'000"), place("jobs", 2, "revenue"), "not-a-number", "20'000"),
        one("", swap("activities.csv", "A3,O3,R3", "A3,O3,R9"), "activities.csv:4: resource", "dangling-key", "R9"),
        one("", more("inventories", "W1,RM,1"), place("inventories", 4, "warehouse"), "duplicate-key", "row 2"),
        one("", swap("items.csv", "FG,", '"FG"x,'), "items.csv:3", "quoting", "follows"),
        one("", put("plan.toml", PLAN.replace("policy =", "polices =")), "plan.toml: polices", "unknown-key", "policy"),
    ),
)  # fmt: skip

CASES: tuple[Case, ...] = (*BYTES, *LINES, *HEADERS, *FILES, *MANY)
