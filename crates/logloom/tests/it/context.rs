//! Scopes, as they show in the records: nested, on other threads, across `.await`, cut, masked.

use std::task::{Context as TaskContext, Poll, Waker};

use logloom::context::{self, Context, FutureExt};
use logloom::info;

use super::day_file::log;

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn scopes_nest_and_the_inner_one_wins() {
    log();
    {
        let request = Context::new().session_id("s-1").field("user", 1).field("step", "outer");
        let _request = request.enter();
        info!(mark = "scope-1");
        Context::new().field("step", "inner").in_scope(|| info!(mark = "scope-2", own = true));
        info!(mark = "scope-3", user = 2);
    }
    info!(mark = "scope-4");
    let [one, two, three, four] =
        ["scope-1", "scope-2", "scope-3", "scope-4"].map(|mark| log().find(mark));
    assert_eq!(
        (&one["session_id"], &one["user"], &one["step"]),
        (&"s-1".into(), &1.into(), &"outer".into())
    );
    assert_eq!(
        (&two["user"], &two["step"], &two["own"]),
        (&1.into(), &"inner".into(), &true.into())
    );
    assert_eq!((&three["user"], &three["user_"]), (&2.into(), &1.into()));
    assert!(four.get("session_id").is_none() && four.get("user").is_none());
}

#[test]
fn a_trace_comes_in_and_goes_out_by_traceparent() {
    log();
    let incoming = Context::from_traceparent(HEADER).unwrap().child_span();
    incoming.in_scope(|| {
        info!(mark = "trace-1");
        let outgoing = Context::current().to_traceparent().unwrap();
        assert!(outgoing.starts_with(&HEADER[..36]) && outgoing != HEADER, "{outgoing}");
    });
    let record = log().find("trace-1");
    assert_eq!(record["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(record["parent_span_id"], "00f067aa0ba902b7");
    assert_eq!(record["span_id"].as_str().map(str::len), Some(16));
}

#[test]
fn threads_and_closures_take_a_context_along() {
    log();
    let _scope = Context::new().field("who", "main").enter();
    let current = Context::current();
    let thread = current.spawn(|| info!(mark = "thread-1"));
    let wrapped = current.wrap(|| info!(mark = "thread-2"));
    std::thread::spawn(wrapped).join().unwrap();
    std::thread::spawn(|| info!(mark = "thread-3")).join().unwrap();
    thread.join().unwrap();
    assert_eq!(log().find("thread-1")["who"], "main");
    assert_eq!(log().find("thread-2")["who"], "main");
    assert!(log().find("thread-3").get("who").is_none());
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
fn two_tasks_on_one_thread_keep_their_contexts_across_await() {
    log();
    let task = |name: &'static str| {
        let context = Context::new().field("task", name);
        Box::pin(
            async move {
                info!(mark = "await-1", of = name);
                pause().await;
                info!(mark = "await-2", of = name);
            }
            .in_context(&context),
        )
    };
    let mut tasks = [task("a"), task("b")];
    let mut polling = TaskContext::from_waker(Waker::noop());
    for expected in [false, true] {
        for task in &mut tasks {
            assert_eq!(task.as_mut().poll(&mut polling).is_ready(), expected);
            info!(mark = "await-between");
        }
    }
    let records = log().all("\"await-");
    assert_eq!(records.len(), 8);
    for record in records {
        assert_eq!(record.get("task"), record.get("of"), "{record}");
    }
}

#[test]
fn a_context_that_is_too_large_is_cut_at_whole_fields_and_counted() {
    log();
    let before = context::cut_fields();
    let large = Context::new().field("a", "x".repeat(400)).field("b", "y".repeat(400));
    large.trace_id("t-1").in_scope(|| info!(mark = "large-1"));
    let record = log().find("large-1");
    assert_eq!(record["a"].as_str().map(str::len), Some(400));
    assert_eq!((record.get("b"), &record["trace_id"]), (None, &"t-1".into()));
    assert!(context::cut_fields() > before);
}

#[test]
fn a_secret_of_a_context_is_masked() {
    log();
    let secrets = Context::new().field("password", "hunter3").field("internal_note", "hunter3");
    secrets.in_scope(|| info!(mark = "secret-1"));
    let record = log().find("secret-1");
    for name in ["password", "internal_note"] {
        assert!(record[name].as_str().unwrap().starts_with("[MASKED"), "{record}");
    }
    assert!(log().all("hunter3").is_empty());
}
