"""Who may see and change people and organisations."""

PERMISSIONS = {
    "people.view": {"coordinator", "reviewer", "municipal_police", "administrator", "dpo", "auditor"},
    "people.invite": {"coordinator", "administrator"},
    "people.manage": {"administrator", "coordinator"},
}
