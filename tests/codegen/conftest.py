"""The goldens are read by the tests, not collected as tests."""

collect_ignore_glob = ["goldens/*"]
