"""History from elsewhere: tickets of another system with what happened to them, brought in once and judged here."""
