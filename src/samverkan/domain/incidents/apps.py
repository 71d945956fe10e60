from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "samverkan.domain.incidents"
    label = "incidents"

    def ready(self) -> None:
        from samverkan.foundation import access, registries

        from . import policy

        access.register(policy.PERMISSIONS, not_for=policy.NOT_FOR)
        registries.demo_loaders.add(30, "incidents", _demo)


def _demo(context: object) -> None:
    from . import demo  # drawn with numpy, which nothing else in the web processes' start needs

    demo.load(context)
