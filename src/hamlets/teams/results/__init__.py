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
from hamlets.teams.results.plan import (
    PLAN_STATES,
    PRESENT,
    Backtest,
    Certificate,
    EquityRow,
    Option,
    OptionName,
    ParetoPoint,
    Plan,
    PlanState,
    PlanTeam,
    RuleWords,
)

__all__ = [
    "CEILING_BY",
    "NO_SLOTS",
    "PLAN_STATES",
    "PRESENT",
    "Backtest",
    "BookingChange",
    "Ceiling",
    "CeilingBy",
    "CeilingRow",
    "Certificate",
    "EquityRow",
    "FreeWinCount",
    "FreeWins",
    "Option",
    "OptionName",
    "ParetoPoint",
    "Plan",
    "PlanState",
    "PlanTeam",
    "RuleWords",
]
