from django.apps import AppConfig


class MunicipalityConfig(AppConfig):
    name = "samverkan.foundation.municipality"
    label = "municipality"

    def ready(self) -> None:
        from .. import access
        from . import declarations, policy  # noqa: F401 (the settings of the house itself)

        access.register(policy.PERMISSIONS)
