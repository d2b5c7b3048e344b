"""What a regulation's files may say: the structs of every table; the forms of amounts, hours, days, conditions."""
