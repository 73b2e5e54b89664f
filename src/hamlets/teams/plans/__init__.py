"""Plans of teams as files of the store: kept, listed, adopted from a day, taken back.

A plan lies in the store's folder ``plans``, outside the numbered versions, and is never
written over. Adopting it makes a new version, with dated teams and named GPs.
"""
