"""What no mapping can flatten in a frePPLe export: demands exploded over the bill of material, calendars combined.

The frames made here are mapped by ``profiles/frepple.toml`` like any source table.
"""

from __future__ import annotations

import polars as pl

from tocfin.errors import Finding
from tocfin.zones import to_local, to_utc

Frames = dict[str, pl.DataFrame]

DAY = 86_400
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")  # frePPLe's bit 0 is Sunday
_END_OF_DAY = "23:59:59"


def prepare(frames: Frames, zone: str) -> list[Finding]:
    """Adds the tables now, job, order, work, requirement, link, alternative, shift, capacity and kind."""
    frames["now"] = _now(frames["parameter"], zone)
    steps = _steps(frames["operation"], frames["operationmaterial"])
    bill = _bill(frames["operationmaterial"], steps)
    frames["job"] = _jobs(frames["demand"], steps)
    frames["kind"] = _kinds(frames, steps)
    if _circular(bill, steps):
        message = "its bill of material is circular: an item consumes itself, directly or through others"
        return [Finding("error", "cycle", "operationmaterial", None, None, message, file="operationmaterial")]
    _explode(frames, steps, bill)
    shifts = _shifts(frames["calendarbucket"], zone)
    frames["capacity"], frames["shift"] = _capacity(frames, shifts)
    return []


def _now(parameters: pl.DataFrame, zone: str) -> pl.DataFrame:
    stated = parameters.filter(pl.col("name") == "currentdate")["value"]
    moments = stated.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).drop_nulls().dt.epoch("s")
    return pl.DataFrame({"clock": to_utc(moments.to_numpy(), zone)[0]})


def _steps(operations: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """Per item that can be made: the steps of its operation of first priority (a routing owns its steps).

    ``per_run`` is how many pieces one run of the operation gives: its times are per run.
    """
    made = (
        operations.filter(pl.col("item_id").is_not_null())
        .sort("priority", "name", nulls_last=True)
        .unique("item_id", keep="first", maintain_order=True)
        .select(
            pl.col("item_id").alias("item"), pl.col("name").alias("operation"), pl.col("location_id").alias("plant")
        )
    )
    timed = operations.select(
        pl.col("name").alias("step"),
        pl.coalesce("owner_id", "name").alias("operation"),
        pl.col("priority").fill_null(1).alias("sequence"),
        (pl.col("duration").fill_null(0.0) / 3600).alias("fixed"),
        (pl.col("duration_per").fill_null(0.0) / 3600).alias("each_run"),
    )
    owners = operations.select("owner_id").drop_nulls()
    alone = timed.join(owners, left_on="step", right_on="owner_id", how="anti")
    steps = made.join(alone, on="operation")
    given = flows.filter(pl.col("quantity") > 0).join(
        steps, left_on=["operation_id", "item_id"], right_on=["step", "item"]
    )
    runs = given.group_by(pl.col("item_id").alias("item")).agg(pl.col("quantity").sum().alias("per_run"))
    steps = steps.join(runs, on="item", how="left").with_columns(pl.col("per_run").fill_null(1.0))
    return steps.sort("operation", "sequence", "step")


def _bill(flows: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """What one piece of an item consumes at each step."""
    taken = flows.filter(pl.col("quantity") < 0).select(
        pl.col("operation_id").alias("step"), pl.col("item_id").alias("material"), -pl.col("quantity")
    )
    per_piece = (pl.col("quantity") / pl.col("per_run")).alias("needed")
    return steps.join(taken, on="step").select("item", "step", "material", per_piece)


def _circular(bill: pl.DataFrame, steps: pl.DataFrame) -> bool:
    """Takes away what is made of bought items only, again and again; a circle never goes away."""
    edges = bill.select("item", "material").join(steps, left_on="material", right_on="item", how="semi")
    while edges.height:
        left = edges.join(edges, left_on="material", right_on="item", how="semi")
        if left.height == edges.height:
            return True
        edges = left
    return False


def _jobs(demands: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Open demands, each at the plant that makes its item."""
    where = steps.select("item", "plant").unique("item")
    still_open = demands.filter(pl.col("status").fill_null("open") == "open")
    return still_open.join(where, left_on="item_id", right_on="item", how="left", maintain_order="left").with_columns(
        pl.coalesce("plant", "location_id").alias("plant")
    )


def _kinds(frames: Frames, steps: pl.DataFrame) -> pl.DataFrame:
    """FinishedGood where somebody asked for it, Intermediate where it is made, else RawMaterial."""
    asked = pl.col("name").is_in(frames["demand"]["item_id"].implode())
    made = pl.col("name").is_in(steps["item"].implode())
    kind = pl.when(asked).then(pl.lit("FinishedGood")).when(made).then(pl.lit("Intermediate"))
    return frames["item"].select("name", kind.otherwise(pl.lit("RawMaterial")).alias("kind"))


def _explode(frames: Frames, steps: pl.DataFrame, bill: pl.DataFrame) -> None:
    """Orders for every open demand and for all it consumes that is made, not netted against stock."""
    jobs = frames["job"].select(pl.col("name").alias("job"), pl.col("item_id").alias("asked"))
    per_piece = bill.group_by("item", "material").agg(pl.col("needed").sum())
    levels = [frames["job"].select(pl.col("name").alias("job"), pl.col("item_id").alias("item"), "quantity")]
    while levels[-1].height:
        below = levels[-1].join(per_piece, on="item").group_by("job", pl.col("material").alias("item"))
        levels.append(below.agg((pl.col("quantity") * pl.col("needed")).sum().alias("quantity")))
    name = pl.when(pl.col("item") == pl.col("asked")).then("job").otherwise(pl.concat_str("job", pl.lit(" / "), "item"))
    orders = pl.concat(levels).group_by("job", "item", maintain_order=True).agg(pl.col("quantity").sum())
    orders = orders.join(steps, on="item", how="semi").join(jobs, on="job").with_columns(name.alias("order"))
    orders = orders.sort("job", pl.col("item") != pl.col("asked"), "item")
    work = orders.join(steps, on="item", maintain_order="left_right").with_columns(
        pl.concat_str("order", pl.lit(": "), "step").alias("name"),
        (pl.col("fixed") + pl.col("each_run") * pl.col("quantity") / pl.col("per_run")).alias("hours"),
    )
    needs = work.join(bill, on=["item", "step"], maintain_order="left")
    needs = needs.with_columns((pl.col("quantity") * pl.col("needed")).alias("required"))
    last = work.filter(pl.col("sequence") == pl.col("sequence").max().over("order"))
    link = needs.join(last, left_on=["job", "material"], right_on=["job", "item"], suffix="_before")
    first_resource = frames["operationresource"].unique("operation_id", keep="first", maintain_order=True)
    frames |= {"order": orders, "work": work, "requirement": needs, "link": link}
    frames["alternative"] = work.join(first_resource, left_on="step", right_on="operation_id", maintain_order="left")


def _shifts(buckets: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Calendar buckets as shifts: value 0 is Offline, the last day is included, the end of the day is 00:00."""
    bits = buckets["days"].is_not_null().any()
    on = [(pl.col("days") & (1 << bit)) > 0 if bits else pl.col(day) for bit, day in enumerate(_DAYS)]
    names = [pl.when(chosen).then(pl.lit(day[:3].capitalize())) for chosen, day in zip(on, _DAYS, strict=True)]
    local = [
        pl.Series(name, to_local(buckets[name].fill_null(0).to_numpy(), zone) - earlier) // DAY
        for name, earlier in (("startdate", 0), ("enddate", 1))
    ]
    first, last = (pl.when(buckets[day.name].is_not_null()).then(day.cast(pl.Int32).cast(pl.Date)) for day in local)
    closes = (
        pl.when(pl.col("endtime") == _END_OF_DAY).then(pl.lit("00:00")).otherwise(pl.col("endtime").str.slice(0, 5))
    )
    return buckets.select(
        pl.col("calendar_id").alias("calendar"),
        pl.concat_list(names).list.drop_nulls().list.join(",").alias("days"),
        pl.col("starttime").str.slice(0, 5).alias("start_time"),
        closes.alias("end_time"),
        pl.when(pl.col("value") > 0).then(pl.lit("Online")).otherwise(pl.lit("Offline")).alias("interval_type"),
        first.alias("valid_from"),
        last.alias("valid_to"),
        "priority",
        "value",
    ).filter(pl.col("days") != "")


def _capacity(frames: Frames, shifts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Resources with units and calendar, and the shifts of those calendars.

    A resource works when its own calendar and that of its location both say so. Where its own is open round the
    clock, that is the location's calendar plus the resource's own closures; else its own calendar is taken.
    """
    online = pl.col("interval_type") == "Online"
    round_the_clock = online & (pl.col("days").str.len_chars() == 27) & (pl.col("start_time") == pl.col("end_time"))
    always = shifts.filter(round_the_clock).select(pl.col("calendar")).unique()
    units = shifts.filter(online).group_by("calendar").agg(pl.col("value").max().alias("most"))
    closures = shifts.join(always, on="calendar", how="semi").filter(~online)
    sites = frames["location"].select(pl.col("name").alias("site"), pl.col("available_id").alias("hours_of_site"))
    own, site = pl.col("maximum_calendar_id"), pl.col("hours_of_site")
    open_always = own.is_null() | own.is_in(always["calendar"].implode())
    closed_at_times = own.is_in(closures["calendar"].implode())
    both = pl.when(closed_at_times).then(pl.concat_str(site, pl.lit(" + "), own)).otherwise(site)
    found = (
        frames["resource"]
        .join(sites, left_on="location_id", right_on="site", how="left", maintain_order="left")
        .join(units, left_on="maximum_calendar_id", right_on="calendar", how="left", maintain_order="left")
        .with_columns(
            pl.when(open_always & site.is_not_null()).then(both).otherwise(own).alias("calendar"),
            pl.coalesce("most", "maximum", 1.0).cast(pl.Int64).alias("units"),
            (~open_always & site.is_not_null()).alias("uncombined"),
        )
    )
    pairs = found.filter(pl.col("calendar") == both).select("calendar", site, own).unique(maintain_order=True)
    of_site = pairs.select("calendar", site).join(shifts, left_on="hours_of_site", right_on="calendar")
    of_own = pairs.select("calendar", own).join(closures, left_on="maximum_calendar_id", right_on="calendar")
    kept = shifts.join(found.filter(pl.col("uncombined") | site.is_null()), on="calendar", how="semi")
    every = pl.concat([of_site.select(shifts.columns), of_own.select(shifts.columns), kept])
    return found, every.unique(maintain_order=True)
