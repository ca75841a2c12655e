"""The versions, oldest first. A file here is never changed once it was released."""
