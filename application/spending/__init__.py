"""Spending within the limits that a person set, and what a switch costs."""
