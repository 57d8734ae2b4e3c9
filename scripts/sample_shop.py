#!/usr/bin/env python3
"""Writes a day of a shop's records as a log directory, for pictures and trials.

  scripts/sample_shop.py FOLDER [COUNT]

The same lines each time: six services, a wave of failed payments in the early afternoon. Needs
Python 3, nothing else.
"""

import json
import os
import random
import sys
from datetime import datetime, timedelta

DAY = datetime(2026, 11, 21)
SERVICES = [("gateway", 6), ("checkout", 4), ("catalog", 4), ("payments", 3), ("search", 2), ("mail", 1)]
PATHS = ["/cart", "/checkout", "/items/{}", "/login", "/search", "/orders/{}"]
CITIES = ["Berlin", "上海", "São Paulo", "Nairobi", "Oslo"]


def record(source, at):
    service = source.choices([name for name, _ in SERVICES], [weight for _, weight in SERVICES])[0]
    is_bad_hour = 13.6 < at.hour + at.minute / 60 < 14.3
    chance = 0.30 if is_bad_hour and service in ("payments", "checkout") else 0.012
    fields = {"timestamp": at.isoformat(timespec="milliseconds") + "Z", "level": "INFO", "service": service}
    trace = f"{source.getrandbits(128):032x}"
    if source.random() < chance:
        return failure(source, fields, service, trace)
    if source.random() < (0.15 if is_bad_hour else 0.02):
        took = source.randrange(900, 4000)
        return {**fields, "level": "WARN", "message": "the answer took its time", "took_ms": took, "trace_id": trace}
    number = source.randrange(1000, 9999)
    return {**fields, **ordinary(source, service, number), "trace_id": trace}


def ordinary(source, service, number):
    took = round(source.expovariate(1 / 30) + 2, 1)
    return {
        "gateway": {"message": f"GET {source.choice(PATHS).format(number)}", "status": 200, "took_ms": took},
        "checkout": {"message": "order placed", "order_id": number, "total": round(number / 37, 2)},
        "catalog": {"message": f"item {number} shown", "city": source.choice(CITIES)},
        "payments": {"message": "payment booked", "order_id": number, "provider": "acme-pay"},
        "search": {"message": "search answered", "hits": source.randrange(200), "took_ms": took},
        "mail": {"level": "DEBUG", "message": "mail queued", "template_name": "receipt"},
    }[service]


def failure(source, fields, service, trace):
    order = source.randrange(1000, 9999)
    frames = [
        {"function": "Gateway.charge", "file": "payments/gateway.py", "line": 118},
        {"function": "retry", "file": "payments/retry.py", "line": 41},
        {"function": "place_order", "file": "checkout/orders.py", "line": 203},
    ]
    cause = {"type": "TimeoutError", "message": "no answer from acme-pay within 5 s", "frames": frames[:1]}
    error = {"type": "PaymentError", "message": f"order {order} was not charged", "frames": frames, "cause": cause}
    return {
        **fields, "level": "ERROR", "module": f"{service}.orders", "message": "payment failed: no answer",
        "order_id": order, "customer": {"id": source.randrange(100, 999), "city": source.choice(CITIES)},
        "attempts": 3, "trace_id": trace, "exception": error,
    }


def main():
    folder, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 40_000
    source = random.Random(5)
    os.makedirs(folder, exist_ok=True)
    at = DAY + timedelta(hours=6)
    with open(os.path.join(folder, "2026-11-21.jsonl"), "w", encoding="utf-8") as file:
        for _ in range(count):
            busy = 1.6 - abs(at.hour + at.minute / 60 - 14) / 8
            at += timedelta(seconds=source.expovariate(1) * 12 * 3600 / count / max(busy, 0.3))
            file.write(json.dumps(record(source, at), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
