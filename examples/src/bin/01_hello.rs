//! The first steps: start, fields, messages, errors, levels.

use logloom::{Level, debug, error, info, warn};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Reads logloom.yaml where there is one. Keep the guard: its drop waits for the last records.
    let _log = logloom::init()?;

    info!("the message alone");

    // Fields keep their types. A variable gives its own name.
    let (user_id, latency_ms) = (42, 7.5);
    info!(user_id, latency_ms, admin = false, "signed in");

    // Holes that name fields are filled by the library's own thread, and the record keeps the
    // template, so that all such records can be found at once.
    info!(user_id, latency_ms, "user {user_id} waited {latency_ms} ms");

    // `%` shows a value by Display, `?` by Debug; names may have dots or be any text.
    let path = std::path::Path::new("/srv/shop/basket.json");
    warn!(path = %path.display(), http.status = 503, "any key" = ?Some("x"), "not read");

    // An error is kept with all its causes.
    if let Err(error) = "forty-two".parse::<u32>() {
        error!(error, "cannot read the number of items: {error}");
    }

    // A field with a secret's name is never copied anywhere.
    info!(user_id, password = "correct horse battery staple", "changed");

    // Switched off: costs one load, and the value is not evaluated.
    debug!(never = expensive(), "not recorded at the default level");
    logloom::set_level(module_path!(), Level::Debug)?;
    debug!("recorded from now on");
    Ok(())
}

fn expensive() -> u32 {
    unreachable!("not evaluated while DEBUG is off")
}
