"""What a password must be, in words that say what to do."""

from __future__ import annotations

from django.contrib.auth import password_validation as django

from hamlets.web.words import text


class LongEnough(django.MinimumLengthValidator):
    """At least as many letters as the settings say."""

    def get_error_message(self) -> str:
        return text("account_error.short")


class NotCommon(django.CommonPasswordValidator):
    """Not on the list of common ones."""

    def get_error_message(self) -> str:
        return text("account_error.common")


class NotAboutYou(django.UserAttributeSimilarityValidator):
    """Not the person's name or address."""

    def get_error_message(self) -> str:
        return text("account_error.similar")
