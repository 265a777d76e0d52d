"""The public screens. Each draws a ``ViewContext`` and emits events; none decides anything."""
