"""The command line and the flows: order, retries, progress. No arithmetic on patient data."""
