"""Who may read the change log."""

PERMISSIONS = {"audit.view": {"dpo", "auditor", "administrator"}}
