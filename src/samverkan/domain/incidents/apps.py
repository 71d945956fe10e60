from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "samverkan.domain.incidents"
    label = "incidents"

    def ready(self) -> None:
        from samverkan.domain.measures import api as measures
        from samverkan.foundation import access, municipality, registries
        from samverkan.foundation.postgres import roles

        from . import marked, policy, retention, selectors, tasks  # noqa: F401 (the jobs declare themselves)

        access.register(policy.PERMISSIONS, not_for=policy.NOT_FOR)
        access.give({"marks.answer": policy.PERMISSIONS["incidents.edit"]})
        marked.ready()
        registries.navigation.show("marks", policy.PERMISSIONS["incidents.edit"])
        roles.declare_callers("incidents_stage", "app")
        registries.demo_loaders.add(30, "incidents", _demo)
        measures.event_kinds.add("categories", selectors.event_kinds)
        keepers = {"coordinator", "administrator"}
        registries.navigation.add("import", _("Import"), "import", keepers, _("More"), 91)
        registries.navigation.add("categories", _("Categories"), "categories", keepers, _("More"), 92)
        municipality.group("fetch", _("What is fetched"), order=50)
        municipality.declare(
            "fetch.contact",
            str,
            "",
            _("The address told to publishers that incidents are fetched from."),
            name=_("Contact for those we fetch from"),
            needs="settings.operate",
        )
        municipality.declare(
            "retention.rejected_rows_days",
            int,
            90,
            _("How many days the rejected rows of an import are kept for mending."),
            name=_("Rejected rows of imports"),
            least=1,
            most=3650,
            unit=municipality.days,
            needs="settings.operate",
        )
        municipality.declare(
            "retention.uploads_days",
            int,
            2,
            _("How many days files wait to be read when nobody decides about them."),
            name=_("Files that wait to be read"),
            least=1,
            most=30,
            unit=municipality.days,
            needs="settings.operate",
        )
        registries.retention_rules.add(
            "incidents.uploads",
            meaning=_("Files that were given to be imported and never read"),
            ground="GDPR art. 5.1 e",
            setting="retention.uploads_days",
            due=retention.due_uploads,
            dispose=retention.dispose_uploads,
        )
        registries.retention_rules.add(
            "incidents.rejected_rows",
            meaning=_("Rows that an import rejected, as they came"),
            ground="GDPR art. 5.1 e",
            setting="retention.rejected_rows_days",
            due=retention.due,
            dispose=retention.dispose,
        )


def _demo(context: object) -> None:
    from . import demo  # drawn with numpy, which nothing else in the web processes' start needs

    demo.load(context)
