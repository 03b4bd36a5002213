"""The desk's WebSocket."""
