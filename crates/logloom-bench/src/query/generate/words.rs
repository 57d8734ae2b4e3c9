//! What the lines are made of: services with their modules, and templates of texts. In a template `{u}` is a
//! user, `{o}` an order, `{t}` a time in milliseconds, `{n}` a small number, `{b}` a count of bytes, `{i}` an
//! address, `{h}` a host, `{s}` something of the service's own, `{p}` a path.

/// A program that logs.
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) modules: &'static [&'static str],
    /// What `{s}` stands for.
    pub(super) things: &'static [&'static str],
}

/// A text, and how severe it is (index of the level, TRACE is 0).
pub(super) struct Template {
    pub(super) level: usize,
    pub(super) text: &'static str,
}

pub(super) const SERVICES: &[Service] = &[
    service("gateway", &["router", "limits", "tls"], &["router", "limiter", "handshake"]),
    service("auth", &["session", "token", "password"], &["session", "token", "second factor"]),
    service("catalog", &["search", "cache"], &["product page", "category", "facet"]),
    service("cart", &["items", "price"], &["cart", "coupon", "price rule"]),
    service("checkout", &["flow", "address"], &["address", "delivery slot", "order form"]),
    service("payments", &["card", "bank", "fraud"], &["card", "bank transfer", "risk check"]),
    service("ledger", &["post", "close"], &["posting", "balance", "closing run"]),
    service("stock", &["reserve", "sync"], &["reservation", "shelf", "supplier feed"]),
    service("shipping", &["label", "track"], &["label", "parcel", "carrier"]),
    service("mailer", &["queue", "render"], &["order mail", "newsletter", "receipt"]),
    service("search", &["index", "query"], &["segment", "synonym list", "ranking"]),
    service("reports", &["daily", "export"], &["daily report", "export", "dashboard"]),
];

const fn service(
    name: &'static str,
    modules: &'static [&'static str],
    things: &'static [&'static str],
) -> Service {
    Service { name, modules, things }
}

pub(super) const PATHS: &[&str] = &[
    "/",
    "/login",
    "/logout",
    "/cart",
    "/cart/items",
    "/orders",
    "/products",
    "/search",
    "/payments",
    "/users/me",
    "/stock",
    "/app.js",
    "/healthz",
    "/labels",
    "/reports",
    "/metrics",
];

/// The template of the rare word.
pub(super) const RARE: Template =
    warn("transaction rolled back after a deadlock on {s}, order {o}");

/// The template of lines of level FATAL.
pub(super) const FATAL: Template =
    Template { level: 5, text: "ledger is out of balance by {n} cents, stopping" };

pub(super) const TEMPLATES: &[Template] = &[
    info("request accepted from {i}"),
    info("request accepted from {i} for user {u}"),
    info("request finished in {t} ms with {b} bytes"),
    info("request finished in {t} ms"),
    info("order {o} accepted for user {u}"),
    info("order {o} stored, {n} items"),
    info("{s} of user {u} loaded in {t} ms"),
    info("{s} updated for order {o}"),
    info("user {u} signed in from {i}"),
    info("user {u} signed out after {n} minutes"),
    info("payment of order {o} accepted by the bank after {t} ms"),
    info("message handed to queue {s}, {n} waiting"),
    info("calling {h} for {s}"),
    info("answer of {h} for {s} after {t} ms, {b} bytes"),
    info("{n} rows read for {s} in {t} ms"),
    info("page {p} rendered in {t} ms"),
    info("cache filled with {n} entries for {s}"),
    info("job {s} started with {n} workers"),
    info("job {s} finished, {n} done"),
    info("parcel of order {o} handed to the carrier"),
    debug("cache hit for {s} of user {u}"),
    debug("cache miss for {s} of user {u}, asking {h}"),
    debug("{s} checked: {n} rules, {t} ms"),
    debug("connection to {h} taken from the pool, {n} left"),
    debug("connection to {h} given back after {t} ms"),
    debug("query plan of {s} reused, {n} parameters"),
    debug("{b} bytes written to {h}"),
    debug("lock on {s} taken after {t} ms"),
    warn("{s} is slow: {t} ms, expected less than {n}"),
    warn("retry {n} of {s} towards {h}"),
    warn("queue {s} holds {n} messages"),
    warn("limit of user {u} nearly reached: {n} left"),
    warn("response of {h} was larger than expected: {b} bytes"),
    warn("token of user {u} expires in {n} seconds"),
    error("{s} failed for order {o}: connection to {h} timed out after {t} ms"),
    error("{s} failed for user {u}: quota exceeded"),
    error("payment of order {o} declined by the bank"),
    error("{h} answered with an unexpected status to {s}"),
    error("cannot write {b} bytes of {s}: no space left on device"),
];

const fn debug(text: &'static str) -> Template {
    Template { level: 1, text }
}

const fn info(text: &'static str) -> Template {
    Template { level: 2, text }
}

const fn warn(text: &'static str) -> Template {
    Template { level: 3, text }
}

const fn error(text: &'static str) -> Template {
    Template { level: 4, text }
}
