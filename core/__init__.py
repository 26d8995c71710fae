"""The physics and statistics of the search, pure: nothing here knows of Prefect, Panel or the command line."""
