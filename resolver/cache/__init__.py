"""What is remembered between queries: upstream truth by RRset, and finished answers by question. The clock is given."""
