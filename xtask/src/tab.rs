//! What a page in a browser is asked.

use anyhow::{Context, Result, bail};
use fantoccini::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What an expression of the page gives, or what its promise does. `values` are in its array of that name; `before` are
/// statements in front of it.
pub async fn ask<T: DeserializeOwned>(
    client: &Client,
    before: &str,
    expression: &str,
    values: Vec<Value>,
) -> Result<T> {
    let script = format!(
        "const values = [...arguments];
        const done = values.pop();
        {before}
        (async () => {expression})().then(
            (value) => done({{ value }}),
            (error) => done({{ error: `${{error}}` }}),
        );"
    );
    let answer = client.execute_async(&script, values).await.with_context(|| expression.to_owned())?;
    match answer.get("error") {
        Some(error) => bail!("{expression}: {error}"),
        None => Ok(serde_json::from_value(answer["value"].clone()).with_context(|| expression.to_owned())?),
    }
}
