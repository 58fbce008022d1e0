"""What the data and a study mean: contracts, mappings, protocols, parameters, errors.

No I/O, no SQL, no data frames.
"""
