"""``helpdesk regulation diff|publish|simulate``: editions against each other, and into force."""

from helpdesk.cli.packages import as_json, find_packages
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.difference import compare
from helpdesk.regulation.loader import Document, Package
from helpdesk.regulation.problems import nearest


def diff(
    before: str, after: str, *, before_edition: str | None = None, after_edition: str | None = None, json: bool = False
) -> int:
    """Print every rule that differs between two editions, with its clause and whom it concerns; exit 1 where any does.

    Parameters
    ----------
    before
        The company or the folder of the earlier edition.
    after
        The company or the folder of the later one; may be the same.
    before_edition
        The earlier edition's id; default: the latest, or the last but one where both come from one regulation.
    after_edition
        The later edition's id; default: the latest.
    json
        One JSON object a line.
    """
    one, two = find_packages([before, after])
    later = _edition(two, after_edition, -1)
    same = one.tenant == two.tenant and one.editions == two.editions
    earlier = _edition(one, before_edition, -2 if same and len(one.editions) > 1 else -1)
    found = compare(earlier, later)
    for change in found:
        if json:
            print(as_json(change))
            continue
        whom = f" for {', '.join(change.concerns)}" if change.concerns else ""
        print(f"{change.path} ({change.clause}){whom}: {as_json(change.before)} → {as_json(change.after)}")
    return 1 if found else 0


def _edition(package: Package, name: str | None, default: int) -> Document:
    if name is None:
        return package.editions[default]
    known = {document.data["edition"]["id"]: document for document in package.editions}
    if name not in known:
        raise Invalid(f"{package.tenant} has no edition {name!r}: {nearest(name, known)}")
    return known[name]
