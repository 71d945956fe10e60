from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "samverkan.domain.measures"
    label = "measures"

    def ready(self) -> None:
        from samverkan.foundation import access

        from . import policy

        access.register(policy.PERMISSIONS)
