"""Addresses of the week."""

from samverkan.foundation.access import route

from . import meeting_views, taking_out_views, views

urlpatterns = [
    route("mandag/", views.monday, name="monday", needs="est.week"),
    route("veckan/", views.editions, name="est_editions", needs="est.released"),
    route("veckan/mote/", meeting_views.this_meeting, name="est_this_meeting", needs="est.lead"),
    route("veckan/<week:week>/", views.week, name="est_week", needs="est.week"),
    route("veckan/<week:week>/prioritera/", views.add_priority, name="est_add_priority", needs="est.lead"),
    route(
        "veckan/<week:week>/prioritera/<uuid:public_id>/ta-bort/",
        views.drop_priority,
        name="est_drop_priority",
        needs="est.lead",
    ),
    route("veckan/<week:week>/mote/", meeting_views.show, name="est_meeting", needs="est.lead"),
    route("veckan/<week:week>/mote/lamna/", meeting_views.leave, name="est_leave_meeting", needs="est.lead"),
    route(
        "veckan/<week:week>/beslut/<uuid:public_id>/ta-bort/",
        meeting_views.drop_decision,
        name="est_drop_decision",
        needs="est.lead",
    ),
    route("veckan/beslut/<uuid:public_id>/klart/", views.tick_decision, name="est_tick_decision", needs="est.lead"),
    route(
        "veckan/beslut/<uuid:public_id>/klart/angra/",
        views.untick_decision,
        name="est_untick_decision",
        needs="est.lead",
    ),
    route("veckan/<week:week>/monster/<int:number>/", views.pattern, name="est_pattern", needs="est.week"),
    route(
        "veckan/<week:week>/monster/<int:number>/atgard/",
        views.plan_against,
        name="est_plan_against",
        needs="measures.manage",
    ),
    route("veckan/<week:week>/las/", views.freeze, name="est_freeze", needs="est.lead"),
    route("veckan/<week:week>/utgava/", views.edition, name="est_edition", needs="est.released"),
    route("veckan/<week:week>/utgava/<int:number>/", views.edition, name="est_edition_number", needs="est.released"),
    route("veckan/<week:week>/utgava/ta-ut/", taking_out_views.take_out, name="est_take_out", needs="est.take_out"),
    route(
        "veckan/<week:week>/utgava/<int:number>/fil.<str:form>",
        views.edition_file,
        name="est_edition_file",
        needs="est.released",
    ),
]
