"""Fitting the models: the only part of hedgekit, with :mod:`hedgekit.estimators`, that imports scikit-learn and NLTK."""
