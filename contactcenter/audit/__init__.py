"""What people did in the portal: each thing with its history, and a chain of events that nobody can alter unseen."""
