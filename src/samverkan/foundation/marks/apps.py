from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarksConfig(AppConfig):
    name = "samverkan.foundation.marks"
    label = "marks"

    def ready(self) -> None:
        from .. import registries
        from ..access import register
        from . import looking, policy

        register(policy.PERMISSIONS)
        registries.navigation.add(
            "marks", _("Marked texts"), "marks", (), _("More"), 93, count=lambda actor: looking.waiting(actor).count()
        )
