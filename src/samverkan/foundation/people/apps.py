from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "samverkan.foundation.people"
    label = "people"

    def ready(self) -> None:
        from .. import access, municipality, refs, registries
        from ..access.roles import ADMINISTRATOR, AUDITOR, DPO, REGISTRAR, roles
        from . import demo, guesses, policy, second_step, selectors, tasks
        from .models import MUNICIPAL_KINDS

        access.register(policy.PERMISSIONS)
        roles.add(DPO, _("Data protection officer"), order=110, guarded=True)
        roles.add(REGISTRAR, _("Registrar"), order=120, held_in=MUNICIPAL_KINDS, guarded=True)
        roles.add(ADMINISTRATOR, _("System administrator"), order=130, held_in=MUNICIPAL_KINDS, guarded=True)
        roles.add(AUDITOR, _("Auditor"), order=140, guarded=True)
        second_step.connect()
        guesses.connect()
        refs.register("sign_in", selectors.own_sign_in)
        registries.demo_loaders.add(10, "people", demo.load_cast)
        registries.navigation.add("people", _("People"), "people", {"administrator"}, _("Operations"), 80)
        registries.navigation.add("people_more", _("People"), "people", {"dpo", "auditor"}, _("More"), 94)
        registries.start_pages.add("administrator", "people")
        registries.search_entries.add("person", selectors.search, label=_("People and organisations"), order=80)
        municipality.group("people", _("People"), order=30)
        municipality.declare(
            "people.invitation_days",
            int,
            14,
            _("How many days an invitation can be accepted."),
            name=_("How long an invitation holds"),
            least=1,
            most=90,
            unit=municipality.days,
            needs="settings.operate",
        )
        municipality.declare(
            "retention.invitations_days",
            int,
            90,
            _("How many days an unused invitation is kept after it has expired."),
            name=_("Unused invitations"),
            least=1,
            most=3650,
            unit=municipality.days,
            needs="settings.operate",
        )
        registries.retention_rules.add(
            "invitations",
            meaning=_("Invitations that nobody used"),
            ground="Gallras vid inaktualitet (10 § arkivlagen (1990:782), RA-FS 2021:6)",
            setting="retention.invitations_days",
            due=tasks.due,
            dispose=tasks.dispose,
        )
