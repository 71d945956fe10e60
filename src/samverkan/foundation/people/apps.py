from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "samverkan.foundation.people"
    label = "people"

    def ready(self) -> None:
        from .. import access
        from . import policy

        access.register(policy.PERMISSIONS)
