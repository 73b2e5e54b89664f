"""Loads and ways back: each from its first step to its end."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from hamlets.web.people.models import Person
from hamlets.web.places.models import Place


class End(models.TextChoices):
    """How a load or a way back ended."""

    loaded = "loaded"
    same = "same"
    """All of it was in the records already."""
    restored = "restored"
    cancelled = "cancelled"


class Loading(models.Model):
    """Files that somebody sent for a practice, or a way back that somebody asked for."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    made = models.DateTimeField(default=timezone.now)
    folder = models.CharField(max_length=40, blank=True)
    """Name of the folder that holds the files; blank once they are removed."""
    files = models.JSONField(default=list)
    """Of each file: ``stored``, ``name``, ``size``, ``sha256``."""
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    """SHA-256 over the files, whatever they are called: the same again is told."""
    identifiable = models.BooleanField(default=False)
    """Whether names and NHS numbers are kept, where this makes the first version."""
    choice = models.JSONField(default=dict)
    """What the person said of the files: ``profile``, ``mapping``, ``confirmed``."""
    found = models.JSONField(default=dict)
    """What a look at the files found."""
    checked = models.JSONField(default=dict)
    """What a load would do."""
    report = models.JSONField(default=dict)
    """What the load did."""
    back_to = models.IntegerField(null=True)
    """The version that is gone back to; None for a load."""
    before = models.IntegerField(null=True)
    """The version in use before."""
    version = models.IntegerField(null=True, db_index=True)
    """The version that this made."""
    content_id = models.CharField(max_length=80, blank=True)
    end = models.CharField(max_length=12, choices=End.choices, blank=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["place", "-made"])]

    @property
    def names(self) -> list[str]:
        """The names of the files, as they were sent."""
        return [str(each["name"]) for each in self.files]
