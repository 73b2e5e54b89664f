"""Places as a tree, who holds which role where, and what practices agreed to share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hamlets.web.people.models import Person
from hamlets.web.places.roles import ROLES, Kind, Role


class Place(models.Model):
    """A region, borough, network, practice or team."""

    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Kind])
    code = models.CharField(max_length=40)
    """As the records write it: for a practice its code in the store."""
    name = models.CharField(max_length=160)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=400, db_index=True)
    """Ids from the root to this place, as ``/1/5/9/``: what begins with it lies below."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["kind", "code"], name="one_place_a_code")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        new = self.pk is None
        if new:
            super().save(*args, **kwargs)
            kwargs = {"update_fields": ["path"]}
            args = ()
        above = self.parent.path if self.parent else "/"
        self.path = f"{above}{self.pk}/"
        super().save(*args, **kwargs)

    def line(self) -> list[int]:
        """Return the ids of the places above and of this one, the root first."""
        return [int(part) for part in self.path.strip("/").split("/")]

    def below(self) -> models.QuerySet[Place]:
        """Return this place and all below it."""
        return Place.objects.filter(path__startswith=self.path)


class Holding(models.Model):
    """A person holds a role at a place, from a day to a day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="holdings")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="holdings")
    role = models.CharField(
        max_length=40, choices=[(role.key, role.name) for role in ROLES.values()]
    )
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person", "place", "role"],
                condition=Q(until__isnull=True),
                name="one_open_holding",
            )
        ]

    @property
    def what(self) -> Role:
        """The role itself."""
        return ROLES[self.role]


class Sharing(models.Model):
    """What a practice agreed to share upwards; the newest row of a subject counts."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="sharings")
    subject = models.CharField(max_length=40)
    on = models.BooleanField()
    since = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)


def holdings_of(person: Person) -> Iterator[Holding]:
    """Yield the roles that a person holds now, with their places."""
    yield from Holding.objects.filter(person=person, until__isnull=True).select_related("place")
