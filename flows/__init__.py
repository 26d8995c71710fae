"""The analysis as Prefect flows, one a stage, and the command line that runs them."""
