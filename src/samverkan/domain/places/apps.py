from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "samverkan.domain.places"
    label = "places"

    def ready(self) -> None:
        from samverkan.foundation import access

        from . import policy

        access.register(policy.PERMISSIONS)
