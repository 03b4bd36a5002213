"""The door for replay: playlists and byte ranges."""
