"""The addresses of this wing's pages door, below /media/."""

from django.urls import path

from examhall.media.http import recording

app_name = "media"
urlpatterns = [
    path("<uuid:attempt_id>/<slug:track>.m3u8", recording.playlist, name="playlist"),
    path("<uuid:attempt_id>/<slug:track>/<int:epoch>.mp4", recording.reel, name="reel"),
]
