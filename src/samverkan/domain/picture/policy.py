"""Who may do what."""

PERMISSIONS: dict[str, set[str]] = {}
