"""A plan of teams as programs read it: the keys that commands and the site promise."""

from __future__ import annotations

from typing import Any

from hamlets.teams.results import Plan


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as the object that programs read: null where a value is not defined."""
    chosen = plan.option("plan")
    certificate = plan.certificate
    return {
        "plan_id": plan.plan_id,
        "practice_id": plan.practice_id,
        "state": plan.state,
        "adopted_from": plan.adopted_from,
        "approach": plan.approach,
        "status": plan.status,
        "value": certificate.value,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "retained_own": chosen.retained_own if chosen else None,
        "retained_team": chosen.retained_team if chosen else None,
        "retained_share": chosen.retained_team if chosen else None,
        "band_max": chosen.band_max if chosen else None,
        "band_percent": plan.band_percent,
        "moved_share": chosen.moved_share if chosen else None,
        "moved": plan.moved,
        "forced": plan.forced,
        "first": plan.first,
        "n_patients": plan.n_patients,
        "seconds": plan.seconds,
        "certificate": {
            "formation_gap": certificate.formation_gap,
            "allocation_loss": certificate.allocation_loss,
            "covers": certificate.covers,
        },
        "teams": [vars(team) for team in plan.teams],
        "comparison": [vars(option) for option in plan.options],
        "equity": [vars(row) for row in plan.equity],
        "pareto": [vars(point) for point in plan.pareto],
        "backtest": vars(plan.backtest) if plan.backtest else None,
        "conflict": [vars(rule) for rule in plan.conflict],
        "further_conflicts": [[vars(rule) for rule in rules] for rules in plan.further_conflicts],
        "given_up": [vars(rule) for rule in plan.given_up],
        "notes": list(plan.notes),
        "rota": plan.rota,
        "seed": plan.seed,
        "day": plan.day,
        "store_version": plan.store_version,
        "content_id": plan.content_id,
        "made_at": plan.made_at,
        "made_by": plan.made_by,
        "definition_version": plan.definition_version,
    }
