"""What each kind of mark is called on the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from . import privacy

KINDS = {
    privacy.IDENTITY: _("looks like an identity number"),
    privacy.PHONE: _("looks like a telephone number"),
    privacy.PLATE: _("looks like a registration plate"),
    privacy.EMAIL: _("looks like an e-mail address"),
    privacy.NAME: _("looks like a name"),
    privacy.ADDRESS: _("looks like an address"),
}
