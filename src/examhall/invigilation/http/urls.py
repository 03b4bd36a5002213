"""The addresses of this wing's pages, below /invigilation/."""

from django.urls import URLPattern, path

from examhall.invigilation.http import accept, candidate, dashboard, intervention, log, outage, overview, void

urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="invigilation"),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:revision_id>/accept",
        accept.accept,
        name="invigilation-accept",
    ),
    path("attempts/<uuid:attempt_id>/<slug:act>", intervention.act_on_one, name="invigilation-act"),
    path("<uuid:schedule_id>/", dashboard.dashboard, name="invigilation-dashboard"),
    path("<uuid:schedule_id>/rows", dashboard.rows, name="invigilation-rows"),
    path("<uuid:schedule_id>/token", dashboard.token, name="invigilation-token"),
    path("<uuid:schedule_id>/bulk/<slug:act>", intervention.act_on_many, name="invigilation-bulk"),
    path("<uuid:schedule_id>/outages/<uuid:outage_id>/credit", outage.give_back, name="invigilation-credit"),
    path("<uuid:schedule_id>/outages/<uuid:outage_id>/decline", outage.decline, name="invigilation-decline-credit"),
    path("<uuid:schedule_id>/effective", intervention.effective, name="invigilation-effective"),
    path("<uuid:schedule_id>/log/<uuid:attempt_id>/", log.page, name="invigilation-log"),
    path("<uuid:schedule_id>/log/<uuid:attempt_id>/lines", log.lines, name="invigilation-log-lines"),
    path("<uuid:schedule_id>/log/<uuid:attempt_id>/chain", log.chain, name="invigilation-log-chain"),
    path("<uuid:schedule_id>/log/<uuid:attempt_id>/log.<slug:suffix>", log.export, name="invigilation-log-export"),
    path("<uuid:schedule_id>/log/<uuid:attempt_id>/void", void.void, name="invigilation-void"),
    path("<uuid:schedule_id>/log/<uuid:attempt_id>/reverse-void", void.reverse_void, name="invigilation-reverse-void"),
    path("<uuid:schedule_id>/<uuid:attempt_id>/", candidate.page, name="invigilation-candidate"),
    path("<uuid:schedule_id>/<uuid:attempt_id>/parts", candidate.parts, name="invigilation-candidate-parts"),
]
