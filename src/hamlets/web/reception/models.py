"""A practice's own words for reception, and how often each reason came up."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from hamlets.web.people.models import Person
from hamlets.web.places.models import Place


class Wording(models.Model):
    """One change of one sentence; the newest row counts. Without words: ours again."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=40)
    words = models.CharField(max_length=300, blank=True)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["place", "key", "-changed"])]


class ReasonCount(models.Model):
    """How often a reason was given in a month: of no patient, by nobody."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    """Its first day. Days are not kept: with a duty rota they would tell who it was."""
    reason = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["place", "month", "reason"], name="one_count_a_reason")
        ]
