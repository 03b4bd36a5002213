"""The addresses of this wing's live door, below /live/v1."""

from starlette.routing import BaseRoute, Route, WebSocketRoute

from examhall.exam.live.answers import post_answers
from examhall.exam.live.attempt import post_hand_in, post_start
from examhall.exam.live.candidate import candidate_socket
from examhall.exam.live.entries import post_entries
from examhall.exam.live.heartbeat import post_heartbeat

ROUTES: list[BaseRoute] = [
    Route("/heartbeat", post_heartbeat, methods=["POST"]),
    Route("/answers", post_answers, methods=["POST"]),
    Route("/entries", post_entries, methods=["POST"]),
    Route("/start", post_start, methods=["POST"]),
    Route("/hand-in", post_hand_in, methods=["POST"]),
    WebSocketRoute("/candidate", candidate_socket),
]
