"""The addresses of this wing's door, below /incidents/."""

from django.urls import path

from examhall.incidents.http import incident

urlpatterns = [
    path("stills/<uuid:still_id>.jpg", incident.still, name="incident-still"),
    path("attempts/<uuid:attempt_id>/flags", incident.flag, name="incident-flag"),
    path("<uuid:incident_id>/verdict", incident.verdict, name="incident-verdict"),
]
