"""The door for segments, and the relay to whoever watches."""
