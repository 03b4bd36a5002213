"""Addresses of one attempt, below /exam/attempts/."""

from django.urls import URLPattern, path

from examhall.exam.http.connect import connect

urlpatterns: list[URLPattern] = [
    path("<uuid:attempt_id>/connect", connect, name="attempt-connect"),
]
