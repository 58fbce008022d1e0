"""The quality of one release as people look at it: a page, and its tables as CSV, from the released counts alone."""
