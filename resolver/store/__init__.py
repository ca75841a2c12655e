"""What is kept on disk: the query log, totals, what people made, and the devices. Lives in the control process alone;
whatever happens to the database, DNS goes on."""
