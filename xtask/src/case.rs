//! The cases of a suite that is written in Rust and run in a browser.

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::timeout;

use crate::limited;
use crate::outcome::Outcome;

/// The names of the cases, `NAMES`, and `run`, which runs the method of that name.
macro_rules! cases {
    ($visitor:ty: $($name:ident)+) => {
        const NAMES: &[&str] = &[$(stringify!($name)),+];

        impl $visitor {
            async fn run(&self, name: &str) -> anyhow::Result<()> {
                $(
                    if name == stringify!($name) {
                        return self.$name().await;
                    }
                )+
                anyhow::bail!("there is no such case")
            }
        }
    };
}
pub(crate) use cases;

/// Takes a case into the outcome; it may take so long.
pub async fn play(name: &str, limit: Duration, case: impl Future<Output = Result<()>>, outcome: &mut Outcome) {
    let late = |_| Err(anyhow!("not done within {} s", limit.as_secs()));
    outcome.take(name, timeout(limit, case).await.unwrap_or_else(late));
    limited::count(outcome.ran(), outcome.failures.len());
}
