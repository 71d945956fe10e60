"""What can be done in the picture: naming a view, and taking the name away."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qs

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from samverkan.foundation.access import Actor, require
from samverkan.foundation.web.errors import Refusal

from . import filters
from .models import SavedView

_SALT = "picture.removed-view"


def save_view(actor: Actor, *, name: str, address: str, follows: bool = False) -> SavedView:
    """Name a filter. ``address`` is its query string. A name that the seat has already used gets the new filter.

    One that ``follows`` shows as many of the latest weeks whenever it is opened.
    """
    require(actor, "picture.view")
    name = " ".join(name.split())
    if not name:
        raise Refusal(_("Write a name for the view."), field="name")
    if len(name) > 100 or "\0" in name:
        raise Refusal(_("Write at most %(number)s characters.") % {"number": 100}, field="name")
    if actor.membership_id is None or actor.controller_id is None:
        raise Refusal(_("A view belongs to a seat, and you have none."), field="name")
    filter_ = filters.parse(parse_qs(address))
    query = (filter_.following() if follows else filter_).query()
    if len(query) > 2000:
        raise Refusal(_("The filter is too long to be saved."), field="name")
    view, _new = SavedView.objects.update_or_create(
        owner_id=actor.membership_id, name=name, defaults={"controller_id": actor.controller_id, "address": query}
    )
    return view


def remove_view(actor: Actor, *, public_id: uuid.UUID) -> tuple[SavedView, str]:
    """Remove one of the seat's own views. Returns it, and a token that brings it back."""
    require(actor, "picture.view")
    with transaction.atomic():
        view = SavedView.objects.visible_to(actor).select_for_update().filter(public_id=public_id).first()
        if view is None:
            raise Refusal(_("The view is already removed."))
        token = signing.dumps(
            {"id": str(view.public_id), "name": view.name, "address": view.address, "owner": view.owner_id},
            salt=_SALT,
            compress=True,
        )
        view.delete()
    return view, token


def restore_view(actor: Actor, *, token: str) -> SavedView:
    """Bring a removed view back: the inverse of :func:`remove_view`."""
    require(actor, "picture.view")
    try:
        kept = signing.loads(token, salt=_SALT, max_age=24 * 3600)
    except signing.BadSignature:
        raise Refusal(_("It can no longer be undone.")) from None
    if kept["owner"] != actor.membership_id or actor.controller_id is None:
        raise Refusal(_("It can no longer be undone."))
    try:
        with transaction.atomic():
            view, _new = SavedView.objects.get_or_create(
                public_id=kept["id"],
                defaults={
                    "controller_id": actor.controller_id,
                    "owner_id": kept["owner"],
                    "name": kept["name"],
                    "address": kept["address"],
                },
            )
    except IntegrityError:
        raise Refusal(_("There is a new view with the same name.")) from None
    return view
