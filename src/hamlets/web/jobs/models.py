"""Jobs: long work that a page asked for."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from hamlets.web.people.models import Person
from hamlets.web.places.models import Place


class State(models.TextChoices):
    """Where a job is in its life."""

    waiting = "waiting"
    running = "running"
    done = "done"
    refused = "refused"
    """It ended with a sentence for people: an error they can do something about."""
    cancelled = "cancelled"
    died = "died"
    """It stopped before the end: a defect, no memory, the machine switched off."""


class Job(models.Model):
    """One piece of long work and how far it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=40)
    place = models.ForeignKey(Place, null=True, on_delete=models.CASCADE)
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    question = models.JSONField(default=dict)
    """What to do; what the job's function takes as keyword arguments."""
    key = models.CharField(max_length=120, db_index=True)
    """Two jobs of one key that wait or run are one job."""
    priority = models.SmallIntegerField(default=0)
    """Higher first: what somebody waits for before what is made in advance."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.waiting)
    stage = models.CharField(max_length=120, blank=True)
    """What it is doing, in words for people."""
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.TextField(blank=True)
    """A sentence about the end, for people."""
    hint = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    cancel = models.BooleanField(default=False)
    made = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    beat = models.DateTimeField(null=True)
    """The worker's last sign of life."""
    ended = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["state", "-priority", "made"])]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_open_job_a_key",
            )
        ]

    @property
    def open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (State.waiting, State.running)
