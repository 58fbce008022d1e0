"""A slow second reading of the rule book (R2 to R6), in plain Python.

Written from the text of the rules alone: it shares no code and no idea with the SQL that it judges, and imports nothing
of the project. One patient at a time, standard library only. Parameters are passed in; nothing here knows a default.
Where the text is silent a choice had to be made; it stands in the docstring after the word "silent", so that it can be
argued.
"""
