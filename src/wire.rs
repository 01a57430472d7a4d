//! Bytes ⇄ types: Elasticsearch transport frames. No I/O, bounded allocation.
