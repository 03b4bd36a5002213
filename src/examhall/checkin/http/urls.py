"""Addresses of the candidate's path."""

from django.urls import path

from examhall.checkin.http import pages, steps

urlpatterns = [
    path("exams/<uuid:registration_id>/", pages.expect, name="exam-expect"),
    path("exam/<uuid:attempt_id>/", pages.exam, name="exam"),
    path("exam/<uuid:attempt_id>/receipt", pages.receipt, name="exam-receipt"),
    path("exam/<uuid:attempt_id>/check", steps.check, name="exam-check"),
    path("exam/<uuid:attempt_id>/agreement", steps.agreement, name="exam-agreement"),
    path("exam/<uuid:attempt_id>/looks", steps.looks, name="exam-looks"),
    path("exam/<uuid:attempt_id>/agreement.txt", steps.agreement_text, name="exam-agreement-text"),
    path("exam/<uuid:attempt_id>/probe", steps.probe, name="exam-probe"),
    path("exam/<uuid:attempt_id>/again", steps.again, name="exam-again"),
]
