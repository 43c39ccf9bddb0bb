"""Alarms of the hotline: what is measured, when it is raised and cleared, who has acknowledged it."""
