"""Messages, after the provider has been told that we have them: deciding, and telling the help desk."""
