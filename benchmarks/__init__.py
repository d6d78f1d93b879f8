"""Accuracy, speed, sentence boundaries and cold start against what users would pick instead; run each module with ``python -m``."""
