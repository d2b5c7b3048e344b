"""Companies: taking them on, publishing their editions, announcing, shadow mode, confidential reading."""
