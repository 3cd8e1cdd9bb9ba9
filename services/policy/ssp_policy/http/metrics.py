"""What the service counts, in Prometheus' text format; docs/policy-service.md names the metrics."""

import time
from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ssp_policy.parts import Parts

_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)
_RATE_WINDOW_SECONDS = 1.0
disable_created_metrics()


class Metrics:
    """The metrics of one service, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.requests = Counter(
            "ssp_policy_requests",
            "Requests by route and status",
            ["route", "status"],
            registry=registry,
        )
        self.request_seconds = Histogram(
            "ssp_policy_request_seconds",
            "Time from a request to the end of its reply",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.queue_seconds = Histogram(
            "ssp_policy_queue_seconds",
            "Time that a completion waited before its sampling began",
            buckets=_SECONDS,
            registry=registry,
        )
        self.scored_tokens = Counter("ssp_policy_scored_tokens", "Tokens scored", registry=registry)
        self.trained_tokens = Counter(
            "ssp_policy_trained_tokens",
            "Tokens of sequences that gave a gradient",
            registry=registry,
        )
        self.steps = Counter("ssp_policy_steps", "Optimizer steps", registry=registry)
        self.sampler_gap = Gauge(
            "ssp_policy_sampler_gap",
            "Mean difference of sampled and recomputed log-probabilities, last compared",
            registry=registry,
        )

    def watch(self, parts: Parts) -> None:
        """Report a loaded service's own counters too."""
        self._registry.register(_PartsCollector(parts))

    def text(self) -> bytes:
        """Give everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _PartsCollector(Collector):
    """Reads the engine's and the model's numbers whenever somebody asks."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rate = _Rate(lambda: parts.engine.stats().tokens_sampled)

    def collect(self) -> Iterable[Metric]:
        """Give the metrics as they are now."""
        stats = self._parts.engine.stats()
        facts = self._parts.facts()
        gauges = {
            "running_requests": ("Requests being sampled", stats.running),
            "waiting_requests": ("Requests that wait to be sampled", stats.waiting),
            "cache_blocks": ("Blocks of the key-value cache", stats.blocks),
            "cache_blocks_used": ("Blocks in use", stats.blocks_used),
            "cache_bytes": ("Memory of keys and values, given back to train", stats.cache_bytes),
            "sampled_tokens_per_second": ("Over the last second or more", self._rate.now()),
            "weights_version": ("Changes of the policy", self._parts.weights.policy_version),
            "pending_sequences": ("In the gradient", self._parts.learner.pending_sequences),
            "memory_bytes": ("Memory of the device in use", facts["memory"]["now_bytes"]),
            "memory_peak_bytes": ("Most of it so far", facts["memory"]["peak_bytes"]),
        }
        counters = {
            "sampled_tokens": ("Tokens sampled", stats.tokens_sampled),
            "prefilled_tokens": ("Prompt tokens computed", stats.tokens_prefilled),
            "prefix_hit_tokens": ("Prompt tokens found in the cache", stats.prefix_hit_tokens),
            "preemptions": ("Requests set back for want of cache blocks", stats.preemptions),
            "sampling_batches": ("Forward passes of sampling", stats.batches),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(f"ssp_policy_{name}", text, value=value)
        for name, (text, value) in counters.items():
            yield CounterMetricFamily(f"ssp_policy_{name}", text, value=value)
        ended = CounterMetricFamily(
            "ssp_policy_completions", "Completions by how they ended", labels=["finish_reason"]
        )
        for reason, count in stats.ended.items():
            ended.add_metric([reason], count)
        yield ended


class _Rate:
    """How fast a counter grows, between readings that are at least a second apart."""

    def __init__(self, read: Callable[[], int]) -> None:
        self._read = read
        self._at, self._value = time.monotonic(), read()
        self._last = 0.0

    def now(self) -> float:
        """Give the growth per second since the reading before."""
        at, value = time.monotonic(), self._read()
        if at - self._at >= _RATE_WINDOW_SECONDS:
            self._last = (value - self._value) / (at - self._at)
            self._at, self._value = at, value
        return self._last
