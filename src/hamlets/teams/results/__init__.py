"""What teams, plans and ceilings are shown from: plain, frozen data and nothing else.

Shares lie between 0 and 1; a value that is not defined is None. Dates are inclusive.
"""

from __future__ import annotations

from hamlets.teams.results.ceiling import (
    CEILING_BY,
    NO_SLOTS,
    BookingChange,
    Ceiling,
    CeilingBy,
    CeilingRow,
    FreeWinCount,
    FreeWins,
)
from hamlets.teams.results.keeping import PlanChange, PlanMember, PlanStanding
from hamlets.teams.results.plan import (
    PLAN_STATES,
    PRESENT,
    Backtest,
    Certificate,
    EquityRow,
    Explanation,
    ExplanationKind,
    Option,
    OptionName,
    ParetoPoint,
    Plan,
    PlanState,
    PlanTeam,
    RuleWords,
    listed,
)
from hamlets.teams.results.worklists import (
    LEAVING_REASONS,
    SUGGESTED_WHY,
    LeavingGp,
    LeavingList,
    LeavingReason,
    LeavingRow,
    PresetCount,
    SuggestedWhy,
    Worklist,
    WorklistLevel,
    WorklistRow,
)

__all__ = [
    "CEILING_BY",
    "LEAVING_REASONS",
    "NO_SLOTS",
    "PLAN_STATES",
    "PRESENT",
    "SUGGESTED_WHY",
    "Backtest",
    "BookingChange",
    "Ceiling",
    "CeilingBy",
    "CeilingRow",
    "Certificate",
    "EquityRow",
    "Explanation",
    "ExplanationKind",
    "FreeWinCount",
    "FreeWins",
    "LeavingGp",
    "LeavingList",
    "LeavingReason",
    "LeavingRow",
    "Option",
    "OptionName",
    "ParetoPoint",
    "Plan",
    "PlanChange",
    "PlanMember",
    "PlanStanding",
    "PlanState",
    "PlanTeam",
    "PresetCount",
    "RuleWords",
    "SuggestedWhy",
    "Worklist",
    "WorklistLevel",
    "WorklistRow",
    "listed",
]
