"""Addresses of reporting, review and the reporters' register."""

from __future__ import annotations

from samverkan.foundation.access import route

from . import duty_views, review_views, views

urlpatterns = [
    route("rapportera/", views.report, name="report", needs="est.report"),
    route("rapportera/platser/", views.suggestions, name="report_places", needs="est.report"),
    route("rapportera/personuppgifter/", views.marks, name="report_marks", needs="est.report"),
    route("rapportera/inget/", views.nothing, name="nothing", needs="est.report"),
    route("rapportera/inget/angra/", views.not_nothing, name="nothing_undo", needs="est.report"),
    route("rapportera/kvitto/<uuid:public_id>/", views.receipt, name="report_receipt", needs="est.report"),
    route("rapportera/at/<uuid:seat>/", views.report_for, name="report_for", needs="est.reporters"),
    route("mina-rapporter/", views.own_reports, name="own_reports", needs="est.report"),
    route("mina-rapporter/<uuid:public_id>/", views.own_report, name="own_report", needs="est.report"),
    route("mina-rapporter/<uuid:public_id>/andra/", views.change, name="change_report", needs="est.report"),
    route("mina-rapporter/<uuid:public_id>/dra-tillbaka/", views.withdraw, name="withdraw_report", needs="est.report"),
    route("mina-rapporter/<uuid:public_id>/skicka/", views.send, name="send_report", needs="est.report"),
    route("mina-rapporter/<uuid:public_id>/kasta/", views.discard, name="discard_report", needs="est.report"),
    route("granska/", review_views.queue, name="review_queue", needs="est.review"),
    route("granska/<uuid:public_id>/", review_views.review_report, name="review_report", needs="est.review"),
    route("granska/<uuid:public_id>/angra/", review_views.recall, name="recall_report", needs="est.review"),
    route("rapportorer/", duty_views.reporters, name="reporters", needs="est.reporters"),
    route("rapportorer/paminn/", duty_views.remind, name="remind", needs="est.reporters"),
    route("rapportorer/ny/", duty_views.expect, name="expect_reporter", needs="est.reporters"),
    route("rapportorer/<uuid:public_id>/", duty_views.reporter, name="reporter", needs="est.reporters"),
    route("rapportorer/<uuid:public_id>/angra/", duty_views.reopen, name="reopen_reporter", needs="est.reporters"),
    route("rapportorer/inget/<uuid:seat>/", duty_views.nothing_for, name="nothing_for", needs="est.reporters"),
    route(
        "rapportorer/inget/<uuid:seat>/angra/",
        duty_views.nothing_for_undo,
        name="nothing_for_undo",
        needs="est.reporters",
    ),
]
