from django.apps import AppConfig


class EstConfig(AppConfig):
    name = "samverkan.domain.est"
    label = "est"

    def ready(self) -> None:
        from samverkan.foundation import access

        from . import policy
        from .week import register as week

        access.register(policy.PERMISSIONS)
        week.ready()
