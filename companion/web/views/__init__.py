"""What answers show of a case: rows of lists, what is offered to the reader, and what is taken out for them."""
