"""Counted facts: numbers that sentences say, named by what they count."""
