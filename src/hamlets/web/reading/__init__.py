"""Reading the record store within a request: one patient at a time, at the pinned version.

Every function takes the standing first. Nothing here needs the kernel; what reads the store
is imported when a page first asks, so that other pages do not wait for it.
"""
