"""The week: put together, gone through, decided and locked."""
