from django.apps import AppConfig


class PictureConfig(AppConfig):
    name = "samverkan.domain.picture"
    label = "picture"

    def ready(self) -> None:
        from samverkan.foundation import access

        from . import policy

        access.register(policy.PERMISSIONS)
