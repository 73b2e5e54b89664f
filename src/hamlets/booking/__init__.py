"""Booking: the simulated appointment book; later slots, policies and advice."""
