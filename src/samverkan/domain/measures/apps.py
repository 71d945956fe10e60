from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "samverkan.domain.measures"
    label = "measures"

    def ready(self) -> None:
        from samverkan.foundation import access, registries
        from samverkan.foundation.access.roles import roles
        from samverkan.foundation.people.demo import Player, cast

        from . import demo, marked, policy, selectors, telling

        access.register(policy.PERMISSIONS)
        access.give({"marks.answer": policy.PERMISSIONS["measures.manage"]})
        marked.ready()
        roles.add("measure_owner", _("Responsible for a measure"), order=50)
        body = "Samhällsbyggnads- och miljöförvaltningen"
        name = "Ansvarig för en åtgärd"
        seats = (("measure_owner", name, body), ("est_reporter", "Rapportör på gatuenheten", body))
        hint = "Mina åtgärder. Har två poster och kan byta"
        cast.put("atgardsansvarig", Player(50, "atgardsansvarig", name, seats, _("The week and the measures"), hint))
        registries.demo_loaders.add(40, "measures", demo.load)
        registries.search_entries.add("measure", selectors.hits, label=_("Measures"), order=20)
        registries.start_pages.add("measure_owner", "my_measures")
        registries.overview.add("measures", 30, selectors.tell)
        registries.navigation.add(
            "my_measures", _("My measures"), "my_measures", {"measure_owner"}, _("The work"), 48, selectors.waiting
        )
        telling.register()
        # Partners are given measures too, and find them with what waits.
        registries.navigation.add(
            "own_measures", _("Measures"), "my_measures", {"est_reporter"}, _("The work"), 48, selectors.waiting
        )
        registries.navigation.add(
            "measures",
            _("Measures"),
            "measures",
            {"coordinator", "municipal_police", "measure_owner", "manager", "member", "elected", "forum_secretary"},
            _("The work"),
            50,
            selectors.count_for_rail,
        )
