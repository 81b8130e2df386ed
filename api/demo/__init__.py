"""Synthetic patients for looking around: made up from lots, the same on every machine, nobody real.

`patients` has the cohort, `deck` who is in it, `arrivals`, `treated`, `worse`, `surprises`
and `episodes` what happens to them, `incidents`, `contacts` and `treatment` the messages of everyday
care, `person` and `course` what all are written with.
"""
