"""The pages of docs/reference, made from the code, and the equations of all pages."""
