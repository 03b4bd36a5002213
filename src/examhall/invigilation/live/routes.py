"""The addresses of this wing's live door, below /live/v1."""

from starlette.routing import BaseRoute, WebSocketRoute

from examhall.invigilation.live.desk import desk_socket

ROUTES: list[BaseRoute] = [WebSocketRoute("/desk", desk_socket)]
