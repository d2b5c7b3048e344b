"""Mutants of certificates: change one place of certificates of all companies, and see whether the verifier notices.

``python scripts/certificate_mutants.py [--count 10000] [--seed 4] [--signed]``

Each mutant has its hash sealed anew; none may hold, or the exit status is 1. With ``--signed`` (which takes long: try
1000) each is signed anew too, with the installation's own key, as only its holder could: then what is derived must
still be refused, and what is taken from the service is shown by section, refused or not, because there the signature
alone protects it.
"""

import argparse
import json
import random
import sys
from collections import Counter

from tests.support.certificates import golden, holds, mutants, sealed_anew, signed_anew, varied

SEALS = {"key", "hash", "signature"}


def main() -> int:
    """Try them; print the counts; return 1 where one holds that may not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--signed", action="store_true")
    options = parser.parse_args()
    chosen = varied(list(golden()), 8)
    dice = random.Random(options.seed)
    tried: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for name, content in chosen:
        assert holds(content), name
        document = json.loads(content)
        if options.signed:
            document = {key: value for key, value in document.items() if key not in SEALS}
        for how, mutant in mutants(document, dice, -(-options.count // len(chosen))):
            section = how.split(":")[0].split(".")[0] or "(the whole)"
            tried[section] += 1
            if holds(signed_anew(mutant) if options.signed else sealed_anew(mutant, document)):
                held[section] += 1
                if not options.signed or section == "derived":
                    print(f"HOLDS {name}: {how}")
    for section, count in tried.most_common():
        print(f"{section}: {count - held[section]} of {count} refused")
    print(f"{sum(tried.values()) - sum(held.values())} of {sum(tried.values())} refused, {len(chosen)} certificates")
    return 1 if (held["derived"] if options.signed else held) else 0


if __name__ == "__main__":
    sys.exit(main())
