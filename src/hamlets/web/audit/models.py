"""The audit log: one table that only grows, each row carrying the hash of the row before."""

from __future__ import annotations

from django.db import models


class Head(models.Model):
    """The one row that every new entry locks, so that entries stand in one line."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)


class Entry(models.Model):
    """Who did what, when, where, about whom. No foreign keys: it outlives what it tells of."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    person = models.CharField(max_length=254)
    """The e-mail address; ``system`` for the worker, ``command line`` for a command."""
    name = models.CharField(max_length=120)
    place = models.CharField(max_length=60, db_index=True)
    """``practice:EX001``; empty where it belongs to no place."""
    action = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    """Patient code, plan id, version: what it was about."""
    detail = models.JSONField(default=dict)
    before = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
