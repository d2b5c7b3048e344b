"""The email channel: mail in by SMTP and LMTP, mail out by SMTP."""
