//! What a query costs, in requests: exactly.
