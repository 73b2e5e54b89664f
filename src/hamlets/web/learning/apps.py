from __future__ import annotations

from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "hamlets.web.learning"
    label = "learning"
