from __future__ import annotations

from django.apps import AppConfig


class TeamworkConfig(AppConfig):
    name = "hamlets.web.teamwork"
    label = "teamwork"
