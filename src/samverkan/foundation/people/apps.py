from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "samverkan.foundation.people"
    label = "people"

    def ready(self) -> None:
        from .. import access, registries
        from . import demo, policy, second_step, selectors, tasks

        access.register(policy.PERMISSIONS)
        second_step.connect()
        registries.demo_loaders.add(0, "profile", demo.load_profile)
        registries.demo_loaders.add(10, "people", demo.load_cast)
        registries.navigation.add("people", _("People"), "people", {"administrator"}, _("Operations"), 80)
        others = {"coordinator", "dpo", "auditor"}  # who invite, and who supervise
        registries.navigation.add("people_more", _("People"), "people", others, _("More"), 94)
        registries.start_pages.add("administrator", "people")
        registries.search_entries.add("person", selectors.search, label=_("People and organisations"), order=80)
        registries.retention_rules.add(
            "invitations",
            meaning=_("Invitations that nobody used"),
            ground="Gallras vid inaktualitet (10 § arkivlagen (1990:782), RA-FS 2021:6)",
            setting="retention.invitations_days",
            due=tasks.due,
            dispose=tasks.dispose,
        )
