"""Who did what and when, written by the database itself, never with a copy of content."""
