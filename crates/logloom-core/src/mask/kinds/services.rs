//! Keys of payment, mail, monitoring and other services.

use super::super::bytes::{
    ALPHANUMERIC, BASE64, DIGITS, DOTTED_EQUALS, HEX, HEX_LOWER, LOWER, UPPER_DIGITS, URL_SAFE,
};
use super::Kind;
use super::shape::{ANY, Part, Shape};

use Part::{Maybe, Run, Text};

const GROUP: &str = "api_keys";
const STRIPE: &[Part] = &[Run(LOWER, 4, 4), Text("_"), Run(ALPHANUMERIC, 10, 247)];
const SHOPIFY: &[Part] = &[Run(HEX, 32, 32)];
const VAULT: &[Part] = &[Run(URL_SAFE, 24, ANY)];

pub(super) const KINDS: &[Kind] = &[
    Kind::shaped(
        "stripe_secret_key",
        GROUP,
        "`sk_live_`, `sk_test_`, `sk_prod_` and 10 to 247 of `[A-Za-z0-9]`",
        &["sk_live_", "sk_test_", "sk_prod_"],
        Shape::new("sk_", STRIPE),
    ),
    Kind::shaped(
        "stripe_restricted_key",
        GROUP,
        "`rk_live_`, `rk_test_`, `rk_prod_` and 10 to 247 of `[A-Za-z0-9]`",
        &["rk_live_", "rk_test_", "rk_prod_"],
        Shape::new("rk_", STRIPE),
    ),
    Kind::shaped(
        "stripe_webhook_secret",
        GROUP,
        "`whsec_` and at least 32 of base64",
        &["whsec_"],
        Shape::new("whsec_", &[Run(BASE64, 32, 99)]),
    ),
    Kind::shaped(
        "sendgrid_key",
        GROUP,
        "`SG.` and 66 of `[A-Za-z0-9_.=-]`",
        &["SG."],
        Shape::new("SG.", &[Run(DOTTED_EQUALS, 60, 80)]),
    ),
    Kind::shaped(
        "notion_token",
        GROUP,
        "`ntn_`, 11 digits and 35 of `[A-Za-z0-9]`",
        &["ntn_"],
        Shape::new("ntn_", &[Run(DIGITS, 5, 11), Run(ALPHANUMERIC, 32, 46)]),
    ),
    Kind::shaped(
        "linear_key",
        GROUP,
        "`lin_api_` and 40 of `[A-Za-z0-9]`",
        &["n_api_"],
        Shape::new("lin_api_", &[Run(ALPHANUMERIC, 40, 48)]),
    ),
    Kind::shaped(
        "grafana_service_token",
        GROUP,
        "`glsa_`, 32 of `[A-Za-z0-9]`, `_`, 8 hexadecimal digits",
        &["glsa_"],
        Shape::new("glsa_", &[Run(ALPHANUMERIC, 32, 32), Text("_"), Run(HEX, 8, 8)]),
    ),
    Kind::shaped(
        "grafana_cloud_token",
        GROUP,
        "`glc_` and 32 to 400 of base64",
        &["glc_"],
        Shape::new("glc_", &[Run(BASE64, 32, 400)]),
    ),
    Kind::shaped(
        "sentry_user_token",
        GROUP,
        "`sntryu_` and 64 hexadecimal digits",
        &["ryu_"],
        Shape::new("sntryu_", &[Run(HEX_LOWER, 64, 64)]),
    ),
    Kind::shaped(
        "sentry_org_token",
        GROUP,
        "`sntrys_` and at least 60 of base64, `_`, 43 more",
        &["rys_"],
        Shape::new("sntrys_", &[Run(BASE64, 40, ANY), Maybe("_", BASE64, 40, 60)]),
    ),
    Kind::shaped(
        "postman_key",
        GROUP,
        "`PMAK-`, 24 hexadecimal digits, `-`, 34 more",
        &["PMAK-"],
        Shape::new("PMAK-", &[Run(HEX, 24, 24), Text("-"), Run(HEX, 34, 34)]),
    ),
    Kind::shaped(
        "age_secret_key",
        GROUP,
        "`AGE-SECRET-KEY-1` and 58 of `[0-9A-Z]`",
        &["AGE-SEC"],
        Shape::new("AGE-SECRET-KEY-1", &[Run(UPPER_DIGITS, 58, 58)]),
    ),
    Kind::shaped(
        "onepassword_token",
        GROUP,
        "`ops_eyJ` and at least 100 of base64",
        &["_eyJ"],
        Shape::new("ops_eyJ", &[Run(BASE64 | URL_SAFE, 100, ANY)]).keeping(4),
    ),
    Kind::shaped(
        "shopify_access_token",
        GROUP,
        "`shpat_` and 32 hexadecimal digits",
        &["shpat_"],
        Shape::new("shpat_", SHOPIFY),
    ),
    Kind::shaped(
        "shopify_custom_token",
        GROUP,
        "`shpca_` and 32 hexadecimal digits",
        &["shpca_"],
        Shape::new("shpca_", SHOPIFY),
    ),
    Kind::shaped(
        "shopify_private_token",
        GROUP,
        "`shppa_` and 32 hexadecimal digits",
        &["shppa_"],
        Shape::new("shppa_", SHOPIFY),
    ),
    Kind::shaped(
        "shopify_shared_secret",
        GROUP,
        "`shpss_` and 32 hexadecimal digits",
        &["shpss_"],
        Shape::new("shpss_", SHOPIFY),
    ),
    Kind::shaped(
        "vault_service_token",
        GROUP,
        "`hvs.` and at least 24 of `[A-Za-z0-9_-]`",
        &["hvs."],
        Shape::new("hvs.", VAULT),
    ),
    Kind::shaped(
        "vault_batch_token",
        GROUP,
        "`hvb.` and at least 24 of `[A-Za-z0-9_-]`",
        &["hvb."],
        Shape::new("hvb.", VAULT),
    ),
    Kind::shaped(
        "supabase_token",
        GROUP,
        "`sbp_` and 40 hexadecimal digits",
        &["sbp_"],
        Shape::new("sbp_", &[Run(HEX_LOWER, 40, 40)]),
    ),
];
