"""Notices of what happens in the foundation's other rooms."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .. import clock, events
from ..people.guesses import Guessed
from ..people.models import Membership
from ..refs import Ref
from . import services, texts

texts.register(
    "people.guessed_password",
    _("Somebody else may be guessing your password"),
    _(
        "At least {number} wrong passwords have been tried at your account in a day, from browsers that you have not used. "
        "They are stopped and you are not. If it was not you: a passkey cannot be guessed, and you can add one here."
    ),
)
texts.register(
    "people.guessed_code",
    _("Somebody may have your password"),
    _(
        "Your password has been used, and then at least {number} wrong codes, from browsers that you have not used. "
        "Nobody got in. If it was not you: choose another password now."
    ),
)


@events.on(Guessed)
def tell_of_guesses(event: Guessed) -> None:
    """Tell the person, on one seat. Once more than once does no harm."""
    seat = Membership.objects.on(clock.today()).filter(person_id=event.person_id).select_related("person").first()
    if seat is not None:
        services.tell(
            membership_ids=[seat.pk],
            function=None,
            ref=Ref("sign_in", seat.person.public_id),
            template="people.guessed_code" if event.codes else "people.guessed_password",
            data={"number": event.number},
        )
