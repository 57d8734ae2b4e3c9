//! Prints what encoding and rendering a message with four fields cost on this machine:
//! `cargo run --release -p logloom-record --example timing`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use logloom_record::dialect::loom::{LoomOptions, SitePlan, TimestampCache, render};
use logloom_record::wire::{Encoder, Header, RecordView, padded};
use logloom_record::{Fields, Level, MessageKind, SiteDescription};

const ROUNDS: u32 = 2_000_000;
const BATCHES: usize = 7;

fn main() {
    let mut room = [0; 256];
    let length = encode(&mut room);
    let record = &room[..length];
    println!(
        "encode, 4 fields: {:.1} ns",
        best(|_| {
            black_box(encode(black_box(&mut [0; 256])));
        })
    );
    let options = LoomOptions { service: "shop".into(), ..LoomOptions::default() };
    let plan = SitePlan::new(&site(), &options);
    let mut cache = TimestampCache::default();
    let mut out = Vec::with_capacity(1 << 16);
    let cost = best(|round| {
        if out.len() > 1 << 15 {
            out.clear();
        }
        let time = 1_795_271_535_000_000_000 + i64::from(round) * 1_000;
        let view = RecordView::parse(black_box(record), 4).unwrap();
        render(&plan, &options, &mut cache, time, None, &view, &(), &mut out);
    });
    println!("render, message and 4 fields: {cost:.1} ns");
    println!("{}", String::from_utf8_lossy(out.split_inclusive(|&b| b == b'\n').next().unwrap()));
}

/// Least mean of several batches, in nanoseconds a round.
fn best(mut step: impl FnMut(u32)) -> f64 {
    let batch = |_| {
        let start = Instant::now();
        (0..ROUNDS).for_each(&mut step);
        start.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS)
    };
    (0..BATCHES).map(batch).fold(f64::INFINITY, f64::min)
}

fn site() -> SiteDescription {
    SiteDescription {
        level: Level::Info,
        module: "shop::payments".into(),
        file: "src/payments.rs".into(),
        line: 7,
        template: "payment accepted".into(),
        message_kind: MessageKind::Literal,
        fields: ["user_id", "latency_ms", "method", "retry"].map(Into::into).to_vec(),
    }
}

fn encode(room: &mut [u8; 256]) -> usize {
    let user: u64 = black_box(123_456);
    let latency: f64 = black_box(12.75);
    let method: &str = black_box("card_present");
    let retry: bool = black_box(false);
    let fields = (&user, (&latency, (&method, (&retry, ()))));
    let length = padded(16 + fields.encoded_len(0));
    let mut out = Encoder::new(&mut room[..length]);
    let header = Header { length: length as u32, flags: 0, site: 9, ticks: 0 };
    out.put(header.to_bytes());
    fields.encode(0, &mut out);
    length
}
