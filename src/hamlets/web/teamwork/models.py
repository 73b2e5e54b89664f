"""Team models that people edit: the plan itself lies in the store."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from hamlets.web.jobs.models import Job
from hamlets.web.people.models import Person
from hamlets.web.places.models import Place


class Draft(models.Model):
    """A team model of a practice while people work on it."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    number = models.IntegerField()
    """Description 1, 2, 3 of the practice, as people call it."""
    model = models.JSONField(default=dict)
    """The team model, with the keys of the model file."""
    edition = models.IntegerField(default=1)
    """Grows with each change: a change that was made from an older edition is shown first."""
    changed = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    what_changed = models.JSONField(default=list)
    """Keys of the model that the last change changed."""
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL)
    """Its last run."""
    plan_id = models.CharField(max_length=80, blank=True)
    """The plan of its last run that gave one."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["place", "number"], name="one_draft_a_number")
        ]


class Edition(models.Model):
    """A team model as it was: what one person wrote over, another may bring back."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="editions")
    number = models.IntegerField()
    model = models.JSONField(default=dict)
    changed = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    what_changed = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["draft", "number"], name="one_edition_a_number")
        ]
