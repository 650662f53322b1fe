"""What somebody should know without looking.

conditions.py (what is wrong now), rounds.py (one alert as long as it is), notices.py (who is told, until it
has worked), watch.py (a worker looks itself when the scheduler is silent).
"""
