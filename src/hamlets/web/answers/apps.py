from __future__ import annotations

from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "hamlets.web.answers"
    label = "answers"
