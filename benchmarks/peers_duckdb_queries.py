"""The queries of the DuckDB peer. Temporary tables are named after what one row of them is."""

ALONE = "SELECT coalesce(bool_and(end_activity - first_activity = 1), true) FROM operation"

#: An activity with the order and the cost of its operation. Where each operation has one, rows need no join to meet.
WORK = """
CREATE OR REPLACE TEMP TABLE work AS
SELECT activity.*, job_order, carrying / 86400 AS rate FROM activity JOIN operation USING (operation)
"""
WORK_ALONE = """
CREATE OR REPLACE TEMP TABLE work AS
SELECT activity.*, job_order, carrying / 86400 AS rate FROM activity POSITIONAL JOIN operation
"""

#: An operation with its time.
OPERATIONS = """
CREATE OR REPLACE TEMP TABLE timed_operation AS
SELECT job_order, min(start) AS start, max(finish) AS finish, any_value(rate) AS rate
FROM work GROUP BY operation, job_order
"""
OPERATIONS_ALONE = """
CREATE OR REPLACE TEMP VIEW timed_operation AS SELECT job_order, start, finish, rate FROM work
"""

#: An order, with rate x time of its operations since the clock.
ORDERS = """
CREATE OR REPLACE TEMP TABLE timed_order AS
SELECT job_order, max(finish) AS finish, count(*) AS done, sum(rate) AS rate,
       sum(rate * (start - {clock})) AS at_start, sum(rate * (finish - {clock})) AS at_finish
FROM timed_operation GROUP BY job_order
"""

#: An activity on a drum or subcontractor, with the seconds paid before its start and its end.
SPECIAL = """
CREATE OR REPLACE TEMP TABLE special AS
WITH role AS MATERIALIZED (SELECT * FROM resource WHERE drum OR subcontractor),
     paid AS MATERIALIZED (SELECT prefix.* FROM prefix SEMI JOIN role USING (resource)),
     done AS (
       SELECT job, work.resource, batch, start, finish, role.* EXCLUDE (resource)
       FROM work JOIN role USING (resource) JOIN job_order USING (job_order)
     )
SELECT done.*,
       a.online + a.online_rate * (done.start - a.instant) AS online_start,
       b.online + b.online_rate * (done.finish - b.instant) AS online_finish,
       a.overtime + a.overtime_rate * (done.start - a.instant) AS overtime_start,
       b.overtime + b.overtime_rate * (done.finish - b.instant) AS overtime_finish
FROM done
ASOF JOIN paid a ON done.resource = a.resource AND done.start >= a.instant
ASOF JOIN paid b ON done.resource = b.resource AND done.finish >= b.instant
"""

#: A job that is not cancelled, with its end, whether it is scheduled, counted and on a drum, and its subcontract cost.
JOBS = """
CREATE OR REPLACE TEMP TABLE timed_job AS
WITH ended AS (
       SELECT job, max(finish) AS finish, sum(done) AS done, sum(end_operation - first_operation) AS operations
       FROM job_order LEFT JOIN timed_order USING (job_order) GROUP BY job
     ),
     rolled AS (
       SELECT job, bool_or(drum) AS drum,
              sum(standard * ((online_finish - online_start) / 3600)
                  + premium * ((overtime_finish - overtime_start) / 3600)) FILTER (subcontractor) AS cost
       FROM special GROUP BY job
     )
SELECT job.*, code(finish) AS code, finish, coalesce(done = operations, false) AS scheduled,
       scheduled AND finish >= {clock} AND finish < {end} AS counted,
       NOT (scheduled AND finish < {clock}) AS unfinished, coalesce(drum, false) AS drum, finish - need AS late,
       coalesce(own_subcontract, cost, 0) AS subcontract_cost_counted,
       penalty * greatest((finish - need) / 86400, 0) AS late_penalty
FROM job LEFT JOIN ended USING (job) LEFT JOIN rolled USING (job)
WHERE NOT cancelled
"""

JOB_SUMS = """
SELECT plant, code, {parts}, {bound},
       count(*) FILTER (counted) AS jobs_ended,
       count(*) FILTER (counted AND late <= 0) AS jobs_on_time,
       sum(revenue) FILTER (unfinished AND need < {clock}) AS past_due_revenue,
       sum(subcontract_cost_counted) FILTER (finish IS NOT NULL) AS subcontract_cost_all
FROM timed_job JOIN plant USING (plant) GROUP BY plant, code
"""

DUE = """
SELECT plant, code(finish) AS code, count(*) AS activities_due
FROM work JOIN job_order USING (job_order) JOIN job USING (job) WHERE finish < {clock} AND NOT cancelled GROUP BY ALL
"""

CARRYING = """
SELECT plant, code(finish) AS code, sum(rate) AS rate, sum(rate * (finish - {clock})) AS at_order_end,
       sum(at_finish - at_start) AS wip_carry_op_end,
       sum(rate * (finish - {clock}) - at_start) AS wip_carry_mo_end,
       sum(rate * (job_order.need - finish)) FILTER (done = end_operation - first_operation) AS fg_carry,
       sum(rate * greatest(job_order.need - finish, 0))
         FILTER (done = end_operation - first_operation) AS fg_carry_clamped
FROM timed_order JOIN job_order USING (job_order) JOIN job USING (job) WHERE NOT cancelled GROUP BY ALL
"""

BY_CODE = """
SELECT plant, code(start)::INTEGER * {codes} + code(finish) AS codes, sum(rate) AS rate,
       sum(rate * (start - {clock})) AS at_start, sum(rate * (finish - {clock})) AS at_finish
FROM timed_operation JOIN job_order USING (job_order) JOIN job USING (job) WHERE NOT cancelled GROUP BY ALL
"""

DRUM_HOURS = """
SELECT special.plant, code,
       sum(special.finish - start) / 3600 AS drum_elapsed_hours_all,
       sum(special.finish - start) FILTER (counted) / 3600 AS drum_elapsed_hours_counted,
       sum(paid) / 3600 AS drum_capacity_hours_all,
       sum(paid) FILTER (counted) / 3600 AS drum_capacity_hours_counted,
       sum(paid) FILTER (counted AND batch < 0) / 3600 AS drum_physical_hours_counted
FROM (SELECT *, online_finish - online_start + overtime_finish - overtime_start AS paid FROM special WHERE drum) special
JOIN timed_job USING (job) GROUP BY special.plant, code
"""

#: A member of a batch on a drum; seconds paid so far order instants as time does, so that unions need no calendar.
TOGETHER = """
CREATE OR REPLACE TEMP TABLE together AS
SELECT special.plant, resource, batch, code, counted, start,
       online_start + overtime_start AS since, online_finish + overtime_finish AS until
FROM special JOIN timed_job USING (job) WHERE special.drum AND batch >= 0
"""

BATCHES = """
WITH member AS (
  SELECT *, max(until) OVER (
           PARTITION BY batch ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
  FROM together WHERE counted
), batch AS (
  SELECT any_value(plant) AS plant, max(code) AS code,
         sum(greatest(until - greatest(since, reached), 0)) / 3600 AS hours
  FROM member GROUP BY batch
)
SELECT plant, code, sum(hours) AS drum_physical_hours_counted FROM batch GROUP BY plant, code
"""

BUSY = """
WITH edge AS (
  SELECT resource, {columns} FROM (
    SELECT e.resource, e.instant,
           p.online + p.overtime + (p.online_rate + p.overtime_rate) * (e.instant - p.instant) AS paid
    FROM (SELECT resource, unnest([{edges}]) AS instant FROM resource WHERE drum) e
    ASOF JOIN prefix p ON e.resource = p.resource AND e.instant >= p.instant
  ) GROUP BY resource
), member AS (
  SELECT *, max(until) OVER (
           PARTITION BY batch ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
  FROM together
), spent AS (
  SELECT plant, resource, least(greatest(since, reached), until) AS since, until FROM member
  UNION ALL
  SELECT special.plant, resource, online_start + overtime_start, online_finish + overtime_finish
  FROM special SEMI JOIN timed_job USING (job) WHERE drum AND batch < 0
)
SELECT plant, {sums}, sum(until - since) / 3600 AS hours FROM spent JOIN edge USING (resource) GROUP BY plant
"""

#: Potential overtime in which at least one activity runs, each instant once.
USED = """
CREATE OR REPLACE TEMP TABLE used AS
WITH potential AS MATERIALIZED (
  SELECT row_number() OVER () AS row, resource, start, finish FROM segment
  WHERE kind = 2 AND finish > {clock} AND start < {end}
), part AS (
  SELECT row, greatest(work.start, potential.start, {clock}) AS start,
         max(least(work.finish, potential.finish, {end})) AS finish
  FROM work
  JOIN potential ON work.resource = potential.resource
                AND potential.start < work.finish AND potential.finish > work.start
  JOIN job_order USING (job_order)
  ANTI JOIN (SELECT job FROM job WHERE cancelled) gone ON gone.job = job_order.job
  GROUP BY 1, 2
), apart AS (
  SELECT row, finish, greatest(start, max(finish) OVER (
           PARTITION BY row ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS start
  FROM part
)
SELECT resource, apart.start, apart.finish
FROM apart JOIN potential USING (row) WHERE apart.start < apart.finish
"""

PAID = """
WITH offered AS (
  SELECT resource, greatest(start, {clock}) AS start, least(finish, {end}) AS finish,
         CASE kind WHEN 3 THEN 0 ELSE kind END AS slot, kind FROM segment
  UNION ALL
  SELECT resource, start, finish, 3, 2 FROM used
), paid AS (
  SELECT * FROM offered JOIN resource USING (resource) WHERE start < finish
), charged AS (
  SELECT plant, slot, subcontractor AS apart, start, finish, CASE slot WHEN 0 THEN standard ELSE premium END AS rate
  FROM paid
  UNION ALL
  SELECT plant, CASE WHEN slot < 2 THEN 4 ELSE slot + 3 END, false, start, finish, 1
  FROM paid WHERE drum AND kind <> 3
)
SELECT plant, slot, apart, {sums} FROM charged GROUP BY plant, slot, apart
"""

DAYS = """
WITH span AS (
  SELECT DISTINCT plant, start, finish, kind FROM segment JOIN resource USING (resource)
  UNION ALL
  SELECT DISTINCT plant, start, finish, 4 FROM used JOIN resource USING (resource)
), opened AS (
  SELECT plant, greatest(start, {clock}) AS start, least(finish, {end}) AS finish, rule
  FROM span JOIN (VALUES (0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 2), (3, 2), (3, 3),
                         (4, 1), (4, 3)) opens(kind, rule) USING (kind)
), met AS (
  SELECT day.plant, rule, day.start, min(greatest(opened.start, day.start)) AS first
  FROM opened JOIN day ON opened.plant = day.plant AND opened.start < day.finish AND opened.finish > day.start
  WHERE opened.start < opened.finish GROUP BY ALL
)
SELECT plant, rule, code(first) AS code, count(*) AS days, sum(expense) AS expense
FROM met JOIN plant USING (plant) GROUP BY ALL
"""

CAPITAL = "SELECT plant, capital AS invested_capital FROM plant"

STOCK = """
SELECT plant, kind, sum(value) AS value, sum(variable) AS variable,
       sum(value) FILTER (has_stock AND kind < 3) AS in_capital,
       sum(variable) FILTER (has_stock AND kind < 3) AS variable_in_capital
FROM stock JOIN plant USING (plant) GROUP BY plant, kind
"""
