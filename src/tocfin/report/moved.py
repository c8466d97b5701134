"""What moved a forecast, by cause: amounts that add up, and the rest shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tocfin.forecast.moved import REST, Move
from tocfin.forecast.scopes import shown as scope_shown
from tocfin.report.amounts import DECIMALS, adding, shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.labels import named
from tocfin.targets import SCOPES

NAMES = ("kpi", *SCOPES, "unit", "cause", "amount")


def page(moves: Sequence[Move], old: Mapping[str, Any], new: Mapping[str, Any]) -> Page:
    """Moves between two told forecasts."""
    head = {
        "schema": 1, "dataset": new["dataset"], "period": new["period"], "currency": new["currency"],
        "from": {"as_of": old["as_of"], **_card(old)}, "to": {"as_of": new["as_of"], **_card(new)},
    }  # fmt: skip
    document = head | {"moves": [_document(move) for move in moves]}
    return Page(lambda: document, lambda: _records(moves), NAMES, lambda: [_grid(moves, old, new)])


def _card(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said["card"][name] for name in ("id", "created_at")}


def _document(move: Move) -> dict[str, Any]:
    return {
        "kpi": move.kpi, **dict(zip(SCOPES, move.scope, strict=True)), "unit": move.unit, "before": move.before,
        "after": move.after, "causes": dict(move.causes), "rest": move.rest, "residual": move.residual,
    }  # fmt: skip


def _records(moves: Sequence[Move]) -> list[dict[str, Any]]:
    rows = []
    for move in moves:
        about = {"kpi": move.kpi, **dict(zip(SCOPES, move.scope, strict=True)), "unit": move.unit}
        parts = (("before", move.before), *move.causes, (REST, move.rest), ("after", move.after))
        rows += [about | {"cause": cause, "amount": amount} for cause, amount in parts]
    return rows


def _amounts(move: Move, causes: Sequence[str]) -> list[float]:
    """What each cause and the rest add, so that they lead from the one mean to the other as these are shown."""
    decimals = DECIMALS.get(move.unit, 2)
    change = round(move.after, decimals) - round(move.before, decimals)
    values = [*(dict(move.causes)[cause] for cause in causes), move.rest]
    return [value or 0.0 for value in adding(values, change, move.unit)]


def _grid(moves: Sequence[Move], old: Mapping[str, Any], new: Mapping[str, Any]) -> Grid:
    causes = list(dict.fromkeys(cause for move in moves for cause, _ in move.causes))
    rows = tuple(
        (
            named(move.kpi, move.unit), scope_shown(move.scope), shown(move.before, move.unit),
            *(f"{amount:+z,.{DECIMALS.get(move.unit, 2)}f}" for amount in _amounts(move, causes)),
            shown(move.after, move.unit), f"{move.residual:+z,.2f}",
        )
        for move in moves
    )  # fmt: skip
    headings = ("mean", "scope", f"as of {old['as_of'][:10]}", *causes, REST, f"as of {new['as_of'][:10]}", "residual")
    title = f"{new['dataset']}: what moved the forecast of {new['period']['period']}"
    notes = ["exact Shapley values over the causes, in the same futures"]
    if not causes:
        notes = ["nothing that a forecast depends on has changed"]
    return Grid(title, headings, rows, frozenset(range(2, len(headings))), tuple(notes))
