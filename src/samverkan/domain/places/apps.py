from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "samverkan.domain.places"
    label = "places"

    def ready(self) -> None:
        from samverkan.foundation import access, marks, municipality, registries

        from . import demo, policy, profile, selectors

        access.register(policy.PERMISSIONS)
        registries.profile_parts.add(
            "areas", profile.read_areas, required=profile.REQUIRED, optional=profile.OPTIONAL, dates=profile.DATES
        )
        municipality.declare(
            "geo.far_km",
            int,
            50,
            _(
                "Points farther than this from the municipality's areas are refused when they are read in or marked. 0 is no limit, "
                "and rows without coordinates are not concerned."
            ),
            name=_("How far away a point may lie"),
            least=0,
            most=2000,
            unit=municipality.kilometres,
        )
        registries.demo_loaders.add(20, "places", demo.load)
        marks.place_names.put("places", selectors.names_here)
        names = "Names of places and areas, and where they were read from."
        marks.fields.leave("places.Area", "code", "name", "classification", why=names)
        marks.fields.leave("places.Place", "name", "also_called", "source", "external_id", why=names)
        registries.search_entries.add("place", selectors.hits, label=_("Places and areas"), order=10)
        registries.navigation.add(
            "places", _("Places and areas"), "places", {"coordinator", "administrator", "desk"}, _("More"), 90
        )
