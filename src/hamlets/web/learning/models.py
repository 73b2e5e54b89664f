"""Learning points of a practice. Rows are written once; who takes one back is kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from hamlets.web.people.models import Person
from hamlets.web.places.models import Place

LONGEST = 500
"""Letters of a point."""


class LearningPoint(models.Model):
    """What somebody noted about a case: the case is its patient, event and day, since its number
    changes when records are loaded."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=60)
    event_date = models.DateField()
    patient = models.CharField(max_length=32)
    """The patient's code, as it stands in the log."""
    words = models.TextField(max_length=LONGEST)
    noted_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    noted = models.DateTimeField(default=timezone.now)
    taken_back = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["place", "event", "-noted"])]
