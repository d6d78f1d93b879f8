"""What the models grow from: the cue lexicon, labelled sentences, abbreviations (data only)."""
