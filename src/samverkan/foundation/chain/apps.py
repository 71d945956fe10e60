from django.apps import AppConfig


class ChainConfig(AppConfig):
    name = "samverkan.foundation.chain"
    label = "chain"

    def ready(self) -> None:
        from . import tasks  # noqa: F401 (the job declares itself)
