"""The live door of this wing: frequent requests of candidates' clients."""
