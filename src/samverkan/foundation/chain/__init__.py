"""The second fence: what never changes is chained and signed outside the database.

A model says ``chained = True``. Its rows, in the order of their numbers, are hashed into trees; the trees'
roots stand in a file that only grows, and the file's head is signed with the installation's key. So even
who owns the database cannot change, remove, add or reorder rows without ``samverkan audit verify`` telling.
"""
