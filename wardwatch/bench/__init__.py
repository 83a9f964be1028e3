"""Measurements of this machine: what the budgets say, and what was seen."""
