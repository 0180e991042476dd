"""The doctor: examines an installation, names each fault in one sentence with what to do, mends what is safe to mend.

``examination.examine()`` answers the faults, worst part of the house first: surroundings, database, logins, records.
A check is a function that answers faults; a fault that can be mended without guessing carries its repair.
"""
