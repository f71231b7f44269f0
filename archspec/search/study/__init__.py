"""Studies: pages that say which settings of a spec to look at, under which conditions, and what to look for."""
