"""How fast a decision is, as ratios that are each measured inside one run: `python -m bench`."""
