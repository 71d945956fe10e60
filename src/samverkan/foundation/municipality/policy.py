"""Who may read and change the municipality's settings and profile."""

PERMISSIONS = {
    "settings.view": {"administrator", "dpo", "auditor"},
    # How the municipality works: what those who lead the work decide.
    "settings.change": {"administrator"},
    # How the installation is run: how long things are kept, who is told what.
    "settings.operate": {"administrator"},
    # Public services to turn to, for those who answer the telephone.
    "profile.contacts": {"administrator"},
    "profile.load": {"administrator"},
}
