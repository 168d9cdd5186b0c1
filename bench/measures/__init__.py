"""The measures, one module each: what the servers are put through, and which figures come of it."""
