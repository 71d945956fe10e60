from django.apps import AppConfig


class EstConfig(AppConfig):
    name = "samverkan.domain.est"
    label = "est"

    def ready(self) -> None:
        from samverkan.foundation import access
        from samverkan.foundation.postgres import roles

        from . import policy
        from .reporting import apps as reporting
        from .week import apps as week

        access.register(policy.PERMISSIONS, not_for=policy.NOT_FOR)
        access.give({"marks.answer": policy.PERMISSIONS["est.lead"]})
        roles.declare_callers("est_empty_edition", "app")
        week.ready()
        reporting.ready()
