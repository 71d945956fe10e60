from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PictureConfig(AppConfig):
    name = "samverkan.domain.picture"
    label = "picture"

    def ready(self) -> None:
        from samverkan.foundation import access, marks, municipality, registries

        from . import finding, policy, tasks  # noqa: F401 (jobs are declared when imported)
        from .insight import apps as insight

        access.register(policy.PERMISSIONS, not_for=policy.NOT_FOR)
        marks.fields.leave("picture.SavedView", "name", "address", why="The seat's own: nobody else sees them.")
        marks.fields.leave("picture.MeasureEvaluation", "verdict", why="One of the codes of the evaluation.")
        registries.navigation.add(
            "picture", _("Picture"), "picture", policy.PERMISSIONS["picture.view"], _("The week"), 30
        )
        registries.interfaces.add(
            "/picture", "samverkan.domain.picture.rest.router", {"api_picture_summary": "picture.view"}
        )
        municipality.group("picture", _("Picture"), order=20)
        municipality.declare(
            "picture.suppress_below",
            int,
            5,
            _(
                "Counts under this number are hidden from those who may not see them. A lower number shows more, and makes it "
                "easier to guess whom a count is about."
            ),
            name=_("Smallest number that is shown"),
            least=0,
            most=100,
        )
        municipality.declare(
            "picture.cover",
            str,
            "all",
            _(
                "Which reports the week and the picture count: choose only the home municipality where events of the whole country are "
                "read in. Locked weeks keep what they counted."
            ),
            name=_("The week and the picture's default cover"),
            choices=(("all", _("Every municipality")), ("home", _("Only the home municipality"))),
        )
        registries.search_entries.add("incident", finding.hits, label=_("Incidents"), order=40)
        insight.ready()
