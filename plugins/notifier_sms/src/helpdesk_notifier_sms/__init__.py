"""Letters by SMS."""
