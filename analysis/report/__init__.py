"""The report: rows of results become tables, figures and one page. Nothing here computes a number."""
