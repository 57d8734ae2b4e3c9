//! Keys of providers of models and of what agents use beside them.

use super::super::bytes::{ALPHANUMERIC, DASHED, HEX_LOWER, LOWER, URL_SAFE};
use super::Kind;
use super::shape::{ANY, Part, Shape};

use Part::{Run, Text};

const GROUP: &str = "api_keys";
const SK: &[&str] = &["sk-"];
/// Bytes of `sk-`, which is what is shown of all keys that begin so.
const SK_BYTES: usize = 3;

pub(super) const KINDS: &[Kind] = &[
    Kind::shaped(
        "anthropic_api_key",
        GROUP,
        "`sk-ant-api03-` and 93 of `[A-Za-z0-9_-]`, `AA`",
        SK,
        Shape::new("sk-ant-api", &[Run(ALPHANUMERIC, 2, 2), Text("-"), Run(URL_SAFE, 40, ANY)])
            .keeping(SK_BYTES),
    ),
    Kind::shaped(
        "anthropic_admin_key",
        GROUP,
        "`sk-ant-admin01-` and 93 of `[A-Za-z0-9_-]`, `AA`",
        SK,
        Shape::new("sk-ant-admin", &[Run(ALPHANUMERIC, 2, 2), Text("-"), Run(URL_SAFE, 40, ANY)])
            .keeping(SK_BYTES),
    ),
    Kind::shaped(
        "anthropic_oauth_token",
        GROUP,
        "`sk-ant-oat01-`, `sk-ant-ort01-` and at least 40 of `[A-Za-z0-9_-]`",
        SK,
        Shape::new("sk-ant-o", &[Run(ALPHANUMERIC, 4, 4), Text("-"), Run(URL_SAFE, 40, ANY)])
            .keeping(SK_BYTES),
    ),
    Kind::shaped(
        "anthropic_session_key",
        GROUP,
        "`sk-ant-sid01-` and at least 40 of `[A-Za-z0-9_-]`",
        SK,
        Shape::new("sk-ant-sid", &[Run(ALPHANUMERIC, 2, 2), Text("-"), Run(URL_SAFE, 40, ANY)])
            .keeping(SK_BYTES),
    ),
    Kind::shaped(
        "openai_project_key",
        GROUP,
        "`sk-proj-` and at least 40 of `[A-Za-z0-9_-]`",
        SK,
        Shape::new("sk-proj-", &[Run(URL_SAFE, 40, ANY)]).keeping(SK_BYTES),
    ),
    Kind::shaped(
        "openai_service_key",
        GROUP,
        "`sk-svcacct-` and at least 40 of `[A-Za-z0-9_-]`",
        SK,
        Shape::new("sk-svcacct-", &[Run(URL_SAFE, 40, ANY)]).keeping(SK_BYTES),
    ),
    Kind::shaped(
        "openai_admin_key",
        GROUP,
        "`sk-admin-` and at least 40 of `[A-Za-z0-9_-]`",
        SK,
        Shape::new("sk-admin-", &[Run(URL_SAFE, 40, ANY)]).keeping(SK_BYTES),
    ),
    Kind::shaped(
        "openrouter_key",
        GROUP,
        "`sk-or-v1-` and 64 hexadecimal digits",
        SK,
        Shape::new("sk-or-v1-", &[Run(HEX_LOWER, 64, 64)]).keeping(SK_BYTES),
    ),
    Kind::shaped(
        "sk_key",
        GROUP,
        "`sk-` and 32 to 64 of `[A-Za-z0-9]`: OpenAI (older), DeepSeek, Moonshot, DashScope",
        SK,
        Shape::new("sk-", &[Run(ALPHANUMERIC, 32, 64)]),
    ),
    Kind::shaped(
        "groq_key",
        GROUP,
        "`gsk_` and 40 to 64 of `[A-Za-z0-9]`",
        &["gsk_"],
        Shape::new("gsk_", &[Run(ALPHANUMERIC, 40, 64)]),
    ),
    Kind::shaped(
        "xai_key",
        GROUP,
        "`xai-` and at least 60 of `[A-Za-z0-9]`",
        &["xai-"],
        Shape::new("xai-", &[Run(ALPHANUMERIC, 60, ANY)]),
    ),
    Kind::shaped(
        "replicate_token",
        GROUP,
        "`r8_` and 37 to 40 of `[A-Za-z0-9]`",
        &["r8_"],
        Shape::new("r8_", &[Run(ALPHANUMERIC, 37, 40)]),
    ),
    Kind::shaped(
        "nvidia_key",
        GROUP,
        "`nvapi-` and at least 50 of `[A-Za-z0-9_-]`",
        &["vapi-"],
        Shape::new("nvapi-", &[Run(URL_SAFE, 50, ANY)]),
    ),
    Kind::shaped(
        "llamacloud_key",
        GROUP,
        "`llx-` and at least 40 of `[A-Za-z0-9]`",
        &["llx-"],
        Shape::new("llx-", &[Run(ALPHANUMERIC, 40, ANY)]),
    ),
    Kind::shaped(
        "tavily_key",
        GROUP,
        "`tvly-` and at least 28 of `[A-Za-z0-9-]`",
        &["tvly-"],
        Shape::new("tvly-", &[Run(DASHED, 28, ANY)]),
    ),
    Kind::shaped(
        "fireworks_key",
        GROUP,
        "`fw_` and 22 to 40 of `[A-Za-z0-9]`",
        &["fw_"],
        Shape::new("fw_", &[Run(ALPHANUMERIC, 22, 40)]),
    ),
    Kind::shaped(
        "perplexity_key",
        GROUP,
        "`pplx-` and at least 40 of `[A-Za-z0-9]`",
        &["plx-"],
        Shape::new("pplx-", &[Run(ALPHANUMERIC, 40, ANY)]),
    ),
    // Letters alone: such tokens have no digits.
    Kind::shaped(
        "huggingface_token",
        GROUP,
        "`hf_` and 34 letters, or 34 to 40 of `[A-Za-z0-9]`",
        &["hf_"],
        Shape::new("hf_", &[Run(ALPHANUMERIC, 34, 40)]).of_any(),
    ),
    Kind::shaped(
        "huggingface_org_token",
        GROUP,
        "`api_org_` and 34 letters or digits",
        &["i_org_"],
        Shape::new("api_org_", &[Run(ALPHANUMERIC, 34, 40)]).of_any(),
    ),
    Kind::shaped(
        "langsmith_key",
        GROUP,
        "`lsv2_pt_` or `lsv2_sk_`, 32 hexadecimal digits, `_`, 10 more",
        &["lsv2_"],
        Shape::new(
            "lsv2_",
            &[
                Run(LOWER, 2, 2),
                Text("_"),
                Run(HEX_LOWER, 32, 32),
                Text("_"),
                Run(HEX_LOWER, 10, 10),
            ],
        ),
    ),
];
