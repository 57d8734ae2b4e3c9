//! Fields that a whole request carries: in a scope, on other threads, across `.await`.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::Thread;

use logloom::context::{Context, FutureExt};
use logloom::info;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _log = logloom::init()?;

    // A request comes in with the header `traceparent`; one that is not valid begins a new trace.
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let incoming = Context::from_traceparent(header).unwrap_or_else(|_| Context::new_trace());
    let request = incoming.child_span().session_id("s-17").field("user_id", 42);

    let scope = request.enter();
    info!("request begins");

    // Scopes nest: the inner one adds to the outer one.
    Context::new().field("step", "stock").in_scope(|| info!("looking at the stock"));

    // Another thread starts without a context unless it is given one.
    let worker = Context::current().spawn(|| info!("packing on another thread"));
    worker.join().map_err(|_| "the worker panicked")?;

    // What is sent on to the next service.
    info!(traceparent = Context::current().to_traceparent(), "asking the bank");
    drop(scope);

    // A task takes its context along, whichever thread polls it.
    let payment = pay(12).in_context(&request);
    block_on(payment);
    info!("outside every scope");
    Ok(())
}

async fn pay(amount: u32) {
    info!(amount, "paying");
    yield_once().await;
    info!(amount, "paid");
}

/// Lets the executor do something else once.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|task| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The smallest executor there is; any other works as well.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            return output;
        }
        std::thread::park();
    }
}
