"""Other plans than the present one, and what they are worth. Four nouns: builder, problem, improve, result.

*Builder*: `shop.read` turns an instance file of the literature into a `Shop`, `problem.build` a checked data set into a
`Problem`. Both are columns: operations of a job stand side by side, each with its choices (where it can run, how long),
and a problem adds calendars, releases, need dates and money per job. History and what is frozen or pinned is in the
problem with its times; only the rest may move.

*Improve*: one loop per score under one clock (`clock.Clock`: seconds, or a budget of work for plans that are equal on
any machine). It keeps its own incumbent, so that an interruption returns the best plan so far. Who proposes can be
replaced: a portfolio of rules, local search (`tocfin.kernels.search_*`) with one seed per thread, CP-SAT for small
windows, bounds and proofs. Nobody who proposes is believed: each incumbent is checked by `feasible`, which is written
from the rules alone and imports neither the kernels nor the search.

*Result*: a plan with its score, a bound where there is one, and why the search ended. For a data set a result is priced
again by the kernels of the KPIs under the `reconciled` policy, this period and the next, term by term, beside the
present plan and the right-shift, and is written as a scenario file with a new table of activities; the data set itself
is never touched.

OR-Tools is imported in this room only, and only when a solver is asked for.
"""
