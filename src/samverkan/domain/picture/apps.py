from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PictureConfig(AppConfig):
    name = "samverkan.domain.picture"
    label = "picture"

    def ready(self) -> None:
        from samverkan.foundation import access, registries

        from . import policy, tasks  # noqa: F401 (jobs are declared when imported)
        from .insight import register

        access.register(policy.PERMISSIONS, not_for=policy.NOT_FOR)
        registries.navigation.add(
            "picture", _("Picture"), "picture", policy.PERMISSIONS["picture.view"], _("The week"), 30
        )
        register.ready()
