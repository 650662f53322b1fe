"""Numbers, customers and queues as tables for a spreadsheet: exported as they are listed, imported after a look."""
