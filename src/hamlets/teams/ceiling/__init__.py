"""The attainable ceiling: the most continuity that the recorded rota would have allowed.

Every request of a period is booked again with hindsight, with the same named GPs and teams,
in the slots that were there. ``answering.attainable_ceiling`` is the way in.
"""
