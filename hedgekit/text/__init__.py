"""Where sentences and tokens begin and end, with exact character offsets."""
