"""What became of contacts, counted.

outcomes.py (pure: what events say of one contact), contacts.py (decisions with their events), intervals.py and
counting.py (quarter hours, kept up to date), folding.py (those of an earlier version, made few), figures.py (pure:
counts into service level, ASA and shares), periods.py (days on whose clock), reading.py (figures of a period),
wording.py (figures in words), failing.py (whom we failed, and why), summary.py and summaries.py (the monthly e-mail).
"""
