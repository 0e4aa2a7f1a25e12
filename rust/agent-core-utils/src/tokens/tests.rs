//! Tests of the tokens, beside the ones over the shared vectors.
