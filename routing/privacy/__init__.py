"""One person in what was decided: exported, made nameless, and kept so on every decide host."""
