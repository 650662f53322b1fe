"""The guided set-up: from a number to routed callers on one form of four steps, kept on the server as it is typed."""
