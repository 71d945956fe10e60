"""Every address of the site. Each is declared with what it needs (``foundation.access.routes``)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from samverkan.foundation.access import PUBLIC, SIGNED_IN, include, route

from . import api, health, views

#: Addresses that somebody must reach before being signed in; the rest of allauth needs a person.
_PUBLIC_ACCOUNT = dict.fromkeys(
    (
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "mfa_trust",
        "mfa_login_webauthn",
        "account_signup",
    ),
    PUBLIC,
)

#: Addresses of the foundation's pages and of the rooms, in the order of ``INSTALLED_APPS``.
ROOMS = tuple(
    f"{config.name}.urls"
    for config in apps.get_app_configs()
    if config.name.startswith(("samverkan.foundation.", "samverkan.domain."))
    and module_has_submodule(config.module, "urls")
)


def _rooms() -> list[Any]:
    return [pattern for module in ROOMS for pattern in import_module(module).urlpatterns]


urlpatterns = [
    route("", views.start, name="start", needs=PUBLIC),
    route("healthz", health.healthz, name="healthz", needs=PUBLIC),
    route("readyz", health.readyz, name="readyz", needs=PUBLIC),
    route("metrics", health.metrics, name="metrics", needs=PUBLIC),
    route("oversikt/", views.overview, name="overview", needs=SIGNED_IN),
    route("kontaktcenter/", views.contact_centre, name="contact_centre", needs="profile.contacts"),
    route("sprak/", views.set_language, name="set_language", needs=PUBLIC),
    route("tillganglighet/", views.accessibility, name="accessibility", needs=PUBLIC),
    route("stil/", views.style_page, name="style", needs=SIGNED_IN),
    route("stil/vecka/<week:week>/", views.style_page, name="style_week", needs=SIGNED_IN),
    route("stil/karta.geojson", views.style_map, name="style_map", needs=SIGNED_IN),
    include("konto/", "allauth.account.urls", _PUBLIC_ACCOUNT, default=SIGNED_IN),
    include("konto/2fa/", "allauth.mfa.urls", _PUBLIC_ACCOUNT, default=SIGNED_IN),
    api.resolver(),
    *_rooms(),
]

handler404 = "samverkan.foundation.web.views.not_found"
handler500 = "samverkan.foundation.web.views.server_error"
