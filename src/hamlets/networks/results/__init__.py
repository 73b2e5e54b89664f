"""What the room of networks hands over to be shown: frozen dataclasses, one module a subject."""

from __future__ import annotations

from hamlets.networks.results.payment import (
    AverageRule,
    ClaimShown,
    ConditionShown,
    CountsSource,
    EvidenceLine,
    NetworkPaid,
    PaymentScenario,
    PaymentStatement,
    PaymentStep,
    PaymentWhatIf,
    PracticeEvidence,
    PracticeNeed,
    PracticePaid,
    PracticeShare,
    SchemeShown,
    Shape,
    SplitColumn,
    SplitMethod,
    StandardOutlook,
)
from hamlets.networks.results.sharing import HalfDay, NeedMet, NextDay, Sharing, StaffMove

__all__ = [
    "AverageRule",
    "ClaimShown",
    "ConditionShown",
    "CountsSource",
    "EvidenceLine",
    "HalfDay",
    "NeedMet",
    "NetworkPaid",
    "NextDay",
    "PaymentScenario",
    "PaymentStatement",
    "PaymentStep",
    "PaymentWhatIf",
    "PracticeEvidence",
    "PracticeNeed",
    "PracticePaid",
    "PracticeShare",
    "SchemeShown",
    "Shape",
    "Sharing",
    "SplitColumn",
    "SplitMethod",
    "StaffMove",
    "StandardOutlook",
]
