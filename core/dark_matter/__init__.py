"""What dark matter is taken to be and where it is."""
