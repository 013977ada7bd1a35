"""What a test found, to look at: a page, figures and tables for a paper."""
