"""What was asked, promised and done; knows nothing of menus or of the web."""
