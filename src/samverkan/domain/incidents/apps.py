from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "samverkan.domain.incidents"
    label = "incidents"

    def ready(self) -> None:
        from samverkan.foundation import access

        from . import policy

        access.register(policy.PERMISSIONS, not_for=policy.NOT_FOR)
