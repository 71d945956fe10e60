"""The parts of ``tools/templates.py``."""
