"""Addresses of the accounts package, under ``/account/``, without those we do not want.

Nobody signs up, no address is proved or changed by a link, nobody signs in by a mailed code,
and work accounts are joined by their verified address alone. What is closed gives our 404, and
keeps its name, since the package asks for some of them. A test holds that each address of the
package is in one of the two lists.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from hamlets.web.people import work_accounts

CLOSED: dict[str, str] = {
    "account_signup": "signup/",
    "account_email": "email/",
    "account_email_verification_sent": "confirm-email/",
    "account_confirm_email": "confirm-email/<str:key>/",
    "account_request_reauthentication_code": "reauthenticate/code/",
    "account_confirm_reauthentication_code": "reauthenticate/code/confirm/",
    "account_confirm_login_code": "login/code/confirm/",
    "socialaccount_signup": "3rdparty/signup/",
    "socialaccount_connections": "3rdparty/",
}
"""Names and addresses that answer "Page not found"."""

CLOSED_WITHOUT_NAME = (
    "social/login/cancelled/",
    "social/login/error/",
    "social/signup/",
    "social/connections/",
)
"""The package's earlier addresses, which nobody here ever had."""

OPEN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_index",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate_webauthn",
        "mfa_login_webauthn",
        "usersessions_list",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "openid_connect_login",
        "openid_connect_callback",
    }
)
"""Names of the package's pages that the site has."""


def closed(_request: HttpRequest, **_parts: Any) -> HttpResponse:
    """Answer as for an address that does not exist."""
    raise Http404


urlpatterns = [
    *(path(address, closed, name=name) for name, address in CLOSED.items()),
    *(path(address, closed) for address in CLOSED_WITHOUT_NAME),
    path("oidc/<provider_id>/login/", work_accounts.login, name="openid_connect_login"),
    path(
        "oidc/<provider_id>/login/callback/", work_accounts.callback, name="openid_connect_callback"
    ),
    path("", include("allauth.urls")),
]
