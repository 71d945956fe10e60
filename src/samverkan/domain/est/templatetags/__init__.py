"""Template tags of the week."""
