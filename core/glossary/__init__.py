"""The words of the analysis: every column of every data product, with its type, unit and meaning."""

from core.glossary.column import Column
from core.glossary.columns import GLOSSARY, KEYS

__all__ = ["GLOSSARY", "KEYS", "Column"]
