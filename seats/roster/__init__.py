"""The duty roster of the operators: who works when, by which rules, and who should be here now.

Knows days, shifts and people; knows nothing of calls. `duty.py` is the door for those who ask who is on duty.
"""
