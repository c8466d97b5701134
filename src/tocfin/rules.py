"""What every finding's rule means and what is right instead, once: for ``--explain`` and for the reference.

A rule says what holds for every row; the finding's own message says where it does not. Rules of an import profile stand
in the profile, whose message is all there is to say.
"""

from __future__ import annotations

#: Rule -> what must hold and why, and what to do where it does not.
RULES: dict[str, str] = {
    # a cell
    "wrong-type": "A value is of the kind that its place asks for: text in quotes, numbers bare, lists in brackets.",
    "not-a-number": "A number is digits with '.', a sign and an exponent, and nothing else: 12.5, not '12,5' or '12 "
    "kg'. Units are fixed by the column; a comma could mean either thing, so it is not guessed.",
    "not-an-integer": "A whole number has no fraction: 10, not 10.5.",
    "not-finite": "A number is finite and at most 1e15; leave the cell empty where a value is not known.",
    "out-of-range": "A number lies within the range of its column: amounts and hours are not negative, shares are 0 to "
    "1, rates of exchange are above 0.",
    "not-a-boolean": "A flag is true or false; yes, no, 1 and x are not read.",
    "not-a-time": "A time is YYYY-MM-DDTHH:MM, in whole seconds, with Z or an offset such as +02:00 where it is not "
    "local to one plant.",
    "not-a-date": "A date is YYYY-MM-DD and is in the calendar.",
    "not-a-clock": "A time of day is HH:MM, 00:00 to 24:00.",
    "not-weekdays": "Weekdays are Mon to Sun, in lists or ranges: Mon-Fri, or Sat,Sun.",
    "no-such-time": "A local time that is skipped when clocks are put forward does not exist; correct it, or write it "
    "with its offset.",
    "double-time": "A local time that happens twice when clocks are put back is written with its offset, so that "
    "nobody has to guess which.",
    "no-offset": "A time that belongs to no plant, where plants lie in several zones, ends with Z or an offset.",
    "unknown-word": "A cell with a fixed list of words holds one of them, spelled as in the list.",
    "unknown-zone": "A time zone is a name of the IANA database: Europe/Berlin, not CET or GMT+1.",
    "empty-cell": "A required cell is filled. Nothing is put in its place: a missing value is never 0.",
    "not-supplied": "The number may be missing, but every KPI that needs it then says 'not supplied' and never counts "
    "it as 0. Supply it, in the system it comes from or in a finance file.",
    "control-character": "A text holds characters that can be seen; a line break or a blank that has no width makes "
    "two equal names differ.",
    "nul-byte": "A text holds no NUL character; the file was damaged or is no text.",
    "text-too-long": "A text is as short as people can read; a longer one is a cell that has swallowed its neighbours.",
    "excel-error": "A cell holds a value, not an Excel error such as #N/A: mend the formula, or leave the cell empty.",
    "no-value": "A formula has the value that Excel stored with it; open the workbook in Excel, calculate and save it.",
    # keys
    "duplicate-key": "A key names one row of its table; of two equal ones nobody could say which is meant. Remove one, "
    "or give it a key of its own.",
    "dangling-key": "A cell that names a row of another table names one that is there, spelled alike; '0012' and '12' "
    "are two keys.",
    "cycle": "Work that waits for other work never waits for itself, in however many steps; take out one link.",
    # tables and files
    "missing-table": "Every required table is there, with a header at the least.",
    "missing-column": "Every required column is there under its name; a cell of it may be empty where the table says "
    "so.",
    "unknown-column": "A column is one of its table; what tocfin does not know it would otherwise silently leave out. "
    "Rename it, or remove it.",
    "duplicate-column": "A column is there once.",
    "unknown-table": "A table or sheet is one of a data set; put notes into files of another kind.",
    "table-twice": "A table is in one file, either CSV or Parquet.",
    "ragged-row": "A row has as many cells as the header; a comma inside a text is quoted.",
    "quoting": "A field with commas or quotes stands in quotes, with the quotes inside it doubled (RFC 4180).",
    "bare-return": "Lines end with LF or CRLF.",
    "wrong-encoding": "A file is UTF-8 text; in Excel: save as 'CSV UTF-8'.",
    "unreadable": "A file can be opened and is what its name says.",
    "missing-sheet": "A workbook has the sheet that is asked for.",
    "missing-header": "A table begins with the names of its columns.",
    "empty-table": "A table that everything else hangs on has at least one row.",
    "missing-file": "A file that is named is there.",
    "no-such-file": "A path is there, looked for from the folder of the file that names it.",
    "ambiguous-file": "One file holds a source table; of several nobody can say which is newer.",
    "total-differs": "A row of totals is the sum of the rows above it; where it is not, rows are missing or read "
    "wrongly.",
    "total-row": "Rows of totals are no records; they are left out as the profile says, and counted.",
    "repeated-header": "A header that comes again inside a list is left out, and counted.",
    "not-as-declared": "A cell is written as the profile declares (decimal mark, form of dates, words for flags).",
    "daylight-saving": "A local time in an export exists once; correct it at the source, or export with offsets.",
    # the plan
    "end-before-start": "What ends does so after it began.",
    "need-before-release": "A job is needed after it is released; otherwise it is late whatever is done.",
    "overlapping-intervals": "A resource is available in one way at a time: its online, overtime and potential "
    "overtime never overlap, or an hour would be paid twice.",
    "overlapping-activities": "A resource works on as much at a time as it has units; more in the plan cannot be "
    "carried out, and its hours count once.",
    "overlapping-periods": "Periods follow each other; an amount belongs to one of them.",
    "gap-between-periods": "Periods follow each other without a gap, or what happens in it is in none.",
    "overlapping-targets": "Targets of one figure are for periods that are equal or apart.",
    "outside-capacity": "Work lies in hours in which its resource is available; move it, or add the hours.",
    "no-capacity": "A resource with work has available hours in the horizon: a calendar, or rows of "
    "capacity_intervals.",
    "out-of-calendar": "Calendars reach beyond the plan, so that work that ends late in a future has hours to end in.",
    "span-too-long": "A calendar is expanded over the years that work lies in, at most some decades: a year is "
    "mistyped.",
    "zero-length-activity": "Work takes time; an activity of no length costs nothing and loads nobody.",
    "long-activity": "An activity lasts hours, seldom more than a day; a longer one is often a date mistyped.",
    "operation-without-activity": "A job earns when all of its operations are planned; plan this one, or cancel the "
    "job.",
    "job-without-operations": "A job has work to do; without operations it is not scheduled and earns nothing.",
    "job-without-plant": "A job belongs to a plant; say which, where there are several.",
    "no-drum": "A resource is flagged as the bottleneck (drum), or throughput per drum hour has no hours.",
    "inactive-resource": "A resource that is not active has no capacity and no cost; work planned on it is not carried "
    "out.",
    "zero-cost-item": "Stock is worth something; an item without cost makes inventory, and the material of jobs, too "
    "low.",
    "negative-stock": "On hand is 0 or more; a negative amount counts as it is, and wants a booking.",
    "item-makes-jobs-lose": "A job's material costs less than it earns; where it does not, the cost is often per 100.",
    "sale-without-revenue": "A job that is sold has revenue; one for stock says so in purpose.",
    "demands-differ-from-revenue": "Demands that are linked to a job add up to its revenue.",
    "from-stock-without-item": "Material from stock names its item.",
    "buy-direct-without-cost": "Material bought for a job has a total cost.",
    "closed-short-without-quantity": "A job closed short says how much it delivered.",
    "split-quantity": "The parts of a split operation add up to its quantity.",
    "overdue-supply": "A supply that should have come is received, or promised for a new date.",
    "currency-without-rate": "Every currency has a rate to that of the report.",
    "control-total": "What was read is what the source holds, by rows and sums; where it is not, something was lost.",
    "set-aside": "Rows were set aside by somebody; every figure is without them until they are mended and put back.",
    "unknown-department": "A department is that of some resource, or nothing belongs to it.",
    "unknown-kpi": "A target or actual is about a KPI or a term; `tocfin kpis` lists them.",
    "unknown-scope": "A target is about something that exists.",
    "shortage": "Stock and what is due to come cover what work needs on the day it needs it; buy, or move the work.",
    # setups
    "setup-hole": "A changeover between two families has hours, or is taken as none.",
    "setup-scope": "A changeover is of one resource or of a department, not of both.",
    "setups-not-kept": "Changeovers are kept for single resources; of several equal units nobody knows which comes "
    "next.",
    "no-family": "What needs setups has a product with a family.",
    "no-time-for-setups": "Between two jobs the plan leaves the time that their changeover takes.",
    # state and events
    "unconfirmed-work": "Work that should have begun or ended is confirmed, or it moves to the instant of the "
    "forecast.",
    "late-confirmation": "Confirmations count from when they were recorded.",
    "event-conflict": "An event that comes twice says the same; a changed one is refused: reverse it and send a new "
    "one.",
    "recorded-before": "Events are recorded after they happen; otherwise a clock is wrong.",
    "after-as-of": "What happens after the instant of a forecast is not known then, and is not used.",
    "negative-actual": "An actual total is usually above 0; a negative one counts as it is.",
    "closed-period": "The close of a period stays as it was stored; what comes later corrects the open one.",
    "state-not-used": "Futures start from the state of the work only where [progress] or as_of says so.",
    "not-enforced": "A link that the plan itself breaks is not kept in futures, or the plan would change before any "
    "luck.",
    "part-period": "A target is judged on its own period, not on a part of it.",
    # TOML files
    "unknown-key": "A key is one that is known at its place; a mistyped one would otherwise do nothing.",
    "missing-key": "A key that the file needs is there.",
    "selects-nothing": "A selection finds at least one row; '*' stands for any text.",
    "no-selector": "A rule says what it is about: a column with its value, or all = true.",
    "no-verb": "An override does one thing: set, scale, add or remove.",
    "two-rules": "The number of futures is exact, or follows from tolerances; not both.",
    "no-quantity": "What is drawn piece by piece has a quantity.",
    "never-fails": "What breaks down has hours between failures and hours to repair.",
    "file-of-file": "A file of uncertainty holds it and does not point to another.",
    "removed-with": "What depends on a removed row is removed with it, and counted.",
    "unknown-factor": "A common factor is declared under [[uncertainty.factor]].",
    "no-uncertainty": "Without declared uncertainty the future is the plan; `tocfin fit` learns it from history.",
    "counted-twice": "A cost is in the hourly rate or in operating expense, not in both; [basis] says where.",
    "other-currency": "Two sides that are compared are in one currency.",
    "other-horizon": "Two sides that are compared have the same horizon.",
    # imports
    "profile-fault": "A profile names sources and columns that are there; `tocfin import --draft` writes one that "
    "does.",
    "import-note": "A note of the import profile; its message is all there is to say.",
    "derived": "A value was derived as the finance file asks; `tocfin assumptions` says what it weighs.",
    "assumed": "A value that nobody states was filled as the profile says; supply it where it matters.",
    "replaces-source": "The finance file says something else than the source; the finance file counts.",
    "no-availability": "A resource without a calendar has no hours; name one in the finance file.",
    "outside-window": "Jobs outside the window asked for are left out, and counted.",
    # history
    "too-thin": "There is enough history to tell an effect from luck; where there is not, nothing is claimed.",
    "pooled": "Groups with little history are taken together with those above them, and it is said which.",
    "instance": "An instance of the literature is written as its format says, line by line.",
    "no-plan": "Actual times are compared with planned ones; without a plan, with the usual time of the work.",
    "no-planned-work": "Work is compared with planned work of more than 0 hours.",
    "no-actual-work": "Work took some time of its resource's calendar.",
    "plan-is-actual": "Actual times differ from the plan; equal ones were often copied from it and teach nothing.",
    "constant-ratio": "Times vary; all alike they are no history of luck.",
    "made-again": "Bad pieces are counted as scrap, or made again within the work; not both.",
    "breakdowns-off": "Breakdowns are drawn from hours between failures; those that work already includes are left "
    "out.",
    "downtime-unknown": "Downtime is of a resource and has hours.",
    "downtime-apart": "Downtime is taken out of the time of work only where both were reported together.",
    "downtime-too-long": "Downtime is shorter than the work that it interrupts.",
    "too-long": "A common factor changes within the history, or it cannot be told from a level.",
    "thin-record": "A record of forecasts is long enough to learn the width of bands from.",
}  # fmt: skip

#: Of a rule that is not tocfin's own but an import profile's.
OF_A_PROFILE = RULES["import-note"]


def explained(rule: str) -> str:
    """What ``rule`` means and what to do."""
    return RULES.get(rule, OF_A_PROFILE)
