"""Write the pages of docs/reference anew: `python -m docs_reference`."""

from docs_reference.pages import write_pages

if __name__ == "__main__":
    write_pages()
