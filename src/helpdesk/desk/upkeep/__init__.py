"""Upkeep of what is stored: folding anew, sweeping, bringing in from elsewhere, handing out."""
