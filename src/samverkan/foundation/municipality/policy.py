"""Who may read and change the municipality's settings and profile."""

PERMISSIONS = {
    "settings.view": {"coordinator", "reviewer", "manager", "administrator", "dpo", "auditor"},
    "settings.change": {"coordinator", "administrator"},
    "profile.load": {"administrator"},
}
