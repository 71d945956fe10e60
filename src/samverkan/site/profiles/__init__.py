"""Profiles of municipalities: an empty one to fill in, and what is known of Eskilstuna."""

from pathlib import Path

TEMPLATE = Path(__file__).parent / "template.toml"
ESKILSTUNA = Path(__file__).parent / "eskilstuna.toml"
