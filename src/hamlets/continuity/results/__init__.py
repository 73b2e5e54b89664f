"""What reports are made from: plain, frozen data and nothing else.

The publish room imports this package only, so that a page can be drawn without
a store, a kernel or a framework. Shares lie between 0 and 1; dates are
inclusive; a value that is not defined is None and says why in ``reason``.
"""

from __future__ import annotations

from hamlets.continuity.results.audits import (
    AUDIT_MEASURES,
    MOST_GPS,
    Audit,
    AuditCase,
    AuditContact,
    AuditGroup,
    AuditGroupName,
    AuditMean,
)
from hamlets.continuity.results.cohorts import (
    CohortRow,
    Cohorts,
)
from hamlets.continuity.results.estimates import (
    FEW_SHOWN,
    NOT_SHOWN,
    Estimate,
    Level,
    Period,
)
from hamlets.continuity.results.named_gps import (
    NAMED_GP_PROBLEMS,
    NAMED_GP_WARNINGS,
    Correction,
    NamedGpCount,
    NamedGpHealth,
    NamedGpList,
)
from hamlets.continuity.results.pack import (
    Action,
    EventKind,
    LoadSum,
    MonthlyPack,
    PackEvent,
)
from hamlets.continuity.results.report import (
    STEPS,
    Change,
    ContinuityReport,
    Counting,
    CountLine,
    Given,
    GroupFactor,
    GroupRow,
    Headline,
    ListRow,
    Month,
    Options,
    Outside,
    Place,
    RotaAllows,
    Signal,
    Source,
    Trend,
    Waterfall,
)
from hamlets.continuity.results.workforce import (
    HALF_DAYS,
    WEEKDAYS,
    Load,
    PersonRow,
    WeekCell,
    WeekRow,
    Workforce,
    WorkforceUnit,
)

__all__ = [
    "AUDIT_MEASURES",
    "FEW_SHOWN",
    "HALF_DAYS",
    "MOST_GPS",
    "NAMED_GP_PROBLEMS",
    "NAMED_GP_WARNINGS",
    "NOT_SHOWN",
    "STEPS",
    "WEEKDAYS",
    "Action",
    "Audit",
    "AuditCase",
    "AuditContact",
    "AuditGroup",
    "AuditGroupName",
    "AuditMean",
    "Change",
    "CohortRow",
    "Cohorts",
    "ContinuityReport",
    "Correction",
    "CountLine",
    "Counting",
    "Estimate",
    "EventKind",
    "Given",
    "GroupFactor",
    "GroupRow",
    "Headline",
    "Level",
    "ListRow",
    "Load",
    "LoadSum",
    "Month",
    "MonthlyPack",
    "NamedGpCount",
    "NamedGpHealth",
    "NamedGpList",
    "Options",
    "Outside",
    "PackEvent",
    "Period",
    "PersonRow",
    "Place",
    "RotaAllows",
    "Signal",
    "Source",
    "Trend",
    "Waterfall",
    "WeekCell",
    "WeekRow",
    "Workforce",
    "WorkforceUnit",
]
