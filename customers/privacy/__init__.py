"""One person in the customers' tables: found, exported, erased, and kept from coming back."""
