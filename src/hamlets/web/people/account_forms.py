"""Forms of the accounts package in our words.

What they check stays theirs. A new password is asked for once: the box can show it.
"""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms

from hamlets.web.forms.fields import CodeField, EmailField, Look, PasswordField, TextField
from hamlets.web.words import text


def _password(key: str) -> PasswordField:
    return PasswordField(text(key), missing=text("account_error.password_missing"))


def _code(hint: str) -> CodeField:
    return CodeField(text("account.code"), hint=text(hint))


def _new_password(form: forms.Form) -> None:
    """Put our words on the box for a new password; the check of it stays as it is."""
    field: Any = form.fields["password1"]
    field.label = text("account.password_new")
    field.help_text = text("account.password_hint")
    field.error_messages["required"] = text("account_error.password_missing")
    field.look = Look(width=20)
    form.fields.pop("password2", None)


def _key(form: forms.Form) -> None:
    for code in ("required", "invalid"):
        form.fields["credential"].error_messages[code] = text("account_error.key")


class LoginForm(account.LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = EmailField(text("account.email"))
        self.fields["password"] = _password("account.password")


class ChangePasswordForm(account.ChangePasswordForm):
    """The password now and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = _password("account.password_old")
        _new_password(self)


class SetPasswordForm(account.SetPasswordForm):
    """A first password, for those who signed in without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self)


class ResetPasswordForm(account.ResetPasswordForm):
    """The address that gets a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField(text("account.email"))


class ResetPasswordKeyForm(account.ResetPasswordKeyForm):
    """The new password, after the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_password(self)


class ReauthenticateForm(account.ReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = _password("account.again_password")


class AuthenticateForm(mfa.AuthenticateForm):
    """The code of the second step, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code("account.code_hint")


class StepReauthenticateForm(mfa.ReauthenticateForm):
    """The code once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code("account.code_hint")


class ActivateTotpForm(totp.ActivateTOTPForm):
    """The first code of an app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code("account.code_app_hint")


class AddKeyForm(webauthn.AddWebAuthnForm):
    """A name for a key, and whether it signs in by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = TextField(
            text("account.key_name"),
            hint=text("account.key_name_hint"),
            required=False,
            max_length=60,
            look=Look(width=20),
        )
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = text("account.key_alone")
            self.fields["passwordless"].help_text = text("account.key_alone_hint")
        _key(self)


class EditKeyForm(webauthn.EditWebAuthnForm):
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = TextField(
            text("account.key_name"), max_length=60, look=Look(width=20)
        )


class AuthenticateKeyForm(webauthn.AuthenticateWebAuthnForm):
    """What a key answered, as the second step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _key(self)


class LoginKeyForm(webauthn.LoginWebAuthnForm):
    """What a passkey answered, instead of a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _key(self)


class ReauthenticateKeyForm(webauthn.ReauthenticateWebAuthnForm):
    """What a key answered, once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _key(self)
