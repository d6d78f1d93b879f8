"""hedgekit inside other libraries; each module here needs the one that it is named after."""
