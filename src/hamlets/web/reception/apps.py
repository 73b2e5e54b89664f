from __future__ import annotations

from django.apps import AppConfig


class ReceptionConfig(AppConfig):
    name = "hamlets.web.reception"
    label = "reception"
