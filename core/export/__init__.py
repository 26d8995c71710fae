"""What others read without us: tables, likelihoods, workspaces as files of a folder, each saying where it is from."""
