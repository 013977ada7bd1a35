"""What lies on the disk: text files, the folders that travel with the project, files of tensors."""
