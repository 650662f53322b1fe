"""Our own JSON: asked by providers on the decide server, and by people's tools on the portal."""
