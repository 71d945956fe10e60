"""What each kind of mark is called on the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from . import numbers, people

KINDS = {
    numbers.IDENTITY: _("looks like an identity number"),
    numbers.BIRTH: _("looks like a date of birth"),
    numbers.PHONE: _("looks like a telephone number"),
    numbers.PLATE: _("looks like a registration plate"),
    numbers.EMAIL: _("looks like an e-mail address"),
    numbers.USERNAME: _("looks like a user name"),
    numbers.BANK: _("looks like an account number"),
    numbers.IP: _("looks like a computer's address (IP)"),
    numbers.ADDRESS: _("looks like an address"),
    people.NAME: _("looks like a name"),
}
