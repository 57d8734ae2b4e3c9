//! Errors as values: a chain of links, each with a type, a message and frames. The chain is flat,
//! so that neither writing nor reading it recurses.

use std::error::Error;

use super::DEPTH_LIMIT;
use super::encode::Encode;
use super::encoder::Encoder;
use super::tag::Tag;
use crate::{Exception, Frame};

/// Bytes of a link without its texts and frames: three lengths.
const LINK_LEN: usize = 12;
/// Bytes of a frame without its texts: three lengths and the line.
const FRAME_LEN: usize = 16;

fn chain(first: &Exception) -> impl Iterator<Item = &Exception> {
    std::iter::successors(Some(first), |link| link.cause.as_deref()).take(DEPTH_LIMIT)
}

fn frame_len(frame: &Frame) -> usize {
    FRAME_LEN + frame.function.len() + frame.module.len() + frame.file.len()
}

fn link_len(link: &Exception) -> usize {
    let frames: usize = link.frames.iter().map(frame_len).sum();
    LINK_LEN + link.type_name.len() + link.message.len() + frames
}

impl Encode for Exception {
    fn encoded_len(&self) -> usize {
        9 + chain(self).map(link_len).sum::<usize>()
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        let mut sequence = out.begin(Tag::Exception);
        for link in chain(self) {
            if !out.fits(LINK_LEN) || !out.element(&mut sequence) {
                break;
            }
            encode_link(link, out);
        }
        out.end(sequence, 0);
    }
}

fn encode_link(link: &Exception, out: &mut Encoder<'_>) {
    out.plain_text(out.fitting_text(&link.type_name));
    out.plain_text(out.fitting_text(&link.message));
    let mut room = 4;
    let fitting = link.frames.iter().take_while(|frame| {
        room += frame_len(frame);
        out.fits(room)
    });
    let count = fitting.count();
    out.put((count as u32).to_le_bytes());
    for frame in &link.frames[..count] {
        out.plain_text(&frame.function);
        out.plain_text(&frame.module);
        out.plain_text(&frame.file);
        out.put(frame.line.to_le_bytes());
    }
}

/// The links of an error and its sources.
fn sources<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source()).take(DEPTH_LIMIT)
}

fn error_len(error: &(dyn Error + 'static)) -> usize {
    9 + sources(error).map(|link| LINK_LEN + shown_len(link)).sum::<usize>()
}

fn encode_error(error: &(dyn Error + 'static), out: &mut Encoder<'_>) {
    let mut sequence = out.begin(Tag::Exception);
    for link in sources(error) {
        if !out.fits(LINK_LEN) || !out.element(&mut sequence) {
            break;
        }
        out.plain_text("");
        out.plain_display(link);
        out.put(0_u32.to_le_bytes());
    }
    out.end(sequence, 0);
}

/// Number of bytes that `display` shows.
fn shown_len(display: &dyn std::fmt::Display) -> usize {
    struct Count(usize);
    impl std::fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut count = Count(0);
    // An error of the formatter shortens the text here as it does when it is written.
    let _ = std::fmt::write(&mut count, format_args!("{display}"));
    count.0
}

macro_rules! encode_error {
    ($($source:ty),+) => {$(
        /// An error is measured and written by its `Display`, which is the program's own code: a
        /// caller that has reserved room already renders it into an [`Exception`] first.
        impl Encode for $source {
            fn encoded_len(&self) -> usize {
                error_len(self)
            }

            fn encode(&self, out: &mut Encoder<'_>) {
                encode_error(self, out);
            }
        }
    )+};
}

encode_error!(
    dyn Error + 'static,
    dyn Error + Send + 'static,
    dyn Error + Send + Sync + 'static,
    std::io::Error
);

impl From<&(dyn Error + 'static)> for Exception {
    /// The chain of an error as data; types and frames are not known.
    fn from(error: &(dyn Error + 'static)) -> Exception {
        let mut links: Vec<String> = sources(error).map(|link| link.to_string()).collect();
        let mut exception = Exception::default();
        if let Some(last) = links.pop() {
            exception.message = last;
        }
        while let Some(message) = links.pop() {
            let cause = Some(Box::new(exception));
            exception = Exception { message, cause, ..Exception::default() };
        }
        exception
    }
}
