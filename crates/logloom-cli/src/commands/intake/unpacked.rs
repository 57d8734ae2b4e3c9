//! What a file holds, packed or not. Takes a path or `-`, gives bytes; refuses archives of several files.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;

use logloom_intake::unpack::{Packing, UnpackLimits, unpack};

use super::bound::{Bound, Bounded};

/// The unpacked bytes of a file or, of `-`, of the standard input up to the bound, and when the file was last changed.
///
/// # Errors
/// It cannot be read, or is an archive of several files.
pub(crate) fn unpacked(path: &Path, bound: &Bound) -> io::Result<(Box<dyn Read>, Option<i64>)> {
    let (mut input, written_ns): (Box<dyn Read>, _) = if path == Path::new("-") {
        // Not by the lines of the library, whose buffer is not seen when it is waited for more.
        let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        (Box::new(Bounded { input, bound: bound.clone() }), None)
    } else {
        let file = File::open(path)?;
        let changed = file.metadata()?.modified()?;
        let since = changed.duration_since(std::time::UNIX_EPOCH);
        let written = since.ok().and_then(|since| i64::try_from(since.as_nanos()).ok());
        (Box::new(file), written)
    };
    let mut head = Vec::new();
    input.by_ref().take(8).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    if matches!(packing, Packing::Zip) {
        return Err(io::Error::other("a zip archive holds several files; unpack it, or import it"));
    }
    let whole = io::Cursor::new(head).chain(input);
    Ok((unpack(whole, packing, UnpackLimits::default())?, written_ns))
}
