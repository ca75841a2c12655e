"""What is kept on disk: the query log, totals, people's rules and pauses. Lives in the control process alone; whatever
happens to the database, DNS goes on."""
