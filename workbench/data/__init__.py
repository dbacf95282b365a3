"""The data itself: every managed dataset is an Apache Iceberg table, every write a snapshot."""
