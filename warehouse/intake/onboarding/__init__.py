"""Getting to know a centre's files: what is in them, what changed since last time, whether a mapping fits, a first one.

No value of an identifying or a free-text column leaves a file.
"""
