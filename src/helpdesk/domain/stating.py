"""What a request states, held against what the regulation lists. Pure."""

from collections.abc import Mapping

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.vocabulary.model import Edition


def demand_listed(edition: Edition, given: Mapping[str, str]) -> None:
    """Demand that a field for which the regulation lists what it may say says one of these; blanks say nothing.

    Only of whoever can choose, a person or a program that hands a request in: a letter says what it says.

    Raises:
        Invalid: it says something else; names each such field, and the clause.
    """
    wrong = [
        rule
        for rule in edition.fields
        if rule.one_of and given.get(rule.name, "").strip() and given[rule.name].strip().casefold() not in rule.one_of
    ]
    if wrong:
        fields = {f"fields.{rule.name}": f"one of {', '.join(rule.one_of)}" for rule in wrong}
        raise Invalid("a field says what is not listed", fields=fields, clause=wrong[0].clause)
