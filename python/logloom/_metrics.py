"""``MetricsRegistry``: what the library counts about itself, under the names of PyLog and as Prometheus reads it."""

from __future__ import annotations

from . import _core


class MetricsRegistry:
    """The figures of the process; all instances show the same ones."""

    def get_metrics(self) -> dict[str, int]:
        """``pylog_queue_size`` in bytes that wait to be written, ``pylog_events_dropped_total``,
        ``pylog_failover_switch_total``."""
        counted = _core.metrics()
        return {
            "pylog_queue_size": counted["queue_bytes"],
            "pylog_events_dropped_total": counted["dropped"],
            "pylog_failover_switch_total": counted["failover_switches"],
        }

    def get(self, name: str) -> int:
        """One of them. Raises ``KeyError`` with the names there are."""
        figures = self.get_metrics()
        if name not in figures:
            raise KeyError(f"{name!r} is none of {', '.join(figures)}")
        return figures[name]

    def expose(self) -> str:
        """All figures, those of PyLog's names as well, as Prometheus reads them (format 0.0.4)."""
        kinds = {"pylog_queue_size": "gauge"}
        lines = [
            f"# TYPE {name} {kinds.get(name, 'counter')}\n{name} {value}\n"
            for name, value in self.get_metrics().items()
        ]
        return _core.prometheus() + "".join(lines)
