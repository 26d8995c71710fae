"""The page of columns: every word of the glossary with type, unit and meaning."""

from core.glossary import GLOSSARY
from docs_reference.markdown import page, table
from docs_reference.stages import stages_by_column

INTRODUCTION = """\
Every column of every product has one meaning, wherever it stands, and its file carries unit and meaning with it. A
column whose unit is empty is a pure number or a text. Columns of a `decay_rate` stand in the place of those of
`sigma_v` where dark matter decays."""


def columns_page() -> str:
    """Return the page, in the order of the alphabet."""
    stages = stages_by_column()
    rows = [
        (
            f"`{name}`{{#{name}}}",
            str(column.dtype),
            column.unit,
            column.meaning,
            ", ".join(f"[{stage}](stages.md#{stage})" for stage in stages.get(name, ())),
        )
        for name, column in sorted(GLOSSARY.items())
    ]
    return page("Columns", INTRODUCTION, table(("column", "type", "unit", "meaning", "written by the stage"), rows))
