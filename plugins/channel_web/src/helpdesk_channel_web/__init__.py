"""The web channel: forms, personal accounts and chats on a company's site."""
