//! A program that logs through `tracing`, or whose libraries log through `log`: one line each.

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _log = logloom::init()?;
    logloom::log_backend::install()?;
    tracing_subscriber::registry().with(logloom::tracing_layer()).init();

    // Nothing below knows of Logloom.
    handle_request(42);
    log::warn!(target: "old_library", attempts = 3; "the cache is cold");
    Ok(())
}

fn handle_request(user_id: u32) {
    let request = tracing::info_span!("request", user_id, outcome = tracing::field::Empty);
    let _entered = request.enter();
    tracing::info!("request begins");
    let query = tracing::info_span!("query", table = "orders");
    query.in_scope(|| tracing::info!(rows = 7, "found {} orders", 7));
    request.record("outcome", "served");
    let lost = std::io::Error::other("connection reset");
    tracing::error!(error = &lost as &dyn std::error::Error, "answer not delivered");
}
