"""Persons who may sign in. A person is known by an e-mail address."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from hamlets.web.places.roles import ROLES

INVITATION_DAYS = 7


class PersonManager(BaseUserManager["Person"]):
    """Makes persons with a normalised address."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> Person:
        """Return a new person; without a password nobody can sign in with one."""
        person = self.model(email=email.strip().lower(), **more)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who may sign in. What they may do is said by their roles, not here."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    staff_id = models.CharField(max_length=80, blank=True)
    """The person's id in the records, for "My list"; empty where they hold none."""
    is_active = models.BooleanField(default=True)
    invented = models.BooleanField(default=False)
    """Whether this is a person of the demonstration."""
    joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)


def new_token() -> str:
    """Return a secret for a link that works once."""
    return secrets.token_urlsafe(32)


class Invitation(models.Model):
    """A link that lets somebody choose a password and take up a role, once, for a week."""

    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the link's secret: the secret itself is kept nowhere."""
    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=40)
    place = models.ForeignKey("places.Place", on_delete=models.CASCADE)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    made = models.DateTimeField(default=timezone.now)
    used = models.DateTimeField(null=True)

    @property
    def role_name(self) -> str:
        """The name of the role that it gives."""
        return ROLES[self.role].name

    def open_until(self) -> Any:
        """Return when the link stops working."""
        return self.made + timedelta(days=INVITATION_DAYS)

    def is_open(self) -> bool:
        """Return whether the link still works."""
        return self.used is None and timezone.now() < self.open_until()
