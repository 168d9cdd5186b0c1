"""Clients that others wrote, made to do a generator's work and to print a generator's line."""
