//! Contexts across `.await`. A future comes in, one that is polled in a context goes out, whichever
//! thread polls it; nothing is refused.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use super::Context;
use super::scope::{self, Scope};

/// A future that is polled and dropped in a context. Made by [`Context::attach`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct InContext<F> {
    scope: Arc<Scope>,
    /// Empty only while being dropped.
    future: Option<Pin<Box<F>>>,
}

impl<F> InContext<F> {
    pub(super) fn new(scope: Arc<Scope>, future: F) -> InContext<F> {
        InContext { scope, future: Some(Box::pin(future)) }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<F::Output> {
        let _guard = scope::set(Some(Arc::clone(&self.scope)));
        match &mut self.future {
            Some(future) => future.as_mut().poll(task),
            None => Poll::Pending,
        }
    }
}

/// What the future owns may log when it is dropped.
impl<F> Drop for InContext<F> {
    fn drop(&mut self) {
        let _guard = scope::set(Some(Arc::clone(&self.scope)));
        self.future = None;
    }
}

/// Contexts at the end of a chain of calls.
pub trait FutureExt: Future + Sized {
    /// Polls this future in `context`; see [`Context::attach`].
    fn in_context(self, context: &Context) -> InContext<Self> {
        context.attach(self)
    }

    /// Polls this future in the context that is this thread's now.
    fn in_current_context(self) -> InContext<Self> {
        Context::current().attach(self)
    }
}

impl<F: Future> FutureExt for F {}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn is_set() -> bool {
        Context::current().get("a").is_some()
    }

    /// Pending once.
    async fn pause() {
        let mut paused = false;
        std::future::poll_fn(|_| match std::mem::replace(&mut paused, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    #[test]
    fn each_poll_is_in_the_context_and_nothing_between() {
        let work = async {
            let first = is_set();
            pause().await;
            (first, is_set())
        };
        let mut task = Box::pin(work.in_context(&Context::new().field("a", 1)));
        let mut waker = TaskContext::from_waker(Waker::noop());
        assert!(task.as_mut().poll(&mut waker).is_pending());
        assert!(!is_set());
        let rest = std::thread::spawn(move || {
            task.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
        });
        assert_eq!(rest.join().ok(), Some(Poll::Ready((true, true))));
    }

    #[test]
    fn the_future_is_dropped_in_the_context() {
        struct Noisy(std::sync::mpsc::Sender<bool>);
        impl Drop for Noisy {
            fn drop(&mut self) {
                let _ = self.0.send(is_set());
            }
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        let noisy = Noisy(sender);
        let future = async move { drop(noisy) };
        drop(Context::new().field("a", 1).attach(future));
        assert_eq!(receiver.recv(), Ok(true));
    }
}
