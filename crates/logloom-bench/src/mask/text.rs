//! Text without secrets: sample logs where they are at hand, and generated lines that look like
//! secrets but are none (identifiers, hashes, prose about passwords, code).

use std::path::PathBuf;

use crate::proof::dice::Dice;

/// Blocks of text, all of about the same size.
pub(super) struct Background {
    real: Vec<String>,
    next: usize,
    dice: Dice,
}

/// Lines of a block.
const LINES: usize = 200;

impl Background {
    /// Begins with the sample logs, if they are there; says how many bytes of them.
    pub(super) fn new(seed: u64) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/loghub");
        let files =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> =
            files.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
        files.sort();
        let mut real = Vec::new();
        for text in files.iter().filter_map(|path| std::fs::read_to_string(path).ok()) {
            let lines: Vec<&str> = text.lines().collect();
            real.extend(lines.chunks(LINES).map(|lines| lines.join("\n") + "\n"));
        }
        Self { real, next: 0, dice: Dice::new(seed) }
    }

    /// Whether there are sample logs.
    pub(super) fn has_real(&self) -> bool {
        !self.real.is_empty()
    }

    /// All sample logs once.
    pub(super) fn samples(&self) -> String {
        self.real.concat()
    }

    /// Generated lines such as services write.
    pub(super) fn generated(&mut self) -> String {
        let lines =
            std::iter::repeat_with(|| self.line()).filter(|line| line.starts_with(['{', '1', 'b']));
        lines.take(40_000).collect()
    }

    /// The next block: real and generated ones in turns.
    pub(super) fn block(&mut self) -> String {
        self.next += 1;
        match self.real.len() {
            count if count > 0 && self.next.is_multiple_of(2) => {
                self.real[self.next / 2 % count].clone()
            }
            _ => (0..LINES).map(|_| self.line()).collect(),
        }
    }

    fn line(&mut self) -> String {
        let dice = &mut self.dice;
        let hex = |dice: &mut Dice, count: usize| -> String {
            (0..count).map(|_| char::from(b"0123456789abcdef"[dice.below(16) as usize])).collect()
        };
        let number = dice.below(90_000) + 10_000;
        let (short, long) = (hex(dice, 8), hex(dice, 40));
        let uuid = format!(
            "{}-{}-4{}-8{}-{}",
            hex(dice, 8),
            hex(dice, 4),
            hex(dice, 3),
            hex(dice, 3),
            hex(dice, 12)
        );
        match dice.below(20) {
            0 => format!(
                "{{\"timestamp\":\"2026-11-21T10:11:12.{number}Z\",\"level\":\"INFO\",\"message\":\"request {uuid} done\",\"ms\":{number}}}\n"
            ),
            1 => format!("commit {long} (HEAD -> main, tag: v1.{number})\n"),
            2 => format!(
                "10.1.2.3 - - [21/Nov/2026:10:11:12 +0000] \"GET /items/{uuid}?page=2&sort=name HTTP/1.1\" 200 {number}\n"
            ),
            3 => "Failed password for invalid user admin from 203.0.113.7 port 38926 ssh2\n"
                .to_owned(),
            4 => format!("    let token = parser.next_token()?; // {short}\n"),
            5 => format!(
                "usage: input_tokens={number} output_tokens={number} max_tokens=4096 cache_key={long}\n"
            ),
            6 => format!("sha256:{}  layer-{number}.tar.gz\n", hex(dice, 64)),
            7 => "password: <your password>  # api_key: ${API_KEY}, see the manual\n".to_owned(),
            8 => format!("drwxr-xr-x 2 build build {number} Nov 21 10:11 target-{short}\n"),
            9 => format!("  File \"/app/auth/tokens.py\", line {number}, in refresh_token\n"),
            10 => format!("connected to postgres://db.internal:5432/orders as app ({uuid})\n"),
            11 => {
                "connect(user=user, password=password, token=self.token, secret=None)\n".to_owned()
            }
            12 => format!("https://example.com/docs/authentication/bearer-tokens#{short}\n"),
            13 => format!(
                "{{\"model\":\"m-{short}\",\"usage\":{{\"input_tokens\":{number},\"output_tokens\":12}},\"stop\":\"end\"}}\n"
            ),
            14 => {
                format!("0x{} in operator new[]() at {}:{number}\n", hex(dice, 16), "allocator.cc")
            }
            15 => format!(
                "Authorization header missing for request {uuid}, Bearer authentication is required\n"
            ),
            16 => format!("task-{uuid} risk-{long} disk-{short} mask_{number}\n"),
            17 => format!("   Compiling crate-name v0.{number}.1 (/src/crate-name)\n"),
            18 => format!("cookie consent shown, session resumed, key pressed: Enter ({short})\n"),
            _ => format!(
                "blk_-{number}{number} terminating after {number} ms, PacketResponder {number}\n"
            ),
        }
    }
}
