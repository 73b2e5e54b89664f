"""Answers that were computed once and are read by pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from hamlets.web.places.models import Place


class Answer(models.Model):
    """The answer to one question about one place, from one content of the store."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    content_id = models.CharField(max_length=80)
    """The content of the store version it was computed from."""
    version = models.IntegerField()
    name = models.CharField(max_length=40)
    """Which question: ``continuity``, ``workforce``, ..."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the question with its options, the package version and definitions."""
    question = models.JSONField(default=dict)
    body = models.BinaryField()
    """JSON, compressed."""
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["place", "content_id", "digest"], name="one_answer_a_question"
            )
        ]
