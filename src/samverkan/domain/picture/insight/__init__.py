"""What the picture can tell of cause and pattern: did a measure help, and where does it gather."""
